package facts

import (
	"context"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
)

// flag is the view of a Flag.
type flag struct {
	Status string
	Code   fhir.CodeableConcept
	Period fhir.Period
}

// payer is the view of a Coverage.
type payer struct {
	Status string
	Type   fhir.CodeableConcept
	Payor  []fhir.Reference
	Period fhir.Period
	Order  int
	Class  []struct {
		Type        fhir.CodeableConcept
		Value, Name string
	}
}

// ReadBanner reads who a patient is, with what must be known at every step: allergies, flags, payer. Only the patient's own
// document must be readable; of the rest, what this session may not see is left out, and allergies that cannot be read are
// "unavailable", never "none".
func ReadBanner(ctx context.Context, s *record.Session, id string, now time.Time, zone *time.Location) (clinical.Banner, error) {
	v, err := s.Read(ctx, "Patient", id)
	if err != nil {
		return clinical.Banner{}, err
	}
	p, err := fhir.View[Patient](v.Resource())
	if err != nil {
		return clinical.Banner{}, err
	}
	b := p.Banner(now, zone)
	var doctor string
	Together(
		func() { readAllergies(ctx, s, id, &b) },
		func() { b.Flags = readFlags(ctx, s, id, now) },
		func() { b.Payer, b.PayerNote = readPayer(ctx, s, id, now) },
		func() { doctor = readDoctor(ctx, s, p) },
	)
	if doctor != "" {
		b.Subtitle = strings.TrimPrefix(b.Subtitle+" · PCP "+doctor, " · ")
	}
	return b, nil
}

func readAllergies(ctx context.Context, s *record.Session, id string, b *clinical.Banner) {
	list, state, err := Allergies(ctx, s, id)
	if err != nil {
		return // the zero state is "unavailable"
	}
	b.Allergies = state
	for _, a := range list {
		known := clinical.BannerAllergy{Substance: a.Substance()}
		if a.High() || a.Severity() == "severe" { // the line is short: only what may kill is described
			known.Reaction = a.Reaction()
		}
		b.Known = append(b.Known, known)
	}
}

func readFlags(ctx context.Context, s *record.Session, id string, now time.Time) []string {
	flags, err := FindAll[flag](ctx, s, "Flag", id, Params("_count", "20")...)
	if err != nil {
		return nil
	}
	var out []string
	for _, f := range flags {
		if f.Status == "active" && (f.Period.IsZero() || f.Period.Contains(now, now.Location())) {
			if text := Concept(f.Code); text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

func readPayer(ctx context.Context, s *record.Session, id string, now time.Time) (name, note string) {
	plans, err := FindAll[payer](ctx, s, "Coverage", id, Params("_count", "20")...)
	if err != nil {
		return "", ""
	}
	best := -1
	for i, p := range plans {
		inForce := p.Status == "active" && (p.Period.IsZero() || p.Period.Contains(now, now.Location()))
		if inForce && (best < 0 || p.Order < plans[best].Order) {
			best = i
		}
	}
	if best < 0 {
		return "", ""
	}
	p := plans[best]
	for _, c := range p.Class {
		if Code(c.Type, "http://terminology.hl7.org/CodeSystem/coverage-class") == "plan" && c.Name != "" {
			return c.Name, "active"
		}
	}
	if len(p.Payor) > 0 && p.Payor[0].Display != "" {
		return p.Payor[0].Display, "active"
	}
	if t := Concept(p.Type); t != "" {
		return t, "active"
	}
	return "Coverage", "active"
}

// readDoctor is the name of the primary care physician, as the reference says it or as the Practitioner does.
func readDoctor(ctx context.Context, s *record.Session, p Patient) string {
	for _, ref := range p.GeneralPractitioner {
		if ref.Display != "" {
			return ref.Display
		}
		t, ok := ref.Target()
		if !ok || t.Type != "Practitioner" || t.ID == "" {
			continue
		}
		v, err := s.Read(ctx, t.Type, t.ID)
		if err != nil {
			continue
		}
		who, err := fhir.View[struct{ Name []fhir.HumanName }](v.Resource())
		if err == nil && len(who.Name) > 0 {
			return ShortProvider(who.Name[0])
		}
	}
	return ""
}

// ShortProvider writes a clinician's name as notes do: Dr P. Rao, J. Ortiz RN.
func ShortProvider(n fhir.HumanName) string {
	var b strings.Builder
	if len(n.Prefix) > 0 {
		b.WriteString(strings.TrimSuffix(n.Prefix[0], ".") + " ")
	}
	if len(n.Given) > 0 && n.Given[0] != "" {
		b.WriteString(string([]rune(n.Given[0])[0]) + ". ")
	}
	b.WriteString(n.Family)
	if len(n.Prefix) == 0 && len(n.Suffix) > 0 {
		b.WriteString(" " + n.Suffix[0])
	}
	if n.Family == "" {
		return n.String()
	}
	return b.String()
}
