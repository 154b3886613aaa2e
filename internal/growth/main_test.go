package main

import (
	"os"
	"strings"
	"testing"
)

// TestFresh generates the committed table anew and compares.
func TestFresh(t *testing.T) {
	const source = "../../../shared/data/terminology/growth/CDCref_d.csv.gz"
	if _, err := os.Stat(source); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the sample data is missing: ../shared/data/terminology/growth beside the repository: %v", err)
		}
		t.Skip("no sample data at ../shared/data/terminology/growth beside the repository")
	}
	rows, err := read(source)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := write(&b, rows); err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../../workflow/vitals/growth/tables/cdc2000.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(committed) {
		t.Error("the table is not what the source generates; run `go run ./internal/growth -cdc FILE`")
	}
}

func TestPointsRefuse(t *testing.T) {
	row := func(x1, m1, x2, m2 string) map[string]string {
		return map[string]string{"denom": "age", "SEX": "1", "_AGEMOS1": x1, "_AGEMOS2": x2, "_LHT1": "1", "_MHT1": m1, "_SHT1": "0.1", "_LHT2": "1", "_MHT2": m2, "_SHT2": "0.1"}
	}
	stature := charts[2]
	if _, err := stature.points([]map[string]string{row("24", "86", "25", "87"), row("25", "88", "26", "89")}, "1"); err == nil {
		t.Error("two lines that contradict each other are taken")
	}
	if _, err := stature.points(nil, "1"); err == nil {
		t.Error("a chart without rows is taken")
	}
	got, err := stature.points([]map[string]string{row("22", "84", "23", "85"), row("23", "85", "24.5", "86.5"), row("24.5", "86.5", "25", "87")}, "1")
	if err != nil || len(got) != 3 || got[0].x != 23 {
		t.Errorf("%v, %v: want the place before the beginning and what follows", got, err)
	}
}
