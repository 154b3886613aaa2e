package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/web/ui"
)

func testShell() (*Shell, *bytes.Buffer) {
	var log bytes.Buffer
	return &Shell{
		Practice: "Harbor Street", Log: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC) },
		Frame: func(*http.Request) Frame {
			return Frame{User: &User{Name: "Dr P. Rao", Initials: "PR"}, Menu: []Entry{{Name: "inbox", Label: "Inbox", Href: "/inbox", Go: "i", Count: 7, Urgent: true}}}
		},
	}, &log
}

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	})
}

func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestErrorsBecomeKindSentences(t *testing.T) {
	secret := "patient Okafor in row 7"
	for _, c := range []struct {
		err    error
		status int
		says   string
		logged bool
	}{
		{fmt.Errorf("%s: %w", secret, ErrNotFound), 404, "There is nothing here for you", false},
		{fmt.Errorf("%s: %w", secret, ErrForbidden), 404, "There is nothing here for you", false},
		{ErrInvalid, 422, "could not be read", false},
		{ErrConflict, 409, "Someone else changed this", false},
		{ErrTooOften, 429, "Wait a minute", false},
		{ErrUnavailable, 503, "does not answer", true},
		{errors.New("disk on fire"), 500, "Something went wrong on our side", true},
		{&Problem{ErrInvalid, "Give a date such as 14-Jul-1968."}, 422, "Give a date such as 14-Jul-1968.", false},
	} {
		shell, log := testShell()
		w := ask(shell.Handle(func(*http.Request) (View, error) { return nil, c.err }), "GET", "/patients/okafor-7")
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%v: status %d, want %d with %q", c.err, w.Code, c.status, c.says)
		}
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%v: the cause is shown to the person", c.err)
		}
		if got := log.Len() > 0; got != c.logged {
			t.Errorf("%v: logged %v, want %v", c.err, got, c.logged)
		}
		if strings.Contains(log.String(), "okafor-7") {
			t.Errorf("%v: the log names the patient of the address: %s", c.err, log)
		}
	}
}

// What a person may not see answers byte for byte as what is not there.
func TestAbsentAndForbiddenAnswerAlike(t *testing.T) {
	shell, _ := testShell()
	answer := func(err error) string {
		w := ask(shell.Handle(func(*http.Request) (View, error) { return nil, err }), "GET", "/x")
		return fmt.Sprint(w.Code, w.Header(), w.Body)
	}
	if a, b := answer(ErrNotFound), answer(ErrForbidden); a != b {
		t.Errorf("they differ:\n%s\n%s", a, b)
	}
}

func TestErrorOfAPartialUpdate(t *testing.T) {
	shell, _ := testShell()
	w := ask(shell.Handle(func(*http.Request) (View, error) { return nil, ErrConflict }), "POST", "/x", "HX-Request", "true")
	if w.Code != 409 || w.Header().Get("HX-Retarget") != "#toasts" || strings.Contains(w.Body.String(), "<html") || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestSignInIsAskedFor(t *testing.T) {
	shell, _ := testShell()
	h := shell.Handle(func(*http.Request) (View, error) { return nil, ErrSignIn })
	if w := ask(h, "GET", "/patients/7?show=results"); w.Code != 303 || w.Header().Get("Location") != "/signin?next=%2Fpatients%2F7%3Fshow%3Dresults" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	if w := ask(h, "POST", "/patients/7"); w.Header().Get("Location") != "/signin" {
		t.Errorf("a change is to be repeated after sign-in: %s", w.Header().Get("Location"))
	}
	if w := ask(h, "GET", "/palette", "HX-Request", "true"); w.Code != 204 || w.Header().Get("HX-Redirect") != "/signin" {
		t.Errorf("a partial update: %d %s", w.Code, w.Header().Get("HX-Redirect"))
	}
}

// A page that cannot be drawn to its end is not sent half.
func TestHalfDrawnPage(t *testing.T) {
	shell, _ := testShell()
	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half a medication list")
		return errors.New("no more")
	})
	w := ask(shell.Handle(func(*http.Request) (View, error) { return Page{Title: "x", Body: broken}, nil }), "GET", "/x")
	if w.Code != 500 || strings.Contains(w.Body.String(), "half a medication list") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(shell.Handle(func(*http.Request) (View, error) { return nil, nil }), "GET", "/x"); w.Code != 500 {
		t.Errorf("no view and no error: %d", w.Code)
	}
}

