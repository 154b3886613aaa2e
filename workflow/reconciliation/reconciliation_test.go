package reconciliation_test

import (
	"context"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/reconciliation"
)

const at = "/patients/ada/reconciliation/d1"

func ccd(given, birth, sections string) string {
	return `<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><recordTarget><patientRole><patient><name><given>` + given + `</given><family>OKAFOR</family></name><administrativeGenderCode code="F"/><birthTime value="` + birth + `"/></patient></patientRole></recordTarget><component><structuredBody>` + sections + `</structuredBody></component></ClinicalDocument>`
}

func meds(list ...string) string {
	return `<component><section><code code="10160-0"/>` + strings.Join(list, "") + `</section></component>`
}

func med(code, name, dose string, hours string) string {
	return `<entry><substanceAdministration moodCode="EVN"><statusCode code="active"/><effectiveTime xsi:type="PIVL_TS"><period value="` + hours + `" unit="h"/></effectiveTime><doseQuantity value="` + dose + `" unit="{tablet}"/><consumable><manufacturedProduct><manufacturedMaterial><code code="` + code + `" codeSystem="2.16.840.1.113883.6.88" displayName="` + name + `"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>`
}

const penicillin = `<component><section><code code="48765-2"/><entry><act><templateId root="2.16.840.1.113883.10.20.22.4.30"/><statusCode code="active"/><entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.7"/><value code="419511003"/><participant><participantRole><playingEntity><code code="7980" codeSystem="2.16.840.1.113883.6.88" displayName="Penicillin G"/></playingEntity></participantRole></participant></observation></entryRelationship></act></entry></section></component>`

const asthma = `<component><section><code code="11450-4"/><entry><act><templateId root="2.16.840.1.113883.10.20.22.4.3"/><statusCode code="active"/><entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.4"/><effectiveTime><low value="2007"/></effectiveTime><value code="195967001" codeSystem="2.16.840.1.113883.6.96" displayName="Asthma"><translation code="J45.909" codeSystem="2.16.840.1.113883.6.90"/></value></observation></entryRelationship></act></entry></section></component>`

func site(t *testing.T, document string, others ...slice.Slice) *slicetest.Site {
	t.Helper()
	library, err := drugs.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(reconciliation.Slice(s.Deps, library, others))
	put(s, document)
	s.Put(drug("m1", "314076", "lisinopril 10 MG Oral Tablet", "1", 1), drug("m2", "861007", "metformin hydrochloride 500 MG Oral Tablet", "1", 2), drug("m3", "198211", "simvastatin 40 MG Oral Tablet", "1", 1),
		`{"resourceType":"AllergyIntolerance","id":"none","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]},"patient":{"reference":"Patient/ada"}}`)
	return s
}

// put gives the chart its document.
func put(s *slicetest.Site, document string) {
	s.Put(`{"resourceType":"Binary","id":"b1","contentType":"application/xml","securityContext":{"reference":"Patient/ada"},"data":"`+base64.StdEncoding.EncodeToString([]byte(document))+`"}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","subject":{"reference":"Patient/ada"},"date":"2026-11-20T10:00:00Z","content":[{"attachment":{"contentType":"application/xml","url":"Binary/b1","title":"CCD of County Hospital"}}]}`)
}

func drug(id, code, name, dose string, times int) string {
	return `{"resourceType":"MedicationRequest","id":"` + id + `","status":"active","intent":"order","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"` + code + `","display":"` + name + `"}]},"dosageInstruction":[{"text":"as here","timing":{"repeat":{"frequency":` + string(rune('0'+times)) + `,"period":1,"periodUnit":"d"}},"doseAndRate":[{"doseQuantity":{"value":` + dose + `,"unit":"tablet"}}]}]}`
}

var usual = meds(med("314076", "lisinopril 10 MG Oral Tablet", "1", "24"), med("861007", "metformin hydrochloride 500 MG Oral Tablet", "2", "12"), med("197361", "amlodipine 5 MG Oral Tablet", "1", "24")) + penicillin + asthma

