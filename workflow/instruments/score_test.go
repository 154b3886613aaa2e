package instruments

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/web/facts"
)

func TestViews(t *testing.T) {
	viewcheck.Resource[view](t, "Questionnaire")
	viewcheck.Resource[response](t, "QuestionnaireResponse")
	viewcheck.Resource[written](t, "QuestionnaireResponse")
	viewcheck.Resource[struckResponse](t, "QuestionnaireResponse")
	viewcheck.Resource[observation](t, "Observation")
	viewcheck.Resource[struckObservation](t, "Observation")
	viewcheck.Resource[kept](t, "Observation")
	viewcheck.Resource[asker](t, "Patient")
	viewcheck.Resource[openVisit](t, "Encounter")
}

func instrument(t *testing.T, id string) *questionnaire {
	t.Helper()
	all, err := builtins()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		if q.ID == id {
			return q
		}
	}
	t.Fatalf("there is no %s", id)
	return nil
}

// picked answers the questions that count, in order, by points: "0 3 - 1", "-" is no answer.
func picked(t *testing.T, q *questionnaire, points string) answers {
	t.Helper()
	a := answers{}
	var counted []*item
	for _, it := range q.all() {
		if it.scored() {
			counted = append(counted, it)
		}
	}
	given := strings.Fields(points)
	if len(given) != len(counted) {
		t.Fatalf("%s has %d questions that count, %q answers %d", q.ID, len(counted), points, len(given))
	}
	for i, it := range counted {
		for _, o := range it.AnswerOption {
			if n, _ := o.points(); n.String() == given[i] {
				a[it.LinkID] = []fhir.Choice{o.Value}
			}
		}
		if given[i] != "-" && a[it.LinkID] == nil {
			t.Fatalf("%s has no answer of %s points", it.LinkID, given[i])
		}
	}
	return a
}

func TestScores(t *testing.T) {
	for _, c := range []struct {
		form, points, sex string
		want              int // -1 = no score
		band              string
	}{
		{"phq-2", "0 0", "", 0, "Negative screen"},
		{"phq-2", "1 1", "", 2, "Negative screen"},
		{"phq-2", "3 0", "", 3, "Positive screen: ask the PHQ-9"},
		{"phq-2", "3 3", "", 6, "Positive screen: ask the PHQ-9"},
		{"phq-2", "3 -", "", -1, "No score: one question is not answered: Feeling down, depressed, or hopeless."},
		{"phq-9", "0 0 0 0 0 0 0 0 0", "", 0, "Minimal"},
		{"phq-9", "1 1 1 1 0 0 0 0 0", "", 4, "Minimal"},
		{"phq-9", "1 1 1 1 1 0 0 0 0", "", 5, "Mild"},
		{"phq-9", "3 3 3 0 0 0 0 0 0", "", 9, "Mild"},
		{"phq-9", "3 3 3 1 0 0 0 0 0", "", 10, "Moderate"},
		{"phq-9", "3 3 3 3 2 0 0 0 0", "", 14, "Moderate"},
		{"phq-9", "3 3 3 3 3 0 0 0 0", "", 15, "Moderately severe"},
		{"phq-9", "3 3 3 3 3 3 1 0 0", "", 19, "Moderately severe"},
		{"phq-9", "3 3 3 3 3 3 2 0 0", "", 20, "Severe"},
		{"phq-9", "3 3 3 3 3 3 3 3 3", "", 27, "Severe"},
		{"phq-9", "3 3 3 3 3 3 3 3 -", "", -1, "No score: one question is not answered: Thoughts that you would be better off dead or of hurting yourself in some way."},
		{"phq-9", "- - - - - - - - -", "", -1, "No score: nine questions are not answered."},
		{"gad-7", "0 0 0 0 0 0 0", "", 0, "Minimal"},
		{"gad-7", "1 1 1 1 0 0 0", "", 4, "Minimal"},
		{"gad-7", "1 1 1 1 1 0 0", "", 5, "Mild"},
		{"gad-7", "3 3 3 1 0 0 0", "", 10, "Moderate"},
		{"gad-7", "3 3 3 3 2 0 0", "", 14, "Moderate"},
		{"gad-7", "3 3 3 3 3 0 0", "", 15, "Severe"},
		{"gad-7", "3 3 3 3 3 3 3", "", 21, "Severe"},
		{"gad-7", "- 3 3 3 3 3 -", "", -1, "No score: two questions are not answered."},
		{"audit-c", "0 - -", "male", 0, "Negative screen"}, // who never drinks is not asked more
		{"audit-c", "0 4 4", "male", 0, "Negative screen"}, // and what was answered before does not count
		{"audit-c", "1 0 0", "female", 1, "Negative screen"},
		{"audit-c", "1 1 1", "female", 3, "Positive screen"},
		{"audit-c", "1 1 1", "male", 3, "Negative screen"},
		{"audit-c", "1 1 1", "other", 3, "Positive for women; for men from 4"},
		{"audit-c", "2 1 1", "male", 4, "Positive screen"},
		{"audit-c", "2 1 1", "", 4, "Positive screen"},
		{"audit-c", "4 4 4", "male", 12, "Positive screen"},
		{"audit-c", "2 - 1", "male", -1, "No score: one question is not answered: How many standard drinks containing alcohol do you have on a typical day."},
		{"audit-c", "- - -", "male", -1, "No score: one question is not answered: How often do you have a drink containing alcohol."},
		{"pain", "0", "", 0, "No pain"},
		{"pain", "4", "", 4, "Mild"},
		{"pain", "5", "", 5, "Moderate"},
		{"pain", "7", "", 7, "Severe"},
		{"pain", "10", "", 10, "Severe"},
		{"pain", "-", "", -1, "No score: one question is not answered: How strong is the pain now, from 0 (no pain) to 10 (the worst pain imaginable)."},
	} {
		q := instrument(t, c.form)
		s, ok := q.score(picked(t, q, c.points), person{sex: c.sex, age: 40})
		switch {
		case !ok:
			t.Errorf("%s has no score", c.form)
		case c.want < 0 && (s.complete || s.why() != c.band):
			t.Errorf("%s %s: score %d, %q, want %q", c.form, c.points, s.value, s.why(), c.band)
		case c.want >= 0 && (!s.complete || s.value != c.want || s.band.label != c.band):
			t.Errorf("%s %s %s: score %d %q (%s), want %d %q", c.form, c.points, c.sex, s.value, s.band.label, s.why(), c.want, c.band)
		}
		if s.source == "" || s.most == 0 {
			t.Errorf("%s does not say where its bands come from, or how high it goes", c.form)
		}
	}
}

