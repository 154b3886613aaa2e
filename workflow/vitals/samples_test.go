package vitals

import (
	"compress/bzip2"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// TestSamples reads every vital sign of whole records that others made, and compares the percentiles of BMI that they state with those
// computed here. Theirs are looked up by whole months, and cut to a tenth, so they are near and not the same.
func TestSamples(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/synthea/blaze-2021/*.json.bz2")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ../shared/data/synthea/blaze-2021 beside the repository")
		}
		t.Skip("no sample data at ../shared/data/synthea/blaze-2021 beside the repository")
	}
	read, compared, worst := 0, 0, 0.0
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && info.Size() > 60<<10 { // the rest says the same, and takes long
			continue
		}
		c, found, stated := sampleRecord(t, name)
		for _, o := range found {
			code := o.Code.In(facts.LOINC)
			switch code {
			case "59576-9", "77606-2": // percentiles
				continue
			}
			got := readingsOf(o)
			if len(got) != 1 || got[0].value.isZero() || got[0].value.rat() == nil {
				t.Errorf("%s of %s is read as %+v", code, filepath.Base(name), got)
			}
			read++
		}
		all := readingsIn(found, time.UTC)
		for _, g := range grownBy(growth.CDC(), growth.BMIForAge, c, all, time.UTC) {
			want, ok := stated[g.at.String()]
			if !ok || !g.judged || want < .5 || want > 94.5 {
				continue
			}
			compared++
			if off := math.Abs(g.score.Percentile - want); off > 2.5 {
				t.Errorf("%s at %s: BMI %s is at %.2f, they say %.2f", filepath.Base(name), g.age, g.measured, g.score.Percentile, want)
			} else {
				worst = max(worst, off)
			}
		}
	}
	t.Logf("%d vital signs, %d percentiles of BMI, off by %.2f at most", read, compared, worst)
	if read < 700 || compared < 30 {
		t.Errorf("only %d vital signs and %d percentiles were looked at", read, compared)
	}
}

// sampleRecord reads one record: the patient, the vital signs, and the percentiles of BMI that it states by their time.
func sampleRecord(t *testing.T, name string) (c child, found []facts.Observation, stated map[string]float64) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	raw, err := io.ReadAll(bzip2.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := fhir.ParseLarge(raw)
	if err != nil {
		t.Fatal(err)
	}
	stated = map[string]float64{}
	for e := range bundle.Get("entry").Children() {
		r := e.Get("resource")
		switch r.Get("resourceType").Text() {
		case "Patient":
			p, err := fhir.View[facts.Patient](r)
			if err != nil {
				t.Fatal(err)
			}
			c = child{born: facts.Partial(p.Birth, time.UTC).Time, sex: sexOf(p)}
		case "Observation":
			o, err := fhir.View[facts.Observation](r)
			if err != nil {
				t.Fatal(err)
			}
			if facts.Code(category(o), facts.ObservationCategory) != "vital-signs" {
				continue
			}
			found = append(found, o)
			if q, ok := o.Quantity(); ok && o.Code.In(facts.LOINC) == "59576-9" {
				stated[o.At().String()] = q.Value.Float64()
			}
		}
	}
	return c, found, stated
}

func category(o facts.Observation) fhir.CodeableConcept {
	if len(o.Category) == 0 {
		return fhir.CodeableConcept{}
	}
	return o.Category[0]
}