func TestNothingUndecidedIsWritten(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", usual))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("Reconcile with CCD of County Hospital", "Different here and there metformin hydrochloride 500 MG Oral Tablet", "Dose: 1 tablet here, 2 tablet there",
		"Only in the document amlodipine 5 MG Oral Tablet", "Only here simvastatin 40 MG Oral Tablet", "Identical lisinopril 10 MG Oral Tablet", "Penicillin G", "Asthma").Hides("somebody else")
	rao.Post(at, "once", form.Value("once"), "state", form.Value("state"), "m1", "take", "m2", "take", "a0", "take").Want(422).Says("Nothing was changed.", "Decide about Asthma")
	if n := len(s.All("MedicationRequest")); n != 3 {
		t.Fatalf("%d prescriptions", n)
	}
	rao.Post(at, "once", form.Value("once"), "state", "stale", "m1", "take", "m2", "take", "a0", "take", "p0", "take").Want(409).Says("Decide again")
	send := []string{"once", form.Value("once"), "state", form.Value("state"), "m1", "take", "m2", "take", "a0", "take", "p0", "take"}
	rao.Post(at, send...).Want(200).Says("4 entries taken over, 1 medicine stopped.")
	rao.Post(at, send...).Want(409) // sent again
	states := map[string]string{}
	for _, r := range s.All("MedicationRequest") {
		states[r.Get("medicationCodeableConcept").Get("coding").Index(0).Get("code").Text()+" "+r.Get("intent").Text()] += r.Get("status").Text()
	}
	if len(states) != 5 || states["861007 order"] != "stopped" || states["861007 plan"] != "active" || states["197361 plan"] != "active" || states["198211 order"] != "active" || states["314076 order"] != "active" {
		t.Errorf("%v", states)
	}
	for _, a := range s.All("AllergyIntolerance") {
		if a.ID() == "none" && a.Get("clinicalStatus").Get("coding").Index(0).Get("code").Text() != "inactive" {
			t.Error("the denial outlives the allergy")
		}
	}
	c := s.One("Condition")
	if c.Get("onsetDateTime").Text() != "2007" || c.Get("code").Get("coding").Index(1).Get("code").Text() != "J45.909" {
		t.Errorf("%s", c.Bytes())
	}
	p := s.One("Provenance")
	rao.Get("/patients/ada/reconciliation").Want(200).Says("CCD of County Hospital")
	if n := p.Get("target").Len(); n != 7 || p.Get("activity").Get("text").Text() != "Reconciled" {
		t.Errorf("%s", p.Bytes())
	}
}

func TestSomebodyElsesDocument(t *testing.T) {
	s := site(t, ccd("Ngozi", "19700101", usual))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("This document may be about somebody else.", "Name in the document: Ngozi OKAFOR. Birth date in the document: 01-Jan-1970.")
	rao.Post(at, "once", form.Value("once"), "state", form.Value("state"), "m1", "leave", "m2", "take", "a0", "take", "p0", "take").Want(422).Says("Make sure that the document is about this patient")
	if len(s.All("Condition")) != 0 {
		t.Error("it was taken over all the same")
	}
}

func TestANurseStopsNothing(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", usual))
	nurse := s.By(access.Nurse).Beside()
	form := nurse.Get(at).Want(200).Says("A clinician decides about this.").Hides("stop ours")
	nurse.Post(at, "once", form.Value("once"), "state", form.Value("state"), "m1", "take", "m2", "take", "a0", "take", "p0", "leave").Want(200)
	for _, r := range s.All("MedicationRequest") {
		if r.Get("status").Text() != "active" {
			t.Errorf("%s is %s", r.ID(), r.Get("status").Text())
		}
	}
	if got := s.One("Provenance").Get("activity").Get("text").Text(); got != "Reconciled in part" {
		t.Error(got)
	}
	for _, role := range []access.Role{access.FrontDesk, access.Biller} {
		if code := s.By(role).Beside().Get(at).Code; code != 403 && code != 404 {
			t.Errorf("%s: %d", role, code)
		}
	}
}

