package ordering_test

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/ordering"
)

// service is a draft of another system, about Ada.
func service(id, code, more string) string {
	return `{"resourceType":"ServiceRequest","id":"` + id + `","status":"draft","intent":"order","code":` + code + `,"subject":{"reference":"Patient/ada"}` + more + `}`
}

// TestDraftsOfOtherSystems: the rule that CDS Hooks serves at order-select and order-sign says what the form says.
func TestDraftsOfOtherSystems(t *testing.T) {
	s, feature := site(t)
	rao := s.By(access.Clinician).Beside()
	rao.Edit(chart, "item", "cmp").Want(200)
	kept := s.One("ServiceRequest")
	s.Put(`{"resourceType":"Observation","id":"a1c","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"2026-11-13","valueQuantity":{"value":8.1,"unit":"%"}}`)
	ask := func(drafts ...string) string {
		t.Helper()
		var docs []*fhir.Resource
		for _, d := range drafts {
			doc, err := fhir.Parse([]byte(d))
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, doc)
		}
		advice, err := feature.Rules[0].Check(context.Background(), s.As(access.Clinician), "ada", docs)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, a := range advice {
			if n := len([]rune(a.Summary)); n > 139 {
				t.Errorf("a summary of %d characters: %s", n, a.Summary)
			}
			out = append(out, string(a.Urgency)+" "+a.Summary+" / "+a.Detail)
		}
		return strings.Join(out, "\n")
	}
	loinc := func(code string) string { return `{"coding":[{"system":"http://loinc.org","code":"` + code + `"}]}` }
	for name, c := range map[string]struct {
		drafts []string
		want   []string // each stands in what is said; none = nothing is said
	}{
		"done lately":              {[]string{service("1", loinc("4548-4"), "")}, []string{"warning ", "13-Nov-2026: 8.1 %", "mostly repeated after"}},
		"ordered and not closed":   {[]string{service("1", loinc("24323-8"), "")}, []string{"Already ordered on 23-Nov-2026 by Dr Priya Rao, and not closed."}},
		"part of what was ordered": {[]string{service("1", loinc("51990-0"), "")}, []string{"Already ordered as part of"}},
		"itself":                   {[]string{strings.Replace(string(kept.Bytes()), `"active"`, `"draft"`, 1)}, nil},
		"something else":           {[]string{service("1", loinc("3016-3"), "")}, nil},
		"twice":                    {[]string{service("1", `{"text":"Sleep diary"}`, ""), service("2", `{"text":"sleep diary"}`, "")}, []string{"sleep diary", "ordered twice here"}},
		"not named":                {[]string{`{"resourceType":"ServiceRequest","id":"1","status":"draft","intent":"order","subject":{"reference":"Patient/ada"}}`}, []string{"could not be checked"}},
		"a code with separators":   {[]string{service("1", `{"coding":[{"system":"urn:own","code":"A,4548-4|$x"},{"system":"http://loinc.org"},{"display":"x"}],"text":"Own"}`, "")}, nil},
		"not to be done":           {[]string{service("1", loinc("4548-4"), `,"doNotPerform":true`)}, nil},
		"a medicine":               {[]string{`{"resourceType":"MedicationRequest","id":"1","status":"draft","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/ada"}}`}, nil},
	} {
		got := ask(c.drafts...)
		for _, w := range c.want {
			if !strings.Contains(strings.ToLower(got), strings.ToLower(w)) {
				t.Errorf("%s: without %q: %s", name, w, got)
			}
		}
		if len(c.want) == 0 && got != "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// elsewhere is a decision service of somebody else.
type elsewhere struct {
	hooks, docs []string
	heard       []slice.Heard
}

func (e *elsewhere) Any() bool { return true }

func (e *elsewhere) Ask(_ context.Context, _ *record.Session, hook, _ string, drafts []*fhir.Resource) []slice.Heard {
	var all []string
	for _, d := range drafts {
		all = append(all, string(d.Bytes()))
	}
	e.hooks, e.docs = append(e.hooks, hook), append(e.docs, strings.Join(all, "\n"))
	return e.heard
}

// TestOthersAreAskedAboutOrders: services of others see every draft of the basket; what they say informs, and stops nothing.
func TestOthersAreAskedAboutOrders(t *testing.T) {
	s := slicetest.New(t)
	other := &elsewhere{heard: []slice.Heard{
		{Service: "Radiology", Advice: []slice.Advice{{Summary: "Rather an ultrasound", Detail: "<b>No radiation</b>", Urgency: slice.Warning, Source: "ACR"}}},
		{Service: "Slow", Problem: "It did not answer within 3 seconds and was not waited for."}, {Service: "Quiet"},
	}}
	s.Serve(ordering.Slice(s.Deps, ordering.WithOutside(other)))
	rao := s.By(access.Clinician).Beside()
	if empty := rao.Get(chart + "/new").Want(200); strings.Contains(empty.Body, "/others") {
		t.Error("an empty basket is asked about")
	}
	form := rao.Get(chart + "/new?item=hgb&item=cmp").Want(200)
	if !strings.Contains(form.Body, `hx-post="`+chart+`/others"`) || len(other.hooks) != 0 {
		t.Error("the form waits for others, or does not ask them")
	}
	got := rao.Post(chart+"/others", "item", "hgb", "item", "cmp", "box", "half a wo").Want(200).Says("Advice of others", "Radiology", "Rather an ultrasound", "<b>No radiation</b>", "Not heard. It did not answer within 3 seconds", "Nothing to say")
	if strings.Contains(got.Body, "<b>No radiation</b>") {
		t.Error("what others write is taken as HTML")
	}
	rao.Post(chart+"/others", "item", "hgb", "due.hgb", "not yet known").Want(200)
	if len(other.docs) < 2 || strings.Join(other.hooks, " ") != "order-sign order-select" || strings.Count(other.docs[0], `"status":"draft"`) != 2 || !strings.Contains(other.docs[0], `"id":"draft-2"`) || strings.Contains(other.docs[0], "half a wo") {
		t.Errorf("%v %v", other.hooks, other.docs)
	}
	if n := len(s.All("ServiceRequest")); n != 0 {
		t.Errorf("%d were ordered by asking", n)
	}
	asked := len(other.hooks)
	rao.Edit(chart, "item", "hgb").Want(200).Says("ordered for")
	if len(other.hooks) != asked {
		t.Error("signing waited for others")
	}
	s.By(access.FrontDesk).Post(chart+"/others", "item", "hgb").Want(404)
}
