package ui

import "github.com/a-h/templ"

// Head is the heading line of a section: Problems 8 ... Reconciled 24-Aug-2026.
type Head struct {
	ID       string // of the section; headings refer to it, so it must be unique on the page
	Title    string
	Count    string // shown faint beside the title; empty for none
	Note     string // a date or source beside the title
	End      string // flush right: the label of EndHref, or plain text without it
	EndHref  string
	EndKeys  []string // the keys that lead there
	AddHref  string   // draws a plus that opens the form for a new entry
	AddLabel string   // what the plus adds, for screen readers
	AddKey   string   // the single key that opens it
	Late     bool     // on a phone, comes after everything else
}

func (h Head) class() string {
	if h.Late {
		return "section section-late"
	}
	return "section"
}

// keyed are the attributes of a control that a single key presses.
func keyed(key string) templ.Attributes {
	if key == "" {
		return nil
	}
	return templ.Attributes{"data-key": key, "aria-keyshortcuts": key}
}

// Tab is one view of a page.
type Tab struct {
	Label   string
	Href    string
	Count   string
	Current bool
	Phone   bool // shown on a phone only
	Wide    bool // shown on a wide screen only
}

func (t Tab) class() string {
	switch {
	case t.Phone:
		return "phone-only"
	case t.Wide:
		return "wide-only"
	}
	return ""
}

// Chip is one filter of a list.
type Chip struct {
	Label   string
	Href    string
	Count   string
	Current bool
}
