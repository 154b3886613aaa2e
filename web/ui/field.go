package ui

import "github.com/a-h/templ"

// Field is one question of a form with its label, hint and error. ID defaults to Name.
type Field struct {
	ID           string
	Name         string
	Label        string
	Type         string // HTML input type; text if empty
	Value        string
	Hint         string
	Error        string // what is wrong and what to do; the value stays as it was typed
	Autocomplete string
	Required     bool
	Reveal       bool // a password that can be shown
	LinkLabel    string
	LinkHref     string
	Options      []Option // for Select
	Attrs        templ.Attributes
}

// Option is one choice of a Select or Radio field.
type Option struct {
	Value string
	Label string
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

func (f Field) kind() string {
	if f.Type != "" {
		return f.Type
	}
	return "text"
}

// describedBy names the hint and error of a field for screen readers.
func (f Field) describedBy() string {
	switch {
	case f.Error != "" && f.Hint != "":
		return f.id() + "-hint " + f.id() + "-error"
	case f.Error != "":
		return f.id() + "-error"
	case f.Hint != "":
		return f.id() + "-hint"
	}
	return ""
}

func (f Field) attrs() templ.Attributes {
	a := templ.Attributes{}
	for k, v := range f.Attrs {
		a[k] = v
	}
	if d := f.describedBy(); d != "" {
		a["aria-describedby"] = d
	}
	if f.Error != "" {
		a["aria-invalid"] = "true"
	}
	if f.Autocomplete != "" {
		a["autocomplete"] = f.Autocomplete
	}
	if f.Required {
		a["required"] = true
	}
	return a
}
