package prescribing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/drugs/kidney"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

const (
	// recheckSystem is that of the identifiers by which somebody is told once of what a change means for medicines.
	recheckSystem = "https://osler.example/fhir/NamingSystem/medication-recheck"
	// recheckFresh is how old a fact may be when it arrives and still be told of: what is older is history that came with an import.
	recheckFresh = 30 * 24 * time.Hour
)

// recheckTypes are what the checks look at beside medicines themselves.
var recheckTypes = []string{"AllergyIntolerance", "Condition", "Observation", "Patient"}

// recheck checks what patients take anew when their records change: a new allergy, problem or result, another birth date or sex. Whoever
// answers for the patient is told of what the change brings, and of nothing that was so before.
func (e *editor) recheck(ctx context.Context, s *record.Session, changes []slice.Change) error {
	var failed []error // one that cannot be checked must not hold up the others
	ids := map[string][]string{}
	for _, c := range changes {
		switch {
		case c.Action == "delete" || c.Type == "Patient" && c.Version < 2: // what is gone brings nothing new, and a new patient takes nothing yet
		default:
			ids[c.Type] = append(ids[c.Type], c.ID)
		}
	}
	for _, typ := range recheckTypes {
		more := []string{"_count", "500"}
		if typ == "Observation" {
			more = append(more, "code", strings.Join([]string{kidney.FiltrationCodes, kidney.CreatinineCodes, pregnancyCodes}, ","))
		}
		for some := range slices.Chunk(ids[typ], 100) {
			q := record.Query{Type: typ, Params: facts.Params(append([]string{"_id", strings.Join(some, ",")}, more...)...), Strict: true}
			err := facts.Each(ctx, s, q, func(x *record.Entry) error {
				if err := e.recheckFor(ctx, s, &x.Version); err != nil {
					failed = append(failed, err)
				}
				return nil
			})
			if err != nil {
				failed = append(failed, err)
			}
		}
	}
	return errors.Join(failed...)
}

// recheckFor checks the medicines of the patient that a document is about, with it and without it, and tells what it brings.
func (e *editor) recheckFor(ctx context.Context, s *record.Session, v *record.Version) error {
	now := e.d.Shell.Clock()
	patient, before := v.ID, (*fhir.Resource)(nil)
	if v.Type == "Patient" {
		old, err := s.ReadVersion(ctx, "Patient", v.ID, v.Version-1)
		if err != nil || old.Resource() == nil || sameText(old.Resource(), v.Resource(), "birthDate") && sameText(old.Resource(), v.Resource(), "gender") {
			return nil //nolint:nilerr // without the version before there is nothing to compare with
		}
		before = old.Resource()
	} else {
		t, ok := fhir.ParseReference(cmp.Or(v.Resource().Get("subject").Get("reference").Text(), v.Resource().Get("patient").Get("reference").Text()))
		if !ok || t.Type != "Patient" || history(v.Resource(), now) {
			return nil
		}
		patient = t.ID
	}
	// Most have no medicines, which one search tells.
	takes := false
	for _, typ := range []string{"MedicationRequest", "MedicationStatement"} {
		page, err := s.Search(ctx, facts.Of(typ, patient, facts.Params("status", "active,on-hold,intended,unknown", "_count", "1")...))
		if err != nil {
			return err
		}
		takes = takes || len(page.Entries) > 0
	}
	if !takes {
		return nil
	}
	docs := readDocuments(ctx, s, patient)
	checker, _ := e.checker(ctx)
	brought := news(checker, docs.without(v.Type, v.ID, before).snapshot(e.library, now), docs.snapshot(e.library, now))
	if len(brought) == 0 {
		return nil
	}
	return e.tell(ctx, s, v, patient, docs.patient, brought, now)
}

func sameText(a, b *fhir.Resource, name string) bool { return a.Get(name).Text() == b.Get(name).Text() }

// history reports whether a document is of a time long gone: it came with an import, and is no news.
func history(doc *fhir.Resource, now time.Time) bool {
	v, err := fhir.View[struct {
		Effective fhir.Choice   `fhir:"effective[x]"`
		Recorded  fhir.DateTime `fhir:"recordedDate"`
	}](doc)
	if err != nil {
		return false
	}
	at := v.Recorded
	if on, ok := fhir.ChoiceValue[fhir.DateTime](v.Effective); ok {
		at = on
	}
	return !at.IsZero() && now.Sub(at.Time(now.Location())) > recheckFresh
}

