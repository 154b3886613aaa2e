package chart

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/ui"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

func TestViews(t *testing.T) {
	viewcheck.Resource[encounter](t, "Encounter")
	viewcheck.Resource[report](t, "DiagnosticReport")
	viewcheck.Resource[appointment](t, "Appointment")
}

func TestNoteText(t *testing.T) {
	note := "ANNUAL PHYSICAL\nLuis Ibarra\n\nSUBJECTIVE\nFeels well.\n\nASSESSMENT AND PLAN\n1. Annual physical (Z00.00). PHQ-2 0.\n   - Colonoscopy ordered.\n2. Hypertension (I10), above goal.\n\nOBJECTIVE\nBP 134/88\n"
	if got, want := assessment(note), "Annual physical. PHQ-2 0. Colonoscopy ordered. Hypertension, above goal."; got != want {
		t.Errorf("assessment\n got %q\nwant %q", got, want)
	}
	if got := assessment("Visit note\nNothing but prose here."); got != "Nothing but prose here." {
		t.Errorf("a note without headings: %q", got)
	}
	long := strings.Repeat("word ", 100)
	if got := brief(long, 50); len([]rune(got)) > 52 || !strings.HasSuffix(got, "word …") {
		t.Errorf("brief: %q", got)
	}
	if got := brief("short", 50); got != "short" {
		t.Errorf("brief: %q", got)
	}
	for in, want := range map[string]string{"Potassium": "potassium", "HbA1c": "HbA1c", "LDL cholesterol": "LDL cholesterol", "White blood cells": "white blood cells", "eGFR": "eGFR"} {
		if got := lowerName(in); got != want {
			t.Errorf("lowerName(%q) = %q, want %q", in, got, want)
		}
	}
}

// fixture is a record with one patient and two visits.
func fixture(t *testing.T) *recordtest.Fixture {
	t.Helper()
	f := recordtest.New(t, clock.At(now))
	about := `"subject":{"reference":"Patient/ada"}`
	lab := func(id, name, value, flag string) string {
		return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":%q},%s,"effectiveDateTime":"2026-11-20T08:12:00Z","valueQuantity":{"value":%s,"unit":"mmol/L"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":%q}]}]}`, id, name, about, value, flag)
	}
	encounter := func(id, status, reason, start, end string) string {
		return fmt.Sprintf(`{"resourceType":"Encounter","id":%q,"status":%q,"class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Follow-up visit"}],%s,"participant":[{"individual":{"display":"Dr P. Rao"}}],"period":{"start":%q%s},"reasonCode":[{"text":%q}],"location":[{"location":{"display":"Room 3"},"status":"active"}]}`, id, status, about, start, end, reason)
	}
	note := base64.StdEncoding.EncodeToString([]byte("NOTE\nASSESSMENT\n1. Diabetes (E11.9), above goal.\n"))
	docs := []string{
		`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]}],"birthDate":"1968-07-14","gender":"female"}`,
		encounter("e2", "in-progress", "Diabetes follow-up", "2026-11-23T10:16:00Z", ""),
		encounter("e1", "finished", "Annual physical", "2026-06-03T16:00:00Z", `,"end":"2026-06-03T16:40:00Z"`),
		encounter("e0", "cancelled", "Never took place", "2026-05-01T16:00:00Z", ""),
		lab("o1", "Potassium", "5.6", "H"), lab("o2", "Sodium", "140", "N"), lab("o3", "TSH", "2.1", "N"),
		`{"resourceType":"DiagnosticReport","id":"r1","status":"final","code":{"text":"Basic metabolic panel"},` + about + `,"effectiveDateTime":"2026-11-20T08:12:00Z","performer":[{"display":"Harbor Lab"}],"result":[{"reference":"Observation/o1"},{"reference":"Observation/o2"}]}`,
		`{"resourceType":"DiagnosticReport","id":"r2","status":"final","code":{"text":"TSH"},` + about + `,"effectiveDateTime":"2026-11-20T08:12:00Z","result":[{"reference":"Observation/o3"}]}`,
		`{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","medicationCodeableConcept":{"text":"metformin 500 MG Oral Tablet"},` + about + `,"encounter":{"reference":"Encounter/e1"},"authoredOn":"2026-06-03T16:30:00Z","requester":{"display":"Dr P. Rao"},"dosageInstruction":[{"text":"1 tab QD"}]}`,
		`{"resourceType":"DocumentReference","id":"d1","status":"current","docStatus":"final","type":{"text":"Progress note"},` + about + `,"date":"2026-06-03T16:40:00Z","content":[{"attachment":{"contentType":"text/plain","data":"` + note + `"}}],"context":{"encounter":[{"reference":"Encounter/e1"}]}}`,
		`{"resourceType":"DocumentReference","id":"d2","status":"current","docStatus":"final","type":{"text":"Letter"},"description":"Knee X-ray report",` + about + `,"date":"2026-10-14T09:00:00Z","content":[{"attachment":{"contentType":"application/pdf","title":"Knee"}}]}`,
		`{"resourceType":"Communication","id":"c1","status":"completed",` + about + `,"topic":{"text":"Ibuprofen"},"sent":"2026-10-12T08:00:00Z","sender":{"reference":"Patient/ada"},"payload":[{"contentString":"Is it safe?"}]}`,
		`{"resourceType":"Appointment","id":"ap1","status":"booked","description":"Retinal imaging","start":"2026-12-04T14:30:00Z","end":"2026-12-04T15:00:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Practitioner/eye","display":"Harbor Eye"},"status":"accepted"}]}`,
		`{"resourceType":"Appointment","id":"ap2","status":"cancelled","description":"Cancelled one","start":"2026-12-05T14:30:00Z","end":"2026-12-05T15:00:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"}]}`,
	}
	var ops []record.Op
	for _, d := range docs {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatalf("%v\n%s", err, d)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r, LooseReferences: true})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	return f
}

