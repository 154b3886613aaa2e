package ordering

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// desk is where orders are given and followed.
type desk struct {
	d         slice.Deps
	catalogue *Catalogue
	outside   slice.Outside  // nil = nobody is asked
	medicines *drugs.Library // nil = medicines are known by their names alone

	mu    sync.Mutex
	usual map[string]habit // by account
}

// habit is what somebody orders, as it was last counted.
type habit struct {
	at    time.Time
	count map[string]int // by key of the catalogue
}

// Slice is ordering: a panel of the chart, the form, the page of one patient's orders, and the queue of the practice.
func Slice(d slice.Deps, options ...Option) slice.Slice {
	catalogue, err := LoadCatalogue()
	if err != nil { // it ships with the program, so a test has read it; what could be read is there, and own words always are
		d.Log.Error("the order catalogue is not whole", "error", err.Error())
	}
	e := &desk{d: d, catalogue: catalogue, usual: map[string]habit{}}
	for _, o := range options {
		o(e)
	}
	read, create, update := slice.To(access.Search, "ServiceRequest"), slice.To(access.Create, "ServiceRequest"), slice.To(access.Update, "Task").But(access.FrontDesk)
	tasks := slice.To(access.Search, "Task").But(access.FrontDesk)
	return slice.Slice{
		Name: "ordering",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/orders", Right: tasks, Page: e.queue},
			{Method: http.MethodGet, Pattern: "/orders/match/{task}", Right: update, Page: e.matching},
			{Method: http.MethodPost, Pattern: "/orders/match/{task}", Right: update, Page: e.match},
			{Method: http.MethodGet, Pattern: "/patients/{id}/orders", Right: read, Page: e.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/orders/new", Right: create, Page: e.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/orders", Right: create, Page: e.sign},
			{Method: http.MethodPost, Pattern: "/patients/{id}/orders/basket", Right: create, Page: e.step},
			{Method: http.MethodPost, Pattern: "/patients/{id}/orders/others", Right: create, Page: e.others},
			{Method: http.MethodGet, Pattern: "/patients/{id}/orders/catalogue", Right: create, Page: e.options},
			{Method: http.MethodGet, Pattern: "/patients/{id}/orders/print", Right: read, Page: e.print},
			{Method: http.MethodGet, Pattern: "/patients/{id}/orders/{order}", Right: update, Page: e.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/orders/{order}", Right: update, Page: e.change},
			{Method: http.MethodGet, Pattern: "/patients/{id}/orders/{order}/result", Right: slice.To(access.Create, "Observation"), Page: e.blankResult},
			{Method: http.MethodPost, Pattern: "/patients/{id}/orders/{order}/result", Right: slice.To(access.Create, "Observation"), Page: e.enterResult},
		},
		Menu: []web.Entry{{Name: "orders", Label: "Orders", Href: "/orders", Icon: "clipboard-list", Go: "o"}},
		Panels: []slice.Panel{{Name: "orders", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := e.panel(ctx, s, patient)
			if err != nil {
				return nil, err
			}
			if create.Admits(identity.From(ctx)) {
				p.AddHref = base(patient) + "/new"
			}
			return web.Box{Column: web.End, Order: 25, Body: p.Draw()}, nil
		}}},
		Rules: []slice.Rule{e.rule(read), e.imagingRule(read)},
		Watch: []slice.Watch{{Name: "order-tracking", Types: []string{"ServiceRequest", "DiagnosticReport"}, Changed: e.changed}},
	}
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/orders" }
