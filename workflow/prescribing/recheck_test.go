package prescribing_test

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
)

const (
	penicillin = `{"resourceType":"MedicationRequest","id":"amox","status":"active","intent":"order","medicationCodeableConcept":{"text":"amoxicillin 500 mg capsule"},"subject":{"reference":"Patient/ada"},"requester":{"reference":"Practitioner/rao"}}`
	ace        = `{"resourceType":"MedicationRequest","id":"ace","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"314076"}],"text":"lisinopril 10 mg tablet"},"subject":{"reference":"Patient/ada"},"requester":{"reference":"Practitioner/rao"}}`
	metf       = `{"resourceType":"MedicationRequest","id":"met","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"861007"}],"text":"metformin 500 mg tablet"},"subject":{"reference":"Patient/ada"},"requester":{"reference":"Practitioner/rao"}}`
	active     = `"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}`
)

// changed tells the watch that a resource changed, as the program does after it was committed.
func changed(t *testing.T, s *slicetest.Site, feature slice.Slice, typ, id string) {
	t.Helper()
	ctx := context.Background()
	program := s.Deps.Program("medication-recheck")
	v, err := program.Read(ctx, typ, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := feature.Watch[0].Page(ctx, program, []slice.Change{{Type: typ, ID: id, Version: v.Version, Action: "update"}}); err != nil {
		t.Fatal(err)
	}
}

// TestAChangeOfTheChartIsCheckedAgainstWhatIsTaken: a new allergy, problem or result, and another birth date, are told of once, to whoever
// answers, and what was so before is not.
func TestAChangeOfTheChartIsCheckedAgainstWhatIsTaken(t *testing.T) {
	person := func(more string) string {
		return `{"resourceType":"Patient","id":"ada","gender":"female","birthDate":"1990-07-14","name":[{"family":"Okafor","given":["Adaeze"]}]` + more + `}`
	}
	gfr := func(id, value, day string) string {
		return strings.NewReplacer(`"id":"gfr"`, `"id":"`+id+`"`, `"value":52`, `"value":`+value, "2026-11-20", day).Replace(eGFR)
	}
	for name, c := range map[string]struct {
		before []string
		change string
		typ    string
		want   []string // what the Task says; none = there is no Task
	}{
		"allergy":            {[]string{noneK, penicillin}, mould, "AllergyIntolerance", []string{`"priority":"asap"`, "amoxicillin", "Penicillin", `"reference":"AllergyIntolerance/pen"`, `"reference":"Practitioner/rao"`, `"code":"medication-safety"`}},
		"pregnancy":          {[]string{ace}, `{"resourceType":"Condition","id":"preg",` + active + `,"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"Z34.90"}],"text":"Pregnancy"},"subject":{"reference":"Patient/ada"}}`, "Condition", []string{"lisinopril", "Pregnancy recorded", `"priority":"asap"`}},
		"eGFR falls":         {[]string{metf, gfr("old", "80", "2026-08-20")}, gfr("gfr", "24", "2026-11-20"), "Observation", []string{"metformin", "eGFR 24 on 20-Nov-2026", `"reference":"Observation/gfr"`}},
		"eGFR stays":         {[]string{metf, gfr("old", "25", "2026-08-20")}, gfr("gfr", "24", "2026-11-20"), "Observation", nil},
		"eGFR of long ago":   {[]string{metf}, gfr("gfr", "24", "2025-11-20"), "Observation", nil},
		"birth date":         {[]string{`{"resourceType":"MedicationRequest","id":"amit","status":"active","intent":"order","medicationCodeableConcept":{"text":"amitriptyline 25 mg tablet"},"subject":{"reference":"Patient/ada"},"requester":{"reference":"Practitioner/rao"}}`}, strings.Replace(person(""), "1990", "1940", 1), "Patient", []string{"amitriptyline", "Age 86"}},
		"another name":       {[]string{penicillin}, strings.Replace(person(""), "Adaeze", "Ada", 1), "Patient", nil},
		"nothing taken":      {nil, mould, "AllergyIntolerance", nil},
		"another allergy":    {[]string{ace}, mould, "AllergyIntolerance", nil},
		"an entry in error":  {[]string{penicillin}, strings.Replace(mould, `"criticality"`, `"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"entered-in-error"}]},"criticality"`, 1), "AllergyIntolerance", nil},
		"a stopped medicine": {[]string{strings.Replace(penicillin, `"active"`, `"stopped"`, 1)}, mould, "AllergyIntolerance", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, feature := site(t)
			s.Put(append([]string{person("")}, c.before...)...)
			s.Put(c.change)
			id := map[string]string{"AllergyIntolerance": "pen", "Condition": "preg", "Observation": "gfr", "Patient": "ada"}[c.typ]
			changed(t, s, feature, c.typ, id)
			changed(t, s, feature, c.typ, id) // it may be told again
			if len(c.want) == 0 {
				if all := s.All("Task"); len(all) != 0 {
					t.Fatalf("somebody is told: %s", all[0].Bytes())
				}
				return
			}
			task := string(s.One("Task").Bytes())
			for _, want := range c.want {
				if !strings.Contains(task, want) {
					t.Errorf("without %s: %s", want, task)
				}
			}
			if c.typ != "Patient" { // an edit that changes nothing for the medicines is no news
				s.Put(strings.Replace(c.change, `"subject"`, `"note":[{"text":"seen"}],"subject"`, 1))
				changed(t, s, feature, c.typ, id)
				s.One("Task")
			}
			advice, err := feature.Rules[0].Advise(context.Background(), s.As(access.Clinician), "ada")
			if err != nil || len(advice) == 0 {
				t.Errorf("the chart says nothing of it: %v", err)
			}
		})
	}
}

// TestARecheckGoesToWhoAnswers: to whoever prescribed, and to all clinicians where nobody can be found.
func TestARecheckGoesToWhoAnswers(t *testing.T) {
	for _, c := range []struct{ requester, want string }{
		{`{"reference":"Practitioner/rao"}`, `"owner":{"reference":"Practitioner/rao"`},
		{`{"display":"Dr Gone"}`, `"code":"clinicians"`},
	} {
		s, feature := site(t)
		s.Put(strings.Replace(penicillin, `{"reference":"Practitioner/rao"}`, c.requester, 1), mould)
		changed(t, s, feature, "AllergyIntolerance", "pen")
		if task := string(s.One("Task").Bytes()); !strings.Contains(task, c.want) {
			t.Errorf("%s: %s", c.requester, task)
		}
	}
}
