package cdshooks

import (
	"context"
	"net/http"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// The hooks that are served.
const (
	patientView = "patient-view"
	orderSelect = "order-select"
	orderSign   = "order-sign"
)

// service is one rule at one hook.
type service struct {
	ID          string            `json:"id"`
	Hook        string            `json:"hook"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Prefetch    map[string]string `json:"prefetch,omitempty"`

	rule slice.Rule
}

// ask runs the rule.
func (s *service) ask(ctx context.Context, session *record.Session, patient string, drafts []*fhir.Resource) ([]slice.Advice, error) {
	if s.Hook == patientView {
		return s.rule.Advise(ctx, session, patient)
	}
	return s.rule.Check(ctx, session, patient, drafts)
}

// hub serves all rules.
type hub struct {
	d        slice.Deps
	services []*service
}

// Slice serves the rules of the slices given.
func Slice(d slice.Deps, others []slice.Slice) slice.Slice {
	h := &hub{d: d, services: servicesOf(others)}
	route := func(method, pattern string, right slice.Right, answer func(http.ResponseWriter, *http.Request) error) slice.Route {
		return slice.Route{Method: method, Pattern: pattern, Right: right, Refuse: h.fail, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := answer(w, r); err != nil {
				h.fail(w, r, err)
			}
		})}
	}
	return slice.Slice{Name: "cdshooks", Routes: []slice.Route{
		route(http.MethodGet, "/cds-services", slice.Public(), h.discover),
		route(http.MethodPost, "/cds-services/{service}", slice.SignedIn(), h.call),
		route(http.MethodPost, "/cds-services/{service}/feedback", slice.SignedIn(), h.feedback),
		route(http.MethodGet, "/cds-services/{service}/feedback", slice.Roles(access.Administrator), h.export),
	}}
}

// servicesOf lists the services of rules, each with the resources that its client may send along.
func servicesOf(others []slice.Slice) (out []*service) {
	for _, s := range others {
		for _, r := range s.Rules {
			patient := map[string]string{"patient": "Patient/{{context.patientId}}"}
			if r.Advise != nil {
				out = append(out, &service{r.Name, patientView, r.Title, r.Description, patient, r})
			}
			if r.Check != nil {
				out = append(out,
					&service{r.Name + "-" + orderSelect, orderSelect, r.Title, r.Description, patient, r},
					&service{r.Name + "-" + orderSign, orderSign, r.Title, r.Description, patient, r})
			}
		}
	}
	return out
}

// discover lists the services. It tells nothing of patients, and is open to all, as the specification asks.
func (h *hub) discover(w http.ResponseWriter, _ *http.Request) error {
	services := h.services
	if services == nil {
		services = []*service{}
	}
	return write(w, http.StatusOK, map[string]any{"services": services})
}

// find gives the service that the address names, to whom it may serve.
func (h *hub) find(r *http.Request) (*service, error) {
	i := slices.IndexFunc(h.services, func(s *service) bool { return s.ID == r.PathValue("service") })
	if i < 0 {
		return nil, refuse(http.StatusNotFound, "not-found", "there is no service of this name; GET /cds-services lists them")
	}
	if !h.services[i].rule.Right.Admits(identity.From(r.Context())) {
		return nil, refuse(http.StatusForbidden, "forbidden", "your role or token does not reach what this service reads: "+h.services[i].rule.Right.String())
	}
	return h.services[i], nil
}