func TestLayout(t *testing.T) {
	shell, _ := testShell()
	shell.Environment = Demo
	h := shell.Handle(func(*http.Request) (View, error) {
		return Page{Title: "Home", Current: "inbox", Body: text("<h1>Hello</h1>"), Messages: []ui.Message{{Tone: ui.Done, Text: "Sent."}}}, nil
	})
	w := ask(h, "GET", "/", "Cookie", "theme=dark; keys=off")
	got := w.Body.String()
	for _, want := range []string{
		"<title>Home – Harbor Street</title>", `data-theme="dark"`, `data-keys="off"`, "Demo practice – not for care", `href="/inbox" aria-current="page" data-go="i"`,
		"badge-crit", "7 to act on, one critical", `href="#main"`, "<h1>Hello</h1>", "Sent.", `id="palette"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	plain := strings.ReplaceAll(got, "xmlns='http://www.w3.org/2000/svg'", "") // a name, not an address
	for _, not := range []string{"<style", " style=", "onclick", "http://", "https://"} {
		if strings.Contains(plain, not) {
			t.Errorf("%q is in the page", not)
		}
	}
	if cc := w.Header().Get("Cache-Control"); cc != "no-store" {
		t.Errorf("Cache-Control %q", cc)
	}
	shell.Environment = Live
	if strings.Contains(ask(h, "GET", "/").Body.String(), "not for care") {
		t.Error("the live system has a stripe")
	}
	bare := shell.Handle(func(*http.Request) (View, error) { return Page{Bare: true, Body: text("x")}, nil })
	if strings.Contains(ask(bare, "GET", "/").Body.String(), "Dr P. Rao") {
		t.Error("a bare page names the user")
	}
}

func TestGuard(t *testing.T) {
	shell, _ := testShell()
	changed := 0
	h := shell.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			changed++
		}
	}))
	w := ask(h, "GET", "/")
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if w := ask(h, "POST", "/", "Sec-Fetch-Site", "cross-site"); w.Code != 404 || changed != 0 {
		t.Errorf("a change that another site asked for: %d, made %d times", w.Code, changed)
	}
	if ask(h, "POST", "/", "Origin", "https://evil.example"); changed != 0 {
		t.Error("a change with a foreign origin was made")
	}
	if ask(h, "POST", "/", "Sec-Fetch-Site", "same-origin"); changed != 1 {
		t.Error("a change of our own page was not made")
	}
}

func TestPreferences(t *testing.T) {
	shell, _ := testShell()
	save := func(form string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", PreferencesPath, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		shell.SavePreferences(w, r)
		return w
	}
	w := save("theme=dark&back=/patients/7")
	if w.Code != 303 || w.Header().Get("Location") != "/patients/7" || !strings.HasPrefix(w.Header().Get("Set-Cookie"), "theme=dark;") || !strings.Contains(w.Header().Get("Set-Cookie"), "HttpOnly") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := save("theme=purple&back=https://evil.example"); w.Header().Get("Set-Cookie") != "" || w.Header().Get("Location") != "/" {
		t.Errorf("%v", w.Header())
	}
	if w := save("theme=light", "Osler-Script", "1"); w.Code != 204 {
		t.Errorf("asked by the script: %d", w.Code)
	}
}

func TestLocalPath(t *testing.T) {
	for in, want := range map[string]string{
		"/patients/7?x=1": "/patients/7?x=1", "": "/", "https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "patients": "/", "/": "/", "http:/x": "/",
	} {
		if got := LocalPath(in); got != want {
			t.Errorf("LocalPath(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzLocalPath looks for an address that a browser would read as another site.
func FuzzLocalPath(f *testing.F) {
	f.Add("//x")
	f.Add(`/\x`)
	f.Add("/\t/x")
	f.Fuzz(func(t *testing.T, next string) {
		got := LocalPath(next)
		// Browsers drop tabs and line ends from addresses before they read them.
		read := strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(got)
		if !strings.HasPrefix(read, "/") || strings.HasPrefix(read, "//") || strings.HasPrefix(read, `/\`) {
			t.Errorf("LocalPath(%q) = %q leads elsewhere", next, got)
		}
	})
}

func TestRecent(t *testing.T) {
	var r Recent
	for _, id := range []string{"a", "b", "c"} {
		r.Open("rao", Opened{Patient: id, Name: id})
	}
	order := func() string {
		var ids []string
		for _, o := range r.Of("rao") {
			ids = append(ids, o.Patient)
		}
		return strings.Join(ids, "")
	}
	if got := order(); got != "cba" {
		t.Errorf("order %s, want cba", got)
	}
	r.Open("rao", Opened{Patient: "a"})
	if got := order(); got != "cba" {
		t.Errorf("a chart among the tabs moved: %s", got)
	}
	for _, id := range []string{"d", "e", "f", "g", "h", "i"} {
		r.Open("rao", Opened{Patient: id})
	}
	if got := order(); got != "ihgfedcb" {
		t.Errorf("kept %s", got)
	}
	r.Open("rao", Opened{Patient: "b"})
	if got := order(); got != "bihgfedc" {
		t.Errorf("a chart from further back did not come to the front: %s", got)
	}
	if len(r.Of("lind")) != 0 {
		t.Error("one person sees what another opened")
	}
	r.Forget("rao")
	if order() != "" {
		t.Error("not forgotten")
	}
}
