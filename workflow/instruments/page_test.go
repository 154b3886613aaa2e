package instruments_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/instruments"
)

const forms = "/patients/ada/forms"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Serve(instruments.Slice(s.Deps))
	return s
}

var (
	phq9  = []string{"44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8"}
	often = []string{"LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"}
)

// answered are the fields of a PHQ-9: a digit for each answer, "-" for none.
func answered(points string) (out []string) {
	for i, c := range points {
		if c != '-' {
			out = append(out, "a."+phq9[i], "http://loinc.org|"+often[c-'0'])
		}
	}
	return out
}

func withCode(all []*fhir.Resource, code string) *fhir.Resource {
	for _, r := range all {
		if r.Get("code").Get("coding").Index(0).Get("code").Text() == code {
			return r
		}
	}
	return nil
}

func TestPHQ9(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Get(forms+"/new").Want(200).Says("PHQ-9", "GAD-7", "AUDIT-C", "NEWS2", "Range of motion")
	form := rao.Get(forms+"/new/phq-9").Want(200).Says("Little interest or pleasure in doing things", "More than half the days", "No permission required")
	send := append([]string{"once", form.Value("once")}, answered("221110000")...)
	rao.Post(forms+"/new/phq-9", send...).Want(200).Says("PHQ-9 of OKAFOR, Adaeze saved. Score 7 of 27: Mild.")
	rao.Post(forms+"/new/phq-9", send...).Want(200) // sent twice
	r := s.One("QuestionnaireResponse")
	if r.Get("questionnaire").Text() != "https://osler.example/fhir/Questionnaire/phq-9|1" || r.Get("status").Text() != "completed" || r.Get("author").Get("reference").Text() != "Practitioner/rao" {
		t.Errorf("%s", r.Bytes())
	}
	if q := s.One("Questionnaire"); q.Get("url").Text() != "https://osler.example/fhir/Questionnaire/phq-9" {
		t.Errorf("%s", q.Bytes())
	}
	all := s.All("Observation")
	total, panel, item9 := withCode(all, "44261-6"), withCode(all, "44249-1"), withCode(all, "44260-8")
	if len(all) != 3 || total == nil || panel == nil || item9 == nil {
		t.Fatalf("%d observations", len(all))
	}
	if v := total.Get("valueQuantity").Get("value").Raw(); string(v) != "7" || total.Get("interpretation").Index(0).Get("text").Text() != "Mild" {
		t.Errorf("%s", total.Bytes())
	}
	if from := total.Get("derivedFrom").Index(0).Get("reference").Text(); from != "QuestionnaireResponse/"+r.ID() {
		t.Errorf("derived from %s", from)
	}
	if n := panel.Get("hasMember").Len(); n != 2 {
		t.Errorf("the panel has %d members", n)
	}
	if n := len(s.All("Task")); n != 0 {
		t.Errorf("%d tasks", n)
	}
	s.By(access.Clinician).Get(forms).Want(200).Says("PHQ-9", "7", "Mild, 23-Nov-2026", "Kroenke K", "Score 7").Hides("self-harm")
	rao.Get(forms+"/"+r.ID()).Want(200).Says("Feeling down, depressed, or hopeless", "More than half the days", "Score 7", "7")
}

func TestItem9IsSaidAtOnce(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	// Not even a form that cannot be saved keeps it back.
	rao.Post(forms+"/new/phq-9", append([]string{"date", "2031"}, answered("--------1")...)...).Want(422).Says("Thoughts of death or self-harm reported.", "This lies in the future")
	if len(s.All("Task")) != 0 {
		t.Error("nothing was saved, and there is a task")
	}
	form := rao.Get(forms + "/new/phq-9")
	send := append([]string{"once", form.Value("once")}, answered("000000001")...)
	rao.Post(forms+"/new/phq-9", send...).Want(200).Says("Thoughts of death or self-harm reported.", "Ask about suicide now", "A task was made.", "Score 1 of 27: Minimal.")
	rao.Post(forms+"/new/phq-9", send...).Want(200)
	task, r := s.One("Task"), s.One("QuestionnaireResponse")
	if task.Get("priority").Text() != "stat" || task.Get("owner").Get("reference").Text() != "Practitioner/rao" || task.Get("for").Get("reference").Text() != "Patient/ada" || task.Get("focus").Get("reference").Text() != "QuestionnaireResponse/"+r.ID() {
		t.Errorf("%s", task.Bytes())
	}
	s.By(access.Clinician).Get(forms).Says("Thoughts of death or self-harm reported.", "PHQ-9, 23-Nov-2026: “Several days”.")
	rao.Get(forms + "/" + r.ID()).Says("Thoughts of death or self-harm reported.")
	// Struck, it warns of nothing and asks for nothing.
	rao.Post(forms+"/"+r.ID(), "version", "1").Want(422).Says("Say why it is wrong")
	rao.Post(forms+"/"+r.ID(), "version", "1", "reason", "Wrong patient").Want(200).Says("Struck.")
	if status := s.One("Task").Get("status").Text(); status != "cancelled" {
		t.Errorf("the task is %s", status)
	}
	for _, o := range s.All("Observation") {
		if o.Get("status").Text() != "entered-in-error" || !strings.Contains(string(o.Bytes()), "Wrong patient") {
			t.Errorf("%s", o.Bytes())
		}
	}
	s.By(access.Clinician).Get(forms).Says("Entered in error", "No scores recorded").Hides("self-harm")
}

