package cdshooks

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// site is a practice with two rules: one about patients, one about orders.
func site(t *testing.T) *jobstest.Site {
	t.Helper()
	s := jobstest.New(t)
	s.Deps.PublicURL = "https://ehr.example"
	right := slice.To(access.Search, "Observation")
	rules := []slice.Rule{{
		Name: "due", Title: "What is due", Description: "Says what is due.", Right: right,
		Advise: func(ctx context.Context, s *record.Session, patient string) ([]slice.Advice, error) {
			if patient == "broken" {
				return nil, errors.New("secret of the database")
			}
			return []slice.Advice{
				{Summary: "Mammogram", Due: "overdue 02-Sep-2026", Detail: "Women 40 to 74 <b>*bold*</b>", Urgency: slice.Warning, Source: "USPSTF", SourceURL: "https://example.org", Href: "/patients/" + patient + "/prevention"},
				{Summary: strings.Repeat("long ", 40)},
			}, nil
		},
	}, {
		Name: "orders", Title: "Orders", Description: "Says how many.", Right: right,
		Check: func(_ context.Context, _ *record.Session, _ string, drafts []*fhir.Resource) ([]slice.Advice, error) {
			var out []slice.Advice
			for _, d := range drafts {
				out = append(out, slice.Advice{Summary: d.Type() + " " + d.ID(), Urgency: slice.Critical, Source: "Test"})
			}
			return out, nil
		},
	}}
	s.Put(jobstest.Patient("ada", "Okafor"), jobstest.Patient("broken", "Bell"))
	s.Serve(Slice(s.Deps, []slice.Slice{{Name: "rules", Rules: rules}}))
	return s
}

const asJSON = "Content-Type: application/json"

func TestDiscovery(t *testing.T) {
	s := site(t)
	got := s.Ask("", "GET", "/cds-services", "").Want(200)
	var list struct {
		Services []struct{ ID, Hook, Title, Description string }
	}
	if err := json.Unmarshal([]byte(got.Text), &list); err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, x := range list.Services {
		all = append(all, x.ID+" "+x.Hook)
		if x.Description == "" || x.Title == "" {
			t.Errorf("%+v", x)
		}
	}
	if text := strings.Join(all, ", "); text != "due patient-view, orders-order-select order-select, orders-order-sign order-sign" {
		t.Error(text)
	}
}

func view(patient string) string {
	return `{"hook":"patient-view","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"Practitioner/1","patientId":"` + patient + `"}}`
}

func TestPatientView(t *testing.T) {
	s := site(t)
	token := s.ProgramToken("clinic", "system/*.rs")
	got := s.Ask(token, "POST", "/cds-services/due", view("ada"), asJSON).Want(200)
	var out struct{ Cards []card }
	if err := json.Unmarshal([]byte(got.Text), &out); err != nil || len(out.Cards) != 2 {
		t.Fatalf("%v %s", err, got.Text)
	}
	first, second := out.Cards[0], out.Cards[1]
	if first.Summary != "Mammogram, overdue 02-Sep-2026" || first.Indicator != "warning" || first.Source != (source{"USPSTF", "https://example.org"}) || !isUUID(first.UUID) ||
		len(first.Links) != 1 || first.Links[0].URL != "https://ehr.example/patients/ada/prevention" || first.Detail != `Women 40 to 74 &lt;b&gt;\*bold\*&lt;/b&gt;` {
		t.Errorf("%+v", first)
	}
	if len([]rune(second.Summary)) >= 140 || !strings.HasPrefix(second.Detail, strings.Repeat("long ", 39)) || second.Indicator != "info" || second.Source.Label == "" {
		t.Errorf("%+v", second)
	}
}

