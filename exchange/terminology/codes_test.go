package terminology

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
)

// searchable is a record whose searches know the site's library, with one problem for each code.
func searchable(t testing.TB, s *site, codes ...string) *record.Record {
	t.Helper()
	r, err := record.Open(t.Context(), record.Options{Store: s.Store, Keyring: s.Keyring, Codes: Codes(s.library)})
	if err != nil {
		t.Fatal(err)
	}
	s.put(`{"resourceType":"Patient","id":"p"}`)
	for i, c := range codes {
		system, code, _ := strings.Cut(c, "|")
		s.put(fmt.Sprintf(`{"resourceType":"Condition","id":"c%d","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"subject":{"reference":"Patient/p"},"code":{"coding":[{"system":%q,"code":%q}]}}`, i, system, code))
	}
	return r
}

func TestSearchByCodes(t *testing.T) {
	s := newSite(t, animals())
	const icd, zoo = "http://hl7.org/fhir/sid/icd-10-cm|", "http://example.org/animals|"
	r := searchable(t, s, icd+"E11.9", icd+"E11.65", icd+"E10.9", icd+"I10", zoo+"dog", zoo+"dodo", "http://example.org/colours|pink", icd+"X99.999")
	s.put(mammals, open, colours)
	find := func(name, value string) (string, error) {
		session := r.As(access.Actor{ID: "test", Name: "Test", Roles: []access.Role{access.Clinician}, Org: s.Org})
		page, err := session.Search(t.Context(), record.Query{Type: "Condition", Params: []search.Param{{Name: name, Value: value}}, Strict: true})
		if err != nil {
			return "", err
		}
		var out []string
		for _, e := range page.Entries {
			out = append(out, e.Resource().Get("code").Path("coding", "code").Text())
		}
		slices.Sort(out)
		return strings.Join(out, " "), nil
	}
	for _, c := range []struct{ name, value, want string }{
		{"code:below", "http://hl7.org/fhir/sid/icd-10-cm|E11", "E11.65 E11.9"},
		{"code:below", "http://hl7.org/fhir/sid/icd-10-cm|E08-E13", "E10.9 E11.65 E11.9"},
		{"code:below", "http://hl7.org/fhir/sid/icd-10-cm|E00-E89", "E10.9 E11.65 E11.9"}, // more codes than are looked up one by one
		{"code:below", "http://hl7.org/fhir/sid/icd-10-cm|X99.999", "X99.999"},            // the code does not exist, and is in use
		{"code:above", "http://hl7.org/fhir/sid/icd-10-cm|E11.9", "E11.9"},
		{"code:in", "http://example.org/vs/mammals", "dog"},
		{"code:in", "http://example.org/vs/mammals|1", "dog"},
		{"code:not-in", "http://example.org/vs/mammals", "E10.9 E11.65 E11.9 I10 X99.999 dodo pink"},
		{"code:below", "http://example.org/colours|red", "pink"},
		{"code:in", "http://hl7.org/fhir/sid/icd-10-cm?fhir_vs", "E10.9 E11.65 E11.9 I10"},
		{"code:not-in", "http://hl7.org/fhir/sid/icd-10-cm?fhir_vs", "X99.999 dodo dog pink"},
		{"code:in", "http://example.org/vs/mammals,http://hl7.org/fhir/sid/icd-10-cm?fhir_vs=isa/I10", "I10 dog"},
	} {
		if got, err := find(c.name, c.value); err != nil || got != c.want {
			t.Errorf("%s=%s: got %q, %v, want %q", c.name, c.value, got, err, c.want)
		}
	}
	for _, c := range []struct{ name, value, says string }{
		{"code:in", "http://example.org/vs/nobody", "is not here; load it into the record"},
		{"code:in", "http://example.org/vs/open", "http://example.org/plants is not here"},
		{"code:below", "http://snomed.info/sct|73211009", "load it with `osler terminology add`"},
		{"code:below", "E11", "system|code"},
	} {
		_, err := find(c.name, c.value)
		if kind := record.KindOf(err); kind != record.KindNotSupported && kind != record.KindBad || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s=%s: got %v", c.name, c.value, err)
		}
	}
}
