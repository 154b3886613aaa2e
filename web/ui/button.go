package ui

import "github.com/a-h/templ"

// Kind is how much a button stands out. A task has one Primary button.
type Kind string

// The kinds of button.
const (
	Plain   Kind = ""
	Primary Kind = "btn-primary"
	Quiet   Kind = "btn-quiet"
	Danger  Kind = "btn-danger"
)

// Size is the height of a button.
type Size string

// The sizes of button; on a phone all are at least 40 px high.
const (
	Normal Size = ""
	Small  Size = "btn-small"
	Large  Size = "btn-large"
	Wide   Size = "btn-wide" // 48 px and as wide as its container
)

// Button is a command. With Href it is a link that looks like a button, else it submits its form unless Attrs say type="button".
type Button struct {
	Label string
	Href  string
	Icon  string
	Key   string // the single key that does the same, shown in the button
	Kind  Kind
	Size  Size
	Class string
	// Off says why the button cannot be used now. The button stays reachable, so that the reason can be found; the reason is drawn beside it by the page.
	Off   string
	Attrs templ.Attributes
}

func (b Button) class() string {
	return templ.CSSClasses{"btn", string(b.Kind), string(b.Size), b.Class}.String()
}

// attrs adds what the state of the button asks for.
func (b Button) attrs() templ.Attributes {
	a := templ.Attributes{}
	for k, v := range b.Attrs {
		a[k] = v
	}
	if b.Off != "" {
		a["aria-disabled"] = "true"
		a["title"] = b.Off
	}
	if b.Key != "" {
		a["data-key"] = b.Key
		a["aria-keyshortcuts"] = b.Key
	}
	return a
}
