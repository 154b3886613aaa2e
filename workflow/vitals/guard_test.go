package vitals

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// known makes what entries are compared with: a birth date, a sex, and readings such as "weight 80.1 kg 2026-08-24", newest first.
func known(t testing.TB, born string, sex growth.Sex, past ...string) patientFacts {
	t.Helper()
	p := patientFacts{zone: time.UTC, at: noon}
	p.sex = sex
	var err error
	if born != "" {
		if p.born, err = time.Parse(time.DateOnly, born); err != nil {
			t.Fatal(err)
		}
	}
	for _, line := range past {
		f := strings.Fields(line)
		s := signOf(f[0])
		e, err := parseField(s, f[1]+" "+f[2], asMeasured)
		if err != nil {
			t.Fatal(err)
		}
		o := vital(t, fmt.Sprintf(`"id":"x","code":{"coding":[{"system":"http://loinc.org","code":%q}]},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"code":%q}`, s.loinc, f[3], e.value.number, e.value.unit))
		p.past = append(p.past, readingsOf(o)...)
	}
	return p
}

func TestDoubts(t *testing.T) {
	woman := []string{"weight 80.1 kg 2026-08-24", "height 165 cm 2026-08-24"}
	infant := []string{"weight 8.9 kg 2026-08-12", "height 74.3 cm 2026-08-12", "head 45.1 cm 2026-08-12"}
	for _, c := range []struct {
		name, born string
		past       []string
		line       string
		want       string // "" = no question; else part of it
		proposed   string
	}{
		{"all is well", "1968-07-14", woman, "bp 148/86 p 84 t 37.1 r 16 spo2 98 w 78.4 h 165 pain 3", "", ""},
		{"ten times", "1968-07-14", woman, "w 784", "ten times", "78.4 kg"}, {"a tenth", "1968-07-14", woman, "w 7.84", "a tenth", "78.4 kg"},
		{"pounds as kilograms", "1968-07-14", woman, "w 172.8", "pounds typed as kilograms", "172.8 lb"}, {"kilograms as pounds", "1968-07-14", woman, "w 78.4 lb", "kilograms typed as pounds", "78.4 kg"},
		{"pounds", "1968-07-14", woman, "w 172.8 lb", "", ""}, {"much less", "1968-07-14", woman, "w 62", "23 % less than 3 months before", ""}, {"a little less", "1968-07-14", woman, "w 72", "", ""},
		{"inches as centimetres", "1968-07-14", woman, "h 65", "inches typed as centimetres", "65 in"}, {"centimetres as inches", "1968-07-14", woman, "h 165 in", "centimetres typed as inches", "165 cm"},
		{"shrunk", "1968-07-14", woman, "h 158", "fallen by 7 cm", ""}, {"grown", "1968-07-14", woman, "h 170", "risen by 5 cm", ""}, {"metres", "1968-07-14", nil, "h 1.65", "far from what people have", ""},
		{"weight and height in each other's place", "1968-07-14", nil, "w 165 h 78", "far from what people have", "78 in"}, {"no body", "1968-07-14", nil, "w 250 h 150", "BMI of 111.11", ""},
		{"Fahrenheit as Celsius", "1968-07-14", nil, "t 98.6", "It may be °F", "98.6 °F"}, {"Celsius as Fahrenheit", "1968-07-14", nil, "t 37.1 F", "It may be °C", "37.1 °C"},
		{"a point lost", "1968-07-14", nil, "t 371", "far from", "37.1 °C"}, {"fever", "1968-07-14", nil, "t 40.2", "", ""}, {"cold", "1968-07-14", nil, "t 33.2", "far from", ""},
		{"pressures swapped", "1968-07-14", nil, "bp 82/128", "below the diastolic", "128/82"}, {"pressures alike", "1968-07-14", nil, "bp 100/100", "the same as", ""}, {"no such pressure", "1968-07-14", nil, "bp 1280/82", "far from", ""},
		{"pulse", "1968-07-14", nil, "p 720", "far from", "72 /min"}, {"respiration", "1968-07-14", nil, "r 160", "far from", "16 /min"}, {"saturation", "1968-07-14", nil, "spo2 9.8", "far from", "98 %"},
		{"first weight of an adult", "1968-07-14", nil, "w 78.4 lb", "", ""}, {"a child's weight for an adult", "1968-07-14", nil, "w 8.1", "far from", "81 kg"},
		{"infant", "2025-08-11", infant, "w 8.7 l 77.7 hc 45.8", "", ""}, {"infant's pounds", "2025-08-11", infant, "w 19.2", "pounds typed as kilograms", "19.2 lb"}, {"infant ten times", "2025-08-11", infant, "w 87", "ten times", "8.7 kg"},
		{"infant's inches", "2025-08-11", infant, "l 30.6", "inches typed as centimetres", "30.6 in"}, {"infant shrunk", "2025-08-11", infant, "l 71", "fallen by 3.3 cm", ""}, {"smaller head", "2025-08-11", infant, "hc 43.8", "smaller by 1.3 cm", ""},
		{"head", "2025-08-11", infant, "hc 58", "implausible", ""}, {"infant's first weight", "2025-08-11", nil, "w 87", "At this age (15 m 12 d) this is implausible", "8.7 kg"}, {"infant lost weight", "2025-08-11", infant, "w 7.5", "16 % less", ""},
		{"newborn in grams", "2026-11-22", nil, "w 3250 g", "", ""}, {"newborn's grams as kilograms", "2026-11-22", nil, "w 3250", "implausible", ""},
		{"grown since long ago", "2008-01-01", []string{"weight 30.2 kg 2018-01-10", "height 138 cm 2018-01-10"}, "w 68 h 180", "", ""},
		{"birth not known", "", woman, "w 784", "ten times", "78.4 kg"},
	} {
		entries, err := parseLine(c.line, asMeasured)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got := doubts(entries, known(t, c.born, growth.Female, c.past...))
		if c.want == "" {
			for _, q := range got {
				t.Errorf("%s: asks %q, proposes %q", c.name, q.asks(), q.proposed)
			}
			continue
		}
		found := false
		for _, q := range got {
			if strings.Contains(q.text, c.want) {
				found = true
				if q.proposed != c.proposed {
					t.Errorf("%s: proposes %q, want %q", c.name, q.proposed, c.proposed)
				}
			}
		}
		if !found {
			var asked []string
			for _, q := range got {
				asked = append(asked, q.asks())
			}
			t.Errorf("%s: asks %q, want %q", c.name, asked, c.want)
		}
	}
}

