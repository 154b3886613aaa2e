package ordering_test

import (
	"context"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

// what of Ada's record the checks of imaging look at.
const (
	kidneys    = `{"resourceType":"Observation","id":"gfr","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"98979-8"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20","valueQuantity":{"value":28.4,"unit":"mL/min/{1.73_m2}","system":"http://unitsofmeasure.org","code":"mL/min/{1.73_m2}"}}`
	contrasted = `{"resourceType":"AllergyIntolerance","id":"dye","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"text":"Iodinated contrast media"},"patient":{"reference":"Patient/ada"},"reaction":[{"manifestation":[{"text":"Hives"}],"severity":"mild"}]}`
	metformin  = `{"resourceType":"MedicationRequest","id":"met","status":"active","intent":"order","medicationCodeableConcept":{"text":"metformin 500 mg tablet"},"subject":{"reference":"Patient/ada"}}`
	paced      = `{"resourceType":"Device","id":"pm","status":"active","udiCarrier":[{"deviceIdentifier":"09999900000320","carrierHRF":"(01)09999900000320"}],"type":{"text":"Dual-chamber pacemaker"},"patient":{"reference":"Patient/ada"}}`
)

var remembers = regexp.MustCompile(`<input type="hidden" name="(shown|fired)" value="([^"]*)"`)

// seen are the hidden fields by which a form says what it has shown.
func seen(a slicetest.Answer) (pairs []string) {
	for _, m := range remembers.FindAllStringSubmatch(a.Body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	return pairs
}

// TestImagingIsChecked: what stops asks for a reason, what was not seen is not signed, and all of it is kept with the order.
func TestImagingIsChecked(t *testing.T) {
	s, _ := site(t)
	s.Put(kidneys, contrasted, metformin)
	rao := s.By(access.Clinician).Beside()
	once := rao.Get(chart + "/new").Want(200).Value("once")
	form := rao.Edit(chart+"/basket", "once", once, "add", "ctabdc").Want(200).Says(
		"CT, abdomen and pelvis with contrast", "eGFR 28 on 20-Nov-2026, 3 days ago: contrast can injure kidneys this weak further", "ACR and NKF consensus", "2020",
		"metformin 500 mg tablet; eGFR 28", "Allergy to Iodinated contrast media (hives)", "To order it all the same, say why", "have not been reviewed by a radiologist")
	if form.Body == "" || strings.Contains(form.Body, "Pregnancy is not ruled out") {
		t.Error("Ada is 58 years old")
	}
	rao.Edit(chart, "item", "ctabdc", "answer", "benefit").Want(422).Says("Look at what the checks found, and sign again.")
	rao.Edit(chart, append(seen(form), "item", "ctabdc")...).Want(422).Says("Say why it is ordered all the same, or take it out.")
	rao.Edit(chart, append(seen(form), "item", "ctabdc", "answer", "other")...).Want(422).Says("Write the reason.")
	if n := len(s.All("ServiceRequest")) + len(s.All("DetectedIssue")); n != 0 {
		t.Fatalf("%d were kept before it was signed", n)
	}
	send := append(seen(form), "once", once, "item", "ctabdc", "answer", "benefit", "why", "suspected perforation")
	rao.Edit(chart, send...).Want(200).Says("ordered for")
	rao.Edit(chart, send...).Want(200) // the answer was lost
	o := s.One("ServiceRequest")
	all := map[string]string{}
	for _, d := range s.All("DetectedIssue") {
		all[d.Get("code").Get("coding").Index(1).Get("code").Text()] = string(d.Bytes())
	}
	if len(all) != 3 || len(s.All("DetectedIssue")) != 3 {
		t.Fatalf("%d issues: %v", len(s.All("DetectedIssue")), all)
	}
	for rule, wants := range map[string][]string{
		"imaging/contrast-kidneys": {`"severity":"high"`, `"code":"benefit"`, "suspected perforation", `"reference":"ServiceRequest/` + o.ID() + `"`, `"reference":"Practitioner/rao"`},
		"imaging/metformin":        {`"severity":"high"`, `"code":"benefit"`},
		"imaging/contrast-allergy": {`"severity":"moderate"`},
	} {
		for _, want := range wants {
			if !strings.Contains(all[rule], want) {
				t.Errorf("%s is without %s: %s", rule, want, all[rule])
			}
		}
	}
	if strings.Contains(all["imaging/contrast-allergy"], "mitigation") {
		t.Error("what asked for no reason has one")
	}
}

// TestImagingTakenOutCountsAsChanged: what was shown and made somebody order something else is measured too.
func TestImagingTakenOutCountsAsChanged(t *testing.T) {
	s, _ := site(t)
	s.Put(kidneys)
	rao := s.By(access.Clinician).Beside()
	once := rao.Get(chart + "/new").Want(200).Value("once")
	form := rao.Edit(chart+"/basket", "once", once, "add", "ctabdc").Want(200)
	next := rao.Edit(chart+"/basket", append(seen(form), "item", "ctabdc", "remove", "ctabdc", "once", once)...).Want(200)
	next.Hides("To order it all the same")
	next = rao.Edit(chart+"/basket", append(seen(next), "add", "usabd", "once", once)...).Want(200)
	rao.Edit(chart, append(seen(next), "item", "usabd", "once", once)...).Want(200)
	if got := string(s.One("DetectedIssue").Bytes()); !strings.Contains(got, `"code":"order-changed"`) || !strings.Contains(got, `"code":"imaging/contrast-kidneys"`) {
		t.Error(got)
	}
}

// TestMagnetAndMissing: a pacemaker stops an MRI, and what is missing is said where nothing is known.
func TestMagnetAndMissing(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart+"/basket", "add", "mribrainc").Says("Data is missing.", "No implants are recorded, and not that there are none.", "No eGFR or creatinine is recorded.", "No allergies are recorded").Hides("To order it all the same")
	s.Put(paced)
	rao.Edit(chart+"/basket", "add", "mribrain").Says("Dual-chamber pacemaker: whether it is safe in the magnet is not recorded", "To order it all the same")
	s.Put(strings.Replace(paced, `"patient":`, `"safety":[{"coding":[{"system":"urn:oid:2.16.840.1.113883.3.26.1.1","code":"C106046"}]}],"patient":`, 1))
	rao.Edit(chart+"/basket", "add", "mribrain").Says("its label says MR Conditional").Hides("To order it all the same")
	s.Put(strings.Replace(paced, `"active"`, `"inactive"`, 1))
	rao.Edit(chart+"/basket", "add", "mribrain").Hides("Dual-chamber")
	rao.Edit(chart+"/basket", "add", "cbc").Hides("Data is missing")
}

// TestPregnancyBeforeImaging: what the record says of pregnancy decides, its date included.
func TestPregnancyBeforeImaging(t *testing.T) {
	s, _ := site(t)
	ada := func(born, more string) {
		s.Put(`{"resourceType":"Patient","id":"ada","birthDate":"` + born + `","name":[{"family":"Okafor","given":["Adaeze"]}]` + more + `}`)
	}
	rao := s.By(access.Clinician).Beside()
	ct := func() slicetest.Answer { return rao.Edit(chart+"/basket", "add", "ctabd").Want(200) }
	ada("1996-07-14", `,"gender":"female"`)
	ct().Says("Pregnancy is not ruled out", "age 30", "ACR–SPR Practice Parameter").Hides("To order it all the same")
	rao.Edit(chart+"/basket", "add", "cthead").Hides("Pregnancy")
	s.Put(`{"resourceType":"Observation","id":"hcg","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2106-3"}],"text":"Pregnancy test, urine"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-22","valueCodeableConcept":{"text":"Negative"}}`)
	ct().Says("Pregnancy test, urine: Negative on 22-Nov-2026").Hides("not ruled out")
	s.Put(`{"resourceType":"Observation","id":"hcg2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2118-8"}],"text":"Pregnancy test, serum"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-23","valueCodeableConcept":{"text":"Positive"}}`)
	ct().Says("Pregnancy test, serum: Positive on 23-Nov-2026: the embryo or fetus may lie in the beam", "To order it all the same")
	ada("1996-07-14", `,"gender":"male","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"F"}]`)
	s.Put(`{"resourceType":"Observation","id":"hcg2","status":"entered-in-error","code":{"coding":[{"system":"http://loinc.org","code":"2118-8"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-23","valueCodeableConcept":{"text":"Positive"}}`,
		`{"resourceType":"Observation","id":"hcg","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2106-3"}],"text":"Pregnancy test, urine"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-10-22","valueCodeableConcept":{"text":"Negative"}}`)
	ct().Says("Negative on 22-Oct-2026, 32 days ago, which is more than 7 days old")
	s.Put(`{"resourceType":"Procedure","id":"hys","status":"completed","code":{"text":"Total hysterectomy"},"subject":{"reference":"Patient/ada"},"performedDateTime":"2024-05-02"}`)
	ct().Says("Total hysterectomy, done on 02-May-2024").Hides("which is more than")
}

// TestImagingDraftsOfOtherSystems: CDS Hooks serves the same.
func TestImagingDraftsOfOtherSystems(t *testing.T) {
	s, feature := site(t)
	s.Put(kidneys, paced)
	rule := feature.Rules[1]
	ask := func(drafts ...string) string {
		t.Helper()
		var docs []*fhir.Resource
		for _, d := range drafts {
			doc, err := fhir.Parse([]byte(d))
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, doc)
		}
		advice, err := rule.Check(context.Background(), s.As(access.Clinician), "ada", docs)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, a := range advice {
			out = append(out, string(a.Urgency)+" "+a.Summary+" / "+a.Detail+" / "+a.Source)
		}
		return strings.Join(out, "\n")
	}
	got := ask(service("1", `{"text":"CT abdomen with IV contrast"}`, ""), service("2", `{"coding":[{"system":"http://loinc.org","code":"4548-4","display":"MR test"}]}`, ""))
	for _, want := range []string{"critical CT abdomen with IV contrast — eGFR 28 on 20-Nov-2026", "ACR and NKF consensus, iodinated contrast and kidney disease, 2020", "Understood from its name", "warning Data is missing: not everything was checked"} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q: %s", want, got)
		}
	}
	if got := ask(service("1", `{"text":"MRI knee"}`, `,"category":[{"coding":[{"system":"http://snomed.info/sct","code":"363679005"}]}]`)); !strings.Contains(got, "critical MRI knee — Dual-chamber pacemaker") {
		t.Error(got)
	}
	s.Put(strings.NewReplacer(`"id":"gfr"`, `"id":"gfr2"`, `"value":28.4`, `"value":15,"comparator":"<"`, "2026-11-20", "2026-11-22").Replace(kidneys))
	if got := ask(service("1", `{"text":"CT abdomen with IV contrast"}`, "")); !strings.Contains(got, "eGFR 15 on 22-Nov-2026") || !strings.Contains(got, "is known as less than 15 only") {
		t.Error(got)
	}
	if got := ask(service("1", `{"text":"Call Mr Smith"}`, "")); got != "" {
		t.Error(got)
	}
	if got := ask(service("1", `{"text":"MRI knee"}`, `,"doNotPerform":true`), service("2", `{"text":"CBC"}`, "")); got != "" {
		t.Error(got)
	}
}
