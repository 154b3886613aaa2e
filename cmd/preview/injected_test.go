package main

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/osler-ehr/osler/synthetic"
)

// watch runs before anything of a page does, and notes what must not happen.
const watch = `window.__csp = [];
addEventListener('securitypolicyviolation', e => window.__csp.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
for (const name of ['alert', 'confirm', 'prompt', 'eval', 'open']) window[name] = () => { window.__xss = name; };`

// inspect lists what the corpus left in a page: its mark, breaches of the policy, and elements, attributes and addresses that no page of
// the program has.
const inspect = `(() => {
	const found = [...window.__csp];
	if (window.__xss) found.push('it ran: ' + window.__xss);
	if (document.contentType === 'application/pdf') return found; // what stands there is the browser's own viewer
	const strange = 'script:not([src^="/assets/"]), iframe:not(.document-frame[src^="/"][src*="/files/"]), frame, object, embed, base, style, link:not([href^="/assets/"]):not([rel="icon"]), meta[http-equiv], video, audio, source, math, marquee, template, image, animate, mglyph';
	for (const e of document.querySelectorAll(strange)) found.push('element ' + e.outerHTML.slice(0, 120));
	for (const e of document.querySelectorAll('*')) {
		for (const a of e.attributes) {
			if (/^on|^(data-)?hx-on|^style$|^srcdoc$|^xlink/i.test(a.name)) found.push('attribute ' + a.name + '=' + a.value.slice(0, 80));
			const away = e.localName === 'a' && e.relList.contains('noreferrer') && a.value.startsWith('https://'); // to a source of ours
			if (/^(href|src|action|formaction)$/i.test(a.name) && !away && !/^(#|\/(?!\/)|data:image\/)/.test(a.value)) found.push(a.name + '=' + a.value.slice(0, 80));
		}
	}
	return found;
})()`

// TestProgramInjected fills every text of a practice with texts that want to be run, and opens every role's pages: nothing runs, nothing
// is even blocked by the policy, and the texts stand there as text.
func TestProgramInjected(t *testing.T) {
	newTab(t) // skips where there is no browser
	texts := corpus()
	bin, dir := build(t), filepath.Join(t.TempDir(), "demo")
	args := []string{"demo", "--patients", "8", "--data", dir, "--addr", "127.0.0.1:0"}
	start(t, bin, args...).stop()
	if out, err := exec.Command(bin, "import", "--quiet", "--data", dir, poisoned(t, texts)).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%.4000s", err, out)
	}
	p := start(t, bin, args...)
	routes := pageRoutes(t)
	at, own := p.addresses(t, routes)
	shown := &strings.Builder{}
	for _, role := range roles {
		var paths []string
		for _, r := range routes {
			if r.admits(t, role) {
				paths = append(paths, at[r.pattern]...)
			}
		}
		if role == "clinician" {
			paths = append(paths, p.more(t, role, own)...)
		}
		t.Run(role, func(t *testing.T) {
			ctx := newTab(t, cd.WithNewBrowserContext())
			p.enter(t, ctx, p.client(t, role))
			injected(t, ctx, p, paths, shown)
			if role == "clinician" {
				reflected(t, ctx, p, own, texts)
			}
		})
	}
	filesStayFiles(t, p, own)
	page, seen := shown.String(), 0
	for _, text := range texts {
		if strings.Contains(page, text) {
			seen++
		}
	}
	t.Logf("of %d texts %d stood on some page in full", len(texts), seen)
	if seen < len(texts)/2 {
		t.Errorf("only %d of %d texts stand on some page as they are", seen, len(texts))
	}
}

