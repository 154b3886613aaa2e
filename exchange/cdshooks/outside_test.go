package cdshooks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs/jobstest"
	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// simulator is a server of CDS services: one that answers, one that never does, one that fails, one of another hook.
type simulator struct {
	*httptest.Server
	mu    sync.Mutex
	calls map[string][]byte
	lists int
	cards string
}

func simulate(t *testing.T) *simulator {
	t.Helper()
	s := &simulator{calls: map[string][]byte{}, cards: `{"cards":[{"uuid":"x","summary":"Cheaper alternative","detail":"losartan\u202e is **covered**","indicator":"warning","source":{"label":"Payer","url":"https://payer.example/why"}},{"summary":"","indicator":"info","source":{"label":"x"}},{"summary":"Odd","indicator":"fatal","source":{"label":"","url":"javascript:alert(1)"}}]}`}
	released := make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cds-services", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		s.lists++
		s.mu.Unlock()
		_, _ = io.WriteString(w, `{"services":[
			{"hook":"order-sign","id":"price","title":"Prices","description":"x","prefetch":{"patient":"Patient/{{context.patientId}}","meds":"MedicationRequest?patient={{context.patientId}}","everybody":"Patient?name=a","other":"Patient/bob","sneaky":"MedicationRequest?patient={{context.patientId}}&patient=bob","included":"MedicationRequest?patient={{context.patientId}}&_include=MedicationRequest:patient","user":"{{userPractitionerId}}"}},
			{"hook":"late","id":"slow","title":"Slow","description":"x"},{"hook":"order-sign","id":"broken","title":"Broken","description":"x"},
			{"hook":"order-select","id":"select","title":"Select","description":"x"},{"hook":"order-sign","id":"../evil","title":"Evil","description":"x"}]}`)
	})
	mux.HandleFunc("POST /cds-services/{id}", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.calls[r.PathValue("id")] = body
		s.mu.Unlock()
		switch r.PathValue("id") {
		case "slow":
			select {
			case <-released:
			case <-r.Context().Done():
			}
		case "broken":
			http.Error(w, "secret", http.StatusInternalServerError)
		default:
			_, _ = io.WriteString(w, s.cards)
		}
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() { close(released); s.Close() })
	return s
}

// called is what a service was asked last.
func (s *simulator) called(id string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[id]
}

