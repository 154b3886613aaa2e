package immunization

import (
	"bytes"
	"compress/bzip2"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// Records of whole lives, by Synthea: every dose has its evaluation or the reason for having none, every forecast its
// reason, and the answer of the operation is right by the rules of FHIR.
func TestSyntheticLives(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/synthea/blaze-2021/*-*-*-*-*.json.bz2")
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data are missing")
		}
		t.Skip("the sample data are not beside the project")
	}
	files = files[:min(12, len(files))] // reading one takes longer than all of the rest
	doses, valid, left := 0, 0, 0
	for _, name := range files {
		p := life(t, name)
		day := on(t, "2021-07-10") // the day after the records were made, within the seasons of their own time or not
		in, uncounted := p.input(day, time.UTC)
		r := forecast.CDC().Forecast(in, day)
		left += len(uncounted) + len(r.Unknown)
		doses += len(r.Doses)
		best := map[int]bool{}
		for _, g := range r.Groups {
			if len(g.Reasons) == 0 {
				t.Errorf("%s: %s has no reason", filepath.Base(name), g.Group)
			}
			for _, e := range g.Evaluations {
				best[e.Dose] = best[e.Dose] || e.Status == forecast.Valid
			}
		}
		for _, yes := range best {
			if yes {
				valid++
			}
		}
		check(t, answerOf(immdsIn{on: day, person: p}, r, uncounted))
		plan(p, day, time.UTC)
	}
	if doses < 10*len(files) || valid < doses/2 {
		t.Errorf("%d doses of %d people, %d of them valid: that is not what such records hold", doses, len(files), valid)
	}
	t.Logf("%d people, %d doses, %d of them valid in a series, %d not evaluated", len(files), doses, valid, left)
}

// life reads what matters of a bundle.
func life(t *testing.T, name string) person {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, err := io.ReadAll(bzip2.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := fhir.Parse(body)
	if err != nil {
		t.Fatal(err)
	}
	var p person
	for e := range doc.Get("entry").Values() {
		if res := e.Get("resource").Resource(); res != nil {
			if err := p.take(res); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.Patient.Deceased = fhir.Choice{} // the forecast of a life, not of its end
	return p
}

// check holds every resource of an answer against the rules of FHIR.
func check(t *testing.T, answer parameters) {
	t.Helper()
	for _, p := range answer.Parameter {
		body, err := json.Marshal(p.Resource)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := fhir.Parse(bytes.TrimSpace(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, issue := range validate.Base(doc) {
			if issue.Severity == "error" || issue.Severity == "fatal" {
				t.Errorf("%+v\n%s", issue, body)
			}
		}
	}
}
