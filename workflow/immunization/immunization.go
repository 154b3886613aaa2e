package immunization

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

// Slice is the vaccinations: a panel of the chart, the page of what is due and what was given, and the forecast as an
// operation for others.
func Slice(d slice.Deps) slice.Slice {
	p, e, room := &pages{d}, &editor{d}, &stockroom{d}
	create, update, keep := slice.To(access.Create, "Immunization"), slice.To(access.Update, "Immunization"), slice.To(access.Update, "Group")
	right := slice.To(access.Search, "Immunization")
	return slice.Slice{
		Name: "immunization",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations", Right: right, Page: p.all},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/due", Right: right, Page: p.due},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/immunizations/doses", Right: create, Page: e.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/refused", Right: create, Page: e.reportForm(declined)},
			{Method: http.MethodPost, Pattern: "/patients/{id}/immunizations/refused", Right: create, Page: e.reported(declined)},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/history", Right: create, Page: e.reportForm(elsewhereGiven)},
			{Method: http.MethodPost, Pattern: "/patients/{id}/immunizations/history", Right: create, Page: e.reported(elsewhereGiven)},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/doses/{dose}", Right: right, Page: e.show},
			{Method: http.MethodPost, Pattern: "/patients/{id}/immunizations/doses/{dose}", Right: update, Page: e.strike},
			{Method: http.MethodGet, Pattern: "/patients/{id}/immunizations/doses/{dose}/reaction", Right: update, Page: e.reactionForm},
			{Method: http.MethodPost, Pattern: "/patients/{id}/immunizations/doses/{dose}/reaction", Right: update, Page: e.react},
			{Method: http.MethodGet, Pattern: "/vaccines", Right: keep, Page: room.list},
			{Method: http.MethodPost, Pattern: "/vaccines", Right: keep, Page: room.receive},
			{Method: http.MethodGet, Pattern: "/vaccines/new", Right: keep, Page: room.blank},
			{Method: http.MethodGet, Pattern: "/vaccines/codes", Right: create, Page: vaccineOptions},
			{Method: http.MethodGet, Pattern: "/vaccines/{lot}", Right: keep, Page: room.lot},
			{Method: http.MethodPost, Pattern: "/vaccines/{lot}", Right: keep, Page: room.change},
			// What is sent is looked at, and nothing of the record.
			{Method: http.MethodPost, Pattern: "/fhir/$immds-forecast", Right: slice.SignedIn(), Handler: &immds{d}, Refuse: refuse},
		},
		Menu: []web.Entry{{Name: "immunizations", Label: "Immunizations", Href: "/patients/{id}/immunizations", Icon: "syringe"},
			{Name: "vaccines", Label: "Vaccines", Href: "/vaccines", Icon: "syringe"}},
		Rules: []slice.Rule{{Name: "immunizations-due", Title: "Vaccines due", Description: "Names the vaccines that are due or overdue by CDC's schedule, and those that must not be given.", Right: right, Advise: p.advise}},
		Panels: []slice.Panel{{Name: "immunization", Right: right, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			panel.Href = "/patients/" + url.PathEscape(patient) + "/immunizations"
			panel.DueHref = panel.Href + "/due"
			if create.Admits(identity.From(ctx)) {
				panel.AddHref = panel.Href + "/new"
			}
			return web.Box{Column: web.End, Order: 50, Body: panel.Draw()}, nil
		}}},
	}
}
