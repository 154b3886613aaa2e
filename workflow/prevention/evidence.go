package prevention

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
)

// system is how decisions about a recommendation name it.
const system = "https://osler.example/fhir/CodeSystem/preventive-care"

// Views of what is read.
type (
	illness struct {
		Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
		Verification fhir.CodeableConcept `fhir:"verificationStatus"`
		Code         fhir.CodeableConcept
		Abatement    fhir.Choice `fhir:"abatement[x]"`
	}
	found struct {
		Status    string
		Code      fhir.CodeableConcept
		Effective fhir.Choice `fhir:"effective[x]"`
		Performed fhir.Choice `fhir:"performed[x]"`
		Value     fhir.Choice `fhir:"value[x]"`
	}
	directive struct {
		ID           string
		Status       string
		DoNotPerform bool
		Code         fhir.CodeableConcept
		Occurrence   fhir.Choice            `fhir:"occurrence[x]"`
		Reason       []fhir.CodeableConcept `fhir:"reasonCode"`
	}
)

// at is when something was done.
func (f found) at(zone *time.Location) time.Time {
	for _, c := range []fhir.Choice{f.Effective, f.Performed} {
		switch v := c.Value().(type) {
		case fhir.DateTime:
			return v.Time(zone)
		case fhir.Instant:
			return v.Time()
		case fhir.Period:
			return facts.When(v.Start, v.End).Time(zone)
		}
	}
	return time.Time{}
}

// named reports whether one of the words begins in a name of it, as the search has it.
func (f found) named(words []string) bool {
	names := []string{f.Code.Text}
	for _, c := range f.Code.Coding {
		names = append(names, c.Display)
	}
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			return strings.Contains(" "+search.Normalize(name), " "+search.Normalize(word))
		})
	})
}

// counts reports whether it was done and is not a mistake.
func (f found) counts() bool {
	switch f.Status {
	case "entered-in-error", "cancelled", "registered", "preparation", "not-done", "in-progress", "on-hold", "stopped", "unknown":
		return false
	}
	return true
}

// illnesses are the ICD-10-CM categories and the names by which a disease is known; not words that would make another.
var illnesses = []struct {
	is    condition
	codes []string
	names []string
	not   []string
}{
	{diabetes, []string{"E08", "E09", "E10", "E11", "E13"}, []string{"diabetes mellitus", "diabetes type", "type 1 diabetes", "type 2 diabetes", "diabetic"}, []string{"prediabetes", "pre-diabetes", "gestational", "insipidus", "family history", "risk of"}},
	{hypertension, []string{"I10", "I11", "I12", "I13", "I15"}, []string{"hypertension", "hypertensive"}, []string{"pulmonary", "portal", "ocular", "intracranial", "gestational", "white coat", "family history"}},
	{kidneyDisease, []string{"N18"}, []string{"chronic kidney disease", "chronic renal"}, []string{"family history"}},
	{thyroidReplaced, []string{"E03", "E89.0"}, []string{"hypothyroidism"}, []string{"family history", "subclinical"}},
}

// reader gathers what decides about one patient.
type reader struct {
	ctx     context.Context
	s       *record.Session
	patient string
	zone    *time.Location
	now     time.Time

	mu  sync.Mutex
	err error
}

// fail keeps the first error.
func (r *reader) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) person() Person {
	p := Person{Has: map[condition]bool{}, Unsure: map[condition]string{}}
	var smoking, bmi []found
	var list []illness
	facts.Together(
		func() {
			v, err := r.s.Read(r.ctx, "Patient", r.patient)
			if err != nil {
				r.fail(err)
				return
			}
			who, err := fhir.View[facts.Patient](v.Resource())
			if err != nil {
				r.fail(err)
				return
			}
			p.Birth, _ = who.Birth.Range(r.zone)
			p.Known = !who.Birth.IsZero()
			p.Sex = strings.ToLower(who.Sex())
			p.Deceased, _ = who.Died()
		},
		func() {
			var err error
			if list, err = facts.FindAll[illness](r.ctx, r.s, "Condition", r.patient, facts.Params("_count", "500")...); err != nil {
				r.fail(err)
			}
		},
		func() {
			found := r.newest("Observation", [][]string{{"72166-2"}, {"39156-5"}}, 1)
			smoking, bmi = found[0], found[1]
		},
	)
	for _, c := range list {
		for _, is := range illnessesOf(c) {
			p.Has[is] = true
		}
	}
	r.smoking(&p, smoking)
	r.weight(&p, bmi)
	return p
}

