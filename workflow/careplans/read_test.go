package careplans

import (
	"fmt"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/web/facts"
)

// TestMeasuredReadsWhatCounts: whatever lies between, the pages that are read judge a goal as all that was measured does.
func TestMeasuredReadsWhatCounts(t *testing.T) {
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	zone := time.FixedZone("far", 13*60*60)
	now := begun.AddDate(0, 0, 260).In(zone)
	measure := fhir.CodeableConcept{Coding: []fhir.Coding{{System: "http://loinc.org", Code: "4548-4"}}}
	unit := func(list ...string) func(day int) string { return func(day int) string { return list[day%len(list)] } }
	for name, unitOf := range map[string]func(day int) string{
		"all compare":       unit("%"),
		"some do not":       unit("mmol/mol", "%", "mmol/mol"),
		"the newest do not": func(day int) string { return map[bool]string{true: "mmol/mol", false: "%"}[day > 170] },
		"the oldest do not": func(day int) string { return map[bool]string{true: "mmol/mol", false: "%"}[day < 90] },
		"none does":         unit("mmol/mol"),
	} {
		s := recordtest.New(t, clock.System{}).As(access.Program)
		if _, err := s.Do(t.Context(), []record.Op{{Verb: record.Update, Type: "Patient", ID: "ada", Resource: parsed(t, `{"resourceType":"Patient","id":"ada"}`)}}); err != nil {
			t.Fatal(err)
		}
		var ops []record.Op
		for day := range 240 {
			at := begun.AddDate(0, 0, day)
			when := at.Format("2006-01-02")
			if day%3 == 0 {
				when = at.Add(15 * time.Hour).Format(time.RFC3339)
			}
			ops = append(ops, record.Op{Verb: record.Create, Type: "Observation", Resource: parsed(t, fmt.Sprintf(
				`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":%q,"valueQuantity":{"value":%d.%d,"unit":"x","system":"http://unitsofmeasure.org","code":%q}}`,
				when, 9-day/60, 9-day%10, unitOf(day)))})
		}
		if _, err := s.Do(t.Context(), ops); err != nil {
			t.Fatal(err)
		}
		var all []facts.Value
		if err := facts.Each(t.Context(), s, facts.Of("Observation", "ada", facts.Params("_sort", "-date", "_count", "100")...), func(e *record.Entry) error {
			o, err := facts.ReadObservation(e.Resource())
			all = append(all, o.Values()...)
			return err
		}); err != nil || len(all) != 240 {
			t.Fatal(len(all), err)
		}
		for _, from := range []int{-1, -30, 0, 1, 60, 120, 199, 230, 239, 250} {
			a := aim{unit: "%", high: big.NewRat(7, 1), highOpen: true}
			if from != -1 {
				y, m, d := begun.AddDate(0, 0, from).Date()
				a.from = time.Date(y, m, d, 0, 0, 0, 0, zone)
			}
			got, err := measured(t.Context(), s, "ada", measure, a, now)
			if err != nil {
				t.Fatal(err)
			}
			if p, want := judge(a, got, now), judge(a, all, now); !reflect.DeepEqual(p, want) {
				t.Errorf("%s, from day %d: %+v of what was read, %+v of all", name, from, p, want)
			}
			if name == "all compare" && len(got) > 120 {
				t.Errorf("from day %d: %d values were read", from, len(got))
			}
		}
	}
}

func parsed(t *testing.T, s string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}
