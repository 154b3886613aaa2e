package charting_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

func observed(id, category, code, text, value, at string) string {
	coding := ""
	if code != "" {
		coding = fmt.Sprintf(`"coding":[{"system":"http://loinc.org","code":%q}],`, code)
	}
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":%q}]}],"code":{%s"text":%q},"subject":{"reference":"Patient/ada"},"effectiveDateTime":%q,"valueQuantity":{"value":%s}}`,
		id, category, coding, text, at, value)
}

// What a note is offered of the chart is right however long the chart is, and what is not listed is said.
func TestALongChart(t *testing.T) {
	s := site(t)
	docs := []string{
		observed("height", "vital-signs", "8302-2", "Body height", "171", "2020-03-02T09:00:00Z"),
		observed("weight", "vital-signs", "29463-7", "Body weight", "72.5", "2026-11-23T06:00:00Z"),
		observed("ferritin", "laboratory", "", "Ferritin in house", "12", "2019-01-02T09:00:00Z"),
	}
	for i := range 90 { // pulse of one morning
		docs = append(docs, observed(fmt.Sprint("p", i), "vital-signs", "8867-4", "Heart rate", fmt.Sprint(60+i%9), fmt.Sprintf("2026-11-23T07:%02d:%02dZ", i/60, i%60)))
	}
	for i := range 310 {
		docs = append(docs, observed(fmt.Sprint("g", i), "laboratory", "2339-0", "Glucose", fmt.Sprint(90+i%30), fmt.Sprintf("2026-%02d-%02dT07:%02d:00Z", 1+i/28%11, 1+i%28, i%60)))
	}
	s.Put(docs...)
	rao := s.By(access.Clinician)
	note := started(t, rao, "acute")
	offered := rao.Beside().Get(note+"/suggest?kind=data").Want(200).Says("Body height", "171", "body weight 72.5", "Older laboratory results than of", "look under Results")
	if strings.Contains(offered.Body, "Ferritin") {
		t.Error("all was read: the test looks at no bound")
	}
	// A link to a value behind all these is still looked up, though it has no code.
	autosave(t, rao, note, 200, "base."+plan, "", "text."+plan, "@[11, 01-Jan-2019](result/text%7Cferritin+in+house)", "to."+plan, "version-1")
	if text := rao.Get(note).Value("text." + plan); !strings.Contains(text, "@[12, 02-Jan-2019]") {
		t.Errorf("the link says %s", text)
	}
}

// The last note is found behind any number of other documents.
func TestTheLastNoteBehindDocuments(t *testing.T) {
	s := site(t)
	docs := []string{`{"resourceType":"DocumentReference","id":"d1","status":"current","docStatus":"final","category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],` +
		`"subject":{"reference":"Patient/ada"},"date":"2020-08-24T11:00:00Z","content":[{"attachment":{"contentType":"text/plain","data":"QVNTRVNTTUVOVCBBTkQgUExBTgoxLiBHb3V0ClF1aWV0Lg=="}}]}`}
	for i := range 45 {
		category := ""
		if i%2 == 0 { // a note that was scanned has no text
			category = `"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","code":"clinical-note"}]}],`
		}
		docs = append(docs, fmt.Sprintf(`{"resourceType":"DocumentReference","id":"s%d","status":"current",%s"subject":{"reference":"Patient/ada"},"date":"2026-08-%02dT11:00:00Z","content":[{"attachment":{"contentType":"image/png","data":"AAAA"}}]}`, i, category, 1+i%28))
	}
	s.Put(docs...)
	rao := s.By(access.Clinician)
	rao.Beside().Get(started(t, rao, "acute")+"/suggest?kind=carry").Want(200).Says("Gout", "from 24-Aug-2020")
	rao.Beside().Get(started(t, rao, "acute") + "/suggest?kind=dx&q=diab").Want(200).Says("More diagnoses are called so")
}

// The kind of visit that a person began most of the newest notes with is offered first; what others use does not count.
func TestUsualKindOfVisit(t *testing.T) {
	s := site(t)
	doc := func(id, by, template string) string {
		return fmt.Sprintf(`{"resourceType":"Composition","id":%q,"extension":[{"url":"https://osler.example/fhir/StructureDefinition/note-template","valueString":%q}],"status":"final","type":{"text":"Note"},"subject":{"reference":"Patient/ada"},"date":"2026-11-01","author":[{"reference":"Practitioner/%s"}],"title":"x"}`, id, template, by)
	}
	s.Put(`{"resourceType":"Practitioner","id":"lin","active":true,"name":[{"family":"Lin"}]}`, doc("c1", "rao", "telephone"), doc("c2", "lin", "procedure"), doc("c3", "lin", "procedure"))
	first := func(body string) string {
		_, rest, _ := strings.Cut(body, `type="radio" name="template" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	if got := first(s.By(access.Clinician).Get(list + "/new").Want(200).Body); got != "telephone" {
		t.Errorf("first is offered %q", got)
	}
}
