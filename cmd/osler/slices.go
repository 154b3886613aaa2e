package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/exchange/bulk"
	"github.com/osler-ehr/osler/exchange/cdshooks"
	"github.com/osler-ehr/osler/exchange/graphql"
	"github.com/osler-ehr/osler/exchange/packages"
	"github.com/osler-ehr/osler/exchange/rest"
	"github.com/osler-ehr/osler/exchange/subscriptions"
	"github.com/osler-ehr/osler/exchange/terminology"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/workflow/allergies"
	"github.com/osler-ehr/osler/workflow/careplans"
	"github.com/osler-ehr/osler/workflow/chart"
	"github.com/osler-ehr/osler/workflow/charting"
	"github.com/osler-ehr/osler/workflow/coverage"
	"github.com/osler-ehr/osler/workflow/devices"
	"github.com/osler-ehr/osler/workflow/documents"
	"github.com/osler-ehr/osler/workflow/family"
	"github.com/osler-ehr/osler/workflow/history"
	"github.com/osler-ehr/osler/workflow/home"
	"github.com/osler-ehr/osler/workflow/immunization"
	"github.com/osler-ehr/osler/workflow/inbox"
	"github.com/osler-ehr/osler/workflow/instruments"
	"github.com/osler-ehr/osler/workflow/letters"
	"github.com/osler-ehr/osler/workflow/messages"
	"github.com/osler-ehr/osler/workflow/ordering"
	"github.com/osler-ehr/osler/workflow/patients"
	"github.com/osler-ehr/osler/workflow/prescribing"
	"github.com/osler-ehr/osler/workflow/prevention"
	"github.com/osler-ehr/osler/workflow/problems"
	"github.com/osler-ehr/osler/workflow/reconciliation"
	"github.com/osler-ehr/osler/workflow/referrals"
	"github.com/osler-ehr/osler/workflow/results"
	"github.com/osler-ehr/osler/workflow/riskscores"
	"github.com/osler-ehr/osler/workflow/scheduling"
	"github.com/osler-ehr/osler/workflow/signin"
	"github.com/osler-ehr/osler/workflow/socialneeds"
	"github.com/osler-ehr/osler/workflow/transitions"
	"github.com/osler-ehr/osler/workflow/vitals"
)

// features lists every feature of the program, in menu order. The boxes of the chart stand in the order in
// which their features are listed.
func features(d slice.Deps, cookies identity.Cookies, out *outbound.Client, outside slice.Outside, library *terms.Library, medicines *drugs.Library, loaded rest.Loaded, scanner documents.Scanner, growth ...vitals.Option) []slice.Slice {
	codes := terminology.Slice(d, library)
	boxes := []slice.Slice{
		problems.Slice(d, library),
		prescribing.Slice(d, medicines, prescribing.WithOutside(outside), prescribing.WithAlerts(ordering.Alerts()...)),
		allergies.Slice(d, medicines),
		immunization.Slice(d),
		vitals.Slice(d, growth...),
		instruments.Slice(d),
		prevention.Slice(d),
		riskscores.Slice(d, medicines),
		results.Slice(d),
		ordering.Slice(d, ordering.WithOutside(outside), ordering.WithMedicines(medicines)),
		referrals.Slice(d),
		messages.Slice(d),
		careplans.Slice(d),
		documents.Slice(d, documents.Options{Scanner: scanner}),
		transitions.Slice(d),
		coverage.Slice(d),
		history.Slice(d),
		socialneeds.Slice(d),
		family.Slice(d, library),
		devices.Slice(d),
	}
	boxes = append(boxes, reconciliation.Slice(d, medicines, boxes))
	boxes = append(boxes, letters.Slice(d, boxes))
	boxes = append(boxes, charting.Slice(d, library, boxes))
	people := patients.Slice(d)
	elsewhere := http.NewServeMux()
	all := []slice.Slice{
		home.Slice(d),
		inbox.Slice(d),
		scheduling.Slice(d),
		people,
		chart.Slice(d, append(slices.Clone(boxes), people)),
		signin.Slice(d, signin.Options{Cookies: cookies}),
		rest.Slice(d, rest.Options{
			Operations: operations(), Loaded: loaded, Beside: inBatches(codes), Elsewhere: elsewhere,
			Terminology: func() []byte { return terminology.Capabilities(d, library) },
		}),
		codes,
		graphql.Slice(d),
		packages.Slice(d),
		cdshooks.Slice(d, boxes),
		bulk.Slice(d, bulk.Options{Fetch: out}),
		subscriptions.Slice(d, subscriptions.Options{Client: out}),
	}
	all = append(all, boxes...)
	for _, f := range all {
		for i := range f.Routes {
			r := &f.Routes[i]
			if f.Name == "fhir" || r.Method == "" || !strings.HasPrefix(r.Pattern, rest.Root+"/") {
				continue
			}
			elsewhere.Handle(r.Method+" "+r.Pattern, r.Handler)
			if f.Name != "graphql" && f.Name != bulk.Name { // which have languages of their own
				r.Handler, r.Refuse = rest.InXML(r.Handler), rest.Refuse
			}
		}
	}
	return all
}

// inBatches serves the operations of a slice that may stand in a batch: those for everybody who is signed in.
func inBatches(s slice.Slice) *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range s.Routes {
		mux.Handle(r.Method+" "+r.Pattern, r.Handler)
	}
	return mux
}

// operations are those that slices beside rest serve, for the capability statement.
func operations() (out []rest.Operation) {
	for _, o := range terminology.Operations() {
		out = append(out, rest.Operation{Type: o.Type, Name: o.Name, Definition: o.Definition})
	}
	for _, o := range immunization.Operations() {
		out = append(out, rest.Operation{Type: o.Type, Name: o.Name, Definition: o.Definition})
	}
	for _, o := range graphql.Operations() {
		out = append(out, rest.Operation{Type: o.Type, Name: o.Name, Definition: o.Definition})
	}
	for _, o := range slices.Concat(bulk.Operations, subscriptions.Operations) {
		out = append(out, rest.Operation{Type: o.Type, Name: o.Name, Definition: o.Definition})
	}
	return out
}
