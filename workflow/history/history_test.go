package history_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/history"
)

const page = "/patients/ada/history"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Serve(history.Slice(s.Deps))
	return s
}

func withCode(t *testing.T, all []*fhir.Resource, code string) *fhir.Resource {
	t.Helper()
	for _, r := range all {
		if r.Get("code").Get("coding").Index(0).Get("code").Text() == code {
			return r
		}
	}
	t.Fatalf("none has the code %s", code)
	return nil
}

func TestSocialHistory(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	rao.Get(page).Want(200).Says("Not recorded", "None recorded; not known whether there were any")
	form := rao.Beside().Get(page + "/social").Want(200)
	send := []string{"once", form.Value("once"), "smoking", "former", "packyears", "12.5", "alcohol", "now", "drinks", "4", "alcohol-note", "Wine", "drugs", "never", "occupation", "Teacher", "industry", "School", "since", "2009", "orientation", "straight"}
	rao.Beside().Post(page+"/social", send...).Want(200).Says("Social history of OKAFOR, Adaeze recorded: tobacco smoking, pack-years, alcohol, other drugs, occupation, sexual orientation.")
	rao.Beside().Post(page+"/social", send...).Want(422) // sent twice: nothing is changed
	all := s.All("Observation")
	if len(all) != 6 {
		t.Fatalf("%d observations", len(all))
	}
	for code, want := range map[string]string{
		"72166-2": `"code":"8517006"`, "782516008": `"value":12.5,"unit":"pack-years","system":"http://unitsofmeasure.org","code":"{PackYears}"`, "11331-6": `"value":4,"unit":"drinks a week"`,
		"11343-1": `"text":"Never"`, "11341-5": `"effectivePeriod":{"start":"2009"}`, "76690-7": `"code":"20430005"`,
	} {
		if r := withCode(t, all, code); !strings.Contains(string(r.Bytes()), want) || !strings.Contains(string(r.Bytes()), "us-core-") {
			t.Errorf("without %s: %s", want, r.Bytes())
		}
	}
	rao.Get(page).Says("Former smoker", "12.5", "Now drinks, 4 drinks a week, Wine", "Other drugs: Never", "Teacher, School", "since 2009", "Straight or heterosexual").Hides("Recorded before")
	// What stays the same is not written again.
	again := rao.Beside().Get(page + "/social")
	if again.Value("packyears") != "12.5" || again.Value("occupation") != "Teacher" || again.Value("since") != "2009" || again.Value("drinks") != "4" || !strings.Contains(again.Body, `name="smoking" value="former" checked`) {
		t.Errorf("what is known is not filled in: %s", again.Body)
	}
	send[1], send[5] = again.Value("once"), "13"
	rao.Beside().Post(page+"/social", send...).Want(200).Says("recorded: pack-years.")
	if n := len(s.All("Observation")); n != 7 {
		t.Errorf("%d observations", n)
	}
	send[1] = rao.Beside().Get(page + "/social").Value("once")
	rao.Beside().Post(page+"/social", append(send, "again", "yes")...).Want(200).Says("tobacco smoking, pack-years, alcohol")
}

func TestWhatCannotBe(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(page+"/social", "smoking", "never", "packyears", "10").Want(422).Says("Who never smoked has no pack-years.")
	rao.Post(page+"/social", "smoking", "sometimes").Want(422).Says("Choose an answer.")
	rao.Post(page+"/social", "alcohol", "never", "drinks", "3").Want(422).Says("Who never drank")
	rao.Post(page+"/social", "drinks", "many", "alcohol", "now").Want(422).Says("A number from 0 to 300.")
	rao.Post(page+"/social", "occupation", "Smith", "since", "2031").Want(422).Says("This lies in the future")
	rao.Post(page + "/social").Want(422).Says("Nothing is changed.")
	if n := len(s.All("Observation")); n != 0 {
		t.Errorf("%d were made", n)
	}
}

// What other systems say: their codes, and gender identity from the demographics.
func TestOfOthers(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Patient","id":"ada","active":true,"name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-genderIdentity","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"446141000124107","display":"Identifies as female gender (finding)"}]}}]}`,
		`{"resourceType":"Observation","id":"s1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2020-01-01","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"449868002","display":"Smokes tobacco daily (finding)"}]}}`,
		`{"resourceType":"Observation","id":"s2","status":"entered-in-error","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2024-01-01","valueCodeableConcept":{"text":"Never smoker"}}`)
	rao := s.By(access.Clinician)
	rao.Get(page).Says("Gender identity: Identifies as female gender", "Smokes tobacco daily", "01-Jan-2020").Hides("Never smoker")
	if form := rao.Beside().Get(page + "/social"); !strings.Contains(form.Body, `name="smoking" value="daily" checked`) {
		t.Errorf("the answer of another system is not known: %s", form.Body)
	}
	rao.Beside().Get(page + "/social/s1").Want(200).Says("Smokes tobacco daily")
	rao.Beside().Post(page+"/social/s1", "version", "1").Want(422).Says("Say why it is wrong")
	rao.Beside().Post(page+"/social/s1", "version", "9", "reason", "Misheard").Want(409).Says("Changed by somebody else meanwhile.")
	rao.Beside().Post(page+"/social/s1", "version", "1", "reason", "Misheard").Want(200).Says("struck as entered in error")
	rao.Beside().Post(page+"/social/s1", "version", "2", "reason", "Again").Want(409)
	rao.Get(page).Hides("Smokes tobacco daily")
}

