package patients

import (
	"context"
	"net/http"
	"net/http/httptest"
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

func TestParams(t *testing.T) {
	for in, want := range map[string]string{
		"okafor":             "name=okafor",
		"Okafor, Ada":        "name=Okafor name=Ada",
		"  ada   okafor ":    "name=ada name=okafor",
		"okafor 14-Jul-1968": "name=okafor birthdate=1968-07-14",
		"14-Jul-1968":        "birthdate=1968-07-14",
		"7/14/1968":          "birthdate=1968-07-14",
		"7/14/68":            "birthdate=1968-07-14",
		"1/2/26":             "birthdate=2026-01-02",
		"1968-07-14":         "birthdate=1968-07-14",
		"14 Jul 1968":        "birthdate=1968-07-14",
		"100 482 771":        "identifier=100482771",
		"100482771":          "identifier=100482771",
		"okafor 100482771":   "name=okafor identifier=100482771",
		"a|b,c":              `name=a\|b name=c`,
		"":                   "",
		" , ":                "",
		"O'Brien-Smith":      "name=O'Brien-Smith",
	} {
		got, ok := params(in, now)
		var parts []string
		for _, p := range got {
			parts = append(parts, p.Name+"="+p.Value)
		}
		if s := strings.Join(parts, " "); s != want || ok != (want != "") {
			t.Errorf("params(%q) = %q %v, want %q", in, s, ok, want)
		}
	}
}

func server(t *testing.T, role access.Role) func(target string, header ...string) (int, string) {
	t.Helper()
	f := recordtest.New(t, clock.At(now))
	var ops []record.Op
	for _, d := range []string{
		`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor","given":["Adaeze"]},{"use":"nickname","given":["Ada"]}],"birthDate":"1968-07-14","gender":"female","identifier":[{"system":"https://mrn.example","value":"100482771"}]}`,
		`{"resourceType":"Patient","id":"chi","name":[{"family":"Okafor","given":["Chinedu"]}],"birthDate":"1961-11-27","gender":"male","deceasedBoolean":true}`,
		`{"resourceType":"Patient","id":"lee","name":[{"family":"Lee","given":["Daniel"]}],"birthDate":"1951-03-02"}`,
	} {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "Patient", ID: r.ID(), Resource: r})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	shell := &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return now }, Frame: func(*http.Request) web.Frame {
		return web.Frame{User: &web.User{Name: "Dr P. Rao"}, Menu: []web.Entry{{Name: "home", Label: "Home", Href: "/", Go: "h"}}}
	}}
	shell.Recent.Open("rao", web.Opened{Patient: "ada", Name: "OKAFOR, A", Full: "OKAFOR, Adaeze (Ada)", Birth: "14-Jul-1968"})
	d := slice.Deps{Shell: shell, Session: func(*http.Request) (*record.Session, error) { return f.As(role), nil }}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, []slice.Slice{Slice(d)}); err != nil {
		t.Fatal(err)
	}
	return func(target string, header ...string) (int, string) {
		r := httptest.NewRequest("GET", target, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "rao", Roles: []identity.Role{identity.Role(role)}})))
		return w.Code, w.Body.String()
	}
}

func TestSearch(t *testing.T) {
	ask := server(t, access.FrontDesk)
	for target, want := range map[string][]string{
		"/patients?q=okaf":        {"2 patients. Alike names: check the date of birth", "/patients/ada", "/patients/chi", "deceased"},
		"/patients?q=adaeze+oka":  {"1 patient", "/patients/ada", "Born 14-Jul-1968 (58 y), female, MRN 100 482 771"},
		"/patients?q=14-Jul-1968": {"1 patient", "/patients/ada"},
		"/patients?q=100482771":   {"1 patient", "/patients/ada"},
		"/patients?q=zebra":       {"0 patients", "No patient found for “zebra”"},
		"/patients":               {"Recently opened", "/patients/ada"},
	} {
		status, body := ask(target)
		if status != 200 {
			t.Errorf("%s: %d", target, status)
		}
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s: %q is not there", target, w)
			}
		}
	}
	if _, body := ask("/patients?q=lee", "HX-Request", "true"); strings.Contains(body, "<html") || !strings.Contains(body, `id="found"`) {
		t.Error("a partial update is not the list alone")
	}
}

func TestPalette(t *testing.T) {
	ask := server(t, access.Clinician)
	if _, body := ask("/palette?q=oka&patient="); !strings.Contains(body, "palette-patient-ada") || !strings.Contains(body, "Alike names") {
		t.Error("patients are not listed")
	}
	_, body := ask("/palette?q=&patient=ada")
	if !strings.Contains(body, "For OKAFOR, Adaeze (Ada)") || !strings.Contains(body, "Print chart summary") {
		t.Errorf("no commands for the open chart: %s", body)
	}
	if _, body := ask("/palette?q=%3Ehom"); strings.Contains(body, "palette-patient") || !strings.Contains(body, "Home") {
		t.Error("> does not list commands alone")
	}
	if _, body := ask("/palette?q=zebra"); !strings.Contains(body, "Nothing found for “zebra”") {
		t.Error("nothing found is not said")
	}
	if _, body := ask("/palette?q=&patient=lee"); strings.Contains(body, "For ") {
		t.Error("commands are given for a chart that this person has not opened")
	}
}