func TestCallsThatAreRefused(t *testing.T) {
	s := site(t)
	token := s.ProgramToken("clinic", "system/*.rs")
	s.Ask("", "POST", "/cds-services/due", view("ada"), asJSON).Want(401)
	s.Ask(s.ProgramToken("clinic", "system/Patient.rs"), "POST", "/cds-services/due", view("ada"), asJSON).Want(403, "search Observation")
	s.Ask(token, "POST", "/cds-services/unheard", view("ada"), asJSON).Want(404, "no service of this name")
	s.Ask(token, "POST", "/cds-services/due", view("nobody"), asJSON).Want(412, "not in this record")
	s.Ask(token, "POST", "/cds-services/due", view("ada"), "Content-Type: text/plain").Want(415)
	if failed := s.Ask(token, "POST", "/cds-services/due", view("broken"), asJSON).Want(500, "failed on our side"); strings.Contains(failed.Text, "secret") {
		t.Error(failed.Text)
	}
	for body, want := range map[string]string{
		`{`: "cannot be read", `{"hook":"order-sign"}`: "hook:", `{"hook":"patient-view"}`: "hookInstance", `{"hook":"patient-view","hookInstance":"x"}`: "context.userId",
		`{"hook":"patient-view","hookInstance":"x","context":{"userId":"Practitioner/1"}}`: "context.patientId",
	} {
		s.Ask(token, "POST", "/cds-services/due", body, asJSON).Want(400, want, "OperationOutcome")
	}
	order := func(hook, more string) string {
		return `{"hook":"` + hook + `","hookInstance":"x","context":{"userId":"Practitioner/1","patientId":"ada"` + more + `}}`
	}
	theirs := `,"draftOrders":{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"ServiceRequest","id":"1","status":"draft","intent":"order","subject":{"reference":"Patient/bob"}}}]}`
	s.Ask(token, "POST", "/cds-services/orders-order-sign", order("order-sign", ""), asJSON).Want(400, "draftOrders is missing")
	s.Ask(token, "POST", "/cds-services/orders-order-sign", order("order-sign", `,"draftOrders":{"resourceType":"Patient"}`), asJSON).Want(400, "no Bundle")
	s.Ask(token, "POST", "/cds-services/orders-order-sign", order("order-sign", theirs), asJSON).Want(400, "not about the patient")
	s.Ask(token, "POST", "/cds-services/orders-order-select", order("order-select", theirs), asJSON).Want(400, "context.selections")
	s.Ask(token, "POST", "/cds-services/orders-order-select", order("order-select", theirs+`,"selections":["ServiceRequest/9"]`), asJSON).Want(400, "not among the draft orders")
}

// The examples of the specification are understood: those of order-select and order-sign in R4.
func TestExamplesOfTheSpecification(t *testing.T) {
	s := site(t)
	s.Put(jobstest.Patient("1288992", "Example"))
	token := s.ProgramToken("clinic", "system/*.rs")
	run := 0
	for _, hook := range []string{orderSelect, orderSign} {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "cds-hooks", hook+".md"))
		if err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip("the sample data is not here: ", err)
		}
		for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			var in map[string]json.RawMessage
			if err := json.Unmarshal([]byte(block[1]), &in); err != nil || in["context"] == nil || strings.Contains(block[1], "MedicationOrder") || strings.Contains(block[1], "DSTU") {
				continue
			}
			body := `{"hook":"` + hook + `","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":` + string(in["context"]) + `}`
			got := s.Ask(token, "POST", "/cds-services/orders-"+hook, body, asJSON)
			if got.StatusCode != 200 || !strings.Contains(got.Text, `"indicator":"critical"`) {
				t.Errorf("%s: %d %s\n%s", hook, got.StatusCode, got.Text, block[1])
			}
			run++
		}
	}
	if run < 2 {
		t.Errorf("only %d examples were found", run)
	}
}

func TestFeedback(t *testing.T) {
	s := site(t)
	token := s.ProgramToken("clinic", "system/*.rs")
	body := `{"feedback":[{"card":"4e0a3a1e-3283-4575-ab82-028d55fe2719","outcome":"overridden","overrideReason":{"reason":{"code":"not-applicable","system":"https://osler.example/fhir/CodeSystem/override-reason","display":"x"},"userComment":"mastectomy"},"outcomeTimestamp":"2026-11-23T10:00:00Z"}]}`
	s.Ask(token, "POST", "/cds-services/due/feedback", body, asJSON).Want(200)
	s.Ask(token, "POST", "/cds-services/due/feedback", body, asJSON).Want(200)
	s.Ask(token, "GET", "/cds-services/due/feedback", "").Want(403)
	values, err := s.Deps.Spool("cdshooks").Values(t.Context())
	if err != nil || len(values) != 1 || !strings.Contains(string(values["due/4e0a3a1e-3283-4575-ab82-028d55fe2719"]), "mastectomy") {
		t.Errorf("%v %q", err, values)
	}
	for in, want := range map[string]string{
		`{"feedback":[]}`: "feedback is missing", `{"feedback":[{"card":"x"}]}`: "uuid", `{"feedback":[{"card":"4e0a3a1e-3283-4575-ab82-028d55fe2719","outcome":"ignored"}]}`: "accepted or overridden",
		`{"feedback":[{"card":"4e0a3a1e-3283-4575-ab82-028d55fe2719","outcome":"accepted"}]}`: "outcomeTimestamp",
		strings.Replace(body, "mastectomy", strings.Repeat("x", 2001), 1):                     "longer than 2000",
	} {
		s.Ask(token, "POST", "/cds-services/due/feedback", in, asJSON).Want(400, want)
	}
}
