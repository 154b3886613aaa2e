package problems_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/workflow/problems"
)

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	library, err := terms.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(problems.Slice(s.Deps, library))
	return s
}

const list = "/patients/ada/problems"

func TestAddAProblem(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	found := rao.Beside().Get(list + "/codes?q=essential+hyp").Want(200)
	if !strings.Contains(found.Body, `data-value="I10"`) {
		t.Fatalf("not offered: %s", found.Text())
	}
	form := rao.Beside().Get(list+"/new").Want(200).Says("Add a problem", "OKAFOR, Adaeze", "14-Jul-1968")
	once := form.Value("once")
	send := []string{"once", once, "name", "Essential (primary) hypertension", "code", "I10", "onset", "mar 2012", "state", "active", "note", "Home readings."}
	done := rao.Beside().Post(list, send...).Want(200).Says("Essential (primary) hypertension added to the problems of OKAFOR, Adaeze.")
	if _, ok := done.Header["Osler-Done"]; !ok {
		t.Error("the form does not close")
	}
	rao.Beside().Post(list, send...).Want(200) // the answer was lost and the form is sent again
	c := s.One("Condition")
	if code, onset, by := c.Get("code").Get("coding").Index(0).Get("code").Text(), c.Get("onsetDateTime").Text(), c.Get("recorder").Get("reference").Text(); code != "I10" || onset != "2012-03" || by != "Practitioner/rao" {
		t.Errorf("kept %s since %s by %s: %s", code, onset, by, c.Bytes())
	}
	rao.Get(list).Want(200).Says("Essential (primary) hypertension", "2012")
}

func TestAProblemInOwnWords(t *testing.T) {
	s := site(t)
	answer := s.By(access.Clinician).Post(list, "name", "Worries about mother", "state", "active", "suspected", "yes")
	if answer.Code != http.StatusSeeOther || answer.Header.Get("Location") != "/patients/ada" {
		t.Fatalf("without script: %d to %q", answer.Code, answer.Header.Get("Location"))
	}
	c := s.One("Condition")
	if c.Get("code").Get("text").Text() != "Worries about mother" || c.Get("code").Get("coding").Exists() || c.Get("verificationStatus").Get("coding").Index(0).Get("code").Text() != "provisional" {
		t.Errorf("%s", c.Bytes())
	}
}

func TestWhatIsWrongComesBackAsTyped(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	for _, c := range []struct{ field, value, want string }{
		{"name", "", "Say what the problem is"},
		{"onset", "some time ago", "Not a date."},
		{"onset", "2031", "This lies in the future: 2031."},
		{"state", "unknown", "Choose active"},
	} {
		pairs := []string{"name", "Gout", "state", "active", "onset", "2012", "note", "<b>keep</b> & show"}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == c.field {
				pairs[i+1] = c.value
			}
		}
		a := rao.Post(list, pairs...).Want(422).Says(c.want)
		if a.Value(c.field) != c.value && c.field != "state" || a.Value("note") != "<b>keep</b> & show" {
			t.Errorf("%s: came back as %q, note %q", c.field, a.Value(c.field), a.Value("note"))
		}
	}
	a := rao.Post(list, "name", "Gout", "state", "resolved", "onset", "2012", "abated", "2010").Want(422)
	a.Says("It cannot be over before it began.")
	if n := len(s.All("Condition")); n != 0 {
		t.Errorf("%d were made all the same", n)
	}
}

// theirs is a condition of another system, with much that the form does not know.
const theirs = `{"resourceType":"Condition","id":"c1","extension":[{"url":"urn:x","valueString":"kept"}],"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},` +
	`"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}],"text":"Diabetes, type 2"},` +
	`"subject":{"reference":"Patient/ada"},"onsetAge":{"value":46,"unit":"a","system":"http://unitsofmeasure.org","code":"a"},"evidence":[{"detail":[{"display":"HbA1c"}]}]}`

