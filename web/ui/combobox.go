package ui

import "github.com/a-h/templ"

// Combobox is a field that is filled from a list which the server gives for what is typed so far. The text is sent under
// Name; what was chosen from the list is sent under Code, which is empty for text that was only typed.
type Combobox struct {
	Field
	Options string // address of the list; q is added to it
	Code    string // name under which the chosen value is sent
	Chosen  string // the value chosen before
	Free    bool   // text that is not in the list may be sent
}

func (c Combobox) listID() string { return c.id() + "-list" }

func (c Combobox) attrs() templ.Attributes {
	a := c.Field.attrs()
	for k, v := range (templ.Attributes{
		"role": "combobox", "aria-expanded": "false", "aria-controls": c.listID(), "aria-autocomplete": "list",
		"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "data-options": c.Options,
	}) {
		a[k] = v
	}
	if c.Free {
		a["data-free"] = true
	}
	return a
}