func TestOperations(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	for _, c := range []struct{ typed, want, shown string }{
		{"1987", `"performedDateTime":"1987"`, "1987"}, {"mar 1987", `"performedDateTime":"1987-03"`, "Mar-1987"}, {"14-Mar-1987", `"performedDateTime":"1987-03-14"`, "14-Mar-1987"},
		{"at 12", `"performedAge":{"value":12,"unit":"years","system":"http://unitsofmeasure.org","code":"a"}`, "at 12 y"}, {"", `"performedString":"date not known"`, "Appendectomy"},
	} {
		form := rao.Get(page + "/operations/new")
		rao.Post(page+"/operations", "once", form.Value("once"), "name", "Appendectomy", "performed", c.typed, "site", "Abdomen", "by", "County Hospital").Want(200).Says("Appendectomy added to the operations of OKAFOR, Adaeze.")
		rao.Post(page+"/operations", "once", form.Value("once"), "name", "Appendectomy", "performed", c.typed).Want(200)
		p := s.One("Procedure")
		if !strings.Contains(string(p.Bytes()), c.want) {
			t.Errorf("%s: %s", c.typed, p.Bytes())
		}
		s.By(access.Clinician).Get(page).Says("Appendectomy abdomen, County Hospital", c.shown).Hides("date not known")
		// Opened and saved, it stays as it was.
		open := rao.Get(page + "/operations/" + p.ID())
		rao.Post(page+"/operations/"+p.ID(), "version", "1", "name", open.Value("name"), "performed", open.Value("performed"), "site", open.Value("site"), "by", open.Value("by"), "note", "Open").Want(200)
		if p := s.One("Procedure"); !strings.Contains(string(p.Bytes()), c.want) || !strings.Contains(string(p.Bytes()), `"text":"Open"`) {
			t.Errorf("%s changed: %s", c.typed, p.Bytes())
		}
		rao.Post(page+"/operations/"+p.ID(), "version", "1", "name", "Other").Want(409).Says("It now says: Appendectomy")
		rao.Post(page+"/operations/"+p.ID(), "version", "2", "mistake", "yes").Want(200).Says("entered in error")
		s.By(access.Clinician).Get(page).Hides("Appendectomy")
		rao.Get(page + "/operations/" + p.ID()).Want(409).Says("This was entered in error")
		rao.Post(page+"/operations/"+p.ID(), "version", "3", "name", "Appendectomy").Want(409)
		if status := s.One("Procedure").Get("status").Text(); status != "entered-in-error" {
			t.Errorf("it came back: %s", status)
		}
		s = site(t)
		rao = s.By(access.Clinician).Beside()
	}
	rao.Post(page+"/operations", "name", "", "performed", "soon").Want(422).Says("Say what was done", "Not a date.")
	rao.Post(page+"/operations", "name", "Birth", "performed", "at 200").Want(422).Says("Nobody is that old.")
}

func TestNoOperationsIsAFact(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(page+"/operations", "none", "yes").Want(200).Says("No operations recorded for OKAFOR, Adaeze.")
	s.By(access.Clinician).Get(page).Says("None, asked 23-Nov-2026 by Dr Priya Rao")
	s.One("List")
	rao.Post(page+"/operations", "name", "Appendectomy").Want(200)
	s.By(access.Clinician).Get(page).Hides("None, asked")
	rao.Post(page+"/operations", "none", "yes").Want(422).Says("There were some.")
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`, `{"resourceType":"Procedure","id":"p1","status":"completed","code":{"text":"Tonsillectomy"},"subject":{"reference":"Patient/ada"},"performedDateTime":"1975"}`,
		`{"resourceType":"Observation","id":"s1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},"subject":{"reference":"Patient/ada"},"valueCodeableConcept":{"text":"Never smoker"}}`)
	s.By(access.FrontDesk).Get(page).Want(404)
	s.By(access.Biller).Get(page).Want(404)
	s.By(access.Patient).Get(page).Want(200).Says("Tonsillectomy", "Never smoker").Hides("Add an operation")
	s.By(access.Patient).Post(page+"/operations", "name", "X").Want(404)
	s.By(access.Patient).Post(page+"/social", "smoking", "never").Want(404)
	for _, address := range []string{"/operations/p1", "/social/s1"} {
		s.By(access.Clinician).Get("/patients/bob/history" + address).Want(404)
		s.By(access.Clinician).Post("/patients/bob/history"+address, "name", "X", "reason", "X").Want(404)
	}
}