func TestResolveAndReopen(t *testing.T) {
	s := site(t)
	s.Put(theirs)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(list + "/c1").Want(200)
	if form.Value("name") != "Diabetes, type 2" || form.Value("onset") != "at 46 y" || form.Value("version") != "1" {
		t.Fatalf("the form shows %q since %q, version %s", form.Value("name"), form.Value("onset"), form.Value("version"))
	}
	rao.Post(list+"/c1", "name", "Diabetes, type 2", "onset", "at 46 y", "state", "resolved", "version", "1").Want(200).Says("Diabetes, type 2 resolved.")
	c := s.One("Condition")
	for _, want := range []string{`"valueString":"kept"`, `"code":"44054006"`, `"onsetAge":{"value":46,"unit":"a"`, `"evidence":[{"detail":[{"display":"HbA1c"}]}]`, `"code":"resolved"`, `"abatementDateTime":"2026-11-23"`} {
		if !strings.Contains(string(c.Bytes()), want) {
			t.Errorf("without %s: %s", want, c.Bytes())
		}
	}
	s.By(access.Clinician).Get(list).Says("Resolved 1", "Diabetes, type 2", "at 46 y–2026")
	rao.Post(list+"/c1", "name", "Diabetes, type 2", "onset", "at 46 y", "state", "active", "version", "2").Want(200)
	if c := s.One("Condition"); c.Get("abatementDateTime").Exists() {
		t.Errorf("open again, and over: %s", c.Bytes())
	}
	rao.Post(list+"/c1", "mistake", "yes", "version", "3").Want(200).Says("entered in error")
	if c := s.One("Condition"); c.Get("clinicalStatus").Exists() || c.Get("verificationStatus").Get("coding").Index(0).Get("code").Text() != "entered-in-error" {
		t.Errorf("%s", c.Bytes())
	}
	s.By(access.Clinician).Get(list).Hides("Diabetes")
}

func TestTwoPeopleNeverOverwriteEachOther(t *testing.T) {
	s := site(t)
	s.Put(theirs)
	rao := s.By(access.Clinician).Beside()
	rao.Post(list+"/c1", "name", "Diabetes, type 2", "onset", "2014", "state", "active", "note", "Mine", "version", "1").Want(200)
	again := rao.Post(list+"/c1", "name", "Diabetes mellitus", "onset", "2011", "state", "active", "note", "Yours", "version", "1").Want(409)
	again.Says("Changed by somebody else at 10:22.", "It now says: Diabetes, type 2, active, since 2014, note “Mine”.")
	if again.Value("note") != "Yours" || again.Value("version") != "2" {
		t.Fatalf("note %q, version %s", again.Value("note"), again.Value("version"))
	}
	if c := s.One("Condition"); c.Get("onsetDateTime").Text() != "2014" {
		t.Errorf("overwritten: %s", c.Bytes())
	}
	rao.Post(list+"/c1", "name", "Diabetes mellitus", "onset", "2011", "state", "active", "note", "Yours", "version", "2").Want(200)
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(theirs, `{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	s.By(access.FrontDesk).Get(list).Want(404)
	s.By(access.FrontDesk).Post(list, "name", "Gout").Want(404)
	s.By(access.Patient).Post(list, "name", "Gout").Want(404)
	s.By(access.Clinician).Get("/patients/bob/problems/c1").Want(404) // another patient's problem
	s.By(access.Clinician).Post("/patients/bob/problems/c1", "name", "Gout", "state", "active").Want(404)
	if c := s.One("Condition"); c.Get("code").Get("text").Text() != "Diabetes, type 2" {
		t.Errorf("changed: %s", c.Bytes())
	}
}

// An onset that the form cannot make is refused, not dropped.
func TestAnOnsetIsNeverDropped(t *testing.T) {
	s := site(t)
	s.Put(theirs)
	rao := s.By(access.Clinician).Beside()
	rao.Post(list+"/c1", "name", "Diabetes, type 2", "onset", "at 50 y", "state", "active", "version", "1").Want(422).Says("Not a date.")
	if c := s.One("Condition"); c.Get("onsetAge").Get("value").Text() != "46" {
		t.Errorf("changed: %s", c.Bytes())
	}
}