// Every score that an instrument can have lies in exactly one band for each sex, and the highest is what it says.
func TestBandsHaveNoHoles(t *testing.T) {
	all, err := builtins()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		for _, it := range q.all() {
			e, ok := fhir.FindExtension(it.Extension, scoreURL)
			if !ok {
				continue
			}
			var s score
			s.read(e)
			top := 0
			for _, it := range q.all() {
				best := 0
				for _, o := range it.AnswerOption {
					if n, ok := o.points(); ok {
						v, _ := n.Int64()
						best = max(best, int(v))
					}
				}
				top += best
			}
			if q.ID != "news2" && top != s.most {
				t.Errorf("%s goes to %d, and says %d", q.ID, top, s.most)
			}
			for _, sex := range []string{"male", "female", "other", ""} {
				for n := 0; n <= s.most; n++ {
					if b := bandOf(e, n, sex); b.label == "" || b.interpretation == "" {
						t.Errorf("%s: %d of %q has no band", q.ID, n, sex)
					}
				}
				if b := bandOf(e, s.most+1, sex); b.label != "" {
					t.Errorf("%s: %d is beyond what there is, and is %q", q.ID, s.most+1, b.label)
				}
			}
		}
	}
}

// news answers NEWS2 in one line: respiration, saturation with "2" for scale 2, "o" for oxygen or "a" for air, systolic, pulse, first
// letter of ACVPU, temperature; "-" is no answer.
func news(t *testing.T, line string) answers {
	t.Helper()
	w := strings.Fields(line)
	if len(w) != 7 {
		t.Fatalf("%q", line)
	}
	a := answers{}
	number := func(link, text string) {
		if text == "-" {
			return
		}
		d, err := fhir.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		a[link] = []fhir.Choice{fhir.ChoiceOf(d)}
	}
	number("respiration", w[0])
	spo2, scale2 := strings.CutSuffix(w[1], "/2")
	number("saturation", spo2)
	if scale2 {
		a["scale2"] = []fhir.Choice{fhir.ChoiceOf(true)}
	}
	if w[2] != "-" {
		a["oxygen"] = []fhir.Choice{fhir.ChoiceOf(w[2] == "o")}
	}
	number("systolic", w[3])
	number("pulse", w[4])
	if w[5] != "-" {
		for _, o := range instrument(t, "news2").find("consciousness").AnswerOption {
			if strings.HasPrefix(strings.TrimPrefix(tokenOf(o), "https://osler.example/fhir/CodeSystem/score|acvpu-"), w[5]) {
				a["consciousness"] = []fhir.Choice{o.Value}
			}
		}
	}
	number("temperature", w[6])
	return a
}