var (
	blocks = regexp.MustCompile(`</?(?:div|p|li|ol|ul|dl|dt|dd|h[1-6]|section|header|article|small|aside|nav|time)\b[^>]*>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

func words(s string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(blocks.ReplaceAllString(s, " "), "")), " ")
}

// serve mounts the chart with the slices given and asks for an address as a role.
func serve(t *testing.T, f *recordtest.Fixture, role access.Role, others []slice.Slice, target string) (int, string) {
	t.Helper()
	shell := &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Frame: func(*http.Request) web.Frame { return web.Frame{User: &web.User{Name: "Dr P. Rao"}} }}
	d := slice.Deps{Shell: shell, Log: shell.Log, Session: func(*http.Request) (*record.Session, error) { return f.As(role), nil }}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, []slice.Slice{Slice(d, others)}); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", target, nil)
	mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "rao", Roles: []identity.Role{identity.Role(role)}})))
	return w.Code, w.Body.String()
}

func TestChart(t *testing.T) {
	f := fixture(t)
	status, body := serve(t, f, access.Clinician, nil, "/patients/ada")
	if status != 200 {
		t.Fatalf("%d %s", status, words(body))
	}
	got := words(body)
	order := []string{
		"OKAFOR, Adaeze", "Allergies not recorded",
		"23-Nov-2026 Today, 10:16 Diabetes follow-up In room 3 Follow-up visit, Dr P. Rao",
		"20-Nov-2026 Friday Laboratory results Harbor Lab, collected 08:12", "Basic metabolic panel potassium 5.6 mmol/L H high", "TSH 2.1 mmol/L",
		"14-Oct-2026 Wednesday Documents", "Knee X-ray report",
		"12-Oct-2026 Monday Message: Ibuprofen from the patient Is it safe?",
		"03-Jun-2026 Wednesday Annual physical Follow-up visit, Dr P. Rao, signed 03-Jun-2026, 16:40 Diabetes, above goal.",
		"Prescribed metFORMIN 500 MG Oral Tablet 1 tab QD [QD: daily]",
		"04-Dec-2026 Retinal imaging Harbor Eye, 14:30",
	}
	at := 0
	for _, want := range order {
		i := strings.Index(got[at:], want)
		if i < 0 {
			t.Fatalf("%q is not in the page after what comes before it:\n%s", want, got[at:])
		}
		at += i
	}
	for _, not := range []string{"Never took place", "sodium 140", "TSH TSH", "Cancelled one"} {
		if strings.Contains(got, not) {
			t.Errorf("%q is in the page", not)
		}
	}
}

func TestChartFilters(t *testing.T) {
	f := fixture(t)
	for target, c := range map[string]struct{ has, not []string }{
		"/patients/ada?show=results":     {[]string{"potassium 5.6"}, []string{"Annual physical Follow-up", "Message:", "Knee X-ray"}},
		"/patients/ada?show=messages":    {[]string{"Message: Ibuprofen"}, []string{"potassium 5.6"}},
		"/patients/ada?show=medications": {[]string{"metFORMIN"}, []string{"potassium 5.6", "Is it safe"}},
		"/patients/ada?show=visits":      {[]string{"Annual physical"}, []string{"Laboratory results", "Is it safe"}},
		"/patients/ada?find=POTASSIUM":   {[]string{"potassium 5.6"}, []string{"Is it safe"}},
		"/patients/ada?find=zebra":       {[]string{"Nothing in this chart matches “zebra”"}, []string{"potassium 5.6"}},
	} {
		_, body := serve(t, f, access.Clinician, nil, target)
		screen, _, _ := strings.Cut(words(body), "Chart summary") // the print-out shows all visits
		for _, want := range c.has {
			if !strings.Contains(screen, want) {
				t.Errorf("%s: %q is not there", target, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(screen, not) {
				t.Errorf("%s: %q is there", target, not)
			}
		}
	}
}

func TestChartOfNobody(t *testing.T) {
	f := fixture(t)
	if status, _ := serve(t, f, access.Clinician, nil, "/patients/nobody"); status != 404 {
		t.Errorf("nobody: %d", status)
	}
}

// A panel that fails says so in plain sight, and the others stand.
func TestPanels(t *testing.T) {
	f := fixture(t)
	panel := func(name string, right slice.Right, c templ.Component, err error) slice.Panel {
		return slice.Panel{Name: name, Right: right, Draw: func(context.Context, *record.Session, string) (templ.Component, error) { return c, err }}
	}
	others := []slice.Slice{{
		Panels: []slice.Panel{
			panel("allergies", slice.SignedIn(), nil, errors.New("disk on fire")),
			panel("problems", slice.SignedIn(), web.Box{Column: web.Start, Order: 10, Body: ui.None("PROBLEMS HERE"), Print: ui.None("PROBLEMS ON PAPER")}, nil),
			panel("secret", slice.Roles(access.Biller), web.Box{Body: ui.None("SECRET")}, nil),
			panel("empty", slice.SignedIn(), nil, nil),
		},
		Rules: []slice.Rule{
			{Name: "due", Title: "Due", Right: slice.SignedIn(), Advise: func(context.Context, *record.Session, string) ([]slice.Advice, error) {
				return []slice.Advice{{Summary: "Later", Urgency: slice.Info}, {Summary: "Eye exam", Urgency: slice.Warning}}, nil
			}},
			{Name: "orders", Title: "Of orders alone", Right: slice.SignedIn(), Check: func(context.Context, *record.Session, string, []*fhir.Resource) ([]slice.Advice, error) {
				return nil, nil
			}},
			{Name: "bad", Title: "Kidney rule", Right: slice.SignedIn(), Advise: func(context.Context, *record.Session, string) ([]slice.Advice, error) { return nil, errors.New("no") }},
		},
	}}
	_, body := serve(t, f, access.Clinician, others, "/patients/ada")
	got := words(body)
	for _, want := range []string{"The allergies could not be read. Do not take them for empty.", "PROBLEMS HERE", "PROBLEMS ON PAPER", "Care gaps 3", "Kidney rule could not be checked"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if strings.Contains(got, "SECRET") || strings.Contains(got, "disk on fire") {
		t.Error("the page shows what it must not")
	}
	if strings.Index(got, "Eye exam") > strings.Index(got, "Later") {
		t.Error("what is overdue does not come first")
	}
}

// A front desk sees who the patient is and what is booked, and no findings.
func TestChartOfAFrontDesk(t *testing.T) {
	f := fixture(t)
	status, body := serve(t, f, access.FrontDesk, nil, "/patients/ada")
	if status != 200 {
		t.Skipf("a front desk may not open charts: %d", status)
	}
	got := words(body)
	if !strings.Contains(got, "OKAFOR, Adaeze") || strings.Contains(got, "potassium") || strings.Contains(got, "metFORMIN") {
		t.Error(got)
	}
}
