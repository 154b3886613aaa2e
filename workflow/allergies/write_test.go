package allergies_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/allergies"
)

const list = "/patients/ada/allergies"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	medicines, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(allergies.Slice(s.Deps, medicines))
	return s
}

func TestSubstances(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	for typed, want := range map[string]string{"penic": "Penicillin", "late": "Latex", "amoxi": "Amoxicillin", "sulfa": "Sulfa", "shrimp": "Shellfish", "asp": "Aspirin"} {
		a := rao.Get(list + "/substances?q=" + typed).Want(200)
		if first := strings.SplitN(a.Body, `data-label="`, 2); len(first) < 2 || !strings.HasPrefix(first[1], want) {
			t.Errorf("%q offers %s", typed, a.Text())
		}
	}
	rao.Get(list + "/substances?q=zzz").Want(200).Says("It will be kept in your own words.")
}

func TestAddAnAllergy(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(list + "/new").Want(200).Says("No known allergies") // offered while the list is empty
	rao.Post(list, "once", form.Value("once"), "none", "yes").Want(200).Says("No known allergies recorded for OKAFOR, Adaeze.")
	if a := s.One("AllergyIntolerance"); a.Get("code").Get("coding").Index(0).Get("code").Text() != "716186003" {
		t.Errorf("%s", a.Bytes())
	}
	form = rao.Get(list + "/new").Want(200)
	send := []string{"once", form.Value("once"), "substance", "Amoxicillin", "code", "rxnorm:723", "reaction", "Hives, swelling", "severity", "severe", "high", "yes", "onset", "2015", "type", "allergy", "note", "As a child."}
	rao.Post(list, send...).Want(200).Says("Amoxicillin added to the allergies of OKAFOR, Adaeze.")
	rao.Post(list, send...).Want(200) // sent again
	var denied, made int
	for _, a := range s.All("AllergyIntolerance") {
		text := string(a.Bytes())
		switch {
		case strings.Contains(text, "716186003"):
			denied++
			if !strings.Contains(text, `"code":"refuted"`) || strings.Contains(text, `"code":"active"`) {
				t.Errorf("it still says that nothing is known: %s", text)
			}
		default:
			made++
			for _, want := range []string{`"criticality":"high"`, `"code":"723"`, `"category":["medication"]`, `{"text":"Hives"},{"text":"swelling"}`, `"severity":"severe"`, `"onsetDateTime":"2015"`, `"recorder":{"reference":"Practitioner/rao"`, `"text":"As a child."`} {
				if !strings.Contains(text, want) {
					t.Errorf("without %s: %s", want, text)
				}
			}
		}
	}
	if denied != 1 || made != 1 {
		t.Errorf("%d denials, %d allergies", denied, made)
	}
	rao.Post(list, "substance", "amoxicillin").Want(422).Says("Already recorded: Amoxicillin, hives. Change that entry instead.")
	rao.Post(list, "none", "yes").Want(422).Says("There are known allergies: Amoxicillin.")
	rao.Get(list + "/new").Want(200).Hides("No known allergies")
}

func TestWhatIsWrong(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(list, "substance", " ").Want(422).Says("Say what the person reacts to")
	rao.Post(list, "substance", "Latex", "severity", "severe").Want(422).Says("Say what happened")
	rao.Post(list, "substance", "Latex", "onset", "long ago").Want(422).Says("Not a date.")
	rao.Post(list, "substance", "Latex", "severity", "deadly", "reaction", "Hives").Want(422).Says("Choose mild, moderate or severe.")
	if n := len(s.All("AllergyIntolerance")); n != 0 {
		t.Errorf("%d were made all the same", n)
	}
}

const theirs = `{"resourceType":"AllergyIntolerance","id":"a1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},` +
	`"code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"7980","display":"penicillin G"}],"text":"Penicillin"},"patient":{"reference":"Patient/ada"},` +
	`"reaction":[{"substance":{"text":"Bicillin"},"manifestation":[{"coding":[{"system":"http://snomed.info/sct","code":"126485001","display":"Urticaria"}]}],"severity":"mild"},{"manifestation":[{"text":"Fever"}]}]}`

func TestChangeStrikeAndConflict(t *testing.T) {
	s := site(t)
	s.Put(theirs)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(list + "/a1").Want(200)
	if form.Value("reaction") != "Urticaria" || form.Value("version") != "1" {
		t.Fatalf("shows %q of version %s", form.Value("reaction"), form.Value("version"))
	}
	rao.Post(list+"/a1", "substance", "Penicillin", "reaction", "Urticaria, Wheezing", "severity", "severe", "state", "active", "version", "1").Want(200).Says("Penicillin changed.")
	text := string(s.One("AllergyIntolerance").Bytes())
	for _, want := range []string{`"code":"126485001"`, `{"text":"Wheezing"}`, `"severity":"severe"`, `"substance":{"text":"Bicillin"}`, `{"text":"Fever"}`, `"code":"7980"`} {
		if !strings.Contains(text, want) {
			t.Errorf("without %s: %s", want, text)
		}
	}
	rao.Post(list+"/a1", "substance", "Penicillin", "reaction", "Cough", "state", "active", "version", "1").Want(409).Says("Changed by somebody else", "It now says: Penicillin, Urticaria, Wheezing, severe, active.")
	rao.Post(list+"/a1", "substance", "Penicillin", "reaction", "Urticaria, Wheezing", "severity", "severe", "state", "refuted", "version", "2").Want(200)
	if text := string(s.One("AllergyIntolerance").Bytes()); !strings.Contains(text, `"code":"refuted"`) || !strings.Contains(text, `"code":"inactive"`) {
		t.Errorf("%s", text)
	}
	rao.Post(list+"/a1", "mistake", "yes", "version", "3").Want(200).Says("entered in error")
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(theirs, `{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	s.By(access.Patient).Post(list, "substance", "Latex").Want(404)
	s.By(access.FrontDesk).Get(list + "/new").Want(404)
	s.By(access.Clinician).Get("/patients/bob/allergies/a1").Want(404)
}
