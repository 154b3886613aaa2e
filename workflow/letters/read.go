package letters

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// problem is the view of a Condition.
type problem struct {
	ID           string
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Encounter    fhir.Reference
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Abatement    fhir.Choice   `fhir:"abatement[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
}

func problemOf(v *record.Version) (problem, error) { return fhir.View[problem](v.Resource()) }

// stands reports whether it was not taken back.
func (p problem) stands() bool {
	code := facts.Code(p.Verification, facts.ConditionVerification)
	return code != mistaken && code != "refuted"
}

// state is active, remission, resolved ... in words.
func (p problem) state() string {
	s := cmp.Or(facts.Code(p.Clinical, facts.ConditionClinical), "active")
	if !p.Abatement.IsZero() && facts.Code(p.Clinical, facts.ConditionClinical) == "" {
		s = "resolved"
	}
	switch facts.Code(p.Verification, facts.ConditionVerification) {
	case "unconfirmed", "provisional", "differential":
		s += ", suspected"
	}
	return s
}

func (p problem) active() bool {
	s := p.state()
	return !strings.HasPrefix(s, "resolved") && !strings.HasPrefix(s, "inactive")
}

// listed reports whether it stands on the problem list.
func (p problem) listed() bool {
	return len(p.Category) == 0 || slices.ContainsFunc(p.Category, func(c fhir.CodeableConcept) bool { return c.In(facts.ConditionCategory) != "encounter-diagnosis" })
}

func (p problem) name() string { return cmp.Or(facts.Concept(p.Code), "Problem not named") }

// since is when it began, or when it was written down where that is not known.
func (p problem) since(zone *time.Location) string {
	if onset := facts.OnsetText(p.Onset, zone); onset != "" {
		return "since " + onset
	}
	return strings.TrimSuffix("recorded "+facts.Day(p.Recorded, zone), "recorded ")
}

// how is the directions of a medicine, for the patient where there are such, after what must be said before them: that it is not to be
// taken now.
func how(m facts.Medicine) string {
	var out []string
	for _, d := range m.Dosage {
		if s := cmp.Or(d.PatientInstruction, d.Text); s != "" {
			out = append(out, s)
		}
	}
	directions := cmp.Or(strings.Join(out, "; "), "directions not recorded")
	if m.State() != "" {
		return strings.ToUpper(m.State()) + ": " + directions
	}
	return directions
}

// each gives the resources of a type that are about a patient until give says that it is enough.
func each(ctx context.Context, s *record.Session, typ, patient string, give func(*record.Version) (more bool, err error), params ...string) error {
	return facts.Each(ctx, s, facts.Of(typ, patient, facts.Params(append(params, "_count", "100")...)...), func(x *record.Entry) error {
		more, err := give(&x.Version)
		if err == nil && !more {
			return facts.ErrEnough
		}
		return err
	})
}

// vaccine is the view of an Immunization.
type vaccine struct {
	Status     string
	Vaccine    fhir.CodeableConcept `fhir:"vaccineCode"`
	Encounter  fhir.Reference
	Occurrence fhir.Choice `fhir:"occurrence[x]"`
	Lot        string      `fhir:"lotNumber"`
}

func (v vaccine) when(zone *time.Location) string {
	switch x := v.Occurrence.Value().(type) {
	case fhir.DateTime:
		return facts.Day(x, zone)
	case string:
		return x
	}
	return "date not known"
}

// value is an observation in words: 5.6 mmol/L, high.
func value(o facts.Measured) string {
	show := o.Show()
	text := strings.TrimSpace(show.Text + " " + show.Unit)
	if w := show.Flag.Words(); w != "" && text != "" {
		text += " (" + strings.ToLower(w) + ")"
	}
	return text
}

// values are the observations of a category, newest first, that say something.
func values(ctx context.Context, s *record.Session, patient, category string, give func(o facts.Observation) bool, params ...string) error {
	return each(ctx, s, "Observation", patient, func(v *record.Version) (bool, error) {
		o, err := facts.ReadObservation(v.Resource())
		if err != nil || !o.Valid() {
			return true, nil
		}
		return give(o), nil
	}, append([]string{"category", category, "_sort", "-date"}, params...)...)
}

// order is the view of a ServiceRequest.
type order struct {
	ID         string
	Status     string
	Intent     string
	Code       fhir.CodeableConcept
	Encounter  fhir.Reference
	Occurrence fhir.Choice   `fhir:"occurrence[x]"`
	Authored   fhir.DateTime `fhir:"authoredOn"`
	Patient    string        `fhir:"patientInstruction"`
}

// booking is the view of an Appointment.
type booking struct {
	Status      string
	Description string
	Service     []fhir.CodeableConcept `fhir:"serviceType"`
	Start       fhir.Instant
	Participant []struct{ Actor fhir.Reference }
}

func of(ref fhir.Reference, typ, id string) bool {
	t, ok := ref.Target()
	return ok && t.Type == typ && t.ID == id
}
