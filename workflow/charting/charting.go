package charting

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
)

// notes serves the pages of visit notes.
type notes struct {
	d         slice.Deps
	library   *terms.Library
	panels    []slice.Panel // of the chart: what stands at the left of a note
	templates []Template
	phrases   []phrase
	present   presence

	mu    sync.Mutex
	usual map[string]habit // by account
}

// Slice is visit notes, with the panels of the chart that stand beside a note. The error is for templates that cannot be read.
func Slice(d slice.Deps, library *terms.Library, others []slice.Slice) slice.Slice {
	n := &notes{d: d, library: library, usual: map[string]habit{}}
	var err error
	if n.templates, err = readTemplates(); err == nil {
		n.phrases, err = readPhrases()
	}
	if err != nil {
		panic(err) // they are part of the program, and a test reads them
	}
	for _, s := range others {
		n.panels = append(n.panels, s.Panels...)
	}
	read, write := slice.To(access.Read, "Composition"), slice.Roles(access.Clinician, access.Nurse)
	page := func(method, rest string, right slice.Right, h web.Handler) slice.Route {
		return slice.Route{Method: method, Pattern: "/patients/{id}/notes" + rest, Right: right, Page: h}
	}
	script := func(method, rest string, h http.HandlerFunc) slice.Route {
		return slice.Route{Method: method, Pattern: "/patients/{id}/notes" + rest, Right: write, Handler: h}
	}
	return slice.Slice{
		Name: "charting",
		Routes: []slice.Route{
			page(http.MethodGet, "", slice.To(access.Search, "Composition"), n.list),
			page(http.MethodGet, "/new", write, n.begin),
			page(http.MethodPost, "", write, n.start),
			page(http.MethodGet, "/{note}", read, n.open),
			page(http.MethodPost, "/{note}", write, n.saveForm),
			script(http.MethodPost, "/{note}/autosave", n.autosave),
			script(http.MethodGet, "/{note}/presence", n.poll),
			page(http.MethodGet, "/{note}/suggest", write, n.suggest),
			page(http.MethodPost, "/{note}/diagnoses", write, n.diagnose),
			page(http.MethodPost, "/{note}/sign", write, n.sign),
			page(http.MethodPost, "/{note}/addendum", write, n.append),
			page(http.MethodGet, "/{note}/unlock", write, n.askUnlock),
			page(http.MethodPost, "/{note}/unlock", write, n.unlock),
			page(http.MethodPost, "/{note}/cosign", slice.Roles(access.Clinician), n.cosign),
			page(http.MethodPost, "/{note}/discard", write, n.discard),
		},
		Panels: []slice.Panel{{Name: "notes", Right: write, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := n.panel(ctx, s, patient)
			if err != nil {
				return nil, err
			}
			return web.Box{Column: web.End, Order: 5, Body: p.Draw()}, nil
		}}},
	}
}

// base is the address of a patient's notes.
func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/notes" }

// at is the address of a note.
func at(patient, note string) string { return base(patient) + "/" + url.PathEscape(note) }

// template is the template that a note was begun with. One that is not known any more is told by its sections alone.
func (n *notes) template(c composition) Template {
	id := c.said(templateOf)
	for _, t := range n.templates {
		if t.ID == id {
			return t
		}
	}
	t := Template{ID: id, Name: c.Title}
	for _, s := range c.Section {
		t.Sections = append(t.Sections, Section{Code: s.Code.In(loinc), Title: s.Title, Open: true})
	}
	if len(t.Sections) > 0 {
		t.Essential = t.Sections[0].Code
	}
	return t
}
