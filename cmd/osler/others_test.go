package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/exchange/cdshooks"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/ordering"
)

// TestOrdersAndServicesOfOthers: the program asks a real server while an order is written, says which service was not heard and why, and
// serves its own rule of orders the same way.
func TestOrdersAndServicesOfOthers(t *testing.T) {
	released := make(chan struct{})
	var asked string
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cds-services", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"services":[{"hook":"order-sign","id":"imaging","title":"Imaging","description":"x"},{"hook":"order-select","id":"slow","title":"Slow","description":"x"}]}`)
	})
	mux.HandleFunc("POST /cds-services/imaging", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = string(body)
		_, _ = io.WriteString(w, `{"cards":[{"summary":"Rather an ultrasound","indicator":"warning","source":{"label":"Radiology"}}]}`)
	})
	mux.HandleFunc("POST /cds-services/slow", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-released:
		case <-r.Context().Done():
		}
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	defer close(released)
	s := slicetest.New(t)
	others := func(limit time.Duration) *cdshooks.Outside {
		t.Helper()
		client, err := outbound.New(outbound.Options{Allow: []string{"http://127.0.0.1"}})
		if err != nil {
			t.Fatal(err)
		}
		o, err := cdshooks.NewOutside(client, []string{server.URL + "/cds-services"}, limit, s.Deps.Clock)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	const orders = "/patients/ada/orders"
	s.Serve(ordering.Slice(s.Deps, ordering.WithOutside(others(time.Minute))))
	rao := s.By(access.Clinician).Beside()
	rao.Post(orders+"/others", "item", "hgb").Want(200).Says("Imaging", "Rather an ultrasound", "Radiology")
	if !strings.Contains(asked, `"hook":"order-sign"`) || !strings.Contains(asked, `"resourceType":"ServiceRequest"`) || !strings.Contains(asked, "718-7") || !strings.Contains(asked, `"userId":"Practitioner/rao"`) {
		t.Errorf("it was asked %s", asked)
	}
	s.Serve(ordering.Slice(s.Deps, ordering.WithOutside(others(100*time.Millisecond))))
	rao.Post(orders+"/others", "item", "hgb", "due.hgb", "not yet known").Want(200).Says("Not heard.").Hides("Nothing to say", "ultrasound")
	server.CloseClientConnections()
	server.Listener.Close()
	s.Serve(ordering.Slice(s.Deps, ordering.WithOutside(others(time.Minute))))
	rao.Post(orders+"/others", "item", "hgb").Want(200).Says("127.0.0.1", "Not heard. It could not be reached").Hides("Nothing to say", "ultrasound")
	rao.Edit(orders, "item", "hgb").Want(200).Says("ordered for OKAFOR, Adaeze") // it stops nothing

	own := ordering.Slice(s.Deps)
	hooks := http.NewServeMux()
	if err := slice.Mount(hooks, s.Deps.Shell, []slice.Slice{cdshooks.Slice(s.Deps, []slice.Slice{own})}); err != nil {
		t.Fatal(err)
	}
	call := func(role identity.Role, service, hook, more string) *httptest.ResponseRecorder {
		body := `{"hook":"` + hook + `","hookInstance":"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea","context":{"userId":"Practitioner/rao","patientId":"ada",` + more +
			`"draftOrders":{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"ServiceRequest","id":"1","status":"draft","intent":"order","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"Patient/ada"}}}]}}}`
		r := httptest.NewRequest("POST", "/cds-services/"+service, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		hooks.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "x", Roles: []identity.Role{role}})))
		return w
	}
	for hook, more := range map[string]string{"order-sign": "", "order-select": `"selections":["ServiceRequest/1"],`} {
		w := call(identity.Clinician, "order-repeats-"+hook, hook, more)
		var out struct {
			Cards []struct{ Summary, Detail, Indicator string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 200 || len(out.Cards) != 1 || out.Cards[0].Indicator != "warning" || !strings.Contains(out.Cards[0].Summary, "Hemoglobin: Already ordered on 23-Nov-2026 by Dr Priya Rao, and not closed.") {
			t.Errorf("%s: %d %s", hook, w.Code, w.Body)
		}
		if w := call(identity.Patient, "order-repeats-"+hook, hook, more); w.Code == 200 {
			t.Errorf("a patient's account of nobody is answered: %s", w.Body)
		}
	}
}
