package safety

import (
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/workflow/prescribing/sig"
)

var update = flag.Bool("update", false, "write the golden files anew")

var now = time.Date(2026, 11, 23, 10, 44, 0, 0, time.UTC)

func checker(t testing.TB) *Checker {
	t.Helper()
	l, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return &Checker{Drugs: l}
}

// medicine is one by its RxNorm name, with its sig after a colon.
func (c *Checker) medicine(t testing.TB, text string) Medicine {
	t.Helper()
	name, directions, _ := strings.Cut(text, ": ")
	m := Medicine{ID: name, Name: name, Match: c.Drugs.Resolve(fhir.CodeableConcept{Text: name})}
	for _, p := range c.Drugs.Products {
		if strings.EqualFold(p.Name, name) {
			m.Match = c.Drugs.Resolve(fhir.Concept(terms.RxNorm, p.RxCUI, p.Name))
		}
	}
	if m.Match.ByName && m.Match.Product == nil && m.Match.Form != (drugs.Form{}) {
		if p, unknown, ok := c.Drugs.Spell(name); ok && len(unknown) == 0 {
			m.Match.Product, m.Match.ByName = p, false
		}
	}
	if directions != "" {
		s, err := sig.Parse(directions)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		m.Sig = &s
	}
	return m
}

// allergy is one by its name, with its reaction and how grave it was after commas.
func (c *Checker) allergy(text string) Allergy {
	f := append(strings.Split(text, ", "), "", "")
	a := Allergy{Name: f[0], Reaction: f[1], Severity: f[2], Match: c.Drugs.Allergen(fhir.CodeableConcept{Text: f[0]})}
	a.Match.ByName = false
	if f[1] == "food" {
		a.NotMedicine, a.Reaction = true, ""
	}
	return a
}

// patient is a woman of 58 of whom everything is known, and nothing is wrong.
func (c *Checker) patient() Patient {
	at := now.AddDate(0, 0, -3)
	return Patient{
		Now: now, Born: time.Date(1968, 7, 14, 0, 0, 0, 0, time.UTC), Sex: "female", AllergyState: NoneKnown,
		Weight: &Measure{big.NewRat(70, 1), at}, EGFR: &Measure{big.NewRat(92, 1), at}, Creatinine: &Measure{big.NewRat(7, 10), at},
	}
}

type given struct {
	name      string
	order     string
	allergies []string
	medicines []string
	problems  []string
	change    func(*Patient)
	tuning    Tuning
}

func (g given) report(t testing.TB) Report {
	t.Helper()
	c := checker(t)
	c.Tuning = g.tuning
	p := c.patient()
	for _, a := range g.allergies {
		p.Allergies = append(p.Allergies, c.allergy(a))
		p.AllergyState = Known
	}
	for _, m := range g.medicines {
		p.Medicines = append(p.Medicines, c.medicine(t, m))
	}
	for _, problem := range g.problems {
		name, code, _ := strings.Cut(problem, "|")
		pr := Problem{Name: name}
		if code != "" {
			pr.ICD10 = []string{code}
		}
		p.Problems = append(p.Problems, pr)
	}
	if g.change != nil {
		g.change(&p)
	}
	var orders []Order
	for o := range strings.SplitSeq(g.order, " + ") {
		orders = append(orders, Order{Medicine: c.medicine(t, o)})
	}
	return c.Check(p, orders)
}

func write(b *strings.Builder, r Report) {
	for _, f := range r.Findings {
		fmt.Fprintf(b, "%-8s %-12s %s [%s, %s]\n", strings.ToUpper(f.Severity.String()), f.Check, f.Line(), f.Rule, f.Source.Title)
	}
	for _, g := range r.Gaps {
		fmt.Fprintf(b, "%-8s %-12s %s\n", "UNKNOWN", g.Check, g.Text)
	}
	for _, f := range r.Off {
		fmt.Fprintf(b, "%-8s %-12s %s [%s]\n", "OFF", f.Check, f.Line(), f.Rule)
	}
	for _, p := range r.Passed {
		fmt.Fprintf(b, "%-8s %-12s %s (%s)\n", "passed", p.Check, p.Text, p.Detail)
	}
}

