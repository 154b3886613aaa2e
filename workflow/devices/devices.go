package devices

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// editor shows and changes what is implanted.
type editor struct{ d slice.Deps }

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/devices" }

// Slice is the implantable devices: a panel of the chart, the page of all of them, and the forms.
func Slice(d slice.Deps) slice.Slice {
	e := &editor{d}
	read, create, update := slice.To(access.Search, "Device"), slice.To(access.Create, "Device"), slice.To(access.Update, "Device")
	return slice.Slice{
		Name: "devices",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/devices", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/devices/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/devices", Right: create, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/devices/{device}", Right: read, Page: e.one},
			{Method: http.MethodPost, Pattern: "/patients/{id}/devices/{device}", Right: update, Page: e.update},
		},
		Panels: []slice.Panel{{Name: "devices", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			l, err := readList(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			l.Href = base(patient)
			if create.Admits(identity.From(ctx)) {
				l.AddHref = l.Href + "/new"
			}
			return web.Box{Column: web.End, Order: 75, Body: l.Draw()}, nil
		}}},
	}
}