// The question says what there was before, and when.
func TestDoubtNamesThePreviousValue(t *testing.T) {
	entries, err := parseLine("w 784", asMeasured)
	if err != nil {
		t.Fatal(err)
	}
	got := doubts(entries, known(t, "1968-07-14", growth.Female, "weight 176 lb 2026-08-24", "weight 60 kg 2020-01-01"))
	if len(got) != 1 || got[0].asks() != "784 kg? This is about ten times the value before: the point may be in the wrong place. Before: 176 lb on 24-Aug-2026." {
		t.Errorf("%+v", got)
	}
}

// Whatever is proposed can be typed, is another value than the one that was, and raises no question of the same kind.
func TestProposalsAreSound(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := known(t, rapid.SampledFrom([]string{"1968-07-14", "2025-08-11", "2015-03-01", ""}).Draw(rt, "born"), growth.Female, rapid.SampledFrom([][]string{nil, {"weight 80.1 kg 2026-08-24", "height 165 cm 2026-08-24"}, {"weight 19.2 lb 2026-08-12", "height 74.3 cm 2026-08-12", "head 45.1 cm 2026-08-12"}}).Draw(rt, "past")...)
		s := rapid.SampledFrom(signs).Draw(rt, "sign")
		text := rapid.StringMatching(`[1-9][0-9]{0,3}(\.[0-9])?`).Draw(rt, "number")
		if s.name == bloodPressure {
			text += "/" + rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(rt, "low")
		}
		if u := rapid.SampledFrom(s.units).Draw(rt, "unit"); s.name != bloodPressure {
			text += " " + u.words[0]
		}
		e, err := parseField(&s, text, asMeasured)
		if err != nil {
			rt.Fatalf("%s %q: %v", s.name, text, err)
		}
		for _, q := range doubts([]entry{e}, p) {
			if q.text == "" || q.typed != e.String() {
				rt.Fatalf("%+v", q)
			}
			if q.proposed == "" {
				continue
			}
			again, err := parseField(q.sign, q.proposed, asMeasured)
			if err != nil || again.String() == e.String() {
				rt.Fatalf("%s: proposes %q: %v", q.typed, q.proposed, err)
			}
		}
	})
}

func TestBefore(t *testing.T) {
	p := known(t, "1968-07-14", growth.Female, "weight 90 kg 2026-12-01", "weight 80.1 kg 2026-08-24", "length 165 cm 2026-08-24")
	if got := p.before(weight); got != "80.1 kg on 24-Aug-2026" { // what was taken later is not before
		t.Errorf("%q", got)
	}
	if got := p.before(height); got != "165 cm on 24-Aug-2026" {
		t.Errorf("%q", got)
	}
	if got := p.before(pulse); got != "" {
		t.Errorf("%q", got)
	}
	p.past[1].struck = true
	if got := p.before(weight); got != "" {
		t.Errorf("struck: %q", got)
	}
}