func TestIncompleteHasNoScore(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(forms + "/new/phq-9").Want(422).Says("Nothing is answered yet.")
	rao.Post(forms+"/new/phq-9", answered("33333333-")...).Want(200).Says("No score: one question is not answered: Thoughts that you would be better off dead")
	if n := len(s.All("Observation")); n != 0 {
		t.Errorf("%d observations of a form that has no score", n)
	}
	s.By(access.Clinician).Get(forms).Says("No score: one question is not answered", "No scores recorded")
}

func TestUnfinishedIsGoneOnWith(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(forms+"/new/gad-7", "a.69725-0", "http://loinc.org|LA6569-3", "unfinished", "yes").Want(200).Says("GAD-7 of OKAFOR, Adaeze saved unfinished.")
	id := s.One("QuestionnaireResponse").ID()
	rao.Get(forms + "/" + id).Says("Go on with it")
	form := rao.Get(forms + "/new/gad-7?response=" + id).Want(200)
	if form.Value("response") != id || form.Value("version") != "1" || !strings.Contains(form.Body, `value="http://loinc.org|LA6569-3" checked`) {
		t.Errorf("the answer is gone: %s", form.Body)
	}
	send := []string{"response", id, "version", "1"}
	for _, code := range []string{"69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"} {
		send = append(send, "a."+code, "http://loinc.org|LA6571-9")
	}
	rao.Post(forms+"/new/gad-7", send...).Want(200).Says("Score 21 of 21: Severe.")
	if r := s.One("QuestionnaireResponse"); r.Get("status").Text() != "completed" {
		t.Errorf("%s", r.Bytes())
	}
	rao.Post(forms+"/new/gad-7", send...).Want(404) // it is finished
}

