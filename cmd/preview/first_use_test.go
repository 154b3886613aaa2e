package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
)

var setupAddress = regexp.MustCompile(`http://[^/\s]+(/setup\?token=\S+)`)

// TestFirstUse goes the way of a new practice: the link that `osler init` prints, a name and a password, home; out and in again. Then it
// chooses a theme, which stays.
func TestFirstUse(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	bin, dir := build(t), filepath.Join(t.TempDir(), "practice")
	said, err := exec.Command(bin, "init", "--organization", "Hill Street Practice", "--data", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("init: %v\n%s", err, said)
	}
	m := setupAddress.FindSubmatch(said)
	if m == nil {
		t.Fatalf("init prints no link:\n%s", said)
	}
	p := start(t, bin, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	link := p.base + string(m[1])
	faults := listen(t, ctx, p.base)
	scheme(t, ctx, "light")
	const secret = "eleven brass kettles whistle"

	do(t, ctx, cd.EmulateViewport(390, 844), cd.Navigate(link), cd.WaitVisible(`input[name="display"]`))
	axeCheck(t, ctx, axe)
	do(t, ctx, cd.SendKeys(`input[name="display"]`, "Dr Ines Haddad"), cd.SendKeys(`input[name="name"]`, "i.haddad"), cd.SendKeys(`input[name="password"]`, "short\r"), cd.WaitVisible(".field-error"))
	axeCheck(t, ctx, axe)
	if got := eval[string](t, ctx, `['display', 'name', 'password'].map(n => document.querySelector('input[name="' + n + '"]').value).join()`); got != "Dr Ines Haddad,i.haddad," {
		t.Errorf("after a password that is too short the form holds %q", got)
	}
	do(t, ctx, cd.SendKeys(`input[name="password"]`, secret+"\r"), cd.WaitVisible(".home"))
	if got := eval[string](t, ctx, "location.pathname + document.querySelector('h1').textContent"); !strings.HasPrefix(got, "/") || !strings.Contains(got, "Ines") {
		t.Errorf("setting the password leads to %s", got)
	}
	for _, path := range []string{"/", "/patients", "/patients?q=o", "/nowhere"} { // with nothing in the record
		look(t, ctx, p, axe, "first", []sight{{path, true}})
	}

	do(t, ctx, cd.Navigate(link), cd.WaitReady("main"))
	if got := eval[string](t, ctx, "document.querySelector('main').textContent"); !strings.Contains(got, "This link does not work any more") {
		t.Errorf("the link works twice: %.200s", got)
	}
	resp, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("the used link answers %d", resp.StatusCode)
	}

	scheme(t, ctx, "light")
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+"/"), cd.WaitReady("html.js"), cd.Click(".user summary"), cd.Click(`form[action="/signout"] button`), cd.WaitVisible(`input[name="password"]`))
	do(t, ctx, cd.Navigate(p.base+"/patients"), cd.WaitVisible(`input[name="name"]`), cd.SendKeys(`input[name="name"]`, "i.haddad"), cd.SendKeys(`input[name="password"]`, secret+"\r"), cd.WaitVisible(".patients"))

	background := func() string {
		return eval[string](t, ctx, "getComputedStyle(document.documentElement).backgroundColor")
	}
	const light, dark = "rgb(246, 247, 249)", "rgb(18, 22, 27)"
	if got := background(); got != light {
		t.Fatalf("a light system, but the page is %s", got)
	}
	do(t, ctx, cd.WaitReady("html.js"), cd.Click(".user summary"), cd.Click(`button[value="dark"]`), cd.WaitReady(`html[data-theme="dark"]`))
	if got := background(); got != dark {
		t.Errorf("after Dark the page is %s", got)
	}
	eval[bool](t, ctx, `new Promise(done => { // the choice is stored by a request of its own
		const stored = () => performance.getEntriesByType('resource').some(e => e.name.endsWith('/preferences')) ? done(true) : setTimeout(stored, 20);
		stored();
	})`, cd.EvalAwaitPromise)
	do(t, ctx, cd.Reload(), cd.WaitReady("html.js"))
	if got := background(); got != dark {
		t.Errorf("loaded again, the page is %s", got)
	}
	do(t, ctx, cd.Click(".user summary"), cd.Click(`form[action="/signout"] button`), cd.WaitVisible(`input[name="password"]`))
	if got := background(); got != dark {
		t.Errorf("signed out, the page is %s", got)
	}
	for _, f := range faults() {
		t.Error(f)
	}
}
