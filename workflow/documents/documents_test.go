package documents

import (
	"context"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

func TestView(t *testing.T) { viewcheck.Resource[document](t, "DocumentReference") }

func site(t *testing.T) func(target string) *httptest.ResponseRecorder {
	t.Helper()
	f := recordtest.New(t, clock.At(now))
	document := func(id, patient, more, content string) string {
		return fmt.Sprintf(`{"resourceType":"DocumentReference","id":%q,"status":"current","type":{"text":"Progress note"},"subject":{"reference":"Patient/%s"},"date":"2026-08-24T11:02:00Z","author":[{"display":"Dr P. Rao"}]%s,"content":[%s]}`, id, patient, more, content)
	}
	data := func(kind, body string) string {
		return fmt.Sprintf(`{"attachment":{"contentType":%q,"data":%q,"title":"A file","size":%d}}`, kind, base64.StdEncoding.EncodeToString([]byte(body)), len(body))
	}
	var ops []record.Op
	for _, d := range []string{
		`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor"}]}`, `{"resourceType":"Patient","id":"bea","name":[{"family":"Baker"}]}`,
		document("note", "ada", `,"docStatus":"final","description":"Diabetes follow-up","authenticator":{"display":"Dr P. Rao"}`, data("text/plain", "ASSESSMENT\n<script>alert(1)</script> 7 < 9\n")),
		document("draft", "ada", `,"docStatus":"preliminary","description":"Migraine"`, data("text/plain", "draft text")),
		document("pdf", "ada", `,"description":"Letter"`, data("application/pdf", "%PDF-1.4 x")+","+data("text/html", "<script>alert(1)</script>")+`,{"attachment":{"contentType":"image/png","url":"Binary/bin"}},{"attachment":{"contentType":"image/png","url":"https://elsewhere.example/x"}}`),
		document("others", "bea", "", data("text/plain", "Baker's secret")),
		`{"resourceType":"Binary","id":"bin","contentType":"image/png","data":"iVBORw0KGgo="}`,
	} {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatalf("%v\n%s", err, d)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	shell := &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	d := slice.Deps{Shell: shell, Session: func(*http.Request) (*record.Session, error) { return f.As(access.Clinician), nil }}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, []slice.Slice{Slice(d, Options{})}); err != nil {
		t.Fatal(err)
	}
	return func(target string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", target, nil)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), identity.Principal{Kind: identity.Person, ID: "rao", Roles: []identity.Role{identity.Clinician}})))
		return w
	}
}

func TestPages(t *testing.T) {
	ask := site(t)
	for target, c := range map[string]struct {
		status   int
		has, not []string
	}{
		"/patients/ada/documents":        {200, []string{"A file", "24-Aug-2026", "not signed", "/patients/ada/documents/note"}, []string{"/documents/others"}},
		"/patients/ada/documents/note":   {200, []string{"Signed by Dr P. Rao, 24-Aug-2026, 11:02", "&lt;script&gt;alert(1)&lt;/script&gt; 7 &lt; 9", "OKAFOR"}, []string{"<script>alert"}},
		"/patients/ada/documents/draft":  {200, []string{"Not signed.", "draft text"}, []string{"Signed by"}},
		"/patients/ada/documents/pdf":    {200, []string{"/patients/ada/documents/pdf/files/0", "PDF, 10 bytes"}, []string{"%PDF"}},
		"/patients/ada/documents/others": {404, nil, []string{"secret"}}, // another patient's
		"/patients/ada/documents/nobody": {404, nil, nil},
	} {
		w := ask(target)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", target, w.Code, c.status)
		}
		for _, want := range c.has {
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s: %q is not there", target, want)
			}
		}
		for _, not := range c.not {
			if strings.Contains(w.Body.String(), not) {
				t.Errorf("%s: %q is there", target, not)
			}
		}
	}
}

func TestFiles(t *testing.T) {
	ask := site(t)
	for target, c := range map[string]struct {
		status            int
		kind, how, policy string
		body              string
	}{
		"/patients/ada/documents/pdf/files/0":    {200, "application/pdf", "inline", "default-src 'none'", "%PDF-1.4 x"},
		"/patients/ada/documents/pdf/files/1":    {200, "text/html", "attachment", "sandbox", "<script>alert(1)</script>"},
		"/patients/ada/documents/pdf/files/2":    {200, "image/png", "inline", "sandbox", "\x89PNG\r\n\x1a\n"},
		"/patients/ada/documents/pdf/files/3":    {404, "", "", "", ""}, // kept elsewhere; this server fetches nothing
		"/patients/ada/documents/pdf/files/9":    {404, "", "", "", ""},
		"/patients/ada/documents/pdf/files/-1":   {404, "", "", "", ""},
		"/patients/ada/documents/others/files/0": {404, "", "", "", ""},
	} {
		w := ask(target)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d", target, w.Code, c.status)
			continue
		}
		if c.status != 200 {
			continue
		}
		h := w.Header()
		if h.Get("Content-Type") != c.kind || !strings.HasPrefix(h.Get("Content-Disposition"), c.how+";") || !strings.Contains(h.Get("Content-Security-Policy"), c.policy) || w.Body.String() != c.body {
			t.Errorf("%s: %v %q", target, h, w.Body)
		}
	}
}