func TestNEWS2FromVitals(t *testing.T) {
	s := site(t)
	vital := func(id, at, code, value, unit string) string {
		return `{"resourceType":"Observation","id":"` + id + `","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"` + code +
			`"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"` + at + `","valueQuantity":{"value":` + value + `,"unit":"` + unit + `","system":"http://unitsofmeasure.org","code":"` + unit + `"}}`
	}
	s.Put(vital("v1", "2026-11-23T10:05:00Z", "9279-1", "22", "/min"), vital("v2", "2026-11-23T10:05:00Z", "59408-5", "94", "%"),
		vital("v3", "2026-11-23T10:05:00Z", "8310-5", "101.3", "[degF]"), vital("v4", "2026-11-20T10:05:00Z", "8867-4", "72", "/min"),
		`{"resourceType":"Observation","id":"v5","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-23T10:05:00Z","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":105,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(forms + "/new/news2").Want(200).Says("Measured 23-Nov-2026, 10:05")
	for field, want := range map[string]string{"a.respiration": "22", "a.saturation": "94", "a.temperature": "38.5", "a.systolic": "105", "a.pulse": ""} {
		if got := form.Value(field); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	const acvpu = "https://osler.example/fhir/CodeSystem/score|acvpu-alert"
	rao.Post(forms+"/new/news2", "a.respiration", "22", "a.saturation", "94", "a.temperature", "38.5", "a.systolic", "105", "a.oxygen", "false", "a.consciousness", acvpu).Want(200).Says("No score: one question is not answered: Pulse.")
	rao.Post(forms+"/new/news2", "a.respiration", "22", "a.saturation", "940", "a.temperature", "x", "a.pulse", "95.5").Want(422).Says("Up to 100.", "Not a number.", "A whole number.")
	rao.Post(forms+"/new/news2", "a.respiration", "22", "a.saturation", "94", "a.temperature", "38.5", "a.systolic", "105", "a.pulse", "95", "a.oxygen", "true", "a.consciousness", acvpu).Want(200).Says("Score 8 of 20: High: emergency response.")
	s.By(access.Clinician).Get(forms).Says("NEWS2", "8", "High: emergency response, 23-Nov-2026")
}

func TestRangeOfMotion(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	const r = "https://osler.example/fhir/CodeSystem/range-of-motion|"
	rao.Post(forms+"/new/range-of-motion", "a.joint", r+"knee", "a.knee-flexion", "95").Want(422).Says("This must be answered")
	rao.Post(forms+"/new/range-of-motion", "a.side", r+"left", "a.joint", r+"knee", "a.knee-flexion", "95", "a.shoulder-flexion", "170").Want(200).Says("Range of motion of OKAFOR, Adaeze saved.")
	all := s.All("Observation")
	flexion := withCode(all, "knee-flexion")
	if len(all) != 2 || flexion == nil || flexion.Get("code").Get("text").Text() != "Left knee flexion" || string(flexion.Get("valueQuantity").Get("value").Raw()) != "95" {
		t.Fatalf("%d observations, %v", len(all), flexion)
	}
	if answers := string(s.One("QuestionnaireResponse").Bytes()); strings.Contains(answers, "shoulder-flexion") {
		t.Errorf("an answer to what was not asked is kept: %s", answers)
	}
	s.By(access.Clinician).Get(forms).Says("Left knee flexion", "95", "degrees")
}

const intake = `{"resourceType":"Questionnaire","id":"intake","url":"urn:intake","status":"active","title":"Intake","item":[
 {"linkId":"1","text":"Do you drive?","type":"boolean","required":true},
 {"linkId":"2","text":"Since when?","type":"date","enableWhen":[{"question":"1","operator":"=","answerBoolean":true}],"required":true},
 {"linkId":"3","text":"Photo of the licence","type":"attachment"},
 {"linkId":"4","text":"Languages","type":"choice","repeats":true,"answerOption":[{"valueString":"English"},{"valueString":"Igbo"}]},
 {"linkId":"5","text":"Favourite food","type":"open-choice","answerOption":[{"valueString":"Rice"}],"item":[{"linkId":"5.1","text":"How often","type":"integer"}]},
 {"linkId":"6","text":"Household","type":"group","item":[{"linkId":"6.1","text":"People","type":"integer"},{"linkId":"6.2","text":"Rent","type":"decimal"},{"linkId":"6.3","text":"Remarks","type":"text"},
  {"linkId":"6.4","text":"Is it crowded?","type":"string","enableBehavior":"all","enableWhen":[{"question":"6.1","operator":">=","answerInteger":5},{"question":"6.2","operator":"exists","answerBoolean":true}]}]}]}`

func TestAQuestionnaireOfTheRecord(t *testing.T) {
	s := site(t)
	s.Put(intake, `{"resourceType":"Questionnaire","id":"old","url":"urn:old","status":"retired","title":"Old form"}`)
	rao := s.By(access.Clinician).Beside()
	rao.Get(forms + "/new").Says("Intake").Hides("Old form")
	rao.Get(forms + "/new/old").Want(404)
	rao.Get(forms+"/new/intake").Want(200).Says("Not all of this form can be filled in here: “Photo of the licence” is an answer of type attachment.", "Photo of the licence cannot be answered here")
	rao.Post(forms+"/new/intake", "a.4", "English").Want(422).Says("This must be answered; or save the form unfinished.")
	rao.Post(forms+"/new/intake", "a.1", "true").Want(422).Says("This must be answered")
	rao.Post(forms+"/new/intake", "a.1", "false", "a.4", "French").Want(422).Says("Choose an answer from the list.")
	rao.Post(forms+"/new/intake", "a.1", "false", "a.2", "2001", "a.4", "English", "a.4", "Igbo", "o.5", "Yam", "a.5.1", "3", "a.6.1", "4", "a.6.2", "700.50", "a.6.4", "yes").Want(200)
	r := s.One("QuestionnaireResponse")
	body := string(r.Bytes())
	for _, want := range []string{`"valueBoolean":false`, `"valueString":"English"},{"valueString":"Igbo"`, `{"valueString":"Yam","item":[{"linkId":"5.1","text":"How often","answer":[{"valueInteger":3}]}]}`, `"valueInteger":4`, `"valueDecimal":700.50`, `"questionnaire":"urn:intake"`} {
		if !strings.Contains(body, want) {
			t.Errorf("without %s: %s", want, body)
		}
	}
	if strings.Contains(body, "2001") || strings.Contains(body, `"6.4"`) {
		t.Errorf("an answer to what was not asked is kept: %s", body)
	}
	rao.Get(forms+"/"+r.ID()).Says("Intake", "Yam", "700.50")
	rao.Post(forms+"/new/intake", "a.1", "true", "a.2", "2001", "a.6.1", "5", "a.6.2", "1", "a.6.4", "yes").Want(200)
	if all := s.All("QuestionnaireResponse"); len(all) != 2 || !strings.Contains(string(all[0].Bytes())+string(all[1].Bytes()), `"6.4"`) {
		t.Errorf("%d responses", len(all))
	}
}

// Scores of other systems stand in the same row, with the band that they did not state.
func TestScoresOfOthers(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Observation","id":"o1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"44261-6"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-05-04","valueQuantity":{"value":14,"unit":"points","system":"http://unitsofmeasure.org","code":"{score}"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"N"}],"text":"Normal"}]}`)
	rao := s.By(access.Clinician)
	rao.Get(forms).Says("14", "Moderate, 04-May-2026")
	rao.Beside().Post(forms+"/new/phq-9", answered("111111110")...).Want(200)
	if a := rao.Get(forms).Says("8", "Mild, 23-Nov-2026", "Moderate, 04-May-2026"); !strings.Contains(a.Body, "PHQ-9: 14 abnormal on 04-May-2026, 8 on 23-Nov-2026") {
		t.Errorf("one line does not join the scores: %s", a.Body)
	}
}

