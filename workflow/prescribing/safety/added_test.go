package safety

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/drugs"
)

func set(t *testing.T, text string) *drugs.Added {
	t.Helper()
	a, err := drugs.ReadAdded(strings.NewReader(text), drugs.Added{Title: "House list", Version: "2026-08", Date: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAddedRules: what a practice adds is found, with its own source, and a set that cannot be read leaves no check looking passed.
func TestAddedRules(t *testing.T) {
	l, err := drugs.With(
		set(t, "id,severity,side_a,side_b,effect,advice\n7,stop,lisinopril,atorvastatin,a house rule,Ask the pharmacist.\n"),
		set(t, "class,name,members,recorded_as,cross_severity\nhouse-class,house medicine,lisinopril;amlodipine,House medicines,stop\n"),
		set(t, "ingredient,route,from_years,below_years,most_at_once,most_in_period,unit,period\nlisinopril,oral,18,,5,5,mg,day\n"),
	)
	if err != nil {
		t.Fatal(err)
	}
	c := checker(t)
	c.Drugs = l
	p := c.patient()
	p.Allergies, p.AllergyState = []Allergy{c.allergy("amlodipine, angioedema, severe")}, Known
	p.Medicines = []Medicine{c.medicine(t, "atorvastatin 40 MG Oral Tablet: 1 tablet by mouth daily")}
	r := c.Check(p, []Order{{Medicine: c.medicine(t, "lisinopril 10 MG Oral Tablet: 1 tablet by mouth daily")}})
	var b strings.Builder
	write(&b, r)
	for _, want := range []string{
		"STOP     Interactions atorvastatin: a house rule. Ask the pharmacist. [house-list-interactions.7, House list]",
		"STOP     Allergies    amlodipine allergy (angioedema): lisinopril is another house medicine. [allergy/cross-house-class, House list]",
		"STOP     Dose         lisinopril 10 mg at once is more than 5 mg. [dose/house-list-doses.lisinopril-oral-18, House list]",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("without %q:\n%s", want, b.String())
		}
	}
	found := false
	for _, s := range r.Sources {
		found = found || s.Title == "House list" && s.Version == "2026-08" && s.Age(p.Now) > 0
	}
	if !found {
		t.Errorf("the source is not among %+v", r.Sources)
	}
	broken := *checker(t).Drugs
	broken.Broken = []drugs.Broken{{ID: "house-list-interactions", Kind: drugs.KindInteractions, Why: "cut off"}}
	c.Drugs = &broken
	r = c.Check(c.patient(), []Order{{Medicine: c.medicine(t, "lisinopril 10 MG Oral Tablet: 1 tablet by mouth daily")}})
	b.Reset()
	write(&b, r)
	if got := b.String(); !strings.Contains(got, "UNKNOWN  Interactions The rules house-list-interactions were added here and cannot be read: they were not applied.") || strings.Contains(got, "passed   Interactions") || !strings.Contains(got, "passed   Duplicates") {
		t.Error(got)
	}
}
