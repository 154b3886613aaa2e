package sig

import (
	"math/big"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
)

func rat(t testing.TB, s string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		t.Fatalf("%q is no number", s)
	}
	return r
}

func daily(n int) Frequency { return Frequency{Times: n, Every: 1, Period: "d"} }

func TestWords(t *testing.T) {
	mg := func(s string) Strength { return Strength{rat(t, s), "mg"} }
	for _, c := range []struct {
		sig  Sig
		want string
	}{
		{Sig{Low: rat(t, "1"), Unit: "tablet", Route: "oral", Frequency: daily(1), Strength: mg("100")}, "Take 1 tablet (100 mg) by mouth daily."},
		{Sig{Low: rat(t, "2"), Unit: "tablet", Route: "oral", Frequency: daily(2), Strength: mg("500")}, "Take 2 tablets (1,000 mg) by mouth twice daily."},
		{Sig{Low: rat(t, "1/2"), Unit: "tablet", Route: "oral", Frequency: daily(1), Strength: mg("25")}, "Take half a tablet (12.5 mg) by mouth daily."},
		{Sig{Low: rat(t, "1"), Unit: "tablet", Route: "oral", Frequency: Frequency{Times: 1, Every: 1, Period: "d", When: "MORN"}, Strength: mg("0.075"), Note: "on an empty stomach"}, "Take 1 tablet (75 micrograms) by mouth every morning. On an empty stomach."},
		{Sig{Low: rat(t, "2"), Unit: "puff", Route: "inhaled", Frequency: Frequency{Times: 1, Every: 4, EveryMax: 6, Period: "h"}, AsNeeded: true, Reason: "wheezing", MaxPerDay: rat(t, "12")}, "Inhale 2 puffs by mouth every 4 to 6 hours as needed for wheezing. No more than 12 puffs in 24 hours."},
		{Sig{Low: rat(t, "5.7"), Unit: "mL", Route: "oral", Frequency: daily(2), Days: 10}, "Take 5.7 mL by mouth twice daily for 10 days."},
		{Sig{Low: rat(t, "1"), High: rat(t, "2"), Unit: "tablet", Route: "oral", Frequency: Frequency{Times: 1, Every: 6, Period: "h"}, AsNeeded: true, Reason: "pain", Days: 1, Strength: mg("5")}, "Take 1 to 2 tablets (5 to 10 mg) by mouth every 6 hours as needed for pain for 1 day."},
		{Sig{Low: rat(t, "20"), Unit: "units", Route: "injection", Frequency: Frequency{Times: 1, Every: 1, Period: "d", When: "HS"}}, "Inject 20 units under the skin at bedtime."},
		{Sig{Low: rat(t, "1"), Unit: "patch", Route: "transdermal", Frequency: Frequency{Times: 1, Every: 72, Period: "h"}}, "Apply 1 patch to the skin every 72 hours."},
		{Sig{Low: rat(t, "0.25"), Unit: "mL", Route: "oral", Frequency: Frequency{Times: 1, Once: true}}, "Take 0.25 mL by mouth once."},
		{Sig{Low: rat(t, "1"), Unit: "tablet", Route: "oral", Frequency: Frequency{Times: 1, Every: 2, Period: "d"}}, "Take 1 tablet by mouth every other day."},
	} {
		if err := c.sig.Check(); err != nil {
			t.Errorf("%s: %v", c.want, err)
		}
		if got := c.sig.Words(); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

func TestParseFrequency(t *testing.T) {
	for in, want := range map[string]string{
		"QD": "daily", "bid": "twice daily", "TID": "3 times daily", "q8h": "every 8 hours", "q4-6h": "every 4 to 6 hours", "qod": "every other day", "QHS": "at bedtime", "nightly": "at bedtime", "Twice  Daily": "twice daily",
		"every 72 hours": "every 72 hours", "5 times daily": "5 times daily", "2 to 3 times daily": "2 to 3 times daily", "once": "once", "every 3 months": "every 3 months", "3 times each week": "3 times each week", "every 2 weeks": "every 2 weeks", "twice daily with meals": "2 times daily with meals",
	} {
		f, err := ParseFrequency(in)
		if err != nil || f.Words() != want {
			t.Errorf("%q: %q, %v; want %q", in, f.Words(), err, want)
		}
	}
	for _, in := range []string{"", "sometimes", "every 0 hours", "0 times daily", "every 8 to 6 hours"} {
		if f, err := ParseFrequency(in); err == nil {
			t.Errorf("%q is read as %+v", in, f)
		}
	}
}

func TestArithmetic(t *testing.T) {
	for _, c := range []struct {
		words    string
		perDay   string
		days     int
		quantity string // for days
		supply   string // this quantity ...
		lasts    int    // ... lasts so many days
	}{
		{"1 tablet by mouth daily", "1", 90, "90", "90", 90},
		{"2 tablets by mouth twice daily", "4", 30, "120", "100", 25},
		{"half a tablet by mouth daily", "1/2", 45, "23", "23", 46},
		{"1.5 tablets by mouth daily", "3/2", 7, "11", "11", 7},
		{"1 to 2 tablets by mouth every 4 to 6 hours as needed for pain", "12", 5, "60", "60", 5},
		{"1 to 2 tablets by mouth every 4 hours as needed. No more than 8 tablets in 24 hours.", "8", 3, "24", "24", 3},
		{"1 tablet by mouth every other day", "1/2", 30, "15", "15", 30},
		{"1 tablet by mouth weekly", "1/7", 84, "12", "12", 84},
		{"5.7 mL by mouth twice daily", "57/5", 10, "114", "114", 10},
		{"1 patch to the skin every 72 hours", "1/3", 30, "10", "10", 30},
		{"1 tablet by mouth with meals", "3", 30, "90", "90", 30},
	} {
		s, err := Parse(c.words)
		if err != nil {
			t.Errorf("%s: %v", c.words, err)
			continue
		}
		perDay, ok := s.PerDay()
		if !ok || perDay.Cmp(rat(t, c.perDay)) != 0 {
			t.Errorf("%s: %v a day, want %s", c.words, perDay, c.perDay)
		}
		if q, ok := s.Quantity(c.days); !ok || q.Cmp(rat(t, c.quantity)) != 0 {
			t.Errorf("%s for %d days: %v, want %s", c.words, c.days, q, c.quantity)
		}
		if d, ok := s.DaysSupply(rat(t, c.supply)); !ok || d != c.lasts {
			t.Errorf("%s of %s lasts %d days, want %d", c.supply, c.words, d, c.lasts)
		}
	}
	once, err := Parse("1 tablet by mouth once")
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := once.DaysSupply(rat(t, "1")); ok {
		t.Error("what is taken once has no days of supply")
	}
}

func TestByWeight(t *testing.T) {
	l, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	p, _, ok := l.Spell("ibuprofen 20 MG/ML Oral Suspension")
	if !ok {
		t.Fatal("not spelled")
	}
	w := ByWeight{PerKg: rat(t, "10"), Unit: "mg", Weight: rat(t, "18.2")}
	if w.Words() != "10 mg/kg × 18.2 kg = 182 mg" {
		t.Error(w.Words())
	}
	exact, rounded, ok := Measure(w.Dose(), "mg", p.Parts[0], rat(t, "0.1"))
	if !ok || exact.Cmp(rat(t, "9.1")) != 0 || rounded.Cmp(rat(t, "9.1")) != 0 {
		t.Errorf("%v, %v, %t", exact, rounded, ok)
	}
	if exact, rounded, ok = Measure(rat(t, "0.185"), "g", p.Parts[0], rat(t, "0.1")); !ok || exact.Cmp(rat(t, "9.25")) != 0 || rounded.Cmp(rat(t, "9.3")) != 0 {
		t.Errorf("%v, %v, %t", exact, rounded, ok)
	}
	if _, _, ok = Measure(rat(t, "1"), "units", p.Parts[0], rat(t, "0.1")); ok {
		t.Error("units were measured in mg")
	}
}

// drawn is any sig that a form can make.
func drawn(t *rapid.T) Sig {
	amounts := []string{"1", "2", "3", "1/2", "1/4", "3/2", "10"}
	unit := rapid.SampledFrom([]string{"tablet", "capsule", "mL", "mg", "micrograms", "puff", "drop", "units", "patch"}).Draw(t, "unit")
	if !whole[unit] {
		amounts = append(amounts, "5.7", "0.05", "1000", "1234.5", "1/8")
	}
	amount := func(name string) *big.Rat {
		r, _ := new(big.Rat).SetString(rapid.SampledFrom(amounts).Draw(t, name))
		return r
	}
	s := Sig{Low: amount("low"), Unit: unit, Route: rapid.SampledFrom(Routes()).Draw(t, "route")[0], Days: rapid.SampledFrom([]int{0, 0, 1, 10, 14}).Draw(t, "days")}
	if high := amount("high"); high.Cmp(s.Low) > 0 && rapid.Bool().Draw(t, "range") {
		s.High = high
	}
	f, err := ParseFrequency(rapid.SampledFrom(append(Offered(), "5 times daily", "2 to 3 times daily", "every 3 days", "twice daily with meals")).Draw(t, "frequency"))
	if err != nil {
		t.Fatal(err)
	}
	s.Frequency = f
	if s.AsNeeded = rapid.Bool().Draw(t, "as needed"); s.AsNeeded {
		s.Reason = rapid.SampledFrom([]string{"", "pain", "shortness of breath", "itching"}).Draw(t, "reason")
		if rapid.Bool().Draw(t, "most") {
			s.MaxPerDay = new(big.Rat).Mul(s.Low, big.NewRat(8, 1))
		}
	}
	s.Note = rapid.SampledFrom([]string{"", "with food", "do not drive", "évitez l’alcool"}).Draw(t, "note")
	return s
}

func same(a, b Sig) bool {
	eq := func(x, y *big.Rat) bool { return x == nil && y == nil || x != nil && y != nil && x.Cmp(y) == 0 }
	if !eq(a.Low, b.Low) || !eq(a.High, b.High) || !eq(a.MaxPerDay, b.MaxPerDay) {
		return false
	}
	a.Low, a.High, a.MaxPerDay, b.Low, b.High, b.MaxPerDay = nil, nil, nil, nil, nil, nil
	a.Strength, b.Strength = Strength{}, Strength{}
	return reflect.DeepEqual(a, b)
}

// What becomes a Dosage comes back the same, through its JSON.
func TestDosageAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		d, err := s.Dosage()
		if err != nil {
			t.Fatal(err)
		}
		r, err := fhir.Parse([]byte(`{"resourceType":"MedicationRequest","dosageInstruction":[` + string(d.AppendJSON(nil)) + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		v, err := fhir.View[struct {
			Dosage []fhir.Dosage `fhir:"dosageInstruction"`
		}](r)
		if err != nil {
			t.Fatal(err)
		}
		back, err := FromDosage(v.Dosage[0])
		if err != nil || !same(s, back) {
			t.Fatalf("%s\ncame back as\n%s\n%v\n%+v\n%+v", s.Words(), back.Words(), err, s, back)
		}
	})
}

// The sentence of the label comes back the same.
func TestWordsAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		back, err := Parse(s.Words())
		if err != nil || !same(s, back) {
			t.Fatalf("%q\ncame back as\n%q\n%v\n%+v\n%+v", s.Words(), back.Words(), err, s, back)
		}
	})
}

