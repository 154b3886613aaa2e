package growth

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"testing"
)

// TestAllPublishedPercentiles goes through every percentile that the CDC publishes for weight, length, stature, head and BMI: each
// printed value must have the percentile above its column, to a hundredth of z.
func TestAllPublishedPercentiles(t *testing.T) {
	var charts map[string]map[string]map[string]map[string]string
	if err := json.Unmarshal(sample(t, "synthea/cdc_growth_charts.json"), &charts); err != nil {
		t.Fatal(err)
	}
	checked, worst := 0, 0.0
	for name, sexes := range charts {
		for letter, rows := range sexes {
			sex := map[string]Sex{"M": Male, "F": Female}[letter]
			for key, row := range rows {
				months, err := strconv.ParseFloat(key, 64)
				if err != nil {
					t.Fatal(err)
				}
				m := map[string]Measure{"weight": WeightForAge, "head": HeadForAge, "bmi": BMIForAge, "height": StatureForAge}[name]
				if name == "height" && months < 24 {
					m = LengthForAge
				}
				// The file names the row of a half month, such as 24.5, by its whole one; the table of heads begins at birth.
				x := months + .5
				if name == "head" {
					x = headAge(t, sex, row["m"])
				}
				if x > 240 {
					if m == BMIForAge {
						continue // the row of 240.5 months, beyond the chart
					}
					x = 240
				}
				for column, text := range row {
					percent, err := strconv.ParseFloat(column, 64)
					if err != nil {
						continue // l, m, s
					}
					value, err := strconv.ParseFloat(text, 64)
					if err != nil {
						t.Fatal(err)
					}
					if m == BMIForAge && percent > 95 {
						continue // these follow the extension now
					}
					s, ok := CDC().Assess(Measurement{m, sex, x, value})
					if !ok {
						t.Fatalf("%s %s at %v: no chart", name, letter, x)
					}
					off := math.Max(math.Abs(s.Z-Quantile(percent)), math.Abs(s.Percentile-percent))
					if off > .005 {
						t.Errorf("%s %s at %v: %v is at %v, want %v", name, letter, x, value, s.Percentile, percent)
					}
					worst = max(worst, off)
					checked++
				}
			}
		}
	}
	t.Logf("%d values, off by %.5f at most", checked, worst)
	if checked < 10_000 {
		t.Errorf("only %d values were looked at", checked)
	}
}

// headAge finds the row of a median: the file numbers the rows of this table alone from birth.
func headAge(t *testing.T, sex Sex, median string) float64 {
	t.Helper()
	m, err := strconv.ParseFloat(median, 64)
	if err != nil {
		t.Fatal(err)
	}
	table := CDC().table(HeadForAge, sex)
	for i, row := range table.rows {
		if math.Abs(row.M-m) < 1e-6 {
			return table.x[i]
		}
	}
	t.Fatalf("no row has the median %s", median)
	return 0
}

// TestEveryDay compares the parameters of every day of age with a table that others made of the same rows. They join the rows by a
// smooth curve, where the CDC's program and this package join them by lines: close everywhere, the same on a row.
func TestEveryDay(t *testing.T) {
	rows := readCSV(t, "growth/growthfile_cdc_ext.csv.gz")
	compared, worst := 0, 0.0
	for _, row := range rows {
		days, err := strconv.Atoi(row["agedays"])
		if err != nil {
			t.Fatal(err)
		}
		x := Months(days)
		sex := map[string]Sex{"0": Male, "1": Female}[row["sex"]]
		for column, m := range map[string]Measure{"wt": WeightForAge, "bmi": BMIForAge, "hc": HeadForAge} {
			got, ok := CDC().table(m, sex).At(x)
			if !ok || row["cdc_"+column+"_m"] == "" {
				continue
			}
			want := LMS{number(t, row["cdc_"+column+"_l"]), number(t, row["cdc_"+column+"_m"]), number(t, row["cdc_"+column+"_s"])}
			for _, z := range []float64{-2, 0, 2} {
				off := math.Abs(got.Z(want.Value(z)) - z)
				within := .1
				if onRow(CDC().table(m, sex), x) {
					within = .003
				}
				if off > within {
					t.Errorf("%s of sex %v at %d days: z %v is off by %v", m, sex, days, z, off)
				}
				worst = max(worst, off)
			}
			compared++
		}
	}
	t.Logf("%d rows, off by %.5f at most", compared, worst)
	if compared < 25_000 {
		t.Errorf("only %d rows were compared", compared)
	}
}

func onRow(t *Table, x float64) bool {
	for _, row := range t.x {
		if math.Abs(row-x) < .003 {
			return true
		}
	}
	return false
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func readCSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(sample(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range line {
			row[lines[0][i]] = v
		}
		out = append(out, row)
	}
	return out
}