func born(year, month, day int) func(*Patient) {
	return func(p *Patient) { p.Born = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC) }
}

// TestText holds every sentence to what stands in the golden file.
func TestText(t *testing.T) {
	const daily = ": 1 tablet by mouth daily"
	cases := []given{
		{name: "nothing is wrong", order: "lisinopril 10 MG Oral Tablet" + daily, medicines: []string{"atorvastatin 40 MG Oral Tablet" + daily}, allergies: []string{"Latex, hives, mild", "Penicillin, anaphylaxis, severe"}[1:], problems: []string{"Hypertension|I10"}},
		{name: "the same ingredient", order: "lisinopril 10 MG Oral Tablet" + daily, allergies: []string{"lisinopril, angioedema, severe"}},
		{name: "the same ingredient, mildly", order: "lisinopril 10 MG Oral Tablet" + daily, allergies: []string{"lisinopril, cough, mild"}},
		{name: "a class", order: "Amoxicillin 250 MG Oral Capsule: 2 capsules by mouth 3 times daily", allergies: []string{"Penicillin, anaphylaxis, severe"}},
		{name: "reaction not recorded", order: "Amoxicillin 250 MG Oral Capsule: 2 capsules by mouth 3 times daily", allergies: []string{"Penicillin"}},
		{name: "like side chain", order: "cephalexin 500 MG Oral Capsule: 1 capsule by mouth 4 times daily", allergies: []string{"amoxicillin, hives, moderate", "ampicillin, anaphylaxis, severe"}},
		{name: "other side chain", order: "cefdinir 300 MG Oral Capsule: 1 capsule by mouth twice daily", allergies: []string{"amoxicillin, anaphylaxis, severe"}},
		{name: "penicillin of which kind", order: "cephalexin 500 MG Oral Capsule: 1 capsule by mouth 4 times daily", allergies: []string{"Penicillin, rash, mild"}},
		{name: "ceftazidime and aztreonam", order: "Aztreonam 2000 MG Injection", allergies: []string{"ceftazidime, anaphylaxis, severe"}},
		{name: "sulfonamide that is no antibiotic", order: "Hydrochlorothiazide 25 MG Oral Tablet" + daily, allergies: []string{"Sulfa drugs, rash, mild"}},
		{name: "aspirin and ibuprofen", order: "Ibuprofen 200 MG Oral Tablet: 2 tablets by mouth 3 times daily", allergies: []string{"aspirin, bronchospasm, severe"}},
		{name: "no medicine", order: "lisinopril 10 MG Oral Tablet" + daily, allergies: []string{"Peanut, food", "Bee venom"}},
		{name: "allergies not recorded", order: "lisinopril 10 MG Oral Tablet" + daily, change: func(p *Patient) { p.AllergyState = NotRecorded }},
		{name: "allergies not readable", order: "lisinopril 10 MG Oral Tablet" + daily, change: func(p *Patient) { p.AllergyState = Unavailable }},
		{name: "ONC high priority", order: "simvastatin 20 MG Oral Tablet" + daily, medicines: []string{"clarithromycin 500 MG Oral Tablet"}},
		{name: "QT twice", order: "citalopram 20 MG Oral Tablet" + daily, medicines: []string{"azithromycin 250 MG Oral Tablet"}},
		{name: "warfarin", order: "Warfarin Sodium 5 MG Oral Tablet" + daily, medicines: []string{"Naproxen 500 MG Oral Tablet", "sulfamethoxazole 800 MG / trimethoprim 160 MG Oral Tablet"}},
		{name: "minor interaction", order: "atenolol 50 MG Oral Tablet" + daily, medicines: []string{"sertraline 100 MG Oral Tablet"}},
		{name: "used locally", order: "Hydrocortisone 10 MG/ML Topical Cream: 1 application on the skin twice daily", medicines: []string{"Warfarin Sodium 5 MG Oral Tablet", "predniSONE 20 MG Oral Tablet"}},
		{name: "medicine not known", order: "lisinopril 10 MG Oral Tablet" + daily, medicines: []string{"Kava root"}},
		{name: "order not known", order: "Kava root"},
		{name: "the same twice", order: "lisinopril 20 MG Oral Tablet" + daily, medicines: []string{"lisinopril 10 MG Oral Tablet" + daily}},
		{name: "the same class", order: "atorvastatin 40 MG Oral Tablet" + daily, medicines: []string{"Simvastatin 20 MG Oral Tablet" + daily}},
		{name: "ACE inhibitor and ARB", order: "losartan potassium 50 MG Oral Tablet" + daily, medicines: []string{"lisinopril 10 MG Oral Tablet" + daily}},
		{name: "two orders", order: "sertraline 100 MG Oral Tablet" + daily + " + tramadol hydrochloride 50 MG Oral Tablet: 1 tablet by mouth every 6 hours as needed for pain"},
		{name: "too much at once and in a day", order: "Acetaminophen 500 MG Oral Tablet: 3 tablets by mouth every 6 hours"},
		{name: "too much together", order: "Acetaminophen 500 MG Oral Tablet: 2 tablets by mouth 3 times daily", medicines: []string{"Acetaminophen 325 MG / oxyCODONE Hydrochloride 5 MG Oral Tablet: 1 tablet by mouth every 4 hours as needed for pain"}},
		{name: "methotrexate by the day", order: "Methotrexate 2.5 MG Oral Tablet: 6 tablets by mouth daily"},
		{name: "methotrexate by the week", order: "Methotrexate 2.5 MG Oral Tablet: 6 tablets by mouth weekly"},
		{name: "child by weight", order: "ibuprofen 20 MG/ML Oral Suspension: 10 mL by mouth every 6 hours as needed for fever", change: func(p *Patient) {
			born(2024, 5, 1)(p)
			p.Weight = &Measure{big.NewRat(121, 10), now.AddDate(0, 0, -5)}
		}},
		{name: "child without weight", order: "ibuprofen 20 MG/ML Oral Suspension: 5 mL by mouth every 6 hours as needed for fever", change: func(p *Patient) { born(2024, 5, 1)(p); p.Weight = nil }},
		{name: "child with an old weight", order: "ibuprofen 20 MG/ML Oral Suspension: 5 mL by mouth every 6 hours as needed for fever", change: func(p *Patient) {
			born(2024, 5, 1)(p)
			p.Weight = &Measure{big.NewRat(121, 10), now.AddDate(0, 0, -200)}
		}},
		{name: "no sig", order: "lisinopril 10 MG Oral Tablet"},
		{name: "no largest dose known", order: "Galantamine 4 MG Oral Tablet: 1 tablet by mouth twice daily"},
		{name: "kidneys", order: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet: 2 tablets by mouth daily", change: func(p *Patient) { p.EGFR.Value = big.NewRat(299, 10) }},
		{name: "kidneys, in between", order: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet: 2 tablets by mouth daily", change: func(p *Patient) { p.EGFR.Value = big.NewRat(40, 1) }},
		{name: "kidneys, from creatinine", order: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet: 2 tablets by mouth daily", change: func(p *Patient) { p.EGFR = nil; p.Creatinine.Value = big.NewRat(21, 10) }},
		{name: "kidneys, clearance", order: "gabapentin 300 MG Oral Capsule: 1 capsule by mouth 3 times daily", change: func(p *Patient) { p.Creatinine.Value = big.NewRat(2, 1) }},
		{name: "kidneys, clearance without weight", order: "gabapentin 300 MG Oral Capsule: 1 capsule by mouth 3 times daily", change: func(p *Patient) { p.Weight = nil }},
		{name: "kidneys, nothing known", order: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet: 2 tablets by mouth daily", change: func(p *Patient) { p.EGFR, p.Creatinine = nil, nil }},
		{name: "kidneys, old", order: "24 HR Metformin hydrochloride 500 MG Extended Release Oral Tablet: 2 tablets by mouth daily", change: func(p *Patient) { p.EGFR.At = now.AddDate(-2, 0, 0); p.Creatinine = nil }},
		{name: "pregnant", order: "lisinopril 10 MG Oral Tablet" + daily, change: func(p *Patient) {
			born(1996, 2, 3)(p)
			p.Pregnant, p.PregnantAt = Yes, now.AddDate(0, -1, 0)
		}},
		{name: "pregnancy not recorded", order: "lisinopril 10 MG Oral Tablet" + daily, change: born(1996, 2, 3)},
		{name: "not pregnant", order: "lisinopril 10 MG Oral Tablet" + daily, change: func(p *Patient) { born(1996, 2, 3)(p); p.Pregnant, p.PregnantAt = No, now.AddDate(0, 0, -7) }},
		{name: "old age", order: "diphenhydrAMINE Hydrochloride 25 MG Oral Tablet: 1 tablet by mouth at bedtime", change: born(1945, 1, 1)},
		{name: "codeine for a child", order: "Acetaminophen 300 MG / Codeine Phosphate 15 MG Oral Tablet: 1 tablet by mouth every 6 hours", change: func(p *Patient) {
			born(2018, 1, 1)(p)
			p.Weight = &Measure{big.NewRat(25, 1), now.AddDate(0, 0, -1)}
		}},
		{name: "birth date not known", order: "diphenhydrAMINE Hydrochloride 25 MG Oral Tablet: 1 tablet by mouth at bedtime", change: func(p *Patient) { p.Born = time.Time{} }},
		{name: "conditions", order: "propranolol hydrochloride 10 MG Oral Tablet: 1 tablet by mouth twice daily", problems: []string{"Asthma, mild persistent|J45.30", "Childhood asthma (disorder)", ""}},
		{name: "eye drops", order: "timolol 5 MG/ML Ophthalmic Solution: 1 drop in the eye twice daily", problems: []string{"Asthma|J45.909"}},
		{name: "ointment", order: "Testosterone 10 MG/ML Topical Gel: 1 application on the skin daily", change: func(p *Patient) { born(1996, 2, 3)(p); p.Pregnant, p.PregnantAt = Yes, now }},
		{name: "tuned", order: "citalopram 20 MG Oral Tablet" + daily, medicines: []string{"azithromycin 250 MG Oral Tablet"}, tuning: Tuning{"onc-21": Off}},
		{name: "switched off", order: "lisinopril 10 MG Oral Tablet" + daily, medicines: []string{"lisinopril 10 MG Oral Tablet" + daily, "losartan potassium 50 MG Oral Tablet" + daily}, tuning: Tuning{"duplicate/same": Passive, "duplicate/raas": Off}},
		{name: "made to interrupt", order: "lisinopril 10 MG Oral Tablet" + daily, medicines: []string{"losartan potassium 50 MG Oral Tablet" + daily}, tuning: Tuning{"duplicate/raas": Interruptive}},
		{name: "not read", order: "lisinopril 10 MG Oral Tablet" + daily, change: func(p *Patient) {
			p.Unread = map[Check][]string{Interactions: {"The medicines could not be read."}}
		}},
	}
	var b strings.Builder
	for _, g := range cases {
		fmt.Fprintf(&b, "# %s\norder %s\n", g.name, g.order)
		for _, a := range g.allergies {
			fmt.Fprintf(&b, "allergy %s\n", a)
		}
		for _, m := range g.medicines {
			fmt.Fprintf(&b, "takes %s\n", m)
		}
		write(&b, g.report(t))
		b.WriteString("\n")
	}
	golden := filepath.Join("testdata", "text.golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range max(len(g), len(w)) {
			if i >= len(g) || i >= len(w) || g[i] != w[i] {
				t.Fatalf("line %d differs:\n got %s\nwant %s\n(go test -update writes the file anew)", i+1, at(g, i), at(w, i))
			}
		}
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// drawnPatient is anybody, taking anything.
func drawnPatient(t *rapid.T, c *Checker) Patient {
	p := c.patient()
	p.Born = now.AddDate(-rapid.IntRange(0, 100).Draw(t, "years"), -rapid.IntRange(0, 11).Draw(t, "months"), 0)
	if rapid.IntRange(0, 9).Draw(t, "birth date") == 0 {
		p.Born = time.Time{}
	}
	p.Sex = rapid.SampledFrom([]string{"female", "male", "other", ""}).Draw(t, "sex")
	p.Pregnant = State(rapid.IntRange(0, 2).Draw(t, "pregnant"))
	p.PregnantAt = now.AddDate(0, 0, -rapid.IntRange(0, 200).Draw(t, "pregnancy asked"))
	p.EGFR.Value = big.NewRat(rapid.Int64Range(1, 120).Draw(t, "eGFR"), 1)
	p.Creatinine.Value = big.NewRat(rapid.Int64Range(1, 90).Draw(t, "creatinine"), 10)
	for _, drop := range []**Measure{&p.Weight, &p.EGFR, &p.Creatinine} {
		if rapid.IntRange(0, 3).Draw(t, "missing") == 0 {
			*drop = nil
		}
	}
	p.AllergyState = AllergyState(rapid.IntRange(0, 3).Draw(t, "state of allergies"))
	for range rapid.IntRange(0, 3).Draw(t, "allergies") {
		p.Allergies = append(p.Allergies, drawnAllergy(t, c))
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "medicines") {
		p.Medicines = append(p.Medicines, drawnMedicine(t, c, fmt.Sprint(i)))
	}
	return p
}

func drawnAllergy(t *rapid.T, c *Checker) Allergy {
	i := rapid.SampledFrom(c.Drugs.Ingredients).Draw(t, "allergen")
	name := rapid.SampledFrom([]string{i.Name, i.Name, "Penicillins", "Sulfa", "NSAIDs", "Bee venom"}).Draw(t, "recorded as")
	a := c.allergy(name + ", " + rapid.SampledFrom([]string{"", "rash"}).Draw(t, "reaction") + ", " + rapid.SampledFrom([]string{"", "mild", "severe"}).Draw(t, "severity"))
	a.Intolerance = rapid.Bool().Draw(t, "intolerance")
	return a
}

func drawnMedicine(t *rapid.T, c *Checker, id string) Medicine {
	if rapid.IntRange(0, 9).Draw(t, "unknown") == 0 {
		return Medicine{ID: id, Name: "Kava root"}
	}
	p := rapid.SampledFrom(c.Drugs.Products).Draw(t, "product")
	m := Medicine{ID: id, Name: p.Name, Match: c.Drugs.Resolve(fhir.Concept(terms.RxNorm, p.RxCUI, p.Name))}
	if rapid.Bool().Draw(t, "has a sig") && p.Form.Unit != "" {
		m.Sig = &sig.Sig{Low: big.NewRat(rapid.Int64Range(1, 8).Draw(t, "dose"), 1), Unit: p.Form.Unit, Route: p.Form.Route, Frequency: sig.Frequency{Times: rapid.IntRange(1, 4).Draw(t, "times"), Every: 1, Period: "d"}}
	}
	return m
}

func keys(r Report) map[string]drugs.Severity {
	out := map[string]drugs.Severity{}
	for _, f := range r.Findings {
		out[f.Key()] = f.Severity
	}
	return out
}

// More knowledge of the patient never takes a finding away, and never makes one weigh less.
func TestMoreNeverHidesFindings(t *testing.T) {
	c := checker(t)
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPatient(t, c)
		orders := []Order{{Medicine: drawnMedicine(t, c, "order")}}
		before := keys(c.Check(p, orders))
		more := p
		more.Allergies, more.Medicines, more.Problems = slices.Clone(p.Allergies), slices.Clone(p.Medicines), slices.Clone(p.Problems)
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			more.Allergies = append(more.Allergies, drawnAllergy(t, c))
		case 1:
			more.Medicines = append(more.Medicines, drawnMedicine(t, c, "more"))
		case 2:
			more.Problems = append(more.Problems, Problem{Name: "Heart failure", ICD10: []string{"I50.9"}})
		}
		after := keys(c.Check(more, orders))
		for k, s := range before {
			if after[k] < s {
				t.Fatalf("%s was %s and is %s", k, s, after[k])
			}
		}
	})
}

// The order of lists does not matter.
func TestOrderDoesNotMatter(t *testing.T) {
	c := checker(t)
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPatient(t, c)
		orders := []Order{{Medicine: drawnMedicine(t, c, "order")}}
		before := keys(c.Check(p, orders))
		turned := p
		turned.Allergies, turned.Medicines = slices.Clone(p.Allergies), slices.Clone(p.Medicines)
		slices.Reverse(turned.Allergies)
		slices.Reverse(turned.Medicines)
		after := keys(c.Check(turned, orders))
		if len(before) != len(after) {
			t.Fatalf("%v\n%v", before, after)
		}
		for k, s := range before {
			if after[k] != s {
				t.Fatalf("%s was %s and is %s", k, s, after[k])
			}
		}
	})
}