func TestWhatIsNotUnderstoodIsShown(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", meds(`<entry><observation/></entry>`, `<entry><substanceAdministration negationInd="true" moodCode="EVN"><consumable><manufacturedProduct><manufacturedMaterial><code code="1191" codeSystem="2.16.840.1.113883.6.88" displayName="aspirin"/></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>`)))
	s.By(access.Clinician).Beside().Get(at).Want(200).Says("Not understood", "This entry could not be understood.", "Not: aspirin", "The document has no section about allergies. That does not mean that there are none.")
	s = site(t, `<!DOCTYPE a><ClinicalDocument xmlns="urn:hl7-org:v3"/>`)
	s.By(access.Clinician).Get(at).Want(422).Says("cannot be reconciled", "a document type is not accepted")
}

// TestWhatEndedIsNotTakenOver holds a medicine that ended, or may have, apart from what is taken.
func TestWhatEndedIsNotTakenOver(t *testing.T) {
	until := func(entry, state, high string) string {
		entry = strings.Replace(entry, `code="active"`, `code="`+state+`"`, 1)
		if high == "" {
			return entry
		}
		return strings.Replace(entry, `<effectiveTime xsi`, `<effectiveTime xsi:type="IVL_TS"><low value="20200101"/><high value="`+high+`"/></effectiveTime><effectiveTime operator="A" xsi`, 1)
	}
	s := site(t, ccd("Adaeze", "19680714", meds(
		until(med("197361", "amlodipine 5 MG Oral Tablet", "1", "24"), "active", "20201231"),
		until(med("617312", "atorvastatin 20 MG Oral Tablet", "1", "24"), "completed", ""),
		until(med("198211", "simvastatin 40 MG Oral Tablet", "1", "24"), "active", "20210131"),
		until(med("861007", "metformin hydrochloride 500 MG Oral Tablet", "1", "12"), "active", "20990131"))))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("By the document it ended on 31-Dec-2020", "The document says completed and names no end: ask whether it is still taken", "It is taken: take over",
		"By the document it ended on 31-Jan-2021", "Identical metformin").Hides("stop ours")
	base := []string{"once", form.Value("once"), "state", form.Value("state"), "m1", "leave"}
	rao.Post(at, append(base, "m2", "take")...).Want(422).Says("simvastatin 40 MG Oral Tablet cannot be taken over.")
	rao.Post(at, append(base, "m2", "leave", "m0", "take")...).Want(200)
	if n := len(s.All("MedicationRequest")); n != 3 {
		t.Errorf("%d medicines", n)
	}
}

// TestAnotherStrengthMayBeTakenToo takes a second strength of what is taken already, and stops nothing.
func TestAnotherStrengthMayBeTakenToo(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", meds(med("314077", "lisinopril 20 MG Oral Tablet", "1", "24"))))
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("Take theirs, stop ours", "Take theirs, keep ours too")
	rao.Post(at, "once", form.Value("once"), "state", form.Value("state"), "m0", "both").Want(200).Says("1 entry taken over.")
	for _, r := range s.All("MedicationRequest") {
		if r.Get("status").Text() != "active" {
			t.Errorf("%s is %s", r.ID(), r.Get("status").Text())
		}
	}
	if n := len(s.All("MedicationRequest")); n != 4 {
		t.Errorf("%d medicines", n)
	}
}

// TestAnotherFrequencyIsNeverTheSame holds frequencies that cannot be told as times a day, and times of the day, against each other.
func TestAnotherFrequencyIsNeverTheSame(t *testing.T) {
	chart := func(repeat string) string {
		return `{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","subject":{"reference":"Patient/ada"},"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"314076","display":"lisinopril 10 MG Oral Tablet"}]},"dosageInstruction":[{"text":"as here","timing":{"repeat":` + repeat + `},"doseAndRate":[{"doseQuantity":{"value":1,"unit":"tablet"}}]}]}`
	}
	daily := med("314076", "lisinopril 10 MG Oral Tablet", "1", "24")
	period := func(xml string) string { return strings.Replace(daily, `<period value="24" unit="h"/>`, xml, 1) }
	for name, c := range map[string]struct {
		here, there string
		same        bool
	}{
		"a day and 24 hours": {`{"frequency":1,"period":1,"periodUnit":"d"}`, daily, true},
		"a month":            {`{"frequency":1,"period":1,"periodUnit":"mo"}`, period(`<period value="1" unit="mo"/>`), true},
		"months":             {`{"frequency":1,"period":1,"periodUnit":"mo"}`, period(`<period value="3" unit="mo"/>`), false},
		"ranges":             {`{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}`, period(`<period><low value="4" unit="h"/><high value="8" unit="h"/></period>`), false},
		"one range":          {`{"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"}`, period(`<period><low value="4" unit="h"/><high value="6" unit="h"/></period>`), true},
		"days of the week":   {`{"frequency":1,"period":1,"periodUnit":"d","dayOfWeek":["mon"]}`, daily, false},
		"bedtime":            {`{"frequency":1,"period":1,"periodUnit":"d","when":["HS"]}`, daily, false},
		"neither says":       {`{"count":1}`, strings.Replace(daily, `<effectiveTime xsi:type="PIVL_TS"><period value="24" unit="h"/></effectiveTime>`, "", 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			s := site(t, ccd("Adaeze", "19680714", meds(c.there)))
			s.Put(chart(c.here))
			page := s.By(access.Clinician).Beside().Get(at).Want(200)
			if c.same {
				page.Says("Identical lisinopril").Hides("Frequency:")
			} else {
				page.Says("Frequency:").Hides("Identical")
			}
		})
	}
}

