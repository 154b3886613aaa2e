package cdshooks

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// maxBody is how much a call may bring, in bytes.
const maxBody = 4 << 20

// patience is how long the rules of one call may take: a client waits for the answer with a page open.
const patience = 5 * time.Second

// request is a call. (CDS Hooks 2.0, "HTTP request".)
type request struct {
	hook, instance, patient string
	drafts                  []*fhir.Resource
}

// call answers one call with cards.
func (h *hub) call(w http.ResponseWriter, r *http.Request) error {
	s, err := h.find(r)
	if err != nil {
		return err
	}
	q, err := read(w, r, s)
	if err != nil {
		return err
	}
	session, err := h.d.Session(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	if _, err := session.Read(ctx, "Patient", q.patient); err != nil {
		if kind := record.KindOf(err); kind == record.KindNotFound || kind == record.KindGone {
			return refuse(http.StatusPreconditionFailed, "not-found", "the patient of context.patientId is not in this record, or not for your eyes; only patients of this record can be judged")
		}
		return err
	}
	advice, err := s.ask(ctx, session, q.patient, q.drafts)
	if err != nil {
		return err
	}
	cards := make([]card, 0, len(advice))
	for _, a := range advice {
		cards = append(cards, cardOf(a, h.d.PublicURL))
	}
	return write(w, http.StatusOK, map[string]any{"cards": cards})
}

// read reads a call and names what is wrong with it.
func read(w http.ResponseWriter, r *http.Request, s *service) (q request, err error) {
	body, err := readBody(w, r)
	if err != nil {
		return q, err
	}
	var in struct {
		Hook         string `json:"hook"`
		HookInstance string `json:"hookInstance"`
		FHIRServer   string `json:"fhirServer"`
		Context      struct {
			UserID      string          `json:"userId"`
			PatientID   string          `json:"patientId"`
			EncounterID string          `json:"encounterId"`
			Selections  []string        `json:"selections"`
			DraftOrders json.RawMessage `json:"draftOrders"`
		} `json:"context"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return q, refuse(http.StatusBadRequest, "structure", "the body cannot be read: "+err.Error())
	}
	switch {
	case in.Hook != s.Hook:
		return q, refuse(http.StatusBadRequest, "value", "hook: this service is for the hook "+s.Hook)
	case in.HookInstance == "":
		return q, refuse(http.StatusBadRequest, "required", "hookInstance is missing: a UUID of this call")
	case in.Context.UserID == "":
		return q, refuse(http.StatusBadRequest, "required", "context.userId is missing: who is advised, such as Practitioner/123")
	case in.Context.PatientID == "":
		return q, refuse(http.StatusBadRequest, "required", "context.patientId is missing")
	}
	q = request{hook: in.Hook, instance: in.HookInstance, patient: strings.TrimPrefix(in.Context.PatientID, "Patient/")}
	if s.Hook == patientView {
		return q, nil
	}
	if len(in.Context.DraftOrders) == 0 {
		return q, refuse(http.StatusBadRequest, "required", "context.draftOrders is missing: a Bundle of the orders that are not signed yet")
	}
	if q.drafts, err = draftsOf(in.Context.DraftOrders); err != nil {
		return q, err
	}
	if s.Hook == orderSelect {
		q.drafts, err = selected(q.drafts, in.Context.Selections)
	}
	if err == nil {
		err = aboutPatient(q.drafts, q.patient)
	}
	return q, err
}

// draftsOf are the orders of a Bundle.
func draftsOf(raw []byte) (out []*fhir.Resource, err error) {
	bundle, err := fhir.Parse(raw)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "structure", "context.draftOrders: "+err.Error())
	}
	if bundle.Type() != "Bundle" {
		return nil, refuse(http.StatusBadRequest, "structure", "context.draftOrders is no Bundle")
	}
	for entry := range bundle.Get("entry").Values() {
		if doc := entry.Get("resource"); doc.Exists() {
			r, err := fhir.Parse(doc.Raw())
			if err != nil {
				return nil, refuse(http.StatusBadRequest, "structure", "context.draftOrders: "+err.Error())
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// selected keeps the drafts that the hook order-select is about: those named in selections.
func selected(drafts []*fhir.Resource, selections []string) (out []*fhir.Resource, err error) {
	if len(selections) == 0 {
		return nil, refuse(http.StatusBadRequest, "required", "context.selections is missing: which of the draft orders were selected, such as MedicationRequest/1")
	}
	for _, name := range selections {
		found := false
		for _, d := range drafts {
			if d.Type()+"/"+d.ID() == strings.TrimPrefix(name, "urn:uuid:") || d.ID() != "" && name == d.ID() {
				out, found = append(out, d), true
			}
		}
		if !found {
			return nil, refuse(http.StatusBadRequest, "value", "context.selections names "+clip(name)+", which is not among the draft orders")
		}
	}
	return out, nil
}

// aboutPatient refuses drafts about somebody else: advice on them would be about the wrong person.
func aboutPatient(drafts []*fhir.Resource, patient string) error {
	for _, d := range drafts {
		for _, element := range []string{"subject", "patient"} {
			ref := d.Get(element).Get("reference").Text()
			if t, ok := fhir.ParseReference(ref); ref != "" && (!ok || t.Type != "Patient" || t.ID != patient) {
				return refuse(http.StatusBadRequest, "value", "context.draftOrders: "+d.Type()+"/"+clip(d.ID())+" is about "+clip(ref)+", not about the patient of context.patientId")
			}
		}
	}
	return nil
}

// clip shortens what a client sent, for a message.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "..."
	}
	return s
}
