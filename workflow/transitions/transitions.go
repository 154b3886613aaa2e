package transitions

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

type desk struct{ d slice.Deps }

// Slice is the follow-up of hospital stays: the form for a notice, the queue, and each follow-up with its steps.
func Slice(d slice.Deps) slice.Slice {
	e := &desk{d}
	read, update := slice.To(access.Search, "Task").But(access.FrontDesk), slice.To(access.Update, "Task").But(access.FrontDesk)
	notice := slice.To(access.Create, "Encounter")
	return slice.Slice{
		Name: "transitions",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/transitions", Right: read, Page: e.queue},
			{Method: http.MethodGet, Pattern: "/transitions/{task}", Right: read, Page: e.open},
			{Method: http.MethodGet, Pattern: "/transitions/{task}/{step}", Right: update, Page: e.form},
			{Method: http.MethodPost, Pattern: "/transitions/{task}/{step}", Right: update, Page: e.take},
			{Method: http.MethodGet, Pattern: "/patients/{id}/transitions/new", Right: notice, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/transitions", Right: notice, Page: e.create},
		},
		Menu: []web.Entry{{Name: "transitions", Label: "Hospital", Href: "/transitions", Icon: "arrow-right-left"}},
		Panels: []slice.Panel{{Name: "transitions", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := e.panel(ctx, s, patient)
			if err != nil || len(p.Rows) == 0 {
				return nil, err
			}
			return web.Box{Column: web.End, Order: 4, Body: p.Draw()}, nil
		}}},
	}
}
