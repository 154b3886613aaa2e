package forecast

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const testCases = "../../../../shared/data/cdsi/"

// testCase is a row of CDC's files of test cases.
type testCase struct {
	id, name, group     string
	patient             Patient
	on                  Date
	status              string
	number              string
	earliest, due, past Date
	kinds               []string // of the series by which each dose is evaluated: standard or risk
	evaluations         []string // Valid, or Not Valid: Age: Too Young
}

// groupNames are the vaccine groups as the test cases name them.
var groupNames = map[string]string{
	"DTAP": "DTaP/Tdap/Td", "POL": "Polio", "IPOL": "Polio", "PCV": "Pneumococcal", "HIB": "Hib", "VAR": "Varicella", "ROTA": "Rotavirus",
	"MENB": "Meningococcal B", "ZOSTER": "Zoster", "MCV": "Meningococcal", "FLU": "Influenza",
}

func readCases(t *testing.T, file string) []testCase {
	t.Helper()
	f, err := os.Open(testCases + file)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CDC's test cases are missing: ", err)
		}
		t.Skip("CDC's test cases are not beside the project: ", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []testCase
	for _, row := range rows[1:] {
		at := map[string]string{}
		for i, name := range rows[0] {
			at[strings.ToLower(strings.TrimPrefix(name, "\ufeff"))] = strings.TrimSpace(row[i])
		}
		date := func(name string) Date {
			if at[name] == "" {
				return 0
			}
			d, err := ParseDate(at[name])
			if err != nil {
				t.Fatalf("%s: %s: %v", at["cdc_test_id"], name, err)
			}
			return d
		}
		c := testCase{id: at["cdc_test_id"], name: at["test_case_name"], group: at["vaccine_group"], on: date("assessment_date"), status: at["series_status"], number: at["forecast_#"],
			earliest: date("earliest_date"), due: date("recommended_date"), past: date("past_due_date")}
		for from, to := range groupNames {
			if strings.EqualFold(c.group, from) {
				c.group = to
			}
		}
		c.patient = Patient{Birth: date("dob"), Gender: map[string]Gender{"F": Female, "M": Male}[at["gender"]]}
		for i := 1; i <= 3; i++ {
			if code := at[fmt.Sprintf("observation_code_%d", i)]; code != "" {
				c.patient.Observations = append(c.patient.Observations, Observation{code, date(fmt.Sprintf("observation_date_%d", i))})
			}
		}
		for i := 1; i <= 7; i++ {
			given := date(fmt.Sprintf("date_administered_%d", i))
			if given == 0 {
				continue
			}
			cvx := at[fmt.Sprintf("cvx_%d", i)]
			if len(cvx) == 1 {
				cvx = "0" + cvx
			}
			c.patient.Doses = append(c.patient.Doses, Dose{ID: strconv.Itoa(i), CVX: cvx, MVX: at[fmt.Sprintf("mvx_%d", i)], Given: given})
			c.kinds = append(c.kinds, strings.ToLower(at[fmt.Sprintf("series_type_%d", i)]))
			c.evaluations = append(c.evaluations, at[fmt.Sprintf("evaluation_status_%d", i)]+": "+at[fmt.Sprintf("evaluation_reason_%d", i)])
		}
		out = append(out, c)
	}
	return out
}

// differences are what a forecast has otherwise than the row.
func (c testCase) differences(g GroupForecast, r Report) []string {
	var out []string
	differ := func(what, got, want string) {
		if got != want {
			out = append(out, fmt.Sprintf("%s %s, want %s", what, got, want))
		}
	}
	differ("status", strings.ToLower(statusNames[g.Status]), strings.ToLower(c.status))
	if n, err := strconv.Atoi(c.number); err == nil {
		differ("dose", strconv.Itoa(g.DoseNumber), strconv.Itoa(n))
	}
	if c.status != "" && g.Status == NotComplete {
		differ("earliest", g.Earliest.String(), c.earliest.String())
		differ("recommended", g.Recommended.String(), c.due.String())
		differ("past due", g.PastDue.String(), c.past.String())
	}
	for i, want := range c.evaluations {
		if kind := map[Kind]string{Standard: "standard", Risk: "risk"}[g.Kind]; c.kinds[i] != "" && c.kinds[i] != kind && otherKind[c.id] == "" {
			out = append(out, fmt.Sprintf("evaluation %d by a %s series, want %s", i+1, kind, c.kinds[i]))
		}
		got := evaluationOf(r, g, strconv.Itoa(i+1))
		if !slices.Contains(got, want) {
			out = append(out, fmt.Sprintf("evaluation %d %q, want %q", i+1, got, want))
		}
	}
	return out
}

