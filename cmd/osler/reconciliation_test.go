package main

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/prescribing"
	"github.com/osler-ehr/osler/workflow/reconciliation"
)

const reconcileAt = "/patients/ada/reconciliation/d1"

// TestTheResultIsCheckedAsAWhole takes over an allergy that meets a medicine of the chart and one taken over in the same act: neither is
// kept without a reason, and with one both are kept beside what was found.
func TestTheResultIsCheckedAsAWhole(t *testing.T) {
	library, err := drugs.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(reconciliation.Slice(s.Deps, library, []slice.Slice{prescribing.Slice(s.Deps, library)}))
	putSummary(s, summaryOf("Adaeze", "19680714", medicinesOf(medicineOf("308182", "amoxicillin 250 MG Oral Capsule", "1", "8"))+penicillin))
	s.Put(drugOf("m9", "308191", "amoxicillin 500 MG Oral Capsule", "1", 3), drugOf("m8", "314076", "lisinopril 10 MG Oral Tablet", "1", 1))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(reconcileAt).Want(200).Says("Penicillin G")
	allergy, medicine := choiceOf(form, "Penicillin"), choiceOf(form, "amoxicillin 250")
	base := []string{"once", form.Value("once"), "state", form.Value("state")}
	got := rao.Post(reconcileAt, append(base, allergy, "take", medicine, "leave")...).Want(422).Says("Nothing was changed.", "Penicillin G: say why it is taken over all the same")
	if n := len(s.All("AllergyIntolerance")) + len(s.All("DetectedIssue")); n != 0 {
		t.Fatalf("%d were written", n)
	}
	got = rao.Post(reconcileAt, append(base, allergy, "take", medicine, "both")...).Want(422)
	whole := append(base, allergy, "take", medicine, "both")
	fields := regexp.MustCompile(`<select[^>]* name="([am][0-9]+-f[0-9a-f]+)"`).FindAllStringSubmatch(got.Body, -1)
	if len(fields) < 2 {
		t.Fatalf("%d reasons are asked for: %s", len(fields), got.Text())
	}
	rao.Post(reconcileAt, append(whole, fields[0][1], "tolerated")...).Want(422) // not of all
	for _, f := range fields {
		whole = append(whole, f[1], "other", f[1]+"-words", "skin test negative")
	}
	rao.Post(reconcileAt, whole...).Want(200).Says("2 entries taken over")
	rao.Post(reconcileAt, whole...).Want(409)
	severe := 0
	for _, i := range s.All("DetectedIssue") {
		if i.Get("severity").Text() == "high" {
			severe++
			if got := i.Get("mitigation").Index(0).Get("action").Get("text").Text(); got != "Another reason, as written: skin test negative" {
				t.Error(got)
			}
		}
		if ref := i.Get("implicated").Index(0).Get("reference").Text(); !strings.HasPrefix(ref, "AllergyIntolerance/") && !strings.HasPrefix(ref, "MedicationRequest/") {
			t.Errorf("about %s", ref)
		}
	}
	if severe != len(fields) || len(s.All("AllergyIntolerance")) != 1 || len(s.All("MedicationRequest")) != 3 {
		t.Errorf("%d grave findings, %d allergies, %d medicines", severe, len(s.All("AllergyIntolerance")), len(s.All("MedicationRequest")))
	}
}

// TestWhatIsStoppedMeetsNothing: a medicine that is stopped in the same act does not keep an allergy from being taken over.
func TestWhatIsStoppedMeetsNothing(t *testing.T) {
	library, err := drugs.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(reconciliation.Slice(s.Deps, library, []slice.Slice{prescribing.Slice(s.Deps, library)}))
	putSummary(s, summaryOf("Adaeze", "19680714", penicillin))
	s.Put(drugOf("m9", "308191", "amoxicillin 500 MG Oral Capsule", "1", 3))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(reconcileAt).Want(200)
	ours := choiceOf(form, "amoxicillin")
	send := []string{"once", form.Value("once"), "state", form.Value("state"), choiceOf(form, "Penicillin"), "take"}
	rao.Post(reconcileAt, append(send, ours, "leave")...).Want(422)
	rao.Post(reconcileAt, append(send, ours, "stop", ours+"-why", "allergy found")...).Want(200).Says("1 entry taken over, 1 medicine stopped.")
	if n := len(s.All("DetectedIssue")); n != 0 {
		t.Errorf("%d findings are kept", n)
	}
}

func summaryOf(given, birth, sections string) string {
	return `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><recordTarget><patientRole><patient><name><given>` + given + `</given><family>OKAFOR</family></name><administrativeGenderCode code="F"/><birthTime value="` + birth + `"/></patient></patientRole></recordTarget><component><structuredBody>` + sections + `</structuredBody></component></ClinicalDocument>`
}

func medicinesOf(list ...string) string {
	return `<component><section><code code="10160-0"/>` + strings.Join(list, "") + `</section></component>`
}

func medicineOf(code, name, dose string, hours string) string {
	return `<entry><substanceAdministration moodCode="EVN"><statusCode code="active"/><effectiveTime xsi:type="PIVL_TS"><period value="` + hours + `" unit="h"/></effectiveTime><doseQuantity value="` + dose + `" unit="{tablet}"/><consumable><manufacturedProduct><manufacturedMaterial><code code="` + code + `" codeSystem="2.16.840.1.113883.6.88" displayName="` + name + `"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>`
}

const penicillin = `<component><section><code code="48765-2"/><entry><act><templateId root="2.16.840.1.113883.10.20.22.4.30"/><statusCode code="active"/><entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.7"/><value code="419511003"/><participant><participantRole><playingEntity><code code="7980" codeSystem="2.16.840.1.113883.6.88" displayName="Penicillin G"/></playingEntity></participantRole></participant></observation></entryRelationship></act></entry></section></component>`

func putSummary(s *slicetest.Site, document string) {
	s.Put(`{"resourceType":"Binary","id":"b1","contentType":"application/xml","securityContext":{"reference":"Patient/ada"},"data":"`+base64.StdEncoding.EncodeToString([]byte(document))+`"}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"Patient/ada"},"date":"2026-11-20T10:00:00Z","content":[{"attachment":{"contentType":"application/xml","url":"Binary/b1","title":"CCD of County Hospital"}}]}`)
}

func drugOf(id, code, name, dose string, times int) string {
	return `{"resourceType":"MedicationRequest","id":"` + id + `","status":"active","intent":"order","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"` + code + `","display":"` + name + `"}]},"dosageInstruction":[{"text":"as here","timing":{"repeat":{"frequency":` + string(rune('0'+times)) + `,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":` + dose + `,"unit":"tablet"}}]}]}`
}

func choiceOf(form slicetest.Answer, name string) string {
	m := regexp.MustCompile(`<legend class="vh">` + regexp.QuoteMeta(name) + `[^<]*</legend>.*?name="([^"]+)"`).FindStringSubmatch(form.Body)
	if m == nil {
		return "no field about " + name
	}
	return m[1]
}