// without are the documents without one of them or, for the patient, with the version before.
func (d documents) without(typ, id string, before *fhir.Resource) documents {
	d.unread = nil // what could not be read is the same on both sides
	drop := func(list []*fhir.Resource) []*fhir.Resource {
		return slices.DeleteFunc(slices.Clone(list), func(r *fhir.Resource) bool { return r.ID() == id })
	}
	switch typ {
	case "Patient":
		d.patient = before
	case "AllergyIntolerance":
		d.allergies = drop(d.allergies)
	case "Condition":
		d.conditions = drop(d.conditions)
	case "Observation":
		d.filtration, d.creatinine, d.pregnancy = drop(d.filtration), drop(d.creatinine), drop(d.pregnancy)
	}
	return d
}

// takenFinding is a finding on a medicine that is taken already.
type takenFinding struct {
	safety.Finding
	Medicine string // MedicationRequest/m1
}

func (f takenFinding) key() string {
	return fmt.Sprintf("%s|%s|%d", f.Rule, f.Medicine, f.Severity)
}

// news are the findings to weigh and graver on what is taken that stand now and did not before. A finding that became graver is new.
func news(c safety.Checker, before, now safety.Patient) (out []takenFinding) {
	had := map[string]bool{}
	for _, f := range onTaken(c, before) {
		had[f.key()] = true
	}
	for _, f := range onTaken(c, now) {
		if !had[f.key()] {
			had[f.key()] = true
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b takenFinding) int { return int(b.Severity) - int(a.Severity) })
	return out
}

// onTaken checks each medicine as if it were ordered now.
func onTaken(c safety.Checker, p safety.Patient) (out []takenFinding) {
	for i, m := range p.Medicines {
		rest := p
		rest.Medicines = append(slices.Clone(p.Medicines[:i]), p.Medicines[i+1:]...)
		for _, f := range c.Check(rest, []safety.Order{{Medicine: m}}).Findings {
			if f.Severity != drugs.Note {
				out = append(out, takenFinding{f, m.ID})
			}
		}
	}
	return out
}

// tell makes the Task by which whoever answers for the patient hears of it: once for what a document brings, however often it is looked at.
func (e *editor) tell(ctx context.Context, s *record.Session, v *record.Version, patient string, person *fhir.Resource, brought []takenFinding, now time.Time) error {
	hash := fnv.New64a()
	for _, f := range brought {
		_, _ = hash.Write([]byte(f.key() + "\n")) // never fails
	}
	name := fmt.Sprintf("%s/%s#%x", v.Type, v.ID, hash.Sum64())
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t := facts.Task{
		Identifier: []fhir.Identifier{{System: recheckSystem, Value: name}}, Status: "requested", Intent: "order", Priority: "urgent", Code: fhir.Concept(facts.TaskKind, facts.SafetyTask, "Check medicines"),
		Description: "Check the medicines: " + shorten(brought[0].Order+" — "+brought[0].Line(), 160), Focus: fhir.To(v.Type, v.ID), For: fhir.To("Patient", patient), Authored: stamp, Modified: stamp,
	}
	days := 7
	if brought[0].Severity == drugs.Stop {
		t.Priority, days = "asap", 1
	}
	t.Restriction.Period.End = fhir.DateTimeOf(now.AddDate(0, 0, days), fhir.Day)
	self := fhir.Reference{Display: "Osler"}
	t.Say(self, now, "The record changed, and with it what the checks say of medicines that are taken already:")
	for _, f := range brought {
		t.Say(self, now, f.Order+" — "+f.Line()+" ("+f.Source.Title+", "+f.Source.Version+")")
	}
	if err := e.give(ctx, s, &t, person, brought, now); err != nil {
		return err
	}
	doc, err := fhir.New("Task", t)
	if err != nil {
		return err
	}
	_, err = s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Task", Resource: doc, Condition: "identifier=" + recheckSystem + "|" + name}})
	return err
}

// give finds who answers: the patient's own doctor, else whoever prescribed the gravest of what was found, else all clinicians.
func (e *editor) give(ctx context.Context, s *record.Session, t *facts.Task, person *fhir.Resource, brought []takenFinding, now time.Time) error {
	t.Give("pool:"+facts.ClinicianPool, "")
	duty, err := facts.OnDuty(ctx, s, e.d.Identity, now)
	if err != nil {
		return err
	}
	var candidates []fhir.Reference
	if person != nil {
		if p, err := fhir.View[facts.Patient](person); err == nil {
			candidates = append(candidates, p.GeneralPractitioner...)
		}
	}
	for _, f := range brought {
		if id, ok := strings.CutPrefix(f.Medicine, "MedicationRequest/"); ok {
			rx, err := s.Read(ctx, "MedicationRequest", id)
			if err != nil {
				continue
			}
			if p, err := fhir.View[struct{ Requester fhir.Reference }](rx.Resource()); err == nil {
				candidates = append(candidates, p.Requester)
			}
		}
	}
	for _, c := range candidates {
		if strings.HasPrefix(c.Reference, "Practitioner/") && duty.Works(c.Reference) {
			t.Give(c.Reference, duty.Name(c.Reference))
			return nil
		}
	}
	return nil
}
