package vitals

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

func vital(t testing.TB, body string) facts.Observation {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation","status":"final",` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	o, err := facts.ReadObservation(r)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func single(t *testing.T, id, code, value, unit, at string) facts.Observation {
	return vital(t, fmt.Sprintf(`"id":%q,"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"unit":%q}`, id, code, at, value, unit))
}

func TestList(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)
	pressure := func(id, at, high, low string) facts.Observation {
		return vital(t, fmt.Sprintf(`"id":%q,"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"effectiveDateTime":%q,"component":[
			{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":%s,"unit":"mm[Hg]"}},
			{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":%s,"unit":"mm[Hg]"}}]`, id, at, high, low))
	}
	p := panelOf(child{}, readingsIn([]facts.Observation{
		pressure("bp1", "2026-08-24T09:00:00Z", "136", "82"), pressure("bp2", "2026-11-23T10:08:00Z", "148", "86"),
		single(t, "w2", "29463-7", "78.4", "kg", "2026-11-23T10:08:00Z"), single(t, "w1", "29463-7", "80.1", "kg", "2026-08-24T09:00:00Z"),
		single(t, "h", "8302-2", "165", "cm", "2026-08-24T09:00:00Z"), single(t, "o", "59408-5", "98", "%", "2026-11-23T10:08:00Z"), single(t, "p", "8867-4", "84", "/min", "2026-11-23T10:08:00Z"),
	}, now.Location()), now)
	var rows []string
	for _, r := range p.Rows {
		rows = append(rows, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", r.Name, r.Value.Text, r.Value.Unit, r.When)))
	}
	want := "Blood pressure 148/86 mmHg|Pulse 84 /min|Oxygen sat. 98 %|Weight 78.4 kg|Height 165 cm 24-Aug-2026"
	if got := strings.Join(rows, "|"); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if p.When != "today, 10:08" || p.Date != "23-Nov-2026, 10:08" {
		t.Errorf("when %q, date %q", p.When, p.Date)
	}
	if tr := p.Rows[0].Trend; tr == nil || tr.Series[0].Points[0].Text != "136" {
		t.Errorf("trend of the pressure: %+v", tr)
	}
}

// Two values of one pressure that were recorded apart are not joined with those of another time.
func TestPressureIsNotMixed(t *testing.T) {
	p := panelOf(child{}, readingsIn([]facts.Observation{
		single(t, "s", "8480-6", "150", "mm[Hg]", "2026-11-23T10:08:00Z"), single(t, "d", "8462-4", "80", "mm[Hg]", "2026-08-24T09:00:00Z"),
	}, time.UTC), time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC))
	if got := p.Rows[0].Value.Text; got != "150/–" {
		t.Errorf("%q", got)
	}
}
