package drugs

import (
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

func builtin(t testing.TB) *Library {
	t.Helper()
	l, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestBuiltin(t *testing.T) {
	l := builtin(t)
	if len(l.Products) < 400 || len(l.Ingredients) < 500 || len(l.Rules.Interactions) < 60 {
		t.Errorf("%d products, %d ingredients, %d interactions", len(l.Products), len(l.Ingredients), len(l.Rules.Interactions))
	}
	for _, p := range l.Products {
		if found, ok := l.ByRxCUI(p.RxCUI); !ok || found != p {
			t.Errorf("%s is not found by its code", p.Name)
		}
		if m := l.Resolve(fhir.Concept(terms.RxNorm, p.RxCUI, p.Name)); m.Product != p || m.Conflict || m.ByName || len(m.Unknown) > 0 {
			t.Errorf("%s: %+v", p.Name, m)
		}
		for _, part := range p.Parts {
			if part.Amount == nil || part.Amount.Sign() <= 0 {
				t.Errorf("%s: strength of %s", p.Name, part.Precise)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	l := builtin(t)
	for _, c := range []struct{ code, label string }{
		{"314076", "lisinopril 10 mg tablet"},
		{"860975", "metformin 500 mg extended-release tablet"},
		{"966222", "levothyroxine 75 micrograms tablet"},
		{"1049625", "acetaminophen and oxycodone PERCOCET 325 mg and 10 mg tablet"},
		{"745679", "albuterol 90 micrograms/puff inhaler"},
		{"617993", "amoxicillin and clavulanate 120 mg/mL and 8.58 mg/mL oral suspension"},
		{"866412", "metoprolol succinate 100 mg extended-release tablet"},
		{"311041", "insulin glargine 100 units/mL injection"},
	} {
		p, ok := l.ByRxCUI(c.code)
		if !ok {
			t.Logf("%s is not in the starter set", c.code)
			continue
		}
		if p.Label() != c.label {
			t.Errorf("%s: %q, want %q", c.code, p.Label(), c.label)
		}
	}
}

func TestSearch(t *testing.T) {
	l := builtin(t)
	for _, c := range []struct{ typed, first string }{
		{"lisin", "lisinopril 2.5 mg tablet"},
		{"lisinopril 20", "lisinopril 20 mg tablet"},
		{"LISINOPRIL 20MG TAB", "lisinopril 20 mg tablet"},
		{"20 lisin", "lisinopril 20 mg tablet"},
		{"zestril 40", "lisinopril 40 mg tablet"},
		{"lisnopril 10", "lisinopril 10 mg tablet"}, // a letter missing
		{"atorvastatn 80", "atorvastatin 80 mg tablet"},
		{"metfromin", "metformin 500 mg extended-release tablet"}, // two exchanged
		{"amox clav 875", "amoxicillin and clavulanate 875 mg and 125 mg tablet"},
		{"lipitor 40", "atorvastatin 40 mg tablet"}, // the generic comes first
		{"januv", "sitagliptin 100 mg tablet"},
		{"linaglip", "linagliptin"}, // no product of it: the ingredient alone
		{"paracetamol 500", "acetaminophen 500 mg tablet"},
	} {
		hits := l.Search(c.typed, 5)
		if len(hits) == 0 {
			t.Errorf("%q: nothing", c.typed)
			continue
		}
		got := hits[0].Ingredient.Name
		if p := hits[0].Product; p != nil {
			got = p.Label()
		}
		if got != c.first {
			t.Errorf("%q: %q, want %q", c.typed, got, c.first)
		}
	}
	for _, nothing := range []string{"", "   ", "20 mg", "tablet", "xyzzyq"} {
		if hits := l.Search(nothing, 5); len(hits) > 0 {
			t.Errorf("%q finds %d", nothing, len(hits))
		}
	}
}

// A slip of one letter, the first apart, never hides a name of six letters or more.
func TestSearchForgives(t *testing.T) {
	l := builtin(t)
	var names []string
	for _, i := range l.Ingredients {
		if len(i.Name) >= 6 && !strings.ContainsAny(i.Name, " .'") {
			names = append(names, i.Name)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		at := rapid.IntRange(1, len(name)-1).Draw(t, "at")
		letter := string(rune('a' + rapid.IntRange(0, 25).Draw(t, "letter")))
		typed := name[:at] + letter + name[at+1:]
		if !slices.ContainsFunc(l.Search(typed, 1000), func(h Hit) bool { return strings.Contains(h.Ingredient.Name, name) || h.Product != nil }) {
			if len(l.Search(typed, 1000)) == 0 { // another name may begin like the slip; then it answers as typed
				t.Fatalf("%q (for %q) finds nothing", typed, name)
			}
		}
	})
}

func TestResolve(t *testing.T) {
	l := builtin(t)
	names := func(m Match) string {
		var out []string
		for _, i := range m.Ingredients {
			out = append(out, i.Name)
		}
		for _, c := range m.Classes {
			out = append(out, "@"+c.ID)
		}
		slices.Sort(out)
		return strings.Join(out, ",")
	}
	rx := func(code, display string) fhir.CodeableConcept {
		return fhir.Concept(terms.RxNorm, code, display)
	}
	text := func(s string) fhir.CodeableConcept { return fhir.CodeableConcept{Text: s} }
	for _, c := range []struct {
		what      string
		in        fhir.CodeableConcept
		want      string
		byName    bool
		conflict  bool
		unknown   int
		asAllergy bool
	}{
		{what: "product by code", in: rx("314076", ""), want: "lisinopril"},
		{what: "ingredient by code", in: rx("1191", "Aspirin"), want: "aspirin"},
		{what: "code that is not here, name by the pattern", in: rx("999999999", "lisinopril 15 MG Oral Tablet"), want: "lisinopril", byName: true},
		{what: "name by the pattern, one ingredient not known", in: text("lisinopril 15 MG / xyzzium 3 MG Oral Tablet"), want: "lisinopril", byName: true, unknown: 1},
		{what: "free text", in: text("Takes Lasix 40 once a day"), want: "furosemide", byName: true},
		{what: "brand of two", in: text("Percocet"), want: "acetaminophen,oxycodone", byName: true},
		{what: "code and name of different medicines", in: rx("1191", "Warfarin"), want: "aspirin,warfarin", conflict: true},
		{what: "salt", in: text("metoprolol succinate 25 MG Extended Release Oral Tablet"), want: "metoprolol", byName: true},
		{what: "nothing", in: text("herbal mixture"), want: ""},
		{what: "a class is no medicine", in: text("Penicillins"), want: ""},
		{what: "allergy to a class", in: text("Allergy to penicillin (finding)"), want: "@penicillin", byName: true, asAllergy: true},
		{what: "class code", in: rx("70618", "Penicillin"), want: "@penicillin", asAllergy: true},
		{what: "longest name", in: text("penicillin V"), want: "penicillin v", byName: true, asAllergy: true},
		{what: "sulfa", in: text("Sulfa drugs"), want: "@sulfonamide-antibiotic", byName: true, asAllergy: true},
		{what: "no medicine", in: text("House dust mite"), want: "", asAllergy: true},
		{what: "pack", in: text("{28 (norethindrone 0.35 MG Oral Tablet) } Pack [Camila 28 Day]"), want: "norethindrone", byName: true},
	} {
		m := l.Resolve(c.in)
		if c.asAllergy {
			m = l.Allergen(c.in)
		}
		if names(m) != c.want || m.ByName != c.byName || m.Conflict != c.conflict || len(m.Unknown) != c.unknown {
			t.Errorf("%s: %s, by name %t, conflict %t, unknown %q", c.what, names(m), m.ByName, m.Conflict, m.Unknown)
		}
	}
}

func TestSiblings(t *testing.T) {
	l := builtin(t)
	p, _ := l.ByRxCUI("314076")
	var got []string
	for _, s := range l.Siblings(p) {
		got = append(got, s.Strength())
	}
	if want := "2.5 mg,5 mg,10 mg,20 mg,30 mg,40 mg"; strings.Join(got, ",") != want {
		t.Errorf("strengths of lisinopril: %q, want %s", got, want)
	}
}

func TestNumber(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"1/2", "0.5"}, {"1", "1"}, {"50/10", "5"}, {"1000", "1,000"}, {"1234567", "1,234,567"}, {"1/3", "about 0.3333"}, {"12345/10", "1,234.5"}, {"-1000", "-1,000"}, {"100", "100"},
	} {
		r, _ := new(big.Rat).SetString(c.in)
		if got := Number(r); got != c.want {
			t.Errorf("%s: %q, want %q", c.in, got, c.want)
		}
	}
}

// A number never begins with its point and never ends in a zero after it.
func TestNumberIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := big.NewRat(rapid.Int64Range(0, 1e9).Draw(t, "n"), rapid.SampledFrom([]int64{1, 2, 4, 8, 5, 10, 100, 1000, 3, 7}).Draw(t, "d"))
		s := strings.TrimPrefix(Number(r), "about ")
		if s[0] == '.' || strings.Contains(s, ".") && s[len(s)-1] == '0' {
			t.Fatalf("%v is written %q", r, s)
		}
	})
}

func BenchmarkSearch(b *testing.B) {
	l := builtin(b)
	for b.Loop() {
		l.Search("metfromin 500", 10)
	}
}
