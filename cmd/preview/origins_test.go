package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
)

// site serves an empty page on an origin of its own.
func site(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, "<!doctype html><html lang=en><title>An app</title><main>An app</main>")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestProgramAppOrigins: a page of a site that is in --app-origins reads and writes FHIR with a token of its own, its conditions
// and ETags with it; never as the person who is signed in beside it; and a page of any other site gets nothing, even with a token.
func TestProgramAppOrigins(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	admitted, other := site(t), site(t)
	bin, dir := build(t), filepath.Join(t.TempDir(), "practice")
	if said, err := exec.Command(bin, "init", "--organization", "Hill Street Practice", "--data", dir).CombinedOutput(); err != nil {
		t.Fatalf("init: %v\n%s", err, said)
	}
	p := start(t, bin, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--app-origins", admitted)
	token, err := exec.Command(bin, "token", "--data", dir, "--scopes", "system/*.cruds", "--name", "app").Output()
	if err != nil {
		t.Fatal(err)
	}
	// A fetch that the browser keeps from the page says so in no more than a TypeError.
	ask := func(options, path string) string {
		return eval[string](t, ctx, fmt.Sprintf(`fetch(%q, %s).then(async r => r.status + " " + (r.headers.get("ETag") || "-") + " " + (await r.text()).slice(0, 60)).catch(e => e.name)`,
			p.base+path, options), cd.EvalAwaitPromise)
	}
	bearer := `"Authorization": "Bearer ` + strings.TrimSpace(string(token)) + `"`
	put := `{method: "PUT", headers: {` + bearer + `, "Content-Type": "application/fhir+json", "If-None-Match": "*"}, body: JSON.stringify({resourceType: "Patient", id: "ada"})}`
	read := `{headers: {` + bearer + `}}`
	for _, tt := range []struct{ name, page, options, path, want string }{
		{"the statement", admitted, `{}`, "/fhir/metadata", `200 - {"resourceType":"CapabilityStatement"`},
		{"a write", admitted, put, "/fhir/Patient/ada", `201 W/"1" {"resourceType":"Patient","id":"ada"`},
		{"the condition holds", admitted, put, "/fhir/Patient/ada", `412 - {"resourceType":"OperationOutcome"`},
		{"a read", admitted, read, "/fhir/Patient/ada", `200 W/"1" {"resourceType":"Patient","id":"ada"`},
		{"without a token", admitted, `{credentials: "include"}`, "/fhir/Patient/ada", "TypeError"},
		{"without a token, plainly", admitted, `{}`, "/fhir/Patient/ada", `401 - {"resourceType":"OperationOutcome"`},
		{"a page of the program", admitted, `{}`, "/signin", "TypeError"},
		{"the statement, to another site", other, `{}`, "/fhir/metadata", "TypeError"},
		{"a read by another site", other, read, "/fhir/Patient/ada", "TypeError"},
		{"a write by another site", other, strings.Replace(put, `"If-None-Match": "*"`, `"Accept": "*/*"`, 1), "/fhir/Patient/ada", "TypeError"},
	} {
		if at := eval[string](t, ctx, "location.origin"); at != tt.page {
			do(t, ctx, cd.Navigate(tt.page), cd.WaitReady("main"))
		}
		if got := ask(tt.options, tt.path); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	do(t, ctx, cd.Navigate(admitted), cd.WaitReady("main"))
	if got := ask(read, "/fhir/Patient/ada"); !strings.HasPrefix(got, `200 W/"1"`) {
		t.Errorf("another site's write was carried out: %q", got)
	}
}
