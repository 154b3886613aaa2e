package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const app = "https://app.example"

func TestOriginsAreRead(t *testing.T) {
	for text, good := range map[string]bool{
		app: true, "https://App.example:443": true, "http://localhost:3000": true, "http://127.0.0.1:9": true, "http://[::1]:9": true, "https://app.example:8443": true,
		"*": false, "null": false, "": false, "https://*.example": false, "https://app.example/": false, "https://app.example/launch": false, "http://app.example": false,
		"app.example": false, "https://u@app.example": false, "https://app.example?x": false, "https://app.example#": false, "https://:443": false, "ftp://localhost": false, "http://localhost.example": false,
	} {
		if _, err := NewOrigins([]string{text}, "/fhir"); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// crossing is a shell that admits the app, in front of a handler that tells what reached it.
func crossing(t *testing.T, list ...string) http.Handler {
	t.Helper()
	shell, _ := testShell()
	var err error
	if shell.Origins, err = NewOrigins(list, "/fhir"); err != nil {
		t.Fatal(err)
	}
	return shell.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Reached", "cookie="+r.Header.Get("Cookie")+" token="+r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
}

func TestPreflight(t *testing.T) {
	preflight := func(h http.Handler, path, origin string) *httptest.ResponseRecorder {
		return ask(h, "OPTIONS", path, "Origin", origin, "Sec-Fetch-Site", "cross-site", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "authorization,content-type,if-match")
	}
	for _, path := range []string{"/fhir", "/fhir/Patient/1", "/fhir/.well-known/smart-configuration"} {
		w := preflight(crossing(t, "https://other.example", "https://APP.example:443"), path, app)
		h := w.Header()
		if w.Code != 204 || h.Get("Access-Control-Allow-Origin") != app || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "PUT") || h.Get("Reached") != "" {
			t.Errorf("%s: %d %v", path, w.Code, h)
		}
		for _, name := range []string{"Authorization", "Content-Type", "If-Match", "If-None-Match", "If-None-Exist", "Prefer"} {
			if !strings.Contains(h.Get("Access-Control-Allow-Headers"), name) {
				t.Errorf("%s may not be sent", name)
			}
		}
		if !strings.Contains(strings.Join(h["Vary"], ","), "Origin") {
			t.Errorf("the answer is the same for other origins: %v", h["Vary"])
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another site":          preflight(crossing(t, app), "/fhir/Patient", "https://evil.example"),
		"a longer host":         preflight(crossing(t, app), "/fhir/Patient", app+".evil.example"),
		"a sandboxed page":      preflight(crossing(t, app), "/fhir/Patient", "null"),
		"another scheme":        preflight(crossing(t, app), "/fhir/Patient", "http://app.example"),
		"another port":          preflight(crossing(t, app), "/fhir/Patient", app+":8443"),
		"nobody is listed":      preflight(crossing(t), "/fhir/Patient", app),
		"pages":                 preflight(crossing(t, app), "/patients/1", app),
		"what begins alike":     preflight(crossing(t, app), "/fhirs", app),
		"two origins":           preflight(crossing(t, app), "/fhir", app+", "+app),
		"no preflight, only an": ask(crossing(t, app), "OPTIONS", "/fhir/Patient", "Origin", "https://evil.example"),
	} {
		for key := range w.Header() {
			if strings.HasPrefix(key, "Access-Control-") {
				t.Errorf("%s: %s: %s", name, key, w.Header().Get(key))
			}
		}
		if w.Code < 400 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

func TestAppOfAnotherSite(t *testing.T) {
	h := crossing(t, app)
	for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
		w := ask(h, method, "/fhir/Patient", "Origin", app, "Sec-Fetch-Site", "cross-site", "Authorization", "Bearer t", "Cookie", "session=of-the-doctor")
		if w.Code != 200 || w.Header().Get("Reached") != "cookie= token=Bearer t" || w.Header().Get("Access-Control-Allow-Origin") != app {
			t.Errorf("%s: %d %v", method, w.Code, w.Header())
		}
		if w.Header().Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: cookies are permitted", method)
		}
		for _, name := range []string{"ETag", "Location", "Content-Location", "Last-Modified", "X-Request-Id"} {
			if !strings.Contains(w.Header().Get("Access-Control-Expose-Headers"), name) {
				t.Errorf("%s cannot be read", name)
			}
		}
	}
	// An error can be read too: else an app cannot tell a refusal from a broken network.
	if w := ask(h, "GET", "/fhir/Patient", "Origin", app, "Cookie", "session=of-the-doctor"); w.Code != 401 || w.Header().Get("Access-Control-Allow-Origin") != app {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	// The site that is admitted to /fhir is as strange as any other to pages, where cookies count.
	if w := ask(h, "POST", "/patients/1", "Origin", app, "Sec-Fetch-Site", "cross-site", "Cookie", "session=of-the-doctor"); w.Header().Get("Reached") != "" {
		t.Errorf("a page was changed: %d", w.Code)
	}
	// Another site's change never gets in, and what it reads it cannot see.
	w := ask(h, "POST", "/fhir/Patient", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Cookie", "session=of-the-doctor")
	if w.Header().Get("Reached") != "" || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	// Pages of this server go on as they are.
	r := ask(crossing(t, "https://ehr.example"), "POST", "https://ehr.example/fhir/Patient", "Origin", "https://ehr.example", "Sec-Fetch-Site", "same-origin", "Cookie", "session=mine")
	if r.Header().Get("Reached") != "cookie=session=mine token=" {
		t.Errorf("%v", r.Header())
	}
}