func TestNEWS2(t *testing.T) {
	q := instrument(t, "news2")
	const risk3 = "Low to medium: one sign scores 3, urgent review on the ward"
	for _, c := range []struct {
		line string
		want int
		band string
	}{
		{"16 97 a 120 70 a 37.0", 0, "Low"},
		{"3 70 o 50 30 u 34.0", 20, "High: emergency response"}, // all signs at their worst: 3+3+2+3+3+3+3
		// the edges of each table
		{"8 97 a 120 70 a 37.0", 3, risk3}, {"9 97 a 120 70 a 37.0", 1, "Low"}, {"11 97 a 120 70 a 37.0", 1, "Low"}, {"12 97 a 120 70 a 37.0", 0, "Low"},
		{"20 97 a 120 70 a 37.0", 0, "Low"}, {"21 97 a 120 70 a 37.0", 2, "Low"}, {"24 97 a 120 70 a 37.0", 2, "Low"}, {"25 97 a 120 70 a 37.0", 3, risk3},
		{"16 91 a 120 70 a 37.0", 3, risk3}, {"16 92 a 120 70 a 37.0", 2, "Low"}, {"16 93 a 120 70 a 37.0", 2, "Low"}, {"16 94 a 120 70 a 37.0", 1, "Low"},
		{"16 95 a 120 70 a 37.0", 1, "Low"}, {"16 96 a 120 70 a 37.0", 0, "Low"},
		{"16 83/2 a 120 70 a 37.0", 3, risk3}, {"16 84/2 a 120 70 a 37.0", 2, "Low"}, {"16 85/2 a 120 70 a 37.0", 2, "Low"}, {"16 86/2 a 120 70 a 37.0", 1, "Low"},
		{"16 87/2 a 120 70 a 37.0", 1, "Low"}, {"16 88/2 a 120 70 a 37.0", 0, "Low"}, {"16 92/2 a 120 70 a 37.0", 0, "Low"}, {"16 98/2 a 120 70 a 37.0", 0, "Low"},
		{"16 92/2 o 120 70 a 37.0", 2, "Low"}, {"16 93/2 o 120 70 a 37.0", 3, "Low"}, {"16 94/2 o 120 70 a 37.0", 3, "Low"}, {"16 95/2 o 120 70 a 37.0", 4, "Low"},
		{"16 96/2 o 120 70 a 37.0", 4, "Low"}, {"16 97/2 o 120 70 a 37.0", 5, "Medium: urgent response"},
		{"16 97 o 120 70 a 37.0", 2, "Low"},
		{"16 97 a 90 70 a 37.0", 3, risk3}, {"16 97 a 91 70 a 37.0", 2, "Low"}, {"16 97 a 100 70 a 37.0", 2, "Low"}, {"16 97 a 101 70 a 37.0", 1, "Low"},
		{"16 97 a 110 70 a 37.0", 1, "Low"}, {"16 97 a 111 70 a 37.0", 0, "Low"}, {"16 97 a 219 70 a 37.0", 0, "Low"}, {"16 97 a 220 70 a 37.0", 3, risk3},
		{"16 97 a 120 40 a 37.0", 3, risk3}, {"16 97 a 120 41 a 37.0", 1, "Low"}, {"16 97 a 120 50 a 37.0", 1, "Low"}, {"16 97 a 120 51 a 37.0", 0, "Low"},
		{"16 97 a 120 90 a 37.0", 0, "Low"}, {"16 97 a 120 91 a 37.0", 1, "Low"}, {"16 97 a 120 110 a 37.0", 1, "Low"}, {"16 97 a 120 111 a 37.0", 2, "Low"},
		{"16 97 a 120 130 a 37.0", 2, "Low"}, {"16 97 a 120 131 a 37.0", 3, risk3},
		{"16 97 a 120 70 c 37.0", 3, risk3}, {"16 97 a 120 70 v 37.0", 3, risk3}, {"16 97 a 120 70 p 37.0", 3, risk3}, {"16 97 a 120 70 u 37.0", 3, risk3},
		{"16 97 a 120 70 a 35.0", 3, risk3}, {"16 97 a 120 70 a 35.1", 1, "Low"}, {"16 97 a 120 70 a 36.0", 1, "Low"}, {"16 97 a 120 70 a 36.1", 0, "Low"},
		{"16 97 a 120 70 a 38.0", 0, "Low"}, {"16 97 a 120 70 a 38.1", 1, "Low"}, {"16 97 a 120 70 a 39.0", 1, "Low"}, {"16 97 a 120 70 a 39.1", 2, "Low"},
		// sums
		{"22 94 a 105 95 a 37.0", 5, "Medium: urgent response"}, {"22 94 a 105 95 a 38.5", 6, "Medium: urgent response"},
		{"22 94 o 105 95 a 37.0", 7, "High: emergency response"}, {"25 94 a 120 95 a 37.0", 5, "Medium: urgent response"},
		// what is missing is not normal
		{"- 97 a 120 70 a 37.0", -1, "No score: one question is not answered: Respiratory rate."},
		{"16 - a 120 70 a 37.0", -1, "No score: one question is not answered: Oxygen saturation."},
		{"16 97 - 120 70 a 37.0", -1, "No score: one question is not answered: On supplemental oxygen."},
		{"16 97 a 120 70 - -", -1, "No score: two questions are not answered."},
	} {
		s, ok := q.score(news(t, c.line), person{age: 40})
		switch {
		case !ok:
			t.Fatal("NEWS2 has no score")
		case c.want < 0 && (s.complete || s.why() != c.band):
			t.Errorf("%s: %d, %q, want %q", c.line, s.value, s.why(), c.band)
		case c.want >= 0 && (!s.complete || s.value != c.want || s.band.label != c.band):
			t.Errorf("%s: %d %q (%s), want %d %q", c.line, s.value, s.band.label, s.why(), c.want, c.band)
		}
	}
	if s, _ := q.score(news(t, "16 97 a 120 70 a 37.0"), person{age: 15}); s.complete || s.why() != "No score: NEWS2 is for people of 16 and older." {
		t.Errorf("of a child: %+v", s)
	}
	if s, _ := q.score(news(t, "16 97 a 120 70 a 37.0"), person{age: 16}); !s.complete {
		t.Errorf("at 16: %s", s.why())
	}
}

