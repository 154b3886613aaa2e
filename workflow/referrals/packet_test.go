package referrals_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

func TestThePacketIsInOrderAndWhole(t *testing.T) {
	s, _ := site(t)
	ref := refer(t, s)
	id := s.One("ServiceRequest").ID()
	rao := s.By(access.Clinician)
	rao.Get(ref+"/packet").Want(200).Says("1. Problems", "None recorded", "4. Results", "None chosen", "New murmur. Echo first?", "Printing sends nothing")
	s.Put(`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Hypertension"},"subject":{"reference":"Patient/ada"},"onsetDateTime":"2012"}`,
		`{"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},"code":{"text":"Gout"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationCodeableConcept":{"text":"lisinopril 20 mg tablet"},"subject":{"reference":"Patient/ada"},"dosageInstruction":[{"text":"1 tablet every morning"}]}`,
		`{"resourceType":"MedicationRequest","id":"m2","status":"stopped","intent":"order","medicationCodeableConcept":{"text":"ibuprofen"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"AllergyIntolerance","id":"a1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"text":"Penicillin"},"patient":{"reference":"Patient/ada"},"reaction":[{"manifestation":[{"text":"Hives"}]}]}`,
		`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}],"text":"Potassium"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20","valueQuantity":{"value":5.6,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}`,
		`{"resourceType":"Observation","id":"o2","status":"entered-in-error","code":{"text":"Sodium"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"DiagnosticReport","id":"p1","status":"final","code":{"text":"Basic metabolic panel"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20","result":[{"reference":"Observation/o1"},{"reference":"Observation/o2"}]}`,
		`{"resourceType":"Composition","id":"n1","status":"final","type":{"text":"Progress note"},"subject":{"reference":"Patient/ada"},"date":"2026-11-20T10:00:00Z","author":[{"display":"Dr Priya Rao"}],"title":"Visit","section":[{"title":"Assessment","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>Murmur &lt;2/6&gt;</p><p>Refer.</p></div>"}}]}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","type":{"text":"ECG"},"subject":{"reference":"Patient/ada"},"date":"2026-11-20T10:00:00Z","content":[{"attachment":{"contentType":"application/pdf","data":"JVBERg==","title":"ECG of 20 November"}}]}`)
	form := rao.Beside().Get(ref+"/enclosures").Want(200).Says("Basic metabolic panel, 20-Nov-2026", "Visit, Dr Priya Rao", "ECG of 20 November")
	rao.Beside().Edit(ref+"/enclosures", "version", form.Value("version"), "question", "New murmur. Echo first?", "to", "Harbor Heart",
		"with", "DiagnosticReport/p1", "with", "Composition/n1", "with", "DocumentReference/d1", "with", "DocumentReference/nosuch").Want(200).Says("3 enclosures chosen.")
	page := rao.Get(ref + "/packet").Want(200)
	text, at := page.Text(), 0
	for _, want := range []string{"OKAFOR, Adaeze", "Harbor Heart", "New murmur", "1. Problems", "Hypertension", "since 2012", "2. Medicines", "lisinopril 20 mg tablet", "1 tablet every morning", "3. Allergies", "Penicillin", "hives",
		"4. Results", "Basic metabolic panel", "Potassium", "5.6", "1 value of this report cannot be shown.", "5. Notes and papers", "Visit, Dr Priya Rao", "ASSESSMENT", "Murmur <2/6>", "ECG of 20 November", "Goes along as sheets of its own"} {
		i := strings.Index(text[at:], want)
		if i < 0 {
			t.Fatalf("%q is missing or out of order: %s", want, text)
		}
		at += i
	}
	page.Hides("Gout", "ibuprofen")
	for _, want := range []string{"print-foot", "MRN"} { // identity on every sheet
		if !strings.Contains(page.Body, want) {
			t.Errorf("no %s", want)
		}
	}
	// The choice is part of the order itself; what was chosen and is gone is named.
	if o := s.One("ServiceRequest"); o.Get("supportingInfo").Len() != 3 || o.Get("performer").Index(0).Get("display").Text() != "Harbor Heart" {
		t.Errorf("%s", o.Bytes())
	}
	stale := rao.Beside().Edit(ref+"/enclosures", "version", form.Value("version"), "with", "Composition/n1").Want(409)
	stale.Says("changed by somebody else")
	if s.One("ServiceRequest").Get("supportingInfo").Len() != 3 {
		t.Error("overwritten")
	}
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`,
		`{"resourceType":"ServiceRequest","id":"`+id+`","status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text":"Referral"},"subject":{"reference":"Patient/ada"},"supportingInfo":[{"reference":"DocumentReference/bobs"}]}`,
		`{"resourceType":"DocumentReference","id":"bobs","status":"current","type":{"text":"Of Bob"},"subject":{"reference":"Patient/bob"},"content":[{"attachment":{"title":"Bob's secret"}}]}`)
	rao.Get(ref + "/packet").Want(404).Hides("Bob's secret") // another patient's paper never goes along
}

// What was chosen and is struck since does not go out; what is replaced or not signed says so; a long list says that it is not the whole.
func TestStruckPapersDoNotGoAlong(t *testing.T) {
	s, _ := site(t)
	s.Put(`{"resourceType":"ServiceRequest","id":"r1","status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text":"Referral"},"subject":{"reference":"Patient/ada"},"supportingInfo":[`+
		`{"reference":"DocumentReference/d1","display":"ECG"},{"reference":"DocumentReference/d2","display":"Letter"},{"reference":"DocumentReference/d3","display":"Draft"},{"reference":"DiagnosticReport/p1","display":"Panel"},{"reference":"Composition/n1","display":"Visit"}]}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"entered-in-error","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"text/plain","data":"d3JvbmcgZWNn","title":"ECG"}}]}`,
		`{"resourceType":"DocumentReference","id":"d2","status":"superseded","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"text/plain","data":"b2xk","title":"Letter"}}]}`,
		`{"resourceType":"DocumentReference","id":"d3","status":"current","docStatus":"preliminary","subject":{"reference":"Patient/ada"},"content":[{"attachment":{"contentType":"text/plain","data":"b2xk","title":"Draft"}}]}`,
		`{"resourceType":"DiagnosticReport","id":"p1","status":"entered-in-error","code":{"text":"Panel"},"subject":{"reference":"Patient/ada"},"conclusion":"wrong potassium"}`,
		`{"resourceType":"Composition","id":"n1","status":"entered-in-error","type":{"text":"Progress note"},"subject":{"reference":"Patient/ada"},"date":"2026-11-20T10:00:00Z","author":[{"display":"Dr Priya Rao"}],"title":"Visit","section":[{"title":"Assessment","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">wrong murmur</div>"}}]}`)
	rao := s.By(access.Clinician)
	page := rao.Get("/patients/ada/referrals/r1/packet").Want(200)
	page.Says("Letter, replaced by a newer version", "Draft, not signed").Hides("wrong ecg", "wrong potassium", "wrong murmur")
	if n := strings.Count(page.Text(), "Does not go along"); n != 3 {
		t.Errorf("%d are named as struck: %s", n, page.Text())
	}
	rao.Beside().Get("/patients/ada/referrals/r1/enclosures").Want(200).Hides("The newest")
	var many []string
	for i := range 61 {
		many = append(many, `{"resourceType":"DocumentReference","id":"x`+strconv.Itoa(i)+`","status":"current","subject":{"reference":"Patient/ada"},"date":"2026-11-20T10:00:00Z","content":[{"attachment":{"title":"Scan"}}]}`)
	}
	s.Put(many...)
	rao.Beside().Get("/patients/ada/referrals/r1/enclosures").Want(200).Says("The newest 60; what was chosen of older ones stays chosen.")
}

// An order that is on hold, cancelled or a mistake says so in the lists, on its page and on the sheet.
func TestAnOrderThatIsNotToBeCarriedOut(t *testing.T) {
	s, _ := site(t)
	rao := s.By(access.Clinician)
	for status, want := range map[string]string{"on-hold": "To be sent, order on hold", "revoked": "Cancelled", "entered-in-error": "Entered in error"} {
		s.Put(`{"resourceType":"ServiceRequest","id":"r1","status":"` + status + `","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text":"Referral to cardiology"},"subject":{"reference":"Patient/ada"},"authoredOn":"2026-11-23T10:22:00Z"}`)
		for _, page := range []string{"/patients/ada/referrals", "/patients/ada/referrals/r1", "/patients/ada/referrals/r1/packet"} {
			rao.Get(page).Want(200).Says(want)
		}
		if status == "on-hold" {
			rao.Get("/referrals").Want(200).Says(want)
		}
	}
	s.Put(`{"resourceType":"ServiceRequest","id":"r1","status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text":"Referral to cardiology"},"subject":{"reference":"Patient/ada"}}`)
	rao.Get("/patients/ada/referrals/r1/packet").Want(200).Hides("To be sent")
}