// illnessesOf are the diseases that a condition makes a patient have.
func illnessesOf(c illness) (out []condition) {
	switch facts.Code(c.Verification, facts.ConditionVerification) {
	case "refuted", "entered-in-error", "unconfirmed", "provisional", "differential":
		return nil
	}
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "inactive", "resolved":
		return nil
	case "":
		if !c.Abatement.IsZero() {
			return nil
		}
	}
	names := strings.ToLower(facts.Concept(c.Code))
	for _, coding := range c.Code.Coding {
		names += "; " + strings.ToLower(coding.Display)
	}
	code := c.Code.In("http://hl7.org/fhir/sid/icd-10-cm")
	for _, i := range illnesses {
		byCode := code != "" && slices.ContainsFunc(i.codes, func(prefix string) bool { return strings.HasPrefix(code, prefix) })
		byName := code == "" && slices.ContainsFunc(i.names, func(n string) bool { return strings.Contains(names, n) }) &&
			!slices.ContainsFunc(i.not, func(n string) bool { return strings.Contains(names, n) })
		if byCode || byName {
			out = append(out, i.is)
		}
	}
	return out
}

// smoking reads the newest smoking status. (US Core smoking status; the words are those of its value set.)
func (r *reader) smoking(p *Person, list []found) {
	status := ""
	if len(list) > 0 {
		if c, ok := list[0].Value.Value().(fhir.CodeableConcept); ok {
			status = strings.ToLower(facts.Concept(c))
		}
	}
	switch {
	case status == "" || strings.Contains(status, "unknown"):
		p.Unsure[everSmoked] = "smoking status is not recorded"
		p.Unsure[smokesOrStoppedLately] = "smoking status is not recorded"
	case strings.Contains(status, "never"):
	case strings.Contains(status, "former"), strings.Contains(status, "ex-smoker"):
		p.Has[everSmoked] = true
		p.Unsure[smokesOrStoppedLately] = "when smoking was stopped"
	default:
		p.Has[everSmoked], p.Has[smokesOrStoppedLately] = true, true
	}
}

// weight reads the newest body mass index.
func (r *reader) weight(p *Person, list []found) {
	if len(list) > 0 {
		if q, ok := list[0].Value.Value().(fhir.Quantity); ok {
			bmi := q.Value.Float64()
			p.Has[overweight], p.Has[obese] = bmi >= 25, bmi >= 30
			return
		}
	}
	p.Unsure[overweight] = "body mass index is not recorded"
}

// newest are, for each group of codes, the n newest documents of a type; of those, what counts.
func (r *reader) newest(typ string, groups [][]string, n int) [][]found {
	lists, err := facts.Newest[found](r.ctx, r.s, typ, r.patient, groups, n)
	if err != nil {
		r.fail(err)
		return make([][]found, len(groups))
	}
	for i := range lists {
		lists[i] = slices.DeleteFunc(lists[i], func(f found) bool { return !f.counts() })
	}
	return lists
}

func (r *reader) find(typ, param, value, count string, more ...string) []found {
	list, err := facts.Find[found](r.ctx, r.s, typ, r.patient, facts.Params(append([]string{param, value, "_sort", "-date", "_count", count}, more...)...)...)
	if err != nil {
		r.fail(err)
	}
	return slices.DeleteFunc(list, func(f found) bool { return !f.counts() })
}

