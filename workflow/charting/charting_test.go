package charting_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/workflow/charting"
)

const list = "/patients/ada/notes"

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	library, err := terms.Open("")
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	s.Serve(charting.Slice(s.Deps, library, nil))
	return s
}

// started begins a visit and gives the address of its note.
func started(t *testing.T, p slicetest.Person, template string) string {
	t.Helper()
	form := p.Get(list + "/new").Want(200)
	a := p.Post(list, "once", form.Value("once"), "template", template, "title", "Tired").Want(303)
	return a.Header.Get("Location")
}

// answer is what autosave answers.
type answer struct {
	Saved     string
	Signed    bool
	Versions  map[string]string
	Texts     map[string]struct{ Version, Text, By string }
	Conflicts map[string]struct{ Version, Text, By, At string }
	Others    []string
}

func autosave(t *testing.T, p slicetest.Person, note string, status int, pairs ...string) (a answer) {
	t.Helper()
	body := p.Beside().Post(note+"/autosave", pairs...).Want(status).Body
	if err := json.Unmarshal([]byte(body), &a); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return a
}

const (
	plan       = "51847-2"
	subjective = "61150-9"
	objective  = "61149-1"
)

// document is the text of the only current document.
func document(t *testing.T, doc *fhir.Resource) string {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(doc.Get("content").Index(0).Get("attachment").Get("data").Text())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFromStartToSignature(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := started(t, rao, "followup")
	e := s.One("Encounter")
	if e.Get("status").Text() != "in-progress" || e.Get("participant").Index(0).Get("individual").Get("reference").Text() != "Practitioner/rao" {
		t.Errorf("%s", e.Bytes())
	}
	page := rao.Get(note).Want(200).Says("Tired", "Draft", "Assessment and plan", "Since the last visit", "What was not filled in is left out", "Discard")
	if page.Value("base."+subjective) == "" || page.Value("base."+plan) != "" {
		t.Errorf("versions %q and %q", page.Value("base."+subjective), page.Value("base."+plan))
	}
	a := autosave(t, rao, note, 200, "base."+plan, "", "text."+plan, "1. Iron deficiency anemia\nLikely <diet> & \"blood\" loss.", "to."+plan, "version-1")
	if a.Saved != "10:22:00" || a.Versions[plan] != "version-1" {
		t.Errorf("%+v", a)
	}
	rao.Beside().Post(note+"/diagnoses", "name", "Iron deficiency anemia, unspecified", "code", "D50.9", "once", page.Value("once")).Want(200).Says("D50.9")
	rao.Post(note+"/sign", "base."+plan, "version-1", "base."+subjective, page.Value("base."+subjective), "text."+subjective, "Since the last visit: ***.\n\nTakes *** and no more.", "to."+subjective, "version-2",
		"base."+objective, page.Value("base."+objective)).Want(422).Says("1 blank *** in Subjective")
	if s.One("Composition").Get("status").Text() != "preliminary" || len(s.All("DocumentReference")) != 0 {
		t.Fatal("signed with blanks in it")
	}
	send := []string{"base." + plan, "version-1", "base." + subjective, "version-2", "text." + subjective, "Better. Since the last visit: ***.\n\nTakes medicines as listed: ***.", "to." + subjective, "version-3",
		"base." + objective, page.Value("base." + objective)}
	if to := rao.Post(note+"/sign", send...).Want(303).Header.Get("Location"); to != note {
		t.Errorf("led to %s", to)
	}
	rao.Post(note+"/sign", send...).Want(303) // the answer was lost
	c, doc := s.One("Composition"), s.One("DocumentReference")
	text := document(t, doc)
	want := "Tired\nOKAFOR, Adaeze, born 14-Jul-1968, MRN 100 482 771\n23-Nov-2026, 10:22, Harbor Street\n\nASSESSMENT AND PLAN\n1. Iron deficiency anemia\nLikely <diet> & \"blood\" loss.\n\n" +
		"SUBJECTIVE\nBetter.\n\nDIAGNOSES OF THIS VISIT\n1. Iron deficiency anemia, unspecified (D50.9)\n\nSigned by Dr Priya Rao, 23-Nov-2026, 10:22:00\n"
	if text != want {
		t.Errorf("signed:\n%s\nwant:\n%s", text, want)
	}
	if c.Get("status").Text() != "final" || c.Get("section").Len() != 2 || strings.Contains(string(c.Bytes()), "note-key") ||
		!strings.Contains(c.Get("section").Index(0).Get("text").Get("div").Text(), "Likely &lt;diet&gt; &amp; ") {
		t.Errorf("%s", c.Bytes())
	}
	e = s.One("Encounter")
	if e.Get("status").Text() != "finished" || !e.Get("period").Get("end").Exists() || e.Get("diagnosis").Index(0).Get("condition").Get("reference").Text() != "Condition/"+s.One("Condition").ID() {
		t.Errorf("%s", e.Bytes())
	}
	p := s.One("Provenance")
	if p.Get("agent").Index(0).Get("who").Get("reference").Text() != "Practitioner/rao" || !strings.HasPrefix(p.Get("entity").Index(0).Get("what").Get("identifier").Get("value").Text(), "ni:///sha-256;") || p.Get("target").Len() != 2 {
		t.Errorf("%s", p.Bytes())
	}
	shown := rao.Get(note).Want(200)
	shown.Says("Signed by Dr Priya Rao", "Likely <diet> & \"blood\" loss.", "Write an addendum", "Unlock", p.Get("entity").Index(0).Get("what").Get("identifier").Get("value").Text())
	if a := autosave(t, rao, note, 409, "base."+plan, "version-1", "text."+plan, "Changed", "to."+plan, "version-9"); !a.Signed {
		t.Errorf("%+v", a)
	}
}

// TestRequiredBlanks: a note is not signed while what its template requires is blank; what it does not require is left out of what is signed,
// printed and served.
func TestRequiredBlanks(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := started(t, rao, "behavioral-dap")
	const data, assessment, next = "34109-9", "51848-0", "18776-5"
	page := rao.Get(note).Want(200).Says("6 blanks *** to fill in")
	base := func(code string) []string { return []string{"base." + code, page.Value("base." + code)} }
	all := slices.Concat(base(data), base(assessment), base(next))
	rao.Post(note+"/sign", all...).Want(422).Says("3 blanks *** in Data", "3 blanks *** in Assessment")
	rao.Post(note+"/sign", append(all, "text."+data, "Session from 10:00 to 10:45, 45 minutes. Kind and place: ***. Present: ***.", "to."+data, "version-1")...).Want(422).
		Says("3 blanks *** in Assessment")
	page = rao.Get(note).Want(200)
	all = slices.Concat(base(data), base(assessment), base(next))
	rao.Post(note+"/sign", append(all, "text."+assessment, "Response and progress: better.\nMental status: ***.\nSuicidal thoughts, plan, intent: none. Harm to self or others: none. Level of risk and what was done: low, none.", "to."+assessment, "version-2")...).Want(303)
	text := document(t, s.One("DocumentReference"))
	want := "DATA\nSession from 10:00 to 10:45, 45 minutes.\n\nASSESSMENT\nResponse and progress: better.\nSuicidal thoughts, plan, intent: none. Harm to self or others: none. Level of risk and what was done: low, none.\n\nSigned by"
	if !strings.Contains(text, want) {
		t.Errorf("signed:\n%s\nwant:\n%s", text, want)
	}
	if c := string(s.One("Composition").Bytes()); strings.Contains(c, "***") || s.One("Composition").Get("section").Len() != 2 {
		t.Errorf("kept with blanks: %s", c)
	}
}

// TestQuestionsAreNoAnswer: an essential section that says nothing but what the template asks counts as empty.
func TestQuestionsAreNoAnswer(t *testing.T) {
	s := site(t)
	rao := s.By(access.Clinician)
	note := started(t, rao, "wellness")
	page := rao.Get(note).Want(200).Says("Assessment and plan is empty")
	rao.Post(note+"/sign", "base."+plan, page.Value("base."+plan), "base."+subjective, page.Value("base."+subjective), "base."+objective, page.Value("base."+objective)).
		Want(422).Says("Assessment and plan is empty")
}