// TestAnAlertStands: neither how much else is observed nor an answer that is not understood hides one, and another answer ends it.
func TestAnAlertStands(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	rao.Beside().Post(forms+"/new/phq-9", answered("000000002")...).Want(200)
	lead := "More than half the days"
	rao.Get(forms).Want(200).Says(lead)
	observed := func(id, category, code, value string) string {
		return `{"resourceType":"Observation","id":"` + id + `","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"` + category + `"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"` + code + `"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-24T08:00:00Z",` + value + `}`
	}
	var more []string
	for i := range 401 { // more than a chart reads
		more = append(more, observed(fmt.Sprintf("e%d", i), "exam", "8867-4", `"valueQuantity":{"value":70}`))
	}
	s.Put(append(more, observed("odd", "survey", "44260-8", `"valueCodeableConcept":{"text":"see letter"}`))...)
	rao.Get(forms).Want(200).Says(lead)
	s.Put(observed("none", "survey", "44260-8", `"valueCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"LA6568-5","display":"Not at all"}]}`))
	rao.Get(forms).Want(200).Hides(lead)
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	s.By(access.FrontDesk).Get(forms).Want(404)
	s.By(access.FrontDesk).Post(forms+"/new/phq-9", answered("000000000")...).Want(404)
	s.By(access.Patient).Post(forms+"/new/phq-9", answered("000000000")...).Want(404)
	s.By(access.Nurse).Beside().Post(forms+"/new/phq-9", answered("000000002")...).Want(200)
	if task := s.One("Task"); !strings.Contains(string(task.Bytes()), `"code":"clinicians"`) {
		t.Errorf("nobody who can act gets it: %s", task.Bytes())
	}
	id := s.One("QuestionnaireResponse").ID()
	s.By(access.Clinician).Get("/patients/bob/forms/" + id).Want(404)
	s.By(access.Clinician).Post("/patients/bob/forms/"+id, "reason", "x").Want(404)
	s.By(access.Patient).Get(forms + "/" + id).Want(200).Hides("Entered in error")
	s.By(access.Patient).Post(forms+"/"+id, "reason", "x").Want(404)
	if status := s.One("QuestionnaireResponse").Get("status").Text(); status != "completed" {
		t.Errorf("struck: %s", status)
	}
}
