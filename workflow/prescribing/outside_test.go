package prescribing_test

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/prescribing"
)

// TestDraftsOfOtherSystems: the rule that CDS Hooks serves at order-select and order-sign.
func TestDraftsOfOtherSystems(t *testing.T) {
	s, feature := site(t)
	s.Put(mould, eGFR, `{"resourceType":"MedicationStatement","id":"s1","status":"active","medicationCodeableConcept":{"text":"warfarin sodium 5 MG Oral Tablet"},"subject":{"reference":"Patient/ada"}}`)
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
			out = append(out, string(a.Urgency)+" "+a.Summary+" / "+a.Detail+" ["+a.Source+"]")
		}
		return strings.Join(out, "\n")
	}
	amoxicillin := `{"resourceType":"MedicationRequest","id":"1","status":"draft","intent":"order","medicationCodeableConcept":{"coding":[{"system":"` + rx + `","code":"308182"}]},"subject":{"reference":"Patient/ada"}}`
	got := ask(amoxicillin)
	for _, want := range []string{"critical amoxicillin — Penicillin allergy (anaphylaxis): amoxicillin is a penicillin", "[Drug allergy practice parameter, 2022]", "Not everything was checked", "Dose: The dose of amoxicillin is not in a form that can be checked."} {
		if !strings.Contains(got, want) {
			t.Errorf("without %q:\n%s", want, got)
		}
	}
	// Two drafts meet each other, and one whose medicine is a resource beside it.
	got = ask(`{"resourceType":"Medication","id":"med","code":{"text":"ibuprofen 200 MG Oral Tablet"}}`, `{"resourceType":"MedicationRequest","id":"2","status":"draft","intent":"order","medicationReference":{"reference":"Medication/med"},"subject":{"reference":"Patient/ada"}}`)
	if !strings.Contains(got, "ibuprofen — warfarin: bleeding") {
		t.Error(got)
	}
	if got := ask(`{"resourceType":"ServiceRequest","id":"3","status":"draft","intent":"order","subject":{"reference":"Patient/ada"}}`); got != "" {
		t.Error(got)
	}
	if got := ask(`{"resourceType":"MedicationRequest","id":"4","status":"draft","intent":"order","medicationCodeableConcept":{"text":"Kava root"},"subject":{"reference":"Patient/ada"}}`); !strings.Contains(got, "Kava root is not known here: nothing was checked.") {
		t.Error(got)
	}
}

// elsewhere is a decision service of somebody else.
type elsewhere struct {
	hooks []string
	docs  []string
	heard []slice.Heard
}

func (e *elsewhere) Any() bool { return true }

func (e *elsewhere) Ask(_ context.Context, _ *record.Session, hook, _ string, drafts []*fhir.Resource) []slice.Heard {
	e.hooks = append(e.hooks, hook)
	e.docs = append(e.docs, string(drafts[0].Bytes()))
	return e.heard
}

func TestAdviceOfOthersInformsAndStopsNothing(t *testing.T) {
	medicines, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	other := &elsewhere{heard: []slice.Heard{
		{Service: "Prices", Advice: []slice.Advice{{Summary: "Cheaper: losartan", Detail: "<b>Covered</b>", Urgency: slice.Critical, Source: "Payer", SourceURL: "https://payer.example/why"}}},
		{Service: "Slow", Problem: "It did not answer within 3 seconds and was not waited for."}, {Service: "Quiet"},
	}}
	s.Serve(prescribing.Slice(s.Deps, medicines, prescribing.WithOutside(other)))
	s.Put(noneK, eGFR)
	rao := s.By(access.Clinician).Beside()
	fields := rao.Post(at+"/fields", "drug", "lisinopril 10 mg tablet", "code", "314076").Want(200)
	if !strings.Contains(fields.Body, `hx-post="`+at+`/others"`) || len(other.hooks) != 0 {
		t.Error("the form waits for others, or does not ask them")
	}
	rao.Post(at+"/others", "drug", "lisinopril 10 mg tablet", "code", "314076").Want(200)
	got := rao.Post(at+"/others", lisinopril("")...).Want(200).Says("Advice of others", "Prices", "Cheaper: losartan", "<b>Covered</b>", "Payer", "Not heard. It did not answer within 3 seconds", "Nothing to say")
	if strings.Contains(got.Body, "<b>Covered</b>") {
		t.Error("what others write is taken as HTML")
	}
	if strings.Join(other.hooks, " ") != "order-select order-sign" || !strings.Contains(other.docs[1], `"status":"draft"`) || !strings.Contains(other.docs[1], `"id":"draft-1"`) || !strings.Contains(other.docs[1], `"numberOfRepeatsAllowed":3`) {
		t.Errorf("%v %v", other.hooks, other.docs)
	}
	rao.Post(at, lisinopril("0b36a3a5-7d3b-4b47-9a51-0d3f5f0a9f31")...).Want(200)
	if len(other.hooks) != 2 {
		t.Error("signing waited for others")
	}
	s.By(access.Nurse).Post(at+"/others", lisinopril("")...).Want(404)
}

// TestOthersAreAskedAboutARefill: they see the prescription that approving would make. Approving waits for none of them.
func TestOthersAreAskedAboutARefill(t *testing.T) {
	medicines, err := drugs.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	s := slicetest.New(t)
	other := &elsewhere{heard: []slice.Heard{{Service: "Down", Problem: "It could not be reached, or its answer could not be understood."}}}
	s.Serve(prescribing.Slice(s.Deps, medicines, prescribing.WithOutside(other)))
	inDate(s)
	rao := s.By(access.Clinician).Beside()
	shown := rao.Get("/refills/t1").Want(200)
	if !strings.Contains(shown.Body, `hx-post="/refills/t1/others"`) || len(other.hooks) != 0 {
		t.Error("the page waits for others, or does not ask them")
	}
	rao.Post("/refills/t1/others").Want(200).Says("Advice of others", "Down", "Not heard. It could not be reached")
	if len(other.docs) != 1 || other.hooks[0] != "order-sign" || !strings.Contains(other.docs[0], `"code":"314076"`) || !strings.Contains(other.docs[0], `"numberOfRepeatsAllowed":2`) || !strings.Contains(other.docs[0], `"reference":"Patient/ada"`) {
		t.Errorf("%v %v", other.hooks, other.docs)
	}
	rao.Post("/refills/t1/approve", append([]string{"version", shown.Value("version")}, fired(shown)...)...).Want(200)
	if len(other.hooks) != 1 {
		t.Error("approving waited for others")
	}
	rao.Post("/refills/t1/others").Want(200).Hides("Down") // it is over
	s.By(access.FrontDesk).Post("/refills/t1/others").Want(404)
}
