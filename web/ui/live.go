package ui

import "github.com/a-h/templ"

// Live describes a partial update, so that only this file knows how the browser is told of one. Every Live control is also a plain
// link or form that works without script.
type Live struct {
	Get     string // address fetched; empty for the link's or form's own
	Post    string
	Target  string // CSS selector of what is replaced; the control itself if empty
	Swap    string // innerHTML if empty; use outerHTML for forms, innerMorph for lists
	Trigger string // for example "input changed delay:120ms"
	Push    bool   // put the address into the browser's history
	Sync    string // how overlapping requests are settled, for example "this:replace"
	Include string // CSS selector of further fields to send
}

// Attrs are the attributes to spread on the control.
func (l Live) Attrs() templ.Attributes {
	a := templ.Attributes{}
	set := func(name, value string) {
		if value != "" {
			a[name] = value
		}
	}
	set("hx-get", l.Get)
	set("hx-post", l.Post)
	set("hx-target", l.Target)
	set("hx-swap", l.Swap)
	set("hx-trigger", l.Trigger)
	set("hx-sync", l.Sync)
	set("hx-include", l.Include)
	if l.Push {
		a["hx-push-url"] = "true"
	}
	return a
}