// poisoned is a folder with the practice of the demo, its texts replaced.
func poisoned(t *testing.T, texts []string) string {
	t.Helper()
	clean, dir := filepath.Join(t.TempDir(), "clean"), t.TempDir()
	if _, err := synthetic.WriteNDJSON(context.Background(), clean, synthetic.Options{Patients: 8, Seed: 1, Today: time.Now()}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(clean)
	if err != nil {
		t.Fatal(err)
	}
	p := &poison{texts: texts}
	for _, f := range files {
		in, err := os.Open(filepath.Join(clean, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		var out []byte
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, 8<<20)
		for lines.Scan() {
			doc, err := p.document(lines.Bytes())
			if err != nil {
				t.Fatalf("%s: %v", f.Name(), err)
			}
			out = append(append(out, doc...), '\n')
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		_ = in.Close()
		if err := os.WriteFile(filepath.Join(dir, f.Name()), out, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if p.next < len(texts) {
		t.Fatalf("the practice has room for %d texts, not for all %d", p.next, len(texts))
	}
	return dir
}

// more are the charts of the other patients that a role can find, and every document of the own one.
func (p program) more(t *testing.T, role, own string) (out []string) {
	t.Helper()
	c := p.client(t, role)
	for _, from := range []string{own + "/documents", "/patients?q=a", "/patients?q=script"} {
		_, _, body := p.get(t, c, from)
		for _, link := range linksOf(body) {
			if to := link; strings.HasPrefix(to, "/patients/") && !strings.Contains(to, "/files/") {
				out = append(out, strings.ReplaceAll(to, "&amp;", "&"))
			}
		}
	}
	return out
}

func injected(t *testing.T, ctx context.Context, p program, paths []string, shown *strings.Builder) {
	t.Helper()
	faults := listen(t, ctx, p.base)
	if _, err := cd.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, cd.EmulateViewport(1440, 900))
	seen := map[string]bool{}
	for _, path := range paths {
		if seen[path] || strings.Contains(path, "/files/") {
			continue
		}
		seen[path] = true
		do(t, ctx, cd.Navigate(p.base+path), cd.WaitReady("body"))
		shown.WriteString(eval[string](t, ctx, "document.title + '\\n' + document.body.textContent + '\\n'"))
		for _, f := range append(faults(), eval[[]string](t, ctx, inspect)...) {
			t.Errorf("%s: %s", path, f)
		}
	}
	t.Logf("%d pages", len(seen))
}

// reflected asks for pages with the texts in the address, and types some into the palette. The browser opens each vector once; that every
// text comes back escaped, the answers themselves show.
func reflected(t *testing.T, ctx context.Context, p program, own string, texts []string) {
	t.Helper()
	echo := func(i int, text string) string {
		q := url.QueryEscape(text)
		return []string{"/patients?q=" + q, own + "?find=" + q, "/palette?q=" + q, own + "?view=" + q + "&show=" + q + "&page=" + q, own + "/results/history?code=" + q, "/patients/" + url.PathEscape(text), "/" + url.PathEscape(text)}[i%7]
	}
	faults := listen(t, ctx, p.base)
	for i, v := range vectors {
		at := echo(i, breakouts[i%len(breakouts)]+v)
		do(t, ctx, cd.Navigate(p.base+at), cd.WaitReady("body"))
		for _, f := range append(faults(), eval[[]string](t, ctx, inspect)...) {
			t.Errorf("%s: %s", at, f)
		}
	}
	c := p.client(t, "clinician")
	for i, text := range texts {
		at := echo(i, text)
		if _, _, body := p.get(t, c, at); strings.Contains(text, "<") && strings.Contains(body, text) {
			t.Errorf("%s: the text comes back as it is", at)
		}
	}
	do(t, ctx, cd.Navigate(p.base+own), cd.WaitReady("html.js"))
	for _, text := range []string{vectors[0], vectors[4], breakouts[1] + vectors[8]} {
		do(t, ctx, cd.KeyEvent("k", cd.KeyModifiers(cd.ModifierCtrl)), cd.WaitVisible("#palette-query"), cd.SendKeys("#palette-query", text), cd.WaitReady("#palette-list [role]"), cd.Sleep(200*time.Millisecond))
		for _, f := range append(faults(), eval[[]string](t, ctx, inspect)...) {
			t.Errorf("palette %s: %s", text, f)
		}
		do(t, ctx, cd.KeyEvent(kb.Escape), cd.WaitNotVisible("#palette"))
	}
}

// filesStayFiles opens every file of the patient's documents: none is shown as a page of the program.
func filesStayFiles(t *testing.T, p program, own string) {
	t.Helper()
	c := p.client(t, "clinician")
	n := 0
	for _, address := range p.more(t, "clinician", own) {
		if !strings.Contains(address, "/documents/") {
			continue
		}
		for _, file := range []string{"/files/0", "/files/1"} {
			resp, err := c.Get(p.base + address + file)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				continue
			}
			n++
			kind, how, policy := resp.Header.Get("Content-Type"), resp.Header.Get("Content-Disposition"), resp.Header.Get("Content-Security-Policy")
			text := strings.HasPrefix(kind, "text/plain;") // which no browser takes for anything else, with nosniff
			if kind != "application/pdf" && (!strings.HasPrefix(how, "attachment") && !text || !strings.Contains(policy, "sandbox")) {
				t.Errorf("%s%s is %s and comes with %q and %q: a browser could run it", address, file, kind, how, policy)
			}
			if resp.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("%s%s: a browser may guess what it is, or fetch for it: %q", address, file, policy)
			}
		}
	}
	if n == 0 {
		t.Error("there was no file to open")
	}
}