// TestChecksKnowWhatIsReplaced: a medicine that takes the place of one here says so, to the checks and in the record, and what a check says
// of it stands beside it.
func TestChecksKnowWhatIsReplaced(t *testing.T) {
	prior := func(d *fhir.Resource) string {
		return d.Get("medicationCodeableConcept").Get("coding").Index(0).Get("code").Text() + " " + d.Get("priorPrescription").Get("reference").Text()
	}
	var checked []string
	rule := slice.Rule{Name: "stub", Title: "Stub", Right: slice.Roles(access.Clinician), Check: func(_ context.Context, _ *record.Session, _ string, drafts []*fhir.Resource) ([]slice.Advice, error) {
		checked = nil
		for _, d := range drafts {
			if d.Type() == "MedicationRequest" && d.Get("status").Text() == "active" {
				checked = append(checked, prior(d))
			}
		}
		return []slice.Advice{{Summary: "short", Detail: "Too much metformin.", Draft: drafts[0]}, {Summary: "Not everything was checked", Detail: "Dose: unknown."}}, nil
	}}
	s := site(t, ccd("Adaeze", "19680714", usual), slice.Slice{Name: "stub", Rules: []slice.Rule{rule}})
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("Dose: 1 tablet here, 2 tablet there Too much metformin.", "Not everything was checked: Dose: unknown.").Hides("short")
	if got := strings.Join(checked, ", "); got != "861007 MedicationRequest/m2, 197361 " {
		t.Errorf("checked: %s", got)
	}
	rao.Post(at, "once", form.Value("once"), "state", form.Value("state"), "m1", "take", "m2", "take", "a0", "leave", "p0", "leave").Want(200)
	var kept []string
	for _, r := range s.All("MedicationRequest") {
		if r.Get("intent").Text() == "plan" {
			kept = append(kept, prior(r))
		}
	}
	if got := strings.Join(kept, ", "); len(kept) != 2 || !strings.Contains(got, "861007 MedicationRequest/m2") || !strings.Contains(got+",", "197361 ,") {
		t.Errorf("kept: %s", got)
	}
}

// TestWhatIsOnlyAskedForIsNotTaken: a medicine in a mood of asking, promising or proposing is no medicine that is taken.
func TestWhatIsOnlyAskedForIsNotTaken(t *testing.T) {
	for _, mood := range []string{"RQO", "PRMS", "PRP", "EVN.CRT"} {
		s := site(t, ccd("Adaeze", "19680714", meds(strings.Replace(med("197361", "amlodipine 5 MG Oral Tablet", "1", "24"), `moodCode="EVN"`, `moodCode="`+mood+`"`, 1))))
		rao := s.By(access.Clinician).Beside()
		form := rao.Get(at).Want(200).Says("amlodipine 5 MG Oral Tablet", "It is neither taken nor ordered in the document.").Hides("Take over")
		rao.Post(at, "once", form.Value("once"), "state", form.Value("state"), "m0", "take").Want(200)
		if n := len(s.All("MedicationRequest")); n != 3 {
			t.Errorf("%s: %d medicines", mood, n)
		}
	}
}

