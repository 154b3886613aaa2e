package forecast

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEmbeddedTableReads(t *testing.T) {
	s, err := parse(table)
	if err != nil {
		t.Fatal(err)
	}
	if s.Version == "" || len(s.antigens) < 30 || len(s.Groups) < 26 || len(s.vaccines) < 200 || len(s.observations) < 270 {
		t.Errorf("%s: %d antigens, %d groups, %d vaccines, %d observations", s.Version, len(s.antigens), len(s.Groups), len(s.vaccines), len(s.observations))
	}
	for _, a := range s.antigens {
		if len(a.series) == 0 {
			t.Errorf("%s has no series", a.name)
		}
		if !slices.ContainsFunc(s.Groups, func(g Group) bool { return slices.Contains(g.Antigens, a.name) }) {
			t.Errorf("%s is in no vaccine group", a.name)
		}
		for _, p := range a.series {
			for i, d := range p.doses {
				if d.number != i+1 {
					t.Errorf("%s: dose %d is numbered %d", p.name, i+1, d.number)
				}
				if len(d.preferable) == 0 && len(d.allowed) == 0 {
					t.Errorf("%s dose %d: no vaccine", p.name, d.number)
				}
			}
		}
	}
}

func TestDamagedTable(t *testing.T) {
	for _, text := range []string{"dose\t1\n", "series\tX\n", "antigen\tX\nseries\tX\tX\tOther\n", "if\tAge\n", "version\t1\nage\t5 moons\n", "antigen\tX\nof\t08\n", "nonsense\n", "antigen\tX\nnever\t007\t\t\t9\n"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q reads", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("antigen\tX\nseries\tX\tX\tRisk\t\t\t\t1\t\tA\t1\ndose\t1\nage\t6 weeks\nskip\tBoth\tOR\nset\tAND\nif\tAge\t\t\t1 year\n")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = parse(text) }) // it reads or fails, it never panics
}

func day(t *testing.T, s string) Date {
	t.Helper()
	d, err := ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// find is the forecast of a group by age.
func find(r Report, group string, kind Kind) (GroupForecast, bool) {
	i := slices.IndexFunc(r.Groups, func(g GroupForecast) bool { return g.Group == group && g.Kind == kind })
	if i < 0 {
		return GroupForecast{}, false
	}
	return r.Groups[i], true
}

func TestWithoutBirth(t *testing.T) {
	r := CDC().Forecast(Patient{Doses: []Dose{{CVX: "03", Given: day(t, "2020-01-01")}}}, day(t, "2026-11-24"))
	if len(r.Groups) != 0 {
		t.Errorf("a forecast without a day of birth: %+v", r.Groups)
	}
}

// A dose whose vaccine is not known is told and counts for nothing; one given later than the day is left out.
func TestUnknownAndFutureDoses(t *testing.T) {
	p := Patient{Birth: day(t, "2025-01-01"), Doses: []Dose{{ID: "a", CVX: "9999", Given: day(t, "2026-01-10")}, {ID: "b", CVX: "03", Given: day(t, "2026-12-01")}}}
	r := CDC().Forecast(p, day(t, "2026-11-24"))
	if len(r.Unknown) != 1 || r.Unknown[0].ID != "a" || len(r.Doses) != 0 {
		t.Errorf("%+v, %+v", r.Unknown, r.Doses)
	}
	if g, ok := find(r, "MMR", Standard); !ok || g.DoseNumber != 1 || !g.Due(r.On) {
		t.Errorf("MMR: %+v", g)
	}
}

func TestConditions(t *testing.T) {
	birth, on := day(t, "2025-01-01"), day(t, "2026-11-24")
	mmr := func(d Dose) Evaluation {
		d.CVX, d.Given = "03", day(t, "2026-02-01")
		g, _ := find(CDC().Forecast(Patient{Birth: birth, Doses: []Dose{d}}, on), "MMR", Standard)
		return g.Evaluations[0]
	}
	if e := mmr(Dose{}); e.Status != Valid || e.Number != 1 {
		t.Errorf("a good dose: %+v", e)
	}
	if e := mmr(Dose{LotExpires: day(t, "2026-01-31")}); e.Status != SubStandard || e.Reasons[0].Code != LotExpired {
		t.Errorf("an expired lot: %+v", e)
	}
	if e := mmr(Dose{LotExpires: day(t, "2026-02-01")}); e.Status != Valid {
		t.Errorf("a lot on its last day: %+v", e)
	}
	if e := mmr(Dose{Flawed: true}); e.Status != SubStandard || e.Reasons[0].Code != DoseFlawed {
		t.Errorf("a flawed dose: %+v", e)
	}
}

func TestContraindicationsImmunityAndRisk(t *testing.T) {
	on := day(t, "2026-11-24")
	with := func(birth string, codes ...string) Report {
		p := Patient{Birth: day(t, birth), Gender: Female}
		for _, c := range codes {
			p.Observations = append(p.Observations, Observation{Code: c})
		}
		return CDC().Forecast(p, on)
	}
	status := func(r Report, group string, want Status) {
		t.Helper()
		if g, ok := find(r, group, Standard); !ok || g.Status != want {
			t.Errorf("%s: %s, want %s", group, statusNames[g.Status], statusNames[want])
		}
	}
	status(with("1990-05-05"), "MMR", NotComplete)
	status(with("1990-05-05", "007"), "MMR", Contraindicated)       // pregnant
	status(with("1990-05-05", "007"), "Varicella", Contraindicated) // pregnant
	status(with("1990-05-05", "020", "021", "022"), "MMR", Immune)
	status(with("1950-05-05"), "MMR", Immune)
	status(with("1950-05-05", "055"), "MMR", NotComplete) // health care personnel
	if _, ok := find(with("1990-05-05"), "Meningococcal B", Risk); ok {
		t.Error("a risk series without the risk")
	}
	if g, ok := find(with("1990-05-05", "160"), "Meningococcal B", Risk); !ok || !g.Due(on) || len(g.Because) != 1 {
		t.Errorf("asplenia: %+v", g)
	}
}

// history draws a patient with doses of any vaccine at any time.
func history(t *rapid.T) Patient {
	s := CDC()
	var cvx, codes []string
	for code := range s.vaccines {
		cvx = append(cvx, code)
	}
	for code := range s.observations {
		codes = append(codes, code)
	}
	slices.Sort(cvx)
	slices.Sort(codes)
	birth := NewDate(2026, 11, 24) - Date(rapid.IntRange(0, 90*365).Draw(t, "age"))
	p := Patient{Birth: birth, Gender: rapid.SampledFrom([]Gender{Female, Male, ""}).Draw(t, "gender")}
	for range rapid.IntRange(0, 12).Draw(t, "doses") {
		p.Doses = append(p.Doses, Dose{CVX: rapid.SampledFrom(cvx).Draw(t, "cvx"), Given: birth + Date(rapid.IntRange(-5, 6000).Draw(t, "given"))})
	}
	for range rapid.IntRange(0, 4).Draw(t, "observations") {
		p.Observations = append(p.Observations, Observation{Code: rapid.SampledFrom(codes).Draw(t, "code")})
	}
	return p
}

func TestProperties(t *testing.T) {
	on := NewDate(2026, 11, 24)
	rapid.Check(t, func(t *rapid.T) {
		p := history(t)
		before := slices.Clone(p.Doses)
		r := CDC().Forecast(p, on)
		if !slices.Equal(before, p.Doses) {
			t.Fatal("the caller's doses were moved")
		}
		if !reflect.DeepEqual(r, CDC().Forecast(p, on)) {
			t.Fatal("the same patient has two forecasts")
		}
		slices.Reverse(p.Doses)
		for _, g := range r.Groups {
			if g.Status != NotComplete {
				if g.Earliest != 0 || g.Recommended != 0 || g.PastDue != 0 || g.DoseNumber != 0 {
					t.Fatalf("%s is %s and has dates: %+v", g.Group, statusNames[g.Status], g)
				}
				if len(g.Reasons) == 0 {
					t.Fatalf("%s: no reason", g.Group)
				}
				continue
			}
			if g.Earliest == 0 || g.Recommended < g.Earliest || g.PastDue != 0 && g.PastDue < g.Earliest || g.DoseNumber < 1 || len(g.Reasons) == 0 {
				t.Fatalf("%+v", g)
			}
			for _, reason := range g.Reasons {
				if reason.Words(Date.String) == "" {
					t.Fatalf("%s: a reason without words: %+v", g.Group, reason)
				}
			}
			for _, e := range g.Evaluations {
				if e.Status == NotEvaluated || e.Status != Valid && len(e.Reasons) == 0 || e.Status == Valid && e.Number < 1 {
					t.Fatalf("%s: %+v", g.Group, e)
				}
				for _, reason := range e.Reasons {
					if reason.Words(Date.String) == "" {
						t.Fatalf("%s: a reason without words: %+v", g.Group, reason)
					}
				}
			}
		}
	})
}

// BenchmarkForecast is a child of five with 25 doses, for all groups.
func BenchmarkForecast(b *testing.B) {
	s := CDC()
	birth := NewDate(2021, 6, 1)
	p := Patient{Birth: birth, Gender: Female}
	for _, visit := range []struct {
		days int
		cvx  []string
	}{{0, []string{"08"}}, {61, []string{"110", "48", "133", "116"}}, {122, []string{"110", "48", "133", "116"}}, {183, []string{"110", "48", "133", "116", "150"}}, {215, []string{"150"}},
		{372, []string{"03", "21", "83", "133", "48"}}, {470, []string{"20", "150"}}, {560, []string{"83"}}, {1480, []string{"130", "94"}}} {
		for _, cvx := range visit.cvx {
			p.Doses = append(p.Doses, Dose{CVX: cvx, Given: birth + Date(visit.days)})
		}
	}
	b.ReportMetric(float64(len(p.Doses)), "doses")
	b.ReportAllocs()
	for b.Loop() {
		s.Forecast(p, NewDate(2026, 11, 24))
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := parse(table); err != nil {
			b.Fatal(err)
		}
	}
}

// After a live vaccine another live one waits; influenza, of which there are vaccines that are not live, does not.
func TestLiveVaccineBefore(t *testing.T) {
	on := day(t, "2025-11-10")
	p := Patient{Birth: day(t, "2021-05-01"), Doses: []Dose{{CVX: "03", Given: day(t, "2025-11-01")}}}
	r := CDC().Forecast(p, on)
	if g, _ := find(r, "Varicella", Standard); g.Earliest != day(t, "2025-11-29") || g.Due(on) {
		t.Errorf("varicella from %s", g.Earliest)
	}
	if g, _ := find(r, "Influenza", Standard); g.Earliest != day(t, "2025-07-01") || !g.Due(on) {
		t.Errorf("influenza from %s", g.Earliest)
	}
}

// A vaccine that is recommended by name, given on the day for which it is recommended, is a valid dose.
func TestWhatIsRecommendedIsValid(t *testing.T) {
	on := NewDate(2025, 11, 24) // within the seasons of the supporting data
	given := 0
	rapid.Check(t, func(t *rapid.T) {
		p := history(t)
		p.Doses = slices.DeleteFunc(p.Doses, func(d Dose) bool { return d.Given > on })
		if p.Birth > on {
			return
		}
		for _, g := range CDC().Forecast(p, on).Groups {
			at := max(g.Recommended, on)
			if g.Status != NotComplete || at > on+400 {
				continue
			}
			for _, cvx := range g.Vaccines {
				then := p
				then.Doses = append(slices.Clone(p.Doses), Dose{ID: "new", CVX: cvx, Given: at})
				r, valid := CDC().Forecast(then, at), false
				for _, after := range r.Groups {
					for _, e := range after.Evaluations {
						valid = valid || after.Group == g.Group && r.Doses[e.Dose].ID == "new" && e.Status == Valid
					}
				}
				if given++; !valid {
					t.Fatalf("%s: CVX %s was recommended for %s, dose %d of %q, and is not valid", g.Group, cvx, at, g.DoseNumber, g.Series)
				}
			}
		}
	})
	if given == 0 {
		t.Error("nothing was recommended to anybody")
	}
}
