package synthetic

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// lives makes the patients of a practice without writing them.
func lives(t *testing.T, n int, seed uint64) []*patient {
	t.Helper()
	w := newPractice(Options{Patients: n, Seed: seed})
	list := make([]*patient, n)
	for k := range list {
		list[k] = w.patient(k)
	}
	return list
}

func TestPeopleDiffer(t *testing.T) {
	people := lives(t, 900, 15)
	count := map[string]int{}
	for _, p := range people {
		age := p.age(p.today)
		name := p.identity.given + " " + p.family
		note := func(what string, is bool) {
			if is {
				count[what]++
			}
		}
		note("newborns", age == 0)
		note("older than 90", age > 90)
		note("women", p.female)
		note("accents", plainLetters(name) != name)
		note("apostrophes", strings.Contains(name, "'"))
		note("hyphens", strings.Contains(p.family, "-"))
		note("two family names", strings.Contains(p.family, " "))
		note("preferred names", p.preferred != "")
		note("dead", p.death != never)
		note("second registrations", p.twin >= 0)
		note("interpreters", p.interpreter)
		note("no known allergies", p.nothing)
		note("allergies", len(p.allergies) > 0)
		note("allergies not recorded", !p.nothing && len(p.allergies) == 0)
		note("self-payers", p.payer == nil)
		note("race declined", p.races[0] == raceDeclined)
		note("non-binary", p.gender == nonBinaryIdentity)
		note("pregnancies", len(p.births) > 0)
		note("implants", len(p.devices) > 0)
		for _, d := range p.doses {
			note("refused vaccines", d.refused)
		}
	}
	for what, least := range map[string]int{"newborns": 5, "older than 90": 3, "women": 350, "accents": 60, "apostrophes": 5, "hyphens": 10, "two family names": 10, "preferred names": 20, "dead": 5,
		"second registrations": 5, "interpreters": 20, "no known allergies": 300, "allergies": 200, "allergies not recorded": 40, "self-payers": 10, "race declined": 10, "non-binary": 1,
		"pregnancies": 10, "implants": 3, "refused vaccines": 50} {
		if count[what] < least {
			t.Errorf("%s: %d of %d patients, want %d or more", what, count[what], len(people), least)
		}
	}
}

// The second registration of a patient is alike, but not the same.
func TestSecondRegistrations(t *testing.T) {
	w := newPractice(Options{Patients: 2000, Seed: 3})
	for k := range 2000 {
		id := w.identityOf(k)
		if id.twin < 0 {
			continue
		}
		first := w.identityOf(id.twin)
		if id.mrn == first.mrn {
			t.Errorf("patient %d has the record number of %d", k, id.twin)
		}
		if id.birth == first.birth && id.given == first.given && id.family == first.family && id.line == first.line && id.mobile == first.mobile {
			t.Errorf("patient %d is the same as %d in all", k, id.twin)
		}
		if id.birth != first.birth && (id.given != first.given || id.family != first.family) {
			t.Errorf("patient %d is not like %d", k, id.twin)
		}
	}
}

func TestRecordNumbersAreUnique(t *testing.T) {
	w := newPractice(Options{Patients: 1, NoCast: true})
	seen := map[string]int{}
	for k := range 30_000 {
		mrn := w.identityOf(k).mrn
		if other, ok := seen[mrn]; ok {
			t.Fatalf("patients %d and %d share %s", other, k, mrn)
		}
		seen[mrn] = k
	}
}

// Nobody is prescribed what they are allergic to, and nobody with kidney disease an NSAID.
func TestPrescriptionsAreSafe(t *testing.T) {
	checked := 0
	for _, p := range lives(t, 700, 4) {
		for _, r := range p.medicines {
			for _, a := range p.allergies {
				if a.kind.class != noClass {
					checked++
				}
				if a.kind.class != noClass && a.kind.class == r.drug.class {
					t.Errorf("patient %d is allergic to %s and gets %s", p.k, a.kind.name, r.drug.name)
				}
			}
			if r.drug.class == nsaidClass && r.drug != aspirin81 && p.has(kidneyDisease, p.last) != nil {
				t.Errorf("patient %d has kidney disease and gets %s", p.k, r.drug.name)
			}
		}
	}
	if checked < 200 {
		t.Errorf("only %d prescriptions of allergic patients", checked)
	}
}

