package reconciliation_test

import (
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

const severe = `<entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.9"/><value code="39579001" codeSystem="2.16.840.1.113883.6.96" displayName="Anaphylaxis"/><entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.8"/><value code="24484000"/></observation></entryRelationship></observation></entryRelationship><entryRelationship><observation><templateId root="2.16.840.1.113883.10.20.22.4.145"/><value code="CRITH"/></observation></entryRelationship>`

// TestOursIsChanged takes what the document says of an allergy and a problem into the entries of the chart, once, and nothing else of them.
func TestOursIsChanged(t *testing.T) {
	allergy := strings.Replace(penicillin, `</participant></observation>`, `</participant>`+severe+`</observation>`, 1)
	s := site(t, ccd("Adaeze", "19680714", allergy+strings.Replace(asthma, `<low value="2007"/>`, `<low value="2007"/><high value="2019"/>`, 1)))
	s.Put(`{"resourceType":"AllergyIntolerance","id":"a1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}]},"criticality":"low","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"7980","display":"Penicillin G"}]},"patient":{"reference":"Patient/ada"},"note":[{"text":"as a child"}],"reaction":[{"manifestation":[{"text":"rash"}],"severity":"mild","description":"arms"}]}`,
		`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001","display":"Asthma"}]},"subject":{"reference":"Patient/ada"},"onsetDateTime":"2005"}`)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("Criticality: low here, becomes high", "Reaction: not recorded here, becomes severe Anaphylaxis", "State: active here, becomes resolved", "Began: 2005 here, becomes 2007", "Ended: not recorded here, becomes 2019")
	send := []string{"once", form.Value("once"), "state", form.Value("state"), fieldOf(form, "Penicillin"), "take", fieldOf(form, "Asthma"), "take"}
	rao.Post(at, send...).Want(200).Says("2 entries changed")
	rao.Post(at, send...).Want(409)
	for _, a := range s.All("AllergyIntolerance") {
		if a.ID() != "a1" {
			continue
		}
		second := a.Get("reaction").Index(1)
		if a.Get("criticality").Text() != "high" || a.Get("reaction").Len() != 2 || a.Get("reaction").Index(0).Get("description").Text() != "arms" || second.Get("severity").Text() != "severe" ||
			a.Get("note").Index(0).Get("text").Text() != "as a child" || !strings.Contains(a.Get("note").Index(1).Get("text").Text(), "CCD of County Hospital") {
			t.Errorf("%s", a.Bytes())
		}
	}
	c := s.One("Condition")
	if c.Get("clinicalStatus").Get("coding").Index(0).Get("code").Text() != "resolved" || c.Get("onsetDateTime").Text() != "2007" || c.Get("abatementDateTime").Text() != "2019" {
		t.Errorf("%s", c.Bytes())
	}
	if got := targets(s); !strings.Contains(got, "AllergyIntolerance/a1") || !strings.Contains(got, "Condition/c1") {
		t.Error(got)
	}
	form = rao.Get(at).Want(200).Hides("becomes") // what was taken is the same now
	if strings.Contains(fieldOf(form, "Asthma"), "p") && !strings.HasPrefix(fieldOf(form, "Asthma"), "no field") {
		t.Error("it is to be decided again")
	}
}

// TestOursIsKept changes nothing, and refuses what was decided on an entry that was changed meanwhile.
func TestOursIsKept(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", asthma))
	was := `{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"resolved"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001","display":"Asthma"}]},"subject":{"reference":"Patient/ada"},"onsetDateTime":"2007","abatementDateTime":"2015"}`
	s.Put(was)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200).Says("State: resolved here, becomes active", "Ended: 2015 here, becomes not recorded")
	send := func(form slicetest.Answer, what string) slicetest.Answer {
		return rao.Post(at, "once", form.Value("once"), "state", form.Value("state"), fieldOf(form, "Asthma"), what)
	}
	s.Put(strings.Replace(was, `"2015"`, `"2016"`, 1))
	send(form, "take").Want(409).Says("Decide again")
	send(rao.Get(at), "leave").Want(200)
	if c := s.One("Condition"); c.Get("abatementDateTime").Text() != "2016" {
		t.Errorf("%s", c.Bytes())
	}
	send(rao.Get(at), "take").Want(200)
	if c := s.One("Condition"); c.Get("abatementDateTime").Text() != "" || c.Get("clinicalStatus").Get("coding").Index(0).Get("code").Text() != "active" {
		t.Errorf("%s", c.Bytes())
	}
}

// TestOneEntryIsChangedOnce: two entries of the document about one of ours cannot both be taken into it.
func TestOneEntryIsChangedOnce(t *testing.T) {
	s := site(t, ccd("Adaeze", "19680714", strings.Replace(asthma, `<component><section><code code="11450-4"/>`, `<component><section><code code="11450-4"/>`+asthma[strings.Index(asthma, "<entry>"):strings.Index(asthma, "</section>")], 1)))
	s.Put(`{"resourceType":"Condition","id":"c1","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001","display":"Asthma"}]},"subject":{"reference":"Patient/ada"},"onsetDateTime":"2005"}`)
	rao := s.By(access.Clinician).Beside()
	form := rao.Get(at).Want(200)
	send := []string{"once", form.Value("once"), "state", form.Value("state"), "p0", "take"}
	rao.Post(at, append(send, "p1", "take")...).Want(422).Says("Take one of them")
	rao.Post(at, append(send, "p1", "leave")...).Want(200).Says("1 entry changed")
	if c := s.One("Condition"); c.Get("onsetDateTime").Text() != "2007" {
		t.Errorf("%s", c.Bytes())
	}
}

func targets(s *slicetest.Site) (out string) {
	for _, p := range s.All("Provenance") {
		for i := range p.Get("target").Len() {
			out += p.Get("target").Index(i).Get("reference").Text() + " "
		}
	}
	return out
}
