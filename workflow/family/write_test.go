package family_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/workflow/family"
)

const page = "/patients/ada/family"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	library, err := terms.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(family.Slice(s.Deps, library))
	return s
}

func TestAddARelative(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	rao.Get(page).Want(200).Says("None recorded; not known whether there are any")
	if found := rao.Beside().Get(page + "/codes?q=essential+hyp").Want(200); !strings.Contains(found.Body, `data-value="I10"`) {
		t.Errorf("not offered: %s", found.Text())
	}
	form := rao.Beside().Get(page + "/new").Want(200)
	send := []string{"once", form.Value("once"), "relation", "MTH", "life", "dead", "died", "71", "what-0", "Essential (primary) hypertension", "code-0", "I10", "age-0", "50", "what-2", "Weak heart"}
	rao.Beside().Post(page, send...).Want(200).Says("Mother added to the family history of OKAFOR, Adaeze.")
	rao.Beside().Post(page, send...).Want(200)
	m := string(s.One("FamilyMemberHistory").Bytes())
	for _, want := range []string{`"code":"MTH"`, `"deceasedAge":{"value":71`, `"onsetAge":{"value":50`, `"code":"I10"`, `{"code":{"text":"Weak heart"}}`, `"code":"female"`, `"status":"completed"`} {
		if !strings.Contains(m, want) {
			t.Errorf("without %s: %s", want, m)
		}
	}
	rao.Get(page).Says("Mother (deceased) Essential (primary) hypertension at 50, weak heart")
	rao.Beside().Post(page, "relation", "", "what-0", "", "age-0", "40").Want(422).Says("Choose who it is.", "Say which illness it was.")
	rao.Beside().Post(page, "relation", "FTH", "life", "living", "died", "80").Want(422).Says("An age of death is for somebody who died.")
	rao.Beside().Post(page, "relation", "FTH", "what-0", "Gout", "age-0", "old").Want(422).Says("An age in whole years.")
}

const theirs = `{"resourceType":"FamilyMemberHistory","id":"f1","status":"completed","patient":{"reference":"Patient/ada"},"relationship":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"NFTH"}],"text":"Natural father"},` +
	`"deceasedDate":"1999","condition":[{"extension":[{"url":"urn:x","valueString":"kept"}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"22298006"}],"text":"Heart attack"},"contributedToDeath":true,"onsetRange":{"low":{"value":50}}},{"code":{"text":"Gout"}}]}`

func TestChangeARelative(t *testing.T) {
	s := site(t)
	s.Put(theirs)
	rao := s.By(access.Clinician).Beside()
	f := rao.Get(page + "/f1").Want(200)
	if f.Value("what-0") != "Heart attack" || !strings.Contains(f.Body, `value="dead" checked`) || !strings.Contains(f.Body, `value="FTH" selected`) {
		t.Fatalf("the form shows %q: %s", f.Value("what-0"), f.Body)
	}
	rao.Post(page+"/f1", "version", "1", "relation", "FTH", "life", "dead", "rows", "4", "what-0", "Heart attack", "what-1", "", "what-2", "Stroke", "age-2", "60").Want(200).Says("changed in the family history.")
	m := string(s.One("FamilyMemberHistory").Bytes())
	for _, want := range []string{`"deceasedDate":"1999"`, `"valueString":"kept"`, `"contributedToDeath":true`, `"onsetRange"`, `"code":"NFTH"`, `"code":"22298006"`, `"text":"Stroke"`} {
		if !strings.Contains(m, want) {
			t.Errorf("without %s: %s", want, m)
		}
	}
	if strings.Contains(m, "Gout") {
		t.Errorf("what was taken away stands there: %s", m)
	}
	rao.Post(page+"/f1", "version", "1", "relation", "FTH").Want(409).Says("It now says: Natural father, Heart attack, stroke at 60.")
	rao.Post(page+"/f1", "version", "2", "mistake", "yes").Want(200).Says("entered in error")
	s.By(access.Clinician).Get(page).Hides("Heart attack")
	rao.Get(page + "/f1").Want(409).Says("This was entered in error")
	rao.Post(page+"/f1", "version", "3", "relation", "FTH").Want(409)
	if status := s.One("FamilyMemberHistory").Get("status").Text(); status != "entered-in-error" {
		t.Errorf("it came back: %s", status)
	}
}

// TestWhatAFormDoesNotShowStays: a form shows no more than 40 illnesses, and saving it loses none.
func TestWhatAFormDoesNotShowStays(t *testing.T) {
	s := site(t)
	var ills []string
	for i := range 45 {
		ills = append(ills, fmt.Sprintf(`{"code":{"text":"Illness %d"}}`, i))
	}
	s.Put(`{"resourceType":"FamilyMemberHistory","id":"many","status":"completed","patient":{"reference":"Patient/ada"},"relationship":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-RoleCode","code":"FTH"}]},"condition":[` + strings.Join(ills, ",") + `]}`)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(page + "/many").Want(200)
	send := []string{"version", "1", "relation", "FTH", "rows", form.Value("rows")}
	for i := range 40 {
		send = append(send, fmt.Sprintf("what-%d", i), form.Value(fmt.Sprintf("what-%d", i)))
	}
	rao.Post(page+"/many", send...).Want(200)
	m := s.One("FamilyMemberHistory")
	if n := m.Get("condition").Len(); n != 45 || !strings.Contains(string(m.Bytes()), "Illness 44") {
		t.Errorf("%d illnesses are left: %s", n, m.Bytes())
	}
}

func TestNothingKnownIsAFact(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Post(page, "none", "yes").Want(200).Says("Nothing known in the family recorded")
	s.By(access.Clinician).Get(page).Says("Nothing known in the family, asked 23-Nov-2026 by Dr Priya Rao")
	rao.Post(page, "relation", "SIS", "what-0", "Asthma").Want(200)
	s.By(access.Clinician).Get(page).Says("Sister Asthma").Hides("Nothing known in the family, asked")
	if status := s.One("List").Get("status").Text(); status != "retired" {
		t.Errorf("the list is %s", status)
	}
	rao.Post(page, "none", "yes").Want(422).Says("There is something. Sister: Asthma.")
}

func TestWhoMayNot(t *testing.T) {
	s := site(t)
	s.Put(theirs, `{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	s.By(access.FrontDesk).Get(page).Want(404)
	s.By(access.Patient).Get(page).Want(200).Says("Heart attack").Hides("Add a relative")
	s.By(access.Patient).Post(page, "relation", "MTH").Want(404)
	s.By(access.Clinician).Get("/patients/bob/family/f1").Want(404)
	s.By(access.Clinician).Post("/patients/bob/family/f1", "mistake", "yes").Want(404)
}
