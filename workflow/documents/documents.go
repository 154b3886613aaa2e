package documents

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Options are what the program decides about documents.
type Options struct {
	Scanner Scanner // nil = files are not scanned for viruses
}

// pages are the pages of documents.
type pages struct {
	d       slice.Deps
	scanner Scanner

	mu     sync.Mutex
	counts map[string]counted // of the queue, by account
}

// Slice is documents and notes: a panel of the chart, the list with its search, the page of one, the forms by which files are added and
// corrected, and the queue of what came in and is not filed.
func Slice(d slice.Deps, o Options) slice.Slice {
	p := &pages{d: d, scanner: o.Scanner, counts: map[string]counted{}}
	get, post := http.MethodGet, http.MethodPost
	search, read := slice.To(access.Search, "DocumentReference"), slice.To(access.Read, "DocumentReference")
	create, update := slice.To(access.Create, "DocumentReference"), slice.To(access.Update, "DocumentReference")
	correct := update.But(access.FrontDesk) // which files, and does not change what is filed
	return slice.Slice{
		Name: "documents",
		Routes: []slice.Route{
			{Method: get, Pattern: "/patients/{id}/documents", Right: search, Page: p.list},
			{Method: get, Pattern: "/patients/{id}/documents/new", Right: create, Page: p.blank},
			{Method: post, Pattern: "/patients/{id}/documents", Right: create, Page: p.upload},
			{Method: get, Pattern: "/patients/{id}/documents/{document}", Right: read, Page: p.one},
			{Method: get, Pattern: "/patients/{id}/documents/{document}/edit", Right: correct, Page: p.edit},
			{Method: post, Pattern: "/patients/{id}/documents/{document}", Right: correct, Page: p.correct},
			{Method: get, Pattern: "/patients/{id}/documents/{document}/files/{n}", Right: read, Handler: http.HandlerFunc(p.file)},
			{Method: get, Pattern: "/documents", Right: update, Page: p.queue},
			{Method: get, Pattern: "/documents/new", Right: create, Page: p.blankIncoming},
			{Method: post, Pattern: "/documents", Right: create, Page: p.uploadIncoming},
			{Method: post, Pattern: "/documents/inbound", Right: create, Handler: http.HandlerFunc(p.inbound), Refuse: p.refuse},
			{Method: get, Pattern: "/documents/people", Right: slice.To(access.Search, "Patient"), Page: p.people},
			{Method: get, Pattern: "/documents/{document}", Right: update, Page: p.triage},
			{Method: post, Pattern: "/documents/{document}", Right: update, Page: p.fileIncoming},
			{Method: post, Pattern: "/documents/{document}/restore", Right: update, Page: p.restore},
			{Method: get, Pattern: "/documents/{document}/files/{n}", Right: update, Handler: http.HandlerFunc(p.file)},
		},
		Menu: []web.Entry{
			{Name: "incoming", Label: "Incoming", Href: "/documents", Icon: "scan-line", Go: "d", Waiting: p.count},
			{Name: "documents", Label: "Notes and documents", Href: "/patients/{id}/documents", Icon: "file-text"},
		},
		Panels: []slice.Panel{{Name: "documents", Right: search, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := newestOf(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href, panel.Desk = base(patient), s.May(access.Update, "DocumentReference") && clerk(s)
			if create.Admits(identity.From(ctx)) {
				panel.AddHref = panel.Href + "/new"
			}
			return web.Box{Column: web.End, Order: 40, Body: panel.Draw()}, nil
		}}},
	}
}

// base is the address of a patient's documents.
func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/documents" }
