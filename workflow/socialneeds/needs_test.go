package socialneeds_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/socialneeds"
)

const page = "/patients/ada/needs"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Serve(socialneeds.Slice(s.Deps))
	return s
}

func answer(id, code, said string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"survey"}]},{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-category","code":"sdoh"}]}],` +
		`"code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/social-need","code":"` + code + `"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-20","valueCodeableConcept":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/social-need","code":"` + strings.ToLower(said) + `"}],"text":"` + said + `"}}`
}

func TestFromScreeningToReferral(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	rao.Get(page).Want(200).Says("None recorded; not known whether anybody asked")
	s.Put(answer("o1", "food", "Yes"), answer("o2", "housing", "No"))
	rao.Get(page).Says("Food insecurity: yes at the screening of 20-Nov-2026 Add it", "None in the list")
	form := rao.Beside().Get(page + "/new?domain=food").Want(200)
	if !strings.Contains(form.Body, `value="Food insecurity" selected`) {
		t.Errorf("the domain is not chosen")
	}
	send := []string{"once", form.Value("once"), "domain", "Food insecurity", "since", "m-6", "goal", "Enough food for the month", "due", "t+30", "referral", "Food pantry"}
	rao.Beside().Post(page, send...).Want(200).Says("Food insecurity added to the social needs of OKAFOR, Adaeze.")
	rao.Beside().Post(page, send...).Want(200)
	c, g, r := s.One("Condition"), s.One("Goal"), s.One("ServiceRequest")
	for _, want := range []string{`"code":"Z59.41"`, `"code":"sdoh"`, `"code":"health-concern"`, `"onsetDateTime":"2026-05"`, `Observation/o1`} {
		if !strings.Contains(string(c.Bytes()), want) {
			t.Errorf("without %s: %s", want, c.Bytes())
		}
	}
	ref := "Condition/" + c.ID()
	if g.Get("addresses").Index(0).Get("reference").Text() != ref || g.Get("target").Index(0).Get("dueDate").Text() != "2026-12-23" || r.Get("reasonReference").Index(0).Get("reference").Text() != ref || r.Get("status").Text() != "active" {
		t.Errorf("%s\n%s", g.Bytes(), r.Bytes())
	}
	rao.Get(page).Says("Food insecurity", "Enough food for the month active", "by 23-Dec-2026", "Referral for food insecurity: Food pantry", "Housing instability No").Hides("Add it")
	rao.Beside().Post(page+"/goals/"+g.ID(), "version", "1", "how", "reached").Want(200).Says("Goal reached.")
	if g := s.One("Goal"); g.Get("lifecycleStatus").Text() != "completed" || g.Get("statusDate").Text() != "2026-11-23" {
		t.Errorf("%s", g.Bytes())
	}
	open := rao.Beside().Get(page + "/" + c.ID()).Want(200)
	rao.Beside().Post(page+"/"+c.ID(), "version", "1", "domain", "Food insecurity", "since", open.Value("since"), "state", "resolved").Want(200).Says("Food insecurity resolved.")
	rao.Beside().Post(page+"/"+c.ID(), "version", "1", "domain", "Food insecurity").Want(409).Says("Changed by somebody else meanwhile.")
	rao.Get(page).Says("Met 1")
	rao.Beside().Post(page+"/"+c.ID(), "version", "2", "mistake", "yes").Want(200)
	s.One("Condition") // valid as entered in error too
	rao.Get(page).Hides("Met 1")
	rao.Beside().Get(page + "/" + c.ID()).Want(409).Says("This was entered in error")
	rao.Beside().Post(page+"/"+c.ID(), "version", "3", "domain", "Food insecurity").Want(409)
	rao.Beside().Post(page+"/goals/"+g.ID(), "version", "2").Want(422).Says("Say whether it was reached or given up.")
	rao.Beside().Post(page+"/goals/"+g.ID(), "version", "2", "how", "mistake").Want(200)
	rao.Beside().Post(page+"/goals/"+g.ID(), "version", "3", "how", "reached").Want(409)
	if status := s.One("Goal").Get("lifecycleStatus").Text(); status != "entered-in-error" {
		t.Errorf("it came back: %s", status)
	}
}

func TestOwnWords(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(page).Want(422).Says("Choose what is lacking")
	rao.Post(page, "domain", "Nothing").Want(422).Says("Choose one of the list.")
	rao.Post(page, "domain", "Loneliness", "due", "soon", "goal", "Company").Want(422).Says("Not a day.")
	rao.Post(page, "domain", "Loneliness", "due", "t+3").Want(422).Says("Say what is to be reached by then.")
	rao.Post(page, "words", "Cannot read letters from the court").Want(200)
	if c := s.One("Condition"); c.Get("code").Get("coding").Exists() {
		t.Errorf("%s", c.Bytes())
	}
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`,
		`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-category","code":"sdoh"}]}],"code":{"text":"Homeless"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"Condition","id":"c2","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"text":"Gout"},"subject":{"reference":"Patient/ada"}}`)
	s.By(access.FrontDesk).Get(page).Want(404)
	s.By(access.Patient).Get(page).Want(200).Says("Homeless").Hides("Add a need", "Gout")
	s.By(access.Patient).Post(page, "domain", "Loneliness").Want(404)
	s.By(access.Clinician).Get(page + "/c2").Want(404)
	s.By(access.Clinician).Get("/patients/bob/needs/c1").Want(404)
	s.By(access.Clinician).Post("/patients/bob/needs/c1", "mistake", "yes").Want(404)
}
