package immunization

import (
	"context"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// whoGave are the people of the practice who may have given or ordered a dose, and the visit that it is part of.
type whoGave struct {
	me    fhir.Reference // who writes it down
	staff []facts.Colleague
	visit *encounter // open and of today; nil if there is none
}

// encounter is the view of an Encounter.
type encounter struct {
	ID          string
	Status      string
	Period      fhir.Period
	Participant []struct {
		Type       []fhir.CodeableConcept
		Individual fhir.Reference
	}
}

func readWhoGave(ctx context.Context, s *record.Session, ids *identity.Service, patient string, now time.Time) (whoGave, error) {
	w := whoGave{me: facts.Author(ctx)}
	var err error
	if w.staff, err = facts.Staff(ctx, s, ids); err != nil || !s.May(access.Search, "Encounter") {
		return w, err
	}
	all, err := facts.FindAll[encounter](ctx, s, "Encounter", patient, facts.Params("status", "arrived,triaged,in-progress,onleave", "date", "ge"+now.Format(time.DateOnly), "_sort", "-date", "_count", "20")...)
	for i, e := range all {
		start := e.Period.Start.Time(now.Location()).In(now.Location())
		if start.Format(time.DateOnly) == now.Format(time.DateOnly) && !start.After(now) {
			w.visit = &all[i]
			break
		}
	}
	return w, err
}

// self is the value of the list for who is signed in.
const self = "me"

func (w whoGave) isMe(c facts.Colleague) bool { return w.me.Reference != "" && c.Ref == w.me.Reference }

// givers are the choices for who gave the dose: first who is signed in.
func (w whoGave) givers() []ui.Option {
	out := []ui.Option{{Value: self, Label: w.me.Display}}
	for _, c := range w.staff {
		if !w.isMe(c) {
			out = append(out, ui.Option{Value: c.Ref, Label: c.Name})
		}
	}
	return out
}

// orderers are the choices for who ordered it; nobody has to be named.
func (w whoGave) orderers() []ui.Option {
	out := []ui.Option{{Label: "Not said"}}
	for _, c := range w.staff {
		if !c.Nurse {
			out = append(out, ui.Option{Value: c.Ref, Label: c.Name})
		}
	}
	return out
}

// usualOrderer is who most likely ordered it: the clinician who is signed in, or the one whose visit this is.
func (w whoGave) usualOrderer() string {
	clinician := func(ref string) bool {
		return ref != "" && slices.ContainsFunc(w.staff, func(c facts.Colleague) bool { return c.Ref == ref && !c.Nurse })
	}
	if clinician(w.me.Reference) {
		return w.me.Reference
	}
	if w.visit != nil {
		for _, p := range w.visit.Participant {
			if clinician(p.Individual.Reference) {
				return p.Individual.Reference
			}
		}
	}
	return ""
}

// byRef is the person of a reference.
func (w whoGave) byRef(ref string) (fhir.Reference, bool) {
	for _, c := range w.staff {
		if c.Ref == ref {
			return fhir.Reference{Reference: c.Ref, Display: c.Name}, true
		}
	}
	return fhir.Reference{}, false
}

// The functions of a performer. (HL7 table 0443.)
const (
	functions = "http://terminology.hl7.org/CodeSystem/v2-0443"
	gave      = "AP"
	ordered   = "OP"
)

// performers takes from the form who gave the dose and who ordered it.
func (w whoGave) performers(f *web.Form) []performer {
	by := w.me
	if ref := f.Text("giver"); ref != "" && ref != self {
		found, ok := w.byRef(ref)
		if !ok {
			f.Wrong("giver", "Choose who gave it.")
		}
		by = found
	}
	out := []performer{{fhir.Concept(functions, gave, "Administering Provider"), by}}
	if ref := f.Text("orderer"); ref != "" {
		found, ok := w.byRef(ref)
		if !ok {
			f.Wrong("orderer", "Choose who ordered it.")
		}
		out = append(out, performer{fhir.Concept(functions, ordered, "Ordering Provider"), found})
	}
	return out
}
