package rest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir/validate"
)

func TestStats(t *testing.T) {
	s := newSite(t)
	id := s.create(ana)
	other := s.create(ana)
	weighed := func(patient, day, value, unit, status string) {
		s.create(fmt.Sprintf(`{"resourceType":"Observation","status":%q,"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,`+
			`"valueQuantity":{"value":%s,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}}`, status, patient, day, value, unit, unit))
	}
	for i, v := range []string{"70", "72.5", "74", "71000", "80"} {
		unit := "kg"
		if v == "71000" {
			unit = "g"
		}
		weighed(id, fmt.Sprintf("2026-11-%02d", i+1), v, unit, "final")
	}
	weighed(id, "2026-11-10", "7", "kg", "entered-in-error")
	weighed(other, "2026-11-10", "200", "kg", "final")
	s.create(fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/%s"},"dataAbsentReason":{"text":"refused"}}`, id))
	s.create(fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-20",`+
		`"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":120,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":80,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`, id))
	at := "/fhir/Observation/$stats?subject=Patient/" + id

	values := func(r reply) string {
		t.Helper()
		doc := r.status(200).doc()
		var out []string
		for p := range doc.Get("parameter").Values() {
			if p.Get("name").Text() == "source" {
				out = append(out, "source")
				continue
			}
			o := p.Get("resource").Resource()
			for _, i := range validate.Base(o) {
				t.Errorf("%v: %s", i.Expression, i.Details.Text)
			}
			for c := range o.Get("component").Values() {
				q := c.Get("valueQuantity")
				out = append(out, c.Get("code").Get("coding").First().Get("code").Text()+"="+q.Get("value").Text()+q.Get("code").Text())
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ query, want string }{
		{"&system=http://loinc.org&code=29463-7&statistic=count,total-count,average,minimum,maximum,median,sum", "count=5 total-count=6 average=73.5kg minimum=70kg maximum=80kg median=72.5kg sum=367.5kg"},
		{"&coding=http://loinc.org|29463-7&statistic=variance&statistic=std-dev&statistic=4-lower&statistic=4-upper", "variance=15.5 std-dev=3.937003937kg 4-lower=71kg 4-upper=74kg"},
		{"&coding=http://loinc.org|29463-7&statistic=maximum&period=2026-11-01,2026-11-03", "maximum=74kg"},
		{"&coding=http://loinc.org|29463-7&statistic=count&duration=504", "count=3"},
		{"&coding=http://loinc.org|8480-6&coding=http://loinc.org|8462-4&statistic=average", "average=120mm[Hg] average=80mm[Hg]"},
		{"&coding=http://loinc.org|29463-7&statistic=count&include=true&limit=2", "count=5 source source"},
		{"&coding=http://loinc.org|8480-6&coding=http://loinc.org|29463-7&statistic=count&include=true&limit=3", "count=1 count=5 source source source"},
		{"&coding=http://loinc.org|1-8&statistic=count,average", "count=0 average="},
	} {
		if got := values(s.ask("clinician", "GET", at+strings.ReplaceAll(c.query, "|", "%7C"), "")); got != c.want {
			t.Errorf("%s: got %s, want %s", c.query, got, c.want)
		}
	}
	posted := s.ask("clinician", "POST", "/fhir/Observation/$stats", `{"resourceType":"Parameters","parameter":[{"name":"subject","valueUri":"Patient/`+id+`"},{"name":"coding","valueCoding":{"system":"http://loinc.org","code":"29463-7"}},`+
		`{"name":"statistic","valueCode":"maximum"},{"name":"period","valuePeriod":{"end":"2026-11-03"}}]}`)
	if got := values(posted); got != "maximum=74kg" {
		t.Errorf("posted: %s", got)
	}
	for query, words := range map[string]string{
		"": "code", "&coding=http://loinc.org%7C29463-7": "statistic", "&code=29463-7&statistic=count": "system", "&coding=http://loinc.org%7C29463-7&statistic=kurtosis": "kurtosis",
		"&coding=http://loinc.org%7C29463-7&statistic=count&duration=soon": "hours",
	} {
		s.ask("clinician", "GET", at+query, "").says(400, words)
	}
	s.ask("clinician", "GET", "/fhir/Observation/$stats?coding=http://loinc.org%7C29463-7&statistic=count", "").says(400, "subject")
	weighed(id, "2026-11-12", "3", "cm", "final")
	s.ask("clinician", "GET", at+"&coding=http://loinc.org%7C29463-7&statistic=maximum", "").says(422, "units")
	for range 2 { // beyond what can be reckoned with: no number, and still JSON
		s.create(fmt.Sprintf(`{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"big"}]},"subject":{"reference":"Patient/%s"},"valueQuantity":{"value":1e308,"unit":"1"}}`, id))
	}
	if got := values(s.ask("clinician", "GET", at+"&coding=http://loinc.org%7Cbig&statistic=count,sum,average,variance", "")); got != "count=2 sum= average= variance=" {
		t.Errorf("of large numbers: %s", got)
	}
	many := ""
	for i := range maxStatCodes + 1 {
		many += fmt.Sprintf("&coding=http://loinc.org%%7C%d-0", i)
	}
	s.ask("clinician", "GET", at+many+"&statistic=count", "").says(400, "codes")
	if got := values(s.ask("Patient/"+other, "GET", at+"&coding=http://loinc.org%7C29463-7&statistic=count", "")); got != "count=0" {
		t.Errorf("another patient learns %s", got)
	}
}
