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
		return web.Fragment{Body: heard(c.Patient, nil)}, nil
	}
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	doc, hook, err := e.draftOf(r, d)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: heard(c.Patient, e.outside.Ask(r.Context(), s, hook, r.PathValue("id"), []*fhir.Resource{doc}))}, nil
}

// unsigned is a MedicationRequest that is being written.
type unsigned struct {
	ID         string
	Status     string
	Intent     string
	Medication fhir.Choice `fhir:"medication[x]"`
	Subject    fhir.Reference
}

func (e *editor) draftOf(r *http.Request, d draft) (doc *fhir.Resource, hook string, err error) {
	patient := r.PathValue("id")
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