// Only item 9 of the PHQ-9 raises an alert, and every answer but "Not at all" does, whatever the total.
func TestSuicidalThoughts(t *testing.T) {
	q := instrument(t, "phq-9")
	for points, want := range map[string]int{"0 0 0 0 0 0 0 0 0": 0, "3 3 3 3 3 3 3 3 0": 0, "0 0 0 0 0 0 0 0 1": 1, "0 0 0 0 0 0 0 0 3": 1, "- - - - - - - - 2": 1, "3 3 3 3 3 3 3 3 -": 0} {
		if got := q.alerts(picked(t, q, points)); len(got) != want {
			t.Errorf("%s: %d alerts, want %d", points, len(got), want)
		}
	}
}

// The Questionnaires that come with the program are right, each linkId stands once, and what carries a LOINC code carries its name.
func TestBuiltin(t *testing.T) {
	all, err := builtins()
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range all {
		for _, issue := range validate.Base(q.doc) {
			if issue.Severity == fhir.SeverityError || issue.Severity == fhir.SeverityFatal {
				t.Errorf("%s: %+v", q.ID, issue)
			}
		}
		seen := map[string]bool{}
		for _, it := range q.all() {
			if seen[it.LinkID] {
				t.Errorf("%s: %s stands twice", q.ID, it.LinkID)
			}
			seen[it.LinkID] = true
			if why := it.unsupported(); why != "" {
				t.Errorf("%s: %s is %s", q.ID, it.LinkID, why)
			}
			for _, c := range it.EnableWhen {
				if q.find(c.Question) == nil {
					t.Errorf("%s: %s asks about %s, which is not there", q.ID, it.LinkID, c.Question)
				}
			}
			for _, c := range it.Code {
				if c.System == facts.LOINC && c.Display == "" {
					t.Errorf("%s: %s has no name", q.ID, c.Code)
				}
			}
		}
		if q.Copyright == "" {
			t.Errorf("%s does not say whose it is", q.ID)
		}
	}
}
