package referrals

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// desk is where referrals are followed.
type desk struct{ d slice.Deps }

// Slice is the loop of referrals: the queue of the practice, the referrals of a patient, each referral with its steps and
// its packet, and referrals that come in.
func Slice(d slice.Deps) slice.Slice {
	e := &desk{d}
	read, create, update := slice.To(access.Search, "Task"), slice.To(access.Create, "Task"), slice.To(access.Update, "Task")
	return slice.Slice{
		Name: "referrals",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/referrals", Right: read, Page: e.queue},
			{Method: http.MethodGet, Pattern: "/referrals/new", Right: create, Page: e.blankIn},
			{Method: http.MethodPost, Pattern: "/referrals", Right: create, Page: e.createIn},
			{Method: http.MethodGet, Pattern: "/referrals/patients", Right: update, Page: e.patients},
			{Method: http.MethodGet, Pattern: "/referrals/in/{task}", Right: read, Page: e.openIn},
			{Method: http.MethodGet, Pattern: "/referrals/in/{task}/{step}", Right: update, Page: e.formIn},
			{Method: http.MethodPost, Pattern: "/referrals/in/{task}/{step}", Right: update, Page: e.takeIn},
			{Method: http.MethodGet, Pattern: "/patients/{id}/referrals", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/referrals/{order}", Right: read, Page: e.open},
			{Method: http.MethodGet, Pattern: "/patients/{id}/referrals/{order}/packet", Right: read.But(access.FrontDesk), Page: e.packet},
			{Method: http.MethodGet, Pattern: "/patients/{id}/referrals/{order}/enclosures", Right: slice.To(access.Update, "ServiceRequest"), Page: e.choose},
			{Method: http.MethodPost, Pattern: "/patients/{id}/referrals/{order}/enclosures", Right: slice.To(access.Update, "ServiceRequest"), Page: e.enclose},
			{Method: http.MethodGet, Pattern: "/patients/{id}/referrals/{order}/{step}", Right: update, Page: e.form},
			{Method: http.MethodPost, Pattern: "/patients/{id}/referrals/{order}/{step}", Right: update, Page: e.take},
		},
		Menu: []web.Entry{{Name: "referrals", Label: "Referrals", Href: "/referrals", Icon: "send", Go: "r"}},
		Panels: []slice.Panel{{Name: "referrals", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := e.panel(ctx, s, patient)
			if err != nil || len(p.Rows) == 0 {
				return nil, err
			}
			return web.Box{Column: web.End, Order: 26, Body: p.Draw()}, nil
		}}},
	}
}
