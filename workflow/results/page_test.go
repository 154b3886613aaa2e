package results

import (
	"context"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

// many is a patient with 860 values: two tests over and over, one long ago out of range, and one test without a code.
func many(t *testing.T) *recordtest.Fixture {
	t.Helper()
	f := recordtest.New(t, clock.At(now))
	docs := []string{`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor"}]}`, `{"resourceType":"Patient","id":"tunde","name":[{"family":"Okafor"}]}`}
	add := func(patient, id, code, date, flag string) {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{%s},"subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,"valueQuantity":{"value":7,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":%q}]}]}`, id, code, patient, date, flag))
	}
	for i := range 430 {
		date := now.AddDate(0, 0, -i).Format("2006-01-02")
		add("ada", fmt.Sprint("k", i), `"coding":[{"system":"http://loinc.org","code":"2823-3"}],"text":"Potassium"`, date, "N")
		add("ada", fmt.Sprint("s", i), `"text":"Strange"`, date, "H")
	}
	add("ada", "rare", `"coding":[{"system":"http://loinc.org","code":"14334-7"}],"text":"Lithium"`, "2001-02-03", "HH")
	for i := range 401 {
		add("tunde", fmt.Sprint("t", i), `"text":"His"`, "2026-11-01", "N")
	}
	var ops []record.Op
	for _, d := range docs {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r, LooseReferences: true})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	return f
}

func ask(t *testing.T, f *recordtest.Fixture, target string) (int, string) {
	t.Helper()
	shell := &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	d := slice.Deps{Shell: shell, Log: shell.Log, Session: func(*http.Request) (*record.Session, error) { return f.As(access.Clinician), nil }}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, []slice.Slice{Slice(d)}); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", target, nil)
	mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "rao", Roles: []identity.Role{identity.Clinician}})))
	return w.Code, w.Body.String()
}

var next = regexp.MustCompile(`href="([^"]*page=[^"]*)"`)

// walk follows the links to older values to the end.
func walk(t *testing.T, f *recordtest.Fixture, target string) (pages []string, links []string) {
	t.Helper()
	for range 10 {
		status, body := ask(t, f, target)
		if status != 200 {
			t.Fatalf("%s: %d", target, status)
		}
		pages = append(pages, body)
		m := next.FindStringSubmatch(body)
		if m == nil {
			return pages, links
		}
		target = html.UnescapeString(m[1])
		links = append(links, target)
	}
	t.Fatal("the pages do not end")
	return nil, nil
}

// Every test is within reach, and what is out of range stands first.
func TestOverviewReachesEverything(t *testing.T) {
	f := many(t)
	pages, links := walk(t, f, "/patients/ada/results")
	if len(pages) != 3 {
		t.Fatalf("%d pages", len(pages))
	}
	if strange, potassium := strings.Index(pages[0], "Strange"), strings.Index(pages[0], "Potassium"); strange < 0 || potassium < strange {
		t.Errorf("what is out of range is not first: %d, %d", strange, potassium)
	}
	if strings.Contains(pages[0], "Lithium") || !strings.Contains(pages[0], "Values since 08-May-2026") || !strings.Contains(pages[2], "Lithium") {
		t.Error("the old value is not on the last page alone, or the first does not say how far it goes")
	}
	if lithium, strange := strings.Index(pages[2], "Lithium"), strings.Index(pages[2], "Strange"); lithium > strange {
		t.Error("critical is not first")
	}
	if status, body := ask(t, f, strings.Replace(links[0], "/ada/", "/tunde/", 1)); status != 404 || strings.Contains(body, "Potassium") {
		t.Errorf("the address of one patient's page shows in another's chart: %d", status)
	}
}

func TestHistoryReachesEverything(t *testing.T) {
	f := many(t)
	for name, key := range map[string]string{"by code": "loinc|2823-3", "by name": "text|strange"} {
		pages, _ := walk(t, f, "/patients/ada/results/history?test="+strings.ReplaceAll(key, "|", "%7C"))
		rows := 0
		for _, p := range pages {
			rows += strings.Count(p, `<th scope="row"`)
		}
		if rows != 430 || len(pages) < 2 {
			t.Errorf("%s: %d of 430 values on %d pages", name, rows, len(pages))
		}
	}
	if status, _ := ask(t, f, "/patients/ada/results/history?test=loinc%7C1-8"); status != 404 {
		t.Errorf("a test that was never made: %d", status)
	}
}

// No limit of the panel hides what is critical, or out of range on the newest day.
func TestPanelHidesNothing(t *testing.T) {
	f := many(t)
	p, err := read(context.Background(), f.As(access.Clinician), "ada", now)
	if err != nil || p.More != "Older results" || len(p.Rows) != 2 {
		t.Errorf("%v, %d rows, %q", err, len(p.Rows), p.More)
	}
	var ops []record.Op
	add := func(id, date, flag string) {
		r, err := fhir.Parse(fmt.Appendf(nil, `{"resourceType":"Observation","id":%q,"status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"Test %s"},"subject":{"reference":"Patient/ada"},"effectiveDateTime":%q,"valueQuantity":{"value":7,"unit":"g"},"interpretation":[{"coding":[{"code":%q}]}]}`, id, id, date, flag))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "Observation", ID: id, Resource: r, LooseReferences: true})
	}
	for i := range 9 {
		add(fmt.Sprint("h", i), "2026-11-23T08:00:00Z", "H")
	}
	add("n", "2026-11-23T08:00:00Z", "N")
	add("c", "2026-11-20T08:00:00Z", "LL")
	add("old", "2026-11-20T08:00:00Z", "L")
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	p, err = read(context.Background(), f.As(access.Clinician), "ada", now)
	var names []string
	for _, r := range p.Rows {
		names = append(names, r.Name)
	}
	got := strings.Join(names, ",")
	for _, want := range []string{"Test h0", "Test h8", "Test c", "Strange"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in the panel: %s", want, got)
		}
	}
	if err != nil || p.More != "3 more tests, 1 out of range" {
		t.Errorf("%v %q %s", err, p.More, got)
	}
}
