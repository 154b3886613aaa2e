package vitals

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
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

// noon is the moment at which the tests stand.
var noon = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

// site is a record with the pages over it.
type site struct {
	*recordtest.Fixture
	t   *testing.T
	mux *http.ServeMux
}

// open makes a record with the documents given and serves the pages over it.
func open(t *testing.T, options []Option, docs ...string) *site {
	t.Helper()
	f := recordtest.New(t, clock.At(noon))
	var ops []record.Op
	for _, d := range append([]string{`{"resourceType":"Practitioner","id":"ortiz","name":[{"family":"Ortiz"}]}`}, docs...) {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r, LooseReferences: true})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	assets, err := web.LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	shell := &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return noon }, Log: slog.New(slog.DiscardHandler), Assets: assets,
		Frame: func(*http.Request) web.Frame { return web.Frame{User: &web.User{Name: "J. Ortiz RN", Initials: "JO"}} }}
	d := slice.Deps{Shell: shell, Session: func(r *http.Request) (*record.Session, error) {
		p := identity.From(r.Context())
		if p.Kind == identity.Anonymous {
			return nil, web.ErrSignIn
		}
		return f.As(access.Role(p.Roles[0])), nil
	}}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, []slice.Slice{Slice(d, options...)}); err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("POST "+web.PreferencesPath, shell.SavePreferences)
	return &site{f, t, mux}
}

func (s *site) now() time.Time { return noon }

// ask sends a request as a nurse; form nil is a GET.
func (s *site) ask(address string, form url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	return s.as(identity.Nurse, address, form, cookies...)
}

func (s *site) as(role identity.Role, address string, form url.Values, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	who := identity.Principal{Kind: identity.Person, ID: "ortiz", Name: "J. Ortiz RN", Resource: "Practitioner/ortiz", Roles: []identity.Role{role}}
	s.mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), who)))
	return w
}

// get is the page at an address; it must be there.
func (s *site) get(address string, cookies ...*http.Cookie) string {
	s.t.Helper()
	w := s.ask(address, nil, cookies...)
	if w.Code != http.StatusOK {
		s.t.Fatalf("GET %s: %d", address, w.Code)
	}
	return w.Body.String()
}

// draw writes a page into the folder that OSLER_DRAW names, to be looked at.
func draw(t *testing.T, name, page string) {
	t.Helper()
	dir := os.Getenv("OSLER_DRAW")
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/"+name+".html", []byte(page), 0o644); err != nil {
		t.Fatal(err)
	}
}

// has fails for every piece of text that a page lacks.
func has(t *testing.T, page string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(page, w) {
			t.Errorf("the page lacks %q", w)
		}
	}
}

// hasNot fails for every piece of text that a page has.
func hasNot(t *testing.T, page string, not ...string) {
	t.Helper()
	for _, w := range not {
		if strings.Contains(page, w) {
			t.Errorf("the page has %q", w)
		}
	}
}

const vitalSigns = `"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}]`

// taken is an Observation of one value.
func taken(id, patient, code, value, unit, at string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final",%s,"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,"valueQuantity":{"value":%s,"unit":%q,"system":"http://unitsofmeasure.org","code":%q}}`,
		id, vitalSigns, code, patient, at, value, unit, unit)
}

// faults are what a page says is wrong, for the messages of tests.
func faults(w *httptest.ResponseRecorder) string {
	var out []string
	for _, m := range faultText.FindAllStringSubmatch(w.Body.String(), -1) {
		out = append(out, m[2])
	}
	return strings.Join(out, " | ")
}

var faultText = regexp.MustCompile(`(?s)(class="field-error"[^>]*>|class="message[^>]*>|class="vitals-asks">)(.{0,300}?)</(p|legend|div)>`)