func outside(t *testing.T, limit time.Duration, bases ...string) *Outside {
	t.Helper()
	client, err := outbound.New(outbound.Options{Allow: []string{"http://127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOutside(client, bases, limit, jobstest.New(t).Deps.Clock)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func draft(t *testing.T, id string) *fhir.Resource {
	t.Helper()
	d, err := fhir.Parse([]byte(`{"resourceType":"MedicationRequest","id":"` + id + `","status":"draft","intent":"order","medicationCodeableConcept":{"text":"lisinopril 10 MG Oral Tablet"},"subject":{"reference":"Patient/ada"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestServicesOfOthersAreAsked(t *testing.T) {
	sim := simulate(t)
	s := jobstest.New(t)
	s.Put(jobstest.Patient("ada", "Okafor"), jobstest.Patient("bob", "Bell"),
		`{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationCodeableConcept":{"text":"Old"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"MedicationRequest","id":"m2","status":"active","intent":"order","medicationCodeableConcept":{"text":"Bob's"},"subject":{"reference":"Patient/bob"}}`)
	o := outside(t, time.Minute, sim.URL+"/cds-services/")
	ctx := identity.With(t.Context(), identity.Principal{Kind: identity.Person, ID: "rao", Resource: "Practitioner/rao"})
	session := s.As(access.Clinician)
	got := map[string]slice.Heard{}
	for _, h := range o.Ask(ctx, session, "order-sign", "ada", []*fhir.Resource{draft(t, "draft-1")}) {
		got[h.Service] = h
	}
	if len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	cards := got["Prices"].Advice
	if len(cards) != 2 || cards[0] != (slice.Advice{Summary: "Cheaper alternative", Detail: "losartan is **covered**", Urgency: slice.Warning, Source: "Payer", SourceURL: "https://payer.example/why"}) ||
		cards[1] != (slice.Advice{Summary: "Odd", Urgency: slice.Info, Source: "Prices"}) {
		t.Errorf("%+v", cards)
	}
	// One that never answers is not waited for, and that is said.
	late := outside(t, 100*time.Millisecond, sim.URL+"/cds-services").Ask(ctx, session, "late", "ada", []*fhir.Resource{draft(t, "draft-1")})
	if len(late) != 1 || late[0].Problem != "It did not answer within 0.1 seconds and was not waited for." {
		t.Errorf("%+v", late)
	}
	if p := got["Broken"].Problem; p != "It answered with an error (500)." {
		t.Error(p)
	}
	var call struct {
		Hook, HookInstance, FHIRServer string
		Context                        struct {
			UserID, PatientID string
			DraftOrders       struct {
				Entry []struct {
					Resource struct{ ResourceType, ID, Status string }
				}
			}
			Selections []string
		}
		Prefetch map[string]json.RawMessage
	}
	if err := json.Unmarshal(sim.called("price"), &call); err != nil {
		t.Fatal(err)
	}
	if call.Hook != "order-sign" || !isUUID(call.HookInstance) || call.Context.UserID != "Practitioner/rao" || call.Context.PatientID != "ada" || len(call.Context.DraftOrders.Entry) != 1 || call.Context.DraftOrders.Entry[0].Resource.Status != "draft" || call.FHIRServer != "" {
		t.Errorf("%s", sim.called("price"))
	}
	for key, want := range map[string]string{"patient": `"Okafor"`, "meds": `"Old"`, "everybody": "null", "other": "null", "sneaky": "null", "included": "null", "user": "null"} {
		if text := string(call.Prefetch[key]); !strings.Contains(text, want) || strings.Contains(text, "Bell") || strings.Contains(text, "Bob") {
			t.Errorf("prefetch %s: %s", key, text)
		}
	}
	heard := o.Ask(ctx, session, "order-select", "ada", []*fhir.Resource{draft(t, "draft-1")})
	if len(heard) != 1 || heard[0].Service != "Select" || !strings.Contains(string(sim.called("select")), `"selections":["MedicationRequest/draft-1"]`) {
		t.Errorf("%+v", heard)
	}
	sim.mu.Lock()
	defer sim.mu.Unlock()
	if sim.lists > 2 { // the impatient one may ask in vain
		t.Errorf("the list of services was asked for %d times", sim.lists)
	}
	if strings.Contains(got["Broken"].Problem, "secret") {
		t.Error("what a service sent stands in a sentence of ours")
	}
}

// What a clinician's token or role may not read does not go out.
func TestPrefetchIsWhatThePersonMaySee(t *testing.T) {
	s := jobstest.New(t)
	s.Put(jobstest.Patient("ada", "Okafor"), `{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationCodeableConcept":{"text":"Old"},"subject":{"reference":"Patient/ada"}}`)
	out := prefetch(t.Context(), s.As(access.FrontDesk), map[string]string{"p": "Patient/{{context.patientId}}", "m": "MedicationRequest?patient=Patient/{{context.patientId}}"}, "ada", "Practitioner/x")
	if !strings.Contains(string(out["p"]), "Okafor") || string(out["m"]) != "null" {
		t.Errorf("%s", out)
	}
}

func TestServicesThatCannotBeAsked(t *testing.T) {
	closed, err := outbound.New(outbound.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"https://cds.example/cds-services", "cds.example", "http://127.0.0.1/cds-services"} {
		if _, err := NewOutside(closed, []string{base}, 0, nil); err == nil {
			t.Errorf("%s is not refused", base)
		}
	}
	var none *Outside
	if none.Any() {
		t.Error("nobody is somebody")
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	o := outside(t, 30*time.Second, gone.URL+"/cds-services")
	heard := o.Ask(context.Background(), nil, "order-sign", "ada", nil)
	if len(heard) != 1 || heard[0].Problem != "It answered with an error (404)." || heard[0].Service != "127.0.0.1" {
		t.Errorf("%+v", heard)
	}
	gone.Close()
	if heard = o.Ask(context.Background(), nil, "order-sign", "ada", nil); len(heard) != 1 || heard[0].Problem != "It could not be reached, or its answer could not be understood." {
		t.Errorf("%+v", heard)
	}
	big := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(" ", maxAnswer+2))
	}))
	t.Cleanup(big.Close)
	if heard = outside(t, 30*time.Second, big.URL).Ask(context.Background(), nil, "order-sign", "ada", nil); len(heard) != 1 || heard[0].Problem == "" {
		t.Errorf("%+v", heard)
	}
}

// TestNothingIsLostInSilence: the gravest cards stand first, and what is not shown or asked is counted.
func TestNothingIsLostInSilence(t *testing.T) {
	var services, cards []string
	for i := range 13 {
		services = append(services, fmt.Sprintf(`{"hook":"order-sign","id":"s%d","title":"S%d","description":"x"}`, i, i))
	}
	for i := range 24 {
		cards = append(cards, fmt.Sprintf(`{"summary":"Chatter %d","indicator":"info","source":{"label":"x"}}`, i))
	}
	cards = append(cards, `{"summary":"Do not give it","indicator":"critical","source":{"label":"x"}}`)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cds-services", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"services":[`+strings.Join(services, ",")+`]}`)
	})
	mux.HandleFunc("POST /cds-services/{id}", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"cards":[`+strings.Join(cards, ",")+`]}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	heard := outside(t, time.Minute, server.URL+"/cds-services").Ask(t.Context(), nil, "order-sign", "ada", nil)
	if len(heard) != 11 || heard[10].Problem != "It offers 3 services more than are asked here." {
		t.Fatalf("%d: %+v", len(heard), heard[len(heard)-1])
	}
	if h := heard[0]; len(h.Advice) != 20 || h.Advice[0].Summary != "Do not give it" || h.Problem != "5 pieces of its advice are not shown." {
		t.Errorf("%d, %q, %+v", len(h.Advice), h.Problem, h.Advice[0])
	}
}

// TestPrefetchIsWhole: a list that does not fit is null, and a service that asks for the newest alone gets it.
func TestPrefetchIsWhole(t *testing.T) {
	s := jobstest.New(t)
	s.Put(jobstest.Patient("ada", "Okafor"))
	for i := range maxPrefetch + 1 {
		s.Put(fmt.Sprintf(`{"resourceType":"MedicationRequest","id":"m%d","status":"active","intent":"order","medicationCodeableConcept":{"text":"Old"},"subject":{"reference":"Patient/ada"}}`, i))
	}
	out := prefetch(t.Context(), s.As(access.Clinician), map[string]string{"all": "MedicationRequest?patient={{context.patientId}}", "newest": "MedicationRequest?patient={{context.patientId}}&_count=1"}, "ada", "Practitioner/x")
	if string(out["all"]) != "null" || strings.Count(string(out["newest"]), `"Old"`) != 1 {
		t.Errorf("%.80s / %s", out["all"], out["newest"])
	}
}