// figures are a patient's measured values of an analyte, in order of time.
func figures(p *patient, a analyte) (values []float64, on []day) {
	samples := slices.Clone(p.samples)
	slices.SortStableFunc(samples, func(x, y *sample) int { return int(x.at.day - y.at.day) })
	for _, s := range samples {
		for _, r := range s.results {
			for i, m := range r.panel.members {
				if m == a && i < len(r.values) {
					values, on = append(values, r.values[i]), append(on, s.at.day)
				}
			}
		}
	}
	return values, on
}

// Treatment shows in the figures: HbA1c falls after metformin, LDL after a statin, TSH after levothyroxine.
func TestTreatmentWorks(t *testing.T) {
	people := lives(t, 2500, 8)
	for _, c := range []struct {
		is    illness
		a     analyte
		least float64
	}{{diabetes, hba1c, 0.4}, {hyperlipidemia, ldl, 15}, {hypothyroidism, tsh, 3}, {ironDeficiency, hemoglobin, -0.8}} {
		n, fall := 0, 0.0
		for _, p := range people {
			ill := (*condition)(nil)
			for _, x := range p.conditions {
				if x.is == c.is && !x.acute {
					ill = x
				}
			}
			if ill == nil || ill.onset < p.since || ill.recorded == 0 || ill.rung == 0 {
				continue
			}
			values, on := figures(p, c.a)
			before, after := math.NaN(), math.NaN()
			for i := range values {
				switch {
				case on[i] <= ill.recorded:
					before = values[i]
				case on[i] > ill.recorded+100:
					after = values[i]
				}
			}
			if !math.IsNaN(before - after) {
				n++
				fall += before - after
			}
		}
		if n < 8 {
			t.Errorf("%s: only %d patients", tests[c.a].short, n)
			continue
		}
		mean := fall / float64(n)
		if c.least > 0 && mean < c.least || c.least < 0 && mean > c.least {
			t.Errorf("%s changes by %.2f on average in %d patients, want a fall of %.2f", tests[c.a].short, -mean, n, c.least)
		}
	}
}

// What follows from other figures agrees with them.
func TestFiguresAgree(t *testing.T) {
	for _, p := range lives(t, 300, 6) {
		for _, s := range p.samples {
			for _, r := range s.results {
				value := map[analyte]float64{}
				for i, m := range r.panel.members {
					if i < len(r.values) {
						value[m] = r.values[i]
					}
				}
				if p.part != nil || p.age(s.at.day) < 18 {
					continue
				}
				if c, ok := value[creatinine]; ok {
					if want := min(glomerularFiltration(c, p.age(s.at.day), p.female), 130); value[egfr] != want {
						t.Errorf("patient %d: creatinine %.2f gives an eGFR of %.0f, not %.0f", p.k, c, want, value[egfr])
					}
				}
				if c, ok := value[cholesterol]; ok {
					if want := value[ldl] + value[hdl] + value[triglycerides]/5; math.Abs(c-want) > 1 {
						t.Errorf("patient %d: cholesterol %.0f, its parts sum to %.0f", p.k, c, want)
					}
				}
				if h, ok := value[hematocrit]; ok && math.Abs(h/value[hemoglobin]-3) > 0.45 {
					t.Errorf("patient %d: hematocrit %.1f with hemoglobin %.1f", p.k, h, value[hemoglobin])
				}
			}
		}
	}
}