// A check of an order found something, passed, or says why it did not run: it is never silent.
func TestEveryCheckSpeaks(t *testing.T) {
	c := checker(t)
	rapid.Check(t, func(t *rapid.T) {
		p := drawnPatient(t, c)
		orders := []Order{{Medicine: drawnMedicine(t, c, "order")}}
		r := c.Check(p, orders)
		for _, check := range Checks {
			found := slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Check == check })
			gap := slices.ContainsFunc(r.Gaps, func(g Gap) bool { return g.Check == check })
			passed := slices.ContainsFunc(r.Passed, func(p Passed) bool { return p.Check == check })
			if !found && !gap && !passed {
				t.Fatalf("%s of %s says nothing", check, orders[0].Name)
			}
			if passed && (gap || found) {
				t.Fatalf("%s of %s passed, though something is missing or was found", check, orders[0].Name)
			}
		}
		for _, f := range r.Findings {
			if f.Source.Title == "" || f.Text == "" || f.Rule == "" || f.Severity == 0 {
				t.Fatalf("%+v is not whole", f)
			}
		}
	})
}

// An interaction is found from both sides.
func TestInteractionsHaveTwoSides(t *testing.T) {
	c := checker(t)
	rapid.Check(t, func(t *rapid.T) {
		p := c.patient()
		a, b := drawnMedicine(t, c, "a"), drawnMedicine(t, c, "b")
		rules := func(order, taken Medicine) []string {
			q := p
			q.Medicines = []Medicine{taken}
			var out []string
			for _, f := range c.Check(q, []Order{{Medicine: order}}).Findings {
				if f.Check == Interactions {
					out = append(out, f.Rule+f.Severity.String())
				}
			}
			slices.Sort(out)
			return out
		}
		if x, y := rules(a, b), rules(b, a); !slices.Equal(x, y) {
			t.Fatalf("%s with %s: %v, and the other way round %v", a.Name, b.Name, x, y)
		}
	})
}

