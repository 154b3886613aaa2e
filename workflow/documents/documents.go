package documents

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Slice is documents and notes: a panel of the chart, the list, and the page of one.
func Slice(d slice.Deps) slice.Slice {
	p := &pages{d}
	right := slice.To(access.Search, "DocumentReference")
	return slice.Slice{
		Name: "documents",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/documents", Right: right, Page: p.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/documents/{document}", Right: slice.To(access.Read, "DocumentReference"), Page: p.one},
			{Method: http.MethodGet, Pattern: "/patients/{id}/documents/{document}/files/{n}", Right: slice.To(access.Read, "DocumentReference"), Handler: http.HandlerFunc(p.file)},
		},
		Menu: []web.Entry{{Name: "documents", Label: "Notes and documents", Href: "/patients/{id}/documents", Icon: "file-text"}},
		Panels: []slice.Panel{{Name: "documents", Right: right, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href = base(patient)
			return web.Box{Column: web.End, Order: 40, Body: panel.Draw()}, nil
		}}},
	}
}

// base is the address of a patient's documents.
func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/documents" }
