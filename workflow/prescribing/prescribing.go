package prescribing

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

// Slice is the medication list: a panel of the chart, and the page of all that was ever prescribed.
func Slice(d slice.Deps) slice.Slice {
	p := &pages{d}
	right := slice.To(access.Search, "MedicationRequest")
	return slice.Slice{
		Name:   "prescribing",
		Routes: []slice.Route{{Method: http.MethodGet, Pattern: "/patients/{id}/medications", Right: right, Page: p.all}},
		Menu:   []web.Entry{{Name: "medications", Label: "Medications", Href: "/patients/{id}/medications", Icon: "pill"}},
		Panels: []slice.Panel{{Name: "medications", Right: right, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href = "/patients/" + url.PathEscape(patient) + "/medications"
			return web.Box{Column: web.Start, Order: 20, Body: panel.Draw(), Print: panel.Print()}, nil
		}}},
	}
}
