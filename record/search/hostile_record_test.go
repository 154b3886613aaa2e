package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// A10: no value means more than it says. Patients are found by their names exactly as plain comparison finds them,
// also where name and value hold what a database takes for a pattern.
func TestA10ValuesAreLiteral(t *testing.T) {
	at := clock.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	s := recordtest.New(t, at).As(access.Clinician)
	families := []string{"Smith", "100%", "a_b", "%", "_", `back\slash`, "O'Hara", "' OR '1'='1", "*", "null", "é", "😀"}
	var ops []record.Op
	for i, f := range families {
		doc := fhir.Open([]byte(`{"resourceType":"Patient","name":[{"family":` + string(fhir.AppendString(nil, f)) + `}],"identifier":[{"system":"urn:s","value":"` + string(rune('a'+i)) + `"}]}`))
		ops = append(ops, record.Op{Verb: record.Create, Type: "Patient", Resource: doc})
	}
	if _, err := s.Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	compare := map[string]func(have, want string) bool{
		"family":          func(have, want string) bool { return strings.HasPrefix(search.Normalize(have), search.Normalize(want)) },
		"family:contains": func(have, want string) bool { return strings.Contains(search.Normalize(have), search.Normalize(want)) },
		"family:exact":    func(have, want string) bool { return have == want },
	}
	for _, value := range append(hostile(), families...) {
		if search.Normalize(value) == "" || len(value) > 1000 {
			continue
		}
		escaped := strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`).Replace(value)
		for name, holds := range compare {
			page, err := s.Search(context.Background(), record.Query{Type: "Patient", Params: []search.Param{{Name: name, Value: escaped}}, Strict: true})
			if err != nil {
				t.Errorf("%s=%q: %v", name, value, err)
				continue
			}
			var got, want []string
			for _, e := range page.Entries {
				got = append(got, e.Resource().Get("name").First().Get("family").Text())
			}
			for _, f := range families {
				if holds(f, value) {
					want = append(want, f)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s=%q finds %q, want %q", name, value, got, want)
			}
		}
		page, err := s.Search(context.Background(), record.Query{Type: "Patient", Params: []search.Param{{Name: "identifier", Value: "urn:s|" + escaped}}, Strict: true})
		if err != nil {
			t.Errorf("identifier=%q: %v", value, err)
		} else if n := len(page.Entries); n > 1 || n == 1 && page.Entries[0].Resource().Get("identifier").First().Get("value").Text() != strings.ToLower(value) {
			t.Errorf("identifier=%q finds %d", value, n)
		}
	}
}
