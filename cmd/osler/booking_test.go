package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/exchange/rest"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/workflow/scheduling"
)

// TestNobodyIsBookedTwiceOverHTTP: another system gets a time that is taken by no way in: not by POST, PUT, PATCH, nor in a transaction or a batch.
func TestNobodyIsBookedTwiceOverHTTP(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { bookOverHTTP(t, slicetest.New(t)) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		c := postgrestest.Require(t)
		bookOverHTTP(t, slicetest.On(t, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Audit: o.Audit})
		}))
	})
}

// frontDesk sends a request to the interface as the front desk, from a machine.
type frontDesk struct {
	t testing.TB
	http.Handler
}

func (d frontDesk) send(method, path, contentType, body string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r = r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "desk", Name: "The desk", Roles: []identity.Role{identity.FrontDesk}}))
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// appointment is of Dr Rao on 23-Feb-2027.
func appointment(id, status, start, end string) string {
	if id != "" {
		id = fmt.Sprintf(`"id":%q,`, id)
	}
	return fmt.Sprintf(`{"resourceType":"Appointment",%s"status":%q,"start":"2027-02-23T%s:00Z","end":"2027-02-23T%s:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`, id, status, start, end)
}

func entry(method, url, doc string) string {
	return fmt.Sprintf(`{"request":{"method":%q,"url":%q},"resource":%s}`, method, url, doc)
}

func bundleOf(typ string, entries ...string) string {
	return fmt.Sprintf(`{"resourceType":"Bundle","type":%q,"entry":[%s]}`, typ, strings.Join(entries, ","))
}

func bookOverHTTP(t *testing.T, s *slicetest.Site) {
	booking := scheduling.Slice(s.Deps)
	s.Record.Obey(booking.Exclusive...)
	mux := http.NewServeMux()
	if err := slice.Mount(mux, s.Deps.Shell, []slice.Slice{booking, rest.Slice(s.Deps, rest.Options{})}); err != nil {
		t.Fatal(err)
	}
	desk := frontDesk{t, mux}
	const fhirJSON = "application/fhir+json"
	if w := desk.send("POST", "/fhir/Appointment", fhirJSON, appointment("", "booked", "09:00", "09:30")); w.Code != 201 {
		t.Fatalf("the first: %d %s", w.Code, w.Body)
	}
	if w := desk.send("PUT", "/fhir/Appointment/later", fhirJSON, appointment("later", "booked", "11:00", "11:30")); w.Code != 201 {
		t.Fatalf("another time: %d %s", w.Code, w.Body)
	}
	second := appointment("", "booked", "09:15", "09:45")
	for _, c := range []struct{ name, method, path, media, body string }{
		{"POST", "POST", "/fhir/Appointment", fhirJSON, second},
		{"PUT that makes", "PUT", "/fhir/Appointment/second", fhirJSON, appointment("second", "booked", "09:15", "09:45")},
		{"PUT that moves", "PUT", "/fhir/Appointment/later", fhirJSON, appointment("later", "booked", "09:15", "09:45")},
		{"PATCH by JSON Patch", "PATCH", "/fhir/Appointment/later", "application/json-patch+json", `[{"op":"replace","path":"/start","value":"2027-02-23T09:10:00Z"}]`},
		{"PATCH by FHIRPath", "PATCH", "/fhir/Appointment/later", fhirJSON, `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},{"name":"path","valueString":"Appointment.start"},{"name":"value","valueInstant":"2027-02-23T09:10:00Z"}]}]}`},
		{"transaction", "POST", "/fhir", fhirJSON, bundleOf("transaction", entry("POST", "Appointment", appointment("", "booked", "14:00", "14:30")), entry("POST", "Appointment", second))},
		{"two of one transaction", "POST", "/fhir", fhirJSON, bundleOf("transaction", entry("POST", "Appointment", appointment("", "booked", "15:00", "15:30")), entry("PUT", "Appointment/beside", appointment("beside", "booked", "15:15", "15:45")))},
	} {
		before := booked(t, s)
		w := desk.send(c.method, c.path, c.media, c.body)
		refusedAsTaken(t, c.name, w.Code, w.Body.Bytes())
		if after := booked(t, s); after != before {
			t.Errorf("%s: something was written all the same:\n%s\n%s", c.name, before, after)
		}
	}
	// The entries of a batch stand by themselves: the one is refused, the other is kept.
	w := desk.send("POST", "/fhir", fhirJSON, bundleOf("batch", entry("POST", "Appointment", second), entry("POST", "Appointment", appointment("", "booked", "16:00", "16:30"))))
	answer, err := fhir.Parse(w.Body.Bytes())
	if err != nil || w.Code != 200 {
		t.Fatalf("batch: %d %s", w.Code, w.Body)
	}
	var statuses []string
	for e := range answer.Get("entry").Values() {
		statuses = append(statuses, e.Get("response").Get("status").Text()[:3])
		if len(statuses) == 1 {
			refusedAsTaken(t, "an entry of a batch", 409, e.Get("response").Get("outcome").Raw())
		}
	}
	if strings.Join(statuses, " ") != "409 201" || !strings.Contains(booked(t, s), "T16:00") {
		t.Errorf("batch: %v, %s", statuses, w.Body)
	}
	// Nothing is held by what is called off.
	if w := desk.send("PUT", "/fhir/Appointment/later", fhirJSON, appointment("later", "cancelled", "11:00", "11:30")); w.Code != 200 {
		t.Errorf("called off: %d %s", w.Code, w.Body)
	}
	if w := desk.send("POST", "/fhir/Appointment", fhirJSON, appointment("", "booked", "11:00", "11:30")); w.Code != 201 {
		t.Errorf("a time that was given back: %d %s", w.Code, w.Body)
	}
	twelveOverHTTP(t, s, desk)
}