// Children grow along their percentiles.
func TestChildrenGrow(t *testing.T) {
	children := 0
	for _, p := range lives(t, 400, 10) {
		if !p.child(p.today) || p.part != nil {
			continue
		}
		children++
		tallest := 0.0
		for _, v := range p.visits {
			if v.vitals.height == 0 {
				continue
			}
			if v.vitals.height < tallest-1.5 {
				t.Errorf("patient %d shrinks to %.1f cm at %d months", p.k, v.vitals.height, p.birth.months(v.at.day))
			}
			tallest = max(tallest, v.vitals.height)
			months := p.ageMonths(v.at.day)
			z := reference(heightForAge[sexIndex(p.female)], months).percentile(v.vitals.height)
			if z < 0.05 || z > 99.95 {
				t.Errorf("patient %d is at the %.2fth percentile of height at %.0f months", p.k, z, months)
			}
		}
	}
	if children < 60 {
		t.Errorf("only %d children", children)
	}
}

// Vaccines are given in order, at sensible ages, and not twice.
func TestVaccineSeries(t *testing.T) {
	for _, p := range lives(t, 300, 13) {
		for i := range childSeries {
			s := &childSeries[i]
			n, _ := p.count(s)
			if n > len(s.months) && s.name != "Tdap" { // which is given again in each pregnancy
				t.Errorf("patient %d has %d doses of %s, of %d", p.k, n, s.name, len(s.months))
			}
		}
		seasons := map[int]int{}
		for _, d := range p.doses {
			if y, ok := season(d.on.day); ok && d.vaccine.seasonal() {
				if seasons[y]++; seasons[y] > 1 {
					t.Errorf("patient %d is offered the influenza vaccine of %d twice", p.k, y)
				}
			}
			if d.on.day < p.birth {
				t.Errorf("patient %d has a dose of %s before birth", p.k, d.vaccine.name)
			}
		}
	}
}

func TestDays(t *testing.T) {
	for _, c := range []struct {
		y, m, d int
		weekday int
		human   string
	}{{2026, 11, 23, 1, "23-Nov-2026"}, {2000, 2, 29, 2, "29-Feb-2000"}, {1929, 1, 1, 2, "01-Jan-1929"}, {1970, 1, 1, 4, "01-Jan-1970"}} {
		on := dayOf(c.y, c.m, c.d)
		if y, m, d := on.date(); y != c.y || m != c.m || d != c.d {
			t.Errorf("%v comes back as %d-%d-%d", c, y, m, d)
		}
		if on.human() != c.human {
			t.Errorf("%s is written %s", c.human, on.human())
		}
		if on >= 0 && on.weekday() != c.weekday {
			t.Errorf("%s falls on weekday %d", c.human, on.weekday())
		}
	}
	birth := dayOf(2020, 2, 29)
	if a, b := birth.years(dayOf(2021, 2, 28)), birth.years(dayOf(2021, 3, 1)); a != 0 || b != 1 {
		t.Errorf("born on 29 February: %d the day before, %d the day after", a, b)
	}
}

func TestDoseInstructions(t *testing.T) {
	for _, c := range []struct {
		d    *drug
		s    sig
		want string
	}{
		{metformin1000, twiceDaily.with("with meals"), "Take 1 tablet (1,000 mg) by mouth twice daily with meals."},
		{amoxicillinSusp, twiceDaily.take(7.5).course(10), "Take 7.5 mL (600 mg) by mouth twice daily for 10 days."},
		{albuterol, everySix.take(2).prn("for wheezing"), "Inhale 2 puffs every 6 hours as needed for wheezing."},
		{triamcinolone, twiceDaily.with("to the rash"), "Apply a thin layer on the skin twice daily to the rash."},
		{glargine, nightly.take(18), "Inject 18 units under the skin at bedtime."},
		{fluticasoneNas, daily.take(2), "Use 2 sprays in each nostril once daily."},
	} {
		if got := c.d.instructions(c.s); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
