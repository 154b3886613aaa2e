package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
)

func TestAssets(t *testing.T) {
	body := strings.Repeat("body{color:red}", 100)
	a, err := assetsFrom(fstest.MapFS{
		"manifest.json": {Data: []byte(`{"app.css": "app-ABC.css"}`)}, "app-ABC.css": {Data: []byte(body)}, "inter-X.woff2": {Data: []byte("font")}, ".gitkeep": {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := a.URL("app.css"); got != "/assets/app-ABC.css" || !a.Built() {
		t.Errorf("URL %q", got)
	}
	w := ask(a, "GET", "/assets/app-ABC.css", "Accept-Encoding", "gzip, br")
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	z, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(z); err != nil || string(plain) != body {
		t.Errorf("unpacked %d bytes, %v", len(plain), err)
	}
	if w := ask(a, "GET", "/assets/app-ABC.css"); w.Body.String() != body || w.Header().Get("Content-Encoding") != "" {
		t.Error("a browser that takes no gzip got something else")
	}
	if w := ask(a, "GET", "/assets/inter-X.woff2"); w.Header().Get("Content-Type") != "font/woff2" {
		t.Errorf("font as %q", w.Header().Get("Content-Type"))
	}
	for _, path := range []string{"/assets/app.css", "/assets/manifest.json", "/assets/.gitkeep", "/assets/../shell.go", "/assets/"} {
		if w := ask(a, "GET", path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// Without a build of its assets the program still answers, and says why pages look plain.
func TestNoAssets(t *testing.T) {
	a, err := assetsFrom(fstest.MapFS{".gitkeep": {}})
	if err != nil || a.Built() || a.URL("app.css") != "" {
		t.Fatalf("%v %v", a, err)
	}
	shell, _ := testShell()
	shell.Assets = a
	w := ask(shell.Handle(func(*http.Request) (View, error) { return Page{Body: text("hello")}, nil }), "GET", "/")
	if got := w.Body.String(); !strings.Contains(got, "without its styles") || !strings.Contains(got, "hello") {
		t.Error(got)
	}
	if _, err := assetsFrom(fstest.MapFS{"manifest.json": {Data: []byte("{")}}); err == nil {
		t.Error("a damaged manifest was accepted")
	}
}