// twelveOverHTTP: of twelve that ask for one time at once, by every way in, exactly one gets it, and the others are told.
func twelveOverHTTP(t *testing.T, s *slicetest.Site, desk frontDesk) {
	const fhirJSON = "application/fhir+json"
	answers := make([]*httptest.ResponseRecorder, 12)
	var wait sync.WaitGroup
	for i := range answers {
		wait.Go(func() {
			id := fmt.Sprintf("race%d", i)
			switch i % 3 {
			case 0:
				answers[i] = desk.send("POST", "/fhir/Appointment", fhirJSON, appointment("", "booked", "13:00", "13:30"))
			case 1:
				answers[i] = desk.send("PUT", "/fhir/Appointment/"+id, fhirJSON, appointment(id, "booked", "13:00", "13:30"))
			default:
				answers[i] = desk.send("POST", "/fhir", fhirJSON, bundleOf("transaction", entry("PUT", "Appointment/"+id, appointment(id, "booked", "13:00", "13:30"))))
			}
		})
	}
	wait.Wait()
	won := 0
	for _, w := range answers {
		if w.Code == 200 || w.Code == 201 {
			won++
			continue
		}
		refusedAsTaken(t, "one of twelve", w.Code, w.Body.Bytes())
	}
	if n := strings.Count(booked(t, s), "T13:00"); won != 1 || n != 1 {
		t.Errorf("%d were told that they have the time, %d are in the book", won, n)
	}
}

// refusedAsTaken makes sure that a refusal says what is taken, until when, and what to do, and names nobody's patient.
func refusedAsTaken(t *testing.T, name string, status int, body []byte) {
	t.Helper()
	o, err := fhir.Parse(body)
	if err != nil || status != http.StatusConflict || o.Type() != "OperationOutcome" {
		t.Errorf("%s: %d %s", name, status, body)
		return
	}
	issue := o.Get("issue").First()
	text := issue.Get("details").Get("text").Text() + issue.Get("diagnostics").Text()
	if issue.Get("severity").Text() != "error" || issue.Get("code").Text() != "conflict" || !strings.Contains(text, "Practitioner/rao is taken by ") || !strings.Contains(text, "choose another time") || strings.Contains(text, "ada") {
		t.Errorf("%s: %s", name, body)
	}
}

// booked are the times that are taken, each with its version.
func booked(t *testing.T, s *slicetest.Site) string {
	t.Helper()
	var out []string
	for _, a := range s.All("Appointment") {
		if a.Get("status").Text() == "booked" {
			out = append(out, a.Get("start").Text()+" "+a.Get("meta").Get("versionId").Text())
		}
	}
	return strings.Join(out, "\n")
}