// TestFrequenciesAreExact: how often is said without rounding and without a trailing zero.
func TestFrequenciesAreExact(t *testing.T) {
	for hours, want := range map[string]string{"48": "Frequency: once daily here, every 2 days there", "168": "every 7 days there", "16": "3 times in 2 days there", "56": "3 times in 7 days there", "8": "3 times daily there"} {
		s := site(t, ccd("Adaeze", "19680714", meds(med("314076", "lisinopril 10 MG Oral Tablet", "1", hours))))
		s.By(access.Clinician).Beside().Get(at).Want(200).Says(want)
	}
}

// TestWhatIsOnlyHereIsDecided stops one of ours with reason and date, confirms one, and leaves one undecided.
func TestWhatIsOnlyHereIsDecided(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", meds(med("197361", "amlodipine 5 MG Oral Tablet", "1", "24"))))
	s.Put(`{"resourceType":"MedicationStatement","id":"m4","status":"active","subject":{"reference":"Patient/ada"},"effectiveDateTime":"2024","medicationCodeableConcept":{"text":"fish oil"}}`)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("Still taken", "Stopped", "Not decided")
	base := []string{"once", form.Value("once"), "state", form.Value("state"), "m0", "take"}
	field := map[string]string{"m1": fieldOf(form, "lisinopril"), "m3": fieldOf(form, "simvastatin"), "m4": fieldOf(form, "fish oil")}
	for _, c := range []struct{ why, on, want string }{
		{"", "", "Say why simvastatin 40 MG Oral Tablet is stopped."},
		{"muscle pain", "24-Nov-2026", "This lies in the future"},
		{"muscle pain", "soon", "Not a date."},
	} {
		rao.Post(at, append(base, field["m3"], "stop", field["m3"]+"-why", c.why, field["m3"]+"-on", c.on)...).Want(422).Says("Nothing was changed.", c.want)
	}
	send := append(base, field["m3"], "stop", field["m3"]+"-why", "muscle pain", field["m3"]+"-on", "Oct 2026", field["m1"], "leave", field["m4"], "stop", field["m4"]+"-why", "not needed", field["m4"]+"-on", "01-Nov-2026")
	rao.Post(at, send...).Want(200).Says("1 entry taken over, 2 medicines stopped, 1 medicine confirmed as still taken.")
	rao.Post(at, send...).Want(409)
	for _, r := range s.All("MedicationRequest") {
		want := "active"
		if r.ID() == "m3" {
			want = "stopped"
			if r.Get("statusReason").Get("text").Text() != "muscle pain" || r.Get("extension").Index(0).Get("valueDateTime").Text() != "2026-10" {
				t.Errorf("%s", r.Bytes())
			}
		}
		if got := r.Get("status").Text(); got != want {
			t.Errorf("%s is %s", r.ID(), got)
		}
	}
	if st := s.One("MedicationStatement"); st.Get("status").Text() != "stopped" || st.Get("effectivePeriod").Get("end").Text() != "2026-11-01" || st.Get("effectiveDateTime").Text() != "" {
		t.Errorf("%s", st.Bytes())
	}
	said := map[string]int{}
	for _, p := range s.All("Provenance") {
		for i := range p.Get("target").Len() {
			said[p.Get("activity").Get("text").Text()+" "+p.Get("target").Index(i).Get("reference").Text()]++
		}
		if p.Get("entity").Index(0).Get("what").Get("reference").Text() != "DocumentReference/d1" {
			t.Errorf("%s", p.Bytes())
		}
	}
	if said["Reconciled MedicationRequest/m3"] != 1 || said["Reconciled MedicationStatement/m4"] != 1 || said["Confirmed as still taken MedicationRequest/m1"] != 1 || len(said) != 5 {
		t.Errorf("%v", said)
	}
}

// fieldOf is the name of the choice about a row whose name begins so.
func fieldOf(form slicetest.Answer, name string) string {
	m := regexp.MustCompile(`<legend class="vh">` + regexp.QuoteMeta(name) + `[^<]*</legend>.*?name="([^"]+)"`).FindStringSubmatch(form.Body)
	if m == nil {
		return "no field about " + name
	}
	return m[1]
}