// A replaced medicine is not taken any more.
func TestReplaces(t *testing.T) {
	c := checker(t)
	p := c.patient()
	old := c.medicine(t, "lisinopril 10 MG Oral Tablet: 1 tablet by mouth daily")
	p.Medicines = []Medicine{old}
	order := Order{Medicine: c.medicine(t, "lisinopril 20 MG Oral Tablet: 1 tablet by mouth daily"), Replaces: old.ID}
	if r := c.Check(p, []Order{order}); len(r.Findings) > 0 {
		t.Errorf("%+v", r.Findings)
	}
}

// BenchmarkCheck is a patient of 30 medicines and 20 allergies, and one order; the budget is 50 ms at the 95th percentile.
func BenchmarkCheck(b *testing.B) {
	c := checker(b)
	p := c.patient()
	p.AllergyState = Known
	for i := range 30 {
		product := c.Drugs.Products[i*13%len(c.Drugs.Products)]
		p.Medicines = append(p.Medicines, Medicine{ID: product.RxCUI, Name: product.Name, Match: c.Drugs.Resolve(fhir.Concept(terms.RxNorm, product.RxCUI, product.Name))})
	}
	for i := range 20 {
		p.Allergies = append(p.Allergies, c.allergy(c.Drugs.Ingredients[i*25].Name))
	}
	order := []Order{{Medicine: c.medicine(b, "Warfarin Sodium 5 MG Oral Tablet: 1 tablet by mouth daily")}}
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		c.Check(p, order)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds()), "p95-µs")
}