var statusNames = map[Status]string{NotComplete: "Not complete", Complete: "Complete", Immune: "Immune", Contraindicated: "Contraindicated", AgedOut: "Aged out", NotRecommended: "Not recommended"}

// evaluationOf is the evaluation of a dose in the group of the case or, if it is of another group, in that.
func evaluationOf(r Report, g GroupForecast, id string) []string {
	for _, group := range append([]GroupForecast{g}, r.Groups...) {
		for _, e := range group.Evaluations {
			if r.Doses[e.Dose].ID == id {
				return evaluationWords(e)
			}
		}
	}
	return nil
}

// evaluationWords are the status with each of its reasons: the cases name one.
func evaluationWords(e Evaluation) []string {
	status := map[EvaluationStatus]string{Valid: "Valid", NotValid: "Not Valid", Extraneous: "Extraneous", SubStandard: "Sub-standard"}[e.Status]
	if e.Status == Valid {
		return []string{status + ": "}
	}
	reasons := map[ReasonCode]string{TooYoung: "Age: Too Young", TooOld: "Age: Too Old", TooSoon: "Interval: too Soon", InadvertentVaccine: "Inadvertent Vaccine", LiveVirusConflict: "Live Virus Conflict",
		WrongVaccine: "Not a preferable or allowable vaccine", VaccineAtWrongAge: "Not a preferable or allowable vaccine", SeriesComplete: "Series Already Complete"}
	var out []string
	for _, r := range e.Reasons {
		out = append(out, status+": "+reasons[r.Code])
	}
	return out
}

// exceptions are the rows that contradict the supporting data of version 4.64, which are newer than they: by the
// supporting data the forecast must differ. Each is written with what the supporting data say.
var exceptions = map[string]string{
	"2016-UC-0057": "complement deficiency is an indication for the risk series of Hib from 12 months of age on, the child is 5 months old: the standard series holds",
	"2016-UC-0129": "an outbreak is an indication for the series that begins at 2 to 23 months, of priority A, without an upper age: it stands before that of one dose, of priority B, and does not accept MPSV4",
	"2016-UC-0153": "cochlear implants are an indication for risk series whose first dose counts from 2 years of age on, the only dose was given at 4 months; the standard series yields to a risk series",
	"2022-UC-0001": "previous dengue infection is an indication from 9 years of age on, the child is 8 years old",
	"2022-UC-0005": "previous dengue infection is an indication from 9 years of age on, the child is 8 years old",
	"2022-UC-0017": "the interval from PCV to PPSV23 is 1 year in the series for chronic conditions, the row has 8 weeks",
	"2022-UC-0030": "no series has observation 235, care for patients with more virulent orthopoxviruses, as an indication",
	"2022-UC-0031": "no series has observation 235, care for patients with more virulent orthopoxviruses, as an indication",
}

// otherKind are the rows whose doses the supporting data of version 4.64 evaluate by a series of the other type, with the
// same outcome.
var otherKind = map[string]string{
	"2016-UC-0079": "a history of sexual abuse is an indication up to 11 years of age, the girl is 11 years old",
	"2025-UC-0010": "a reaction to a vaccine is no indication for the risk series of zoster",
}

func TestCDCTestCases(t *testing.T) {
	for _, file := range []string{"testcases-healthy.csv", "testcases-underlying-conditions.csv"} {
		t.Run(file, func(t *testing.T) {
			cases, passed := readCases(t, file), 0
			for _, c := range cases {
				r := CDC().Forecast(c.patient, c.on)
				var best []string
				found := false
				for _, g := range r.Groups {
					if g.Group != c.group {
						continue
					}
					d := c.differences(g, r)
					if !found || len(d) < len(best) {
						best = d
					}
					found = true
				}
				if !found {
					best = []string{"no forecast for " + c.group}
				}
				switch reason, excepted := exceptions[c.id]; {
				case len(best) == 0 && excepted:
					t.Errorf("%s passes: take it from the exceptions", c.id)
				case len(best) == 0:
					passed++
				case excepted:
					t.Logf("conformance exception: %s, because %s (we have %s)", c.id, reason, strings.Join(best, "; "))
				default:
					t.Errorf("%s %s: %s", c.id, c.name, strings.Join(best, "; "))
				}
			}
			t.Logf("conformance: %d of %d rows of %s", passed, len(cases), file)
		})
	}
}
