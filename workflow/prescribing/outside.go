package prescribing

import (
	"net/http"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// Option changes the slice.
type Option func(*editor)

// WithOutside has decision services of others asked while a prescription is written.
func WithOutside(o slice.Outside) Option {
	return func(e *editor) { e.outside = o }
}

// WithAlerts has the rules of other features counted and tuned with those of medicines.
func WithAlerts(rules ...slice.AlertRule) Option {
	return func(e *editor) { e.alertRules = rules }
}

// outsideBox is the id of the element that shows what they say.
const outsideBox = "rx-outside"

// draftID is the id of a draft within one call, as it is in no record yet.
const draftID = "draft-1"

// others answers the form with what services of others say of it: order-select once a medicine is chosen, order-sign once it could be
// signed. The form does not wait for it.
func (e *editor) others(r *http.Request) (web.View, error) {
	_, c, d, err := e.compose(r, false)
	if err != nil {
		return nil, err
	}
	if c.Drug == "" || e.outside == nil || !e.outside.Any() {
		return web.Fragment{Body: slice.DrawHeard(outsideBox, nil)}, nil
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	doc, hook, err := e.draftFor(r, r.PathValue("id"), d)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: slice.DrawHeard(outsideBox, e.outside.Ask(r.Context(), s, hook, r.PathValue("id"), []*fhir.Resource{doc}))}, nil
}

// othersOfRefill answers a request for a refill with what services of others say of the prescription that approving it would make.
func (e *editor) othersOfRefill(r *http.Request) (web.View, error) {
	s, a, err := e.one(r)
	if err != nil {
		return nil, err
	}
	if e.outside == nil || !e.outside.Any() || !a.Open() || a.prior == nil || a.cannot() != "" {
		return web.Fragment{Body: slice.DrawHeard(outsideBox, nil)}, nil
	}
	doc, hook, err := e.draftFor(r, a.patient, a.draft)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: slice.DrawHeard(outsideBox, e.outside.Ask(r.Context(), s, hook, a.patient, []*fhir.Resource{doc}))}, nil
}

// unsigned is a MedicationRequest that is being written.
type unsigned struct {
	ID         string
	Status     string
	Intent     string
	Medication fhir.Choice `fhir:"medication[x]"`
	Subject    fhir.Reference
}

func (e *editor) draftFor(r *http.Request, patient string, d draft) (doc *fhir.Resource, hook string, err error) {
	u := unsigned{draftID, "draft", "order", fhir.ChoiceOf(d.code), fhir.To("Patient", patient)}
	if !d.sigOK || d.quantity == nil {
		doc, err = fhir.New("MedicationRequest", u)
		return doc, "order-select", err
	}
	p, err := d.make(patient, facts.Author(r.Context()), e.d.Shell.Clock())
	if err != nil {
		return nil, "", err
	}
	p.Status, p.Meta = "draft", fhir.Meta{}
	made, err := fhir.New("MedicationRequest", p)
	if err != nil {
		return nil, "", err
	}
	doc, err = fhir.Merge(made, struct{ ID string }{draftID})
	return doc, "order-sign", err
}