// barred are what must never be written: the do-not-use list, trailing zeros, numbers that begin with their point.
var barred = regexp.MustCompile(`\b(?:U|IU|QD|QOD|qd|qod|MS|MSO4|MgSO4)\b|[0-9]\.[0-9]*0\b|(?:^|[^0-9])\.[0-9]`)

func TestWordsAreSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawn(t)
		s.Strength = Strength{big.NewRat(rapid.Int64Range(1, 100000).Draw(t, "strength"), 1000), "mg"}
		words := s.Words()
		if m := barred.FindString(words); m != "" {
			t.Fatalf("%q holds %q", words, m)
		}
		if strings.Contains(words, "  ") {
			t.Fatalf("%q has two spaces", words)
		}
	})
}

func TestParseAmount(t *testing.T) {
	for _, bad := range []string{"", ".5", "1.", "-1", "1e3", "1,00", "1/0", "one", "1 000", "NaN"} {
		if r, err := ParseAmount(bad); err == nil {
			t.Errorf("%q is read as %v", bad, r)
		}
	}
	for in, want := range map[string]string{"0.5": "1/2", "1,000": "1000", "1/2": "1/2", "72.50": "145/2"} {
		if r, err := ParseAmount(in); err != nil || r.Cmp(rat(t, want)) != 0 {
			t.Errorf("%q: %v, %v", in, r, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("Take 1 tablet (100 mg) by mouth daily.")
	f.Add("1 to 2 puffs by mouth every 4 to 6 hours as needed for wheezing for 3 days. No more than 8 puffs in 24 hours. Rinse the mouth.")
	f.Fuzz(func(t *testing.T, words string) {
		s, err := Parse(words)
		if err != nil {
			return
		}
		if s.Check() != nil {
			t.Fatalf("%q is read as what cannot be carried out", words)
		}
		if _, err := s.Dosage(); err != nil && !strings.Contains(err.Error(), "decimals") {
			t.Fatalf("%q: %v", words, err)
		}
	})
}

func TestSurplus(t *testing.T) {
	const words = "Take 1 capsule (20 mg) by mouth every morning."
	for _, c := range []struct {
		text, note string
		differs    bool
	}{
		{"Take 1 capsule (20 mg) by mouth every morning.", "", false},
		{"Take 1 capsule by mouth once every morning", "", false},
		{"TAKE 1 CAPSULE BY MOUTH EVERY MORNING BEFORE BREAKFAST", "BEFORE BREAKFAST", false},
		{"Take 1 capsule (20 mg) by mouth every morning, with a full glass of water.", "with a full glass of water", false},
		{"Take 2 capsules by mouth every morning", "", true},
		{"Take 1 capsule by mouth every morning, then 2 capsules", "", true},
		{"Take 1 capsule every morning and 1 at night", "", true},
		{"Take one capsule by mouth every morning; may repeat after 2 hours", "may repeat after 2 hours", false},
		{"", "", false},
	} {
		if note, differs := Surplus(c.text, words); note != c.note || differs != c.differs {
			t.Errorf("%q: %q %v", c.text, note, differs)
		}
	}
}

func TestRoutesOfOtherSystems(t *testing.T) {
	for _, c := range []struct {
		concept fhir.CodeableConcept
		want    string
	}{
		{fhir.Concept("http://snomed.info/sct", "26643006", ""), "oral"}, {fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", "PO", "Swallow, oral"), "oral"},
		{fhir.Concept("http://ncimeta.nci.nih.gov", "C38288", "Oral"), "oral"}, {fhir.Concept("http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl", "C38288", "ORAL"), "oral"}, {fhir.CodeableConcept{Text: "by mouth"}, "oral"}, {fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", "SQ", ""), "injection"},
		{fhir.CodeableConcept{Text: "through the ceiling"}, ""}, {fhir.Concept("urn:x", "PO", "by mouth"), ""},
	} {
		if got := routeOf(c.concept); got != c.want {
			t.Errorf("%+v: %q, want %q", c.concept, got, c.want)
		}
	}
}
