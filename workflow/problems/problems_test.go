package problems

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/web/facts"
)

func TestView(t *testing.T) { viewcheck.Resource[condition](t, "Condition") }

func read1(t *testing.T, json string) condition {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"Condition",` + json + `}`))
	if err != nil {
		t.Fatal(err)
	}
	c, err := fhir.View[condition](r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func clinicalStatus(code string) string {
	return `"clinicalStatus":{"coding":[{"system":"` + facts.ConditionClinical + `","code":"` + code + `"}]}`
}

func TestList(t *testing.T) {
	verification := func(code string) string {
		return `"verificationStatus":{"coding":[{"system":"` + facts.ConditionVerification + `","code":"` + code + `"}]}`
	}
	category := func(code string) string {
		return `"category":[{"coding":[{"system":"` + facts.ConditionCategory + `","code":"` + code + `"}]}]`
	}
	p := list([]condition{
		read1(t, clinicalStatus("active")+`,`+category("problem-list-item")+`,"code":{"text":"Hypertension"},"onsetDateTime":"2012"`),
		read1(t, clinicalStatus("active")+`,"code":{"text":"Type 2 diabetes mellitus"},"onsetDateTime":"2014-03-02"`),
		read1(t, clinicalStatus("active")+`,"code":{"text":"type 2 diabetes mellitus"},"onsetDateTime":"2010"`), // the same again
		read1(t, clinicalStatus("remission")+`,"code":{"text":"Major depression"},"onsetAge":{"value":51}`),
		read1(t, clinicalStatus("resolved")+`,"code":{"text":"Pneumonia"}`),
		read1(t, clinicalStatus("active")+`,`+category("encounter-diagnosis")+`,"code":{"text":"Cough"}`),
		read1(t, clinicalStatus("active")+`,`+verification("entered-in-error")+`,"code":{"text":"Gout"}`),
		read1(t, clinicalStatus("active")+`,`+verification("refuted")+`,"code":{"text":"Lupus"}`),
		read1(t, clinicalStatus("active")+`,`+verification("provisional")+`,"code":{"text":"Osteoarthritis"},"bodySite":[{"text":"Right knee"}],"recordedDate":"2021-05-01"`),
		read1(t, `"code":{"text":"Old ulcer"},"abatementDateTime":"2001"`),
	}, time.UTC)
	var rows []string
	for _, row := range p.Active {
		rows = append(rows, strings.TrimSuffix(row.Name+" ("+row.Note+") "+row.Since, " "))
	}
	want := []string{"Osteoarthritis, right knee (suspected) 2021", "Type 2 diabetes mellitus () 2014", "Hypertension () 2012", "Major depression, in remission () at 51 y"}
	if strings.Join(rows, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(rows, "\n"), strings.Join(want, "\n"))
	}
	if p.Resolved != 2 {
		t.Errorf("%d resolved, want 2", p.Resolved)
	}
}

func TestPanelSaysThatItIsEmpty(t *testing.T) {
	var b strings.Builder
	if err := (Panel{}).Draw().Render(context.Background(), &b); err != nil || !strings.Contains(b.String(), "No active problems recorded") {
		t.Errorf("%v %s", err, b.String())
	}
}

func TestListed(t *testing.T) {
	for body, want := range map[string]bool{
		``: true, `,"category":[{"text":"My problem"}]`: true,
		`,"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]},{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-category","code":"sdoh"}]}]`: true,
		`,"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}]}]`:                                                                                               false,
		`,"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/condition-category","code":"health-concern"}]},{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-category","code":"sdoh"}]}]`:   false,
	} {
		r, err := fhir.Parse([]byte(`{"resourceType":"Condition"` + body + `}`))
		if err != nil {
			t.Fatal(err)
		}
		c, err := fhir.View[condition](r)
		if err != nil {
			t.Fatal(err)
		}
		if c.listed() != want {
			t.Errorf("%s: listed %v, want %v", body, c.listed(), want)
		}
	}
}