// tests are what was done for the recommendations that may suit the person, newest first.
func (r *reader) tests(p Person) map[string][]Done {
	var mu sync.Mutex
	out := map[string][]Done{}
	var reads []func()
	type wanted struct {
		words []string
		add   func([]found)
	}
	type coded struct {
		groups [][]string
		add    []func([]found)
	}
	var measured, reported coded // Observations and DiagnosticReports, by the codes of LOINC
	var named []wanted
	var words []string
	for i := range recommendations {
		rec := &recommendations[i]
		if _, _, ok := rec.suits(p, r.now); !ok {
			continue
		}
		for _, t := range rec.Tests {
			add := func(list []found) {
				mu.Lock()
				defer mu.Unlock()
				for _, f := range list {
					if on := f.at(r.zone); !on.IsZero() {
						out[rec.ID] = append(out[rec.ID], Done{t.Name, on})
					}
				}
			}
			if len(t.LOINC) > 0 {
				measured.groups, measured.add = append(measured.groups, t.LOINC), append(measured.add, add)
			}
			if len(t.Words) == 0 { // a laboratory test or a measurement is an Observation
				continue
			}
			if len(t.LOINC) > 0 {
				reported.groups, reported.add = append(reported.groups, t.LOINC), append(reported.add, add)
			}
			words = append(words, t.Words...)
			named = append(named, wanted{t.Words, add})
		}
	}
	for typ, c := range map[string]coded{"Observation": measured, "DiagnosticReport": reported} {
		reads = append(reads, func() {
			for i, list := range r.newest(typ, c.groups, 3) {
				c.add[i](list)
			}
		})
	}
	// What goes by a name alone has no index, so a patient's documents are looked through once for all names. Reports of the
	// laboratory, of which there are thousands, are found by their codes above.
	for _, look := range []struct {
		typ string
		not []string
	}{{"DiagnosticReport", []string{"category:not", "http://terminology.hl7.org/CodeSystem/v2-0074|LAB"}}, {"Procedure", nil}} {
		if len(words) == 0 {
			break
		}
		reads = append(reads, func() {
			list := r.find(look.typ, "code:text", strings.Join(words, ","), "500", look.not...)
			for _, n := range named {
				var its []found
				for _, f := range list {
					if len(its) < 3 && f.named(n.words) {
						its = append(its, f)
					}
				}
				n.add(its)
			}
		})
	}
	facts.Together(reads...)
	for id := range out {
		slices.SortFunc(out[id], func(a, b Done) int { return cmp.Or(b.On.Compare(a.On), strings.Compare(a.Test, b.Test)) })
	}
	return out
}

// decisions are what was left out, by recommendation: the newest decision of each.
func (r *reader) decisions() map[string]Decision {
	list, err := facts.FindAll[directive](r.ctx, r.s, "ServiceRequest", r.patient, facts.Params("code", system+"|", "status", "active", "_count", "200")...)
	if err != nil {
		r.fail(err)
	}
	out := map[string]Decision{}
	for _, d := range list {
		id := d.Code.In(system)
		if id == "" || !d.DoNotPerform {
			continue
		}
		decision := Decision{ID: d.ID, Reason: facts.First(d.Reason)}
		if period, ok := d.Occurrence.Value().(fhir.Period); ok && !period.End.IsZero() {
			_, decision.Until = period.End.Range(r.zone)
			decision.Until = decision.Until.AddDate(0, 0, -1)
		}
		out[id] = decision
	}
	return out
}

// stand reads and judges.
func stand(ctx context.Context, s *record.Session, patient string, now time.Time) ([]Standing, error) {
	r := &reader{ctx: ctx, s: s, patient: patient, zone: now.Location(), now: now}
	var p Person
	var left map[string]Decision
	facts.Together(func() { p = r.person() }, func() { left = r.decisions() })
	if r.err != nil {
		return nil, r.err
	}
	done := r.tests(p)
	return Evaluate(p, done, left, now), r.err
}
