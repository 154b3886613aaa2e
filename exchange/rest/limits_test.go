package rest

import (
	"fmt"
	"strings"
	"testing"
)

// What docs/how-to/fhir-api.md says of limits: beyond each stands an OperationOutcome with a status of 4xx that names
// it, and up to it there is an answer.
func TestLimits(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	s.create(observation(id, "72"))
	list := func(n int, value string) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf(value, i))
		}
		return strings.Join(out, ",")
	}
	for _, tt := range []struct {
		name, within, beyond string // queries of Observation
		status               int
		words                string
	}{
		{"alternatives of a code", "code=" + list(1000, "x%d"), "code=" + list(1001, "x%d"), 400, "1000"},
		{"alternatives that are compared", "date=" + list(100, "2020-01-01T00:00:00.%03[1]dZ"), "date=" + list(101, "2020-01-01T00:00:00.%03[1]dZ"), 400, "100"},
		{"references in one parameter", "encounter.part-of.part-of.status=x", "encounter.part-of.part-of.part-of.status=x", 400, "more than 3"},
		{"parameters", strings.Repeat("status=final&", 49) + "status=final", strings.Repeat("status=final&", 50) + "status=final", 400, "50"},
		{"comparisons of _filter", "_filter=" + strings.Repeat("status eq final and ", 63) + "status eq final", "_filter=" + strings.Repeat("status eq final and ", 64) + "status eq final", 400, "64"},
		{"nesting of _filter", "_filter=" + strings.Repeat("(", 15) + "status eq final" + strings.Repeat(")", 15), "_filter=" + strings.Repeat("(", 17) + "status eq final" + strings.Repeat(")", 17), 400, "16"},
		{"sorting", "_sort=status,date", "_sort=" + strings.Repeat("date,", 10) + "date", 400, "10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			post := func(query string) reply {
				s := &site{t: t, handler: s.handler}
				return s.ask("clinician", "POST", "/fhir/Observation/_search", strings.ReplaceAll(query, " ", "+"), "Content-Type: application/x-www-form-urlencoded", "Prefer: handling=strict")
			}
			if got := post(tt.within); got.Code != 200 {
				t.Errorf("up to the limit: %d %.300s", got.Code, got.Body)
			}
			post(tt.beyond).says(tt.status, tt.words)
		})
	}
	if got := len(s.ask("clinician", "GET", "/fhir/Observation?_count=100000", "").status(200).bundle().Entry); got != 1 {
		t.Errorf("a count above the limit brings %d", got)
	}
	deep := strings.Repeat(`{"extension":[`, 40) + strings.Repeat(`]}`, 40)
	s.ask("clinician", "POST", "/fhir/Patient", fmt.Sprintf(`{"resourceType":"Patient","extension":[%s]}`, deep)).says(400, "64")
}

// A page has at most 1,000 resources, and includes bring at most 2,000 to it.
func TestLimitsOfAPage(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 2001 resources")
	}
	s := newSite(t)
	id := s.create(ana)
	many := make([]string, 2001)
	for i := range many {
		many[i] = entry("POST", "Observation", observation(id, fmt.Sprint(i+1)))
	}
	s.ask("clinician", "POST", "/fhir", bundleOf("transaction", many[1:]...)).status(200)
	around := "/fhir/Patient?_id=" + id + "&_revinclude=Observation:subject"
	if got := len(s.ask("clinician", "GET", around, "").matches()); got != 2001 {
		t.Errorf("up to the limit: %d resources, want the patient and 2000 observations", got)
	}
	s.ask("clinician", "POST", "/fhir/Observation", observation(id, "1")).status(201)
	s.ask("clinician", "GET", around, "").says(400, "too-costly", "2000")
	seen, pages := map[string]bool{}, 0
	for next := "/fhir/Observation?subject=Patient/" + id + "&_count=100000"; next != ""; pages++ {
		r := s.ask("clinician", "GET", next, "")
		found := r.matches()
		if len(found) > 1000 {
			t.Errorf("a page of %d", len(found))
		}
		for _, f := range found {
			seen[f] = true
		}
		next = strings.TrimPrefix(r.bundle().LinkTo("next"), "https://ehr.example")
	}
	if pages != 3 || len(seen) != 2001 {
		t.Errorf("%d resources on %d pages", len(seen), pages)
	}
}

// What no index answers is looked for in at most 20,000 documents.
func TestLimitOfDocumentsRead(t *testing.T) {
	s, crowded := newCrowdedSite(t)
	s.create(ana)
	s.ask("clinician", "GET", "/fhir/Patient?_content=nobody", "").status(200)
	crowded.Store(true)
	for _, query := range []string{"_content=nobody", "_text=nobody&_summary=count"} {
		s.ask("clinician", "GET", "/fhir/Patient?"+query, "").says(400, "too-costly", "narrow")
	}
}
