package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var textArea = regexp.MustCompile(`name="text\.([\d-]+)"[^>]*>([^<]*)</textarea>\s*<input type="hidden" name="base\.[\d-]+" value="([^"]*)"`)

// draft begins a note as a clinician and gives its address.
func (p program) draft(t *testing.T, c *http.Client, own, kind string) string {
	t.Helper()
	resp, err := c.PostForm(p.base+own+"/notes", url.Values{"template": {kind}, "title": {"Tired"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if at := resp.Request.URL.Path; resp.StatusCode == http.StatusOK && strings.Contains(at, "/notes/") {
		return at
	}
	body, _ := io.ReadAll(resp.Body)
	t.Fatalf("no note was begun: %d %s", resp.StatusCode, body)
	return ""
}

// sections are what the server has of a draft: its texts by section.
func (p program) sections(t *testing.T, c *http.Client, note string) (texts, versions map[string]string) {
	t.Helper()
	_, _, body := p.get(t, c, note)
	texts, versions = map[string]string{}, map[string]string{}
	for _, m := range textArea.FindAllStringSubmatch(body, -1) {
		texts[m[1]], versions[m[1]] = m[2], m[3]
	}
	return texts, versions
}

// signedNote begins and signs a note of the patient, so that there is one to look at.
func (p program) signedNote(t *testing.T, c *http.Client, own string) string {
	t.Helper()
	note := p.draft(t, c, own, "acute")
	_, versions := p.sections(t, c, note)
	form := url.Values{}
	for code, version := range versions {
		form.Set("base."+code, version)
		form.Set("text."+code, "Nothing new.")
		form.Set("to."+code, "version-1")
	}
	resp, err := c.PostForm(p.base+note+"/sign", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, _, body := p.get(t, c, note); !strings.Contains(body, "Signed by") {
		t.Fatalf("not signed: %d", resp.StatusCode)
	}
	return note
}

// until waits for what a page does by itself; only what never happens meets the end.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 3000 {
		if done() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("it does not happen that %s", what)
}

const (
	planEditor  = `[data-section="51847-2"] .note-editor`
	unsavedText = `document.querySelector('[data-note-saved]').textContent.includes('Not saved since')`
	savedText   = `document.querySelector('[data-note-saved]').textContent.trim().startsWith('Saved')`
)

// TestProgramNote writes a note by keyboard alone, from the chart to the signature, and counts the keys beside the text itself.
func TestProgramNote(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	c := p.client(t, "clinician")
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	faults := listen(t, ctx, p.base)
	p.enter(t, ctx, c)
	scheme(t, ctx, "light")
	keys := 0
	press := func(key string, opts ...cd.KeyOption) {
		t.Helper()
		keys++
		do(t, ctx, cd.KeyEvent(key, opts...))
	}
	command := func(text string) { // what is typed to find something
		t.Helper()
		keys += len(text)
		do(t, ctx, cd.KeyEvent(text))
	}
	prose := func(text string) { t.Helper(); do(t, ctx, cd.KeyEvent(text)) }
	listed := func(text string) {
		t.Helper()
		offered := func() bool {
			return eval[bool](t, ctx, `!document.getElementById('note-palette').hidden && (document.querySelector('#note-options [aria-selected="true"]')?.textContent ?? '').includes('`+text+`')`)
		}
		until(t, text+" is offered", offered)
		do(t, ctx, cd.Sleep(700*time.Millisecond)) // a person reads the list; meanwhile the draft is saved
		until(t, text+" is still offered", offered)
	}

	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))
	defer func() {
		if t.Failed() {
			state, _ := cd.Run(ctx, cd.Evaluate[string](`[...document.querySelectorAll('[data-note-why], [data-note-saved], .note-editor, .note-dx-list, .toasts')].map(e => e.textContent).join(' | ') + ' | palette ' + !document.getElementById('note-palette')?.hidden`))
			t.Log(state, faults())
		}
	}()
	press("n")
	do(t, ctx, cd.WaitVisible("#work #title"))
	prose("Tired")
	press(kb.Enter)
	do(t, ctx, cd.WaitVisible(planEditor))
	note := strings.TrimPrefix(eval[string](t, ctx, "location.href"), p.base)
	command("/iron def")
	listed("Iron deficiency")
	press(kb.Enter)
	until(t, "the diagnosis is in the list", func() bool { return eval[int](t, ctx, `document.querySelectorAll('.note-dx-list li').length`) == 1 })
	prose("Hemoglobin ")
	command("@hemoglobin")
	listed("Hemoglobin")
	press(kb.Enter)
	if got := eval[int](t, ctx, `document.querySelectorAll('.note-link').length`); got != 1 {
		t.Errorf("%d live links", got)
	}
	prose("is low.\n")
	command(".return")
	listed(".return")
	press(kb.Enter)
	until(t, "it is saved", func() bool { return eval[bool](t, ctx, savedText) })
	for _, w := range widths {
		do(t, ctx, cd.EmulateViewport(w.width, w.height))
		for _, theme := range []string{"light", "dark"} {
			scheme(t, ctx, theme)
			ready(t, ctx)
			if *shots != "" {
				shot, err := cd.Run(ctx, cd.CaptureScreenshot())
				if err != nil {
					t.Fatal(err)
				}
				keep(t, "note-"+w.name+"-"+theme+".png", shot)
			}
			if wide := eval[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
				t.Errorf("%s %s: %d px wider than the window", w.name, theme, wide)
			}
			axeCheck(t, ctx, axe)
		}
	}
	do(t, ctx, cd.EmulateViewport(1440, 900))
	press(kb.Enter, cd.KeyModifiers(cd.ModifierCtrl)) // blanks are left: it leads to the first instead
	until(t, "it says why it is not signed", func() bool {
		return eval[bool](t, ctx, `document.querySelector('[data-note-why]').textContent.includes('fill in this blank') && getSelection().toString() === '***'`)
	})
	for n := 0; eval[string](t, ctx, "getSelection().toString()") == "***"; n++ {
		if n > 12 {
			t.Fatal("the blanks do not end")
		}
		prose("nothing")
		press(kb.F2)
	}
	until(t, "no blank is left", func() bool {
		return eval[bool](t, ctx, `document.querySelector('[data-check="blanks"]').textContent.includes('No blanks left')`)
	})
	press(kb.Enter, cd.KeyModifiers(cd.ModifierCtrl))
	until(t, "it is signed", func() bool { return eval[bool](t, ctx, `document.querySelector('.note-signed-text') !== null`) })
	text := eval[string](t, ctx, `document.querySelector('.note-signed-text').textContent`)
	for _, want := range []string{"ASSESSMENT AND PLAN\n1. Iron deficiency", "Hemoglobin ", " g/dL", "is low.\nCome back or call in nothing", "DIAGNOSES OF THIS VISIT\n1. Iron deficiency", "Signed by "} {
		if !strings.Contains(text, want) {
			t.Errorf("signed without %q: %s", want, text)
		}
	}
	if strings.Contains(text, "***") || strings.Contains(text, "@[") {
		t.Errorf("signed: %s", text)
	}
	axeCheck(t, ctx, axe)
	scheme(t, ctx, "dark")
	axeCheck(t, ctx, axe)
	if _, _, body := p.get(t, c, own); !strings.Contains(body, "Tired") || !strings.Contains(body, "signed ") {
		t.Error("the chart does not show the visit")
	}
	if _, _, body := p.get(t, c, own+"/documents"); !strings.Contains(body, "Tired") {
		t.Error("it is not among the notes and documents")
	}
	if keys > 60 { // the budget of a whole acute visit, with an order
		t.Errorf("%d keys beside the text itself", keys)
	}
	t.Logf("%d keys beside the text, no click; %s", keys, note)
	for _, f := range faults() {
		t.Error(f)
	}
}

// TestProgramNoteIsNotLost kills the server while somebody types, the tab while there is no server, and types without a pause: all of the
// text is there again.
func TestProgramNoteIsNotLost(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	bin, dir := build(t), filepath.Join(t.TempDir(), "demo")
	p := start(t, bin, "demo", "--patients", "8", "--data", dir, "--addr", "127.0.0.1:0")
	addr := strings.TrimPrefix(p.base, "http://")
	c := p.client(t, "clinician")
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	note := p.draft(t, c, own, "acute")
	p.enter(t, ctx, c)
	open := func(ctx context.Context) {
		t.Helper()
		do(t, ctx, cd.Navigate(p.base+note), cd.WaitVisible(planEditor))
	}
	open(ctx)

	// Typing without a pause does not put off saving.
	sent := eval[int](t, ctx, `(async () => {
		let sent = 0;
		const real = window.fetch;
		window.fetch = (...a) => { if (String(a[0]).endsWith('/autosave')) sent++; return real(...a); };
		for (let i = 0; i < 30; i++) {
			document.execCommand('insertText', false, 'steady ');
			await new Promise(r => setTimeout(r, 100));
		}
		window.fetch = real;
		return sent;
	})()`, cd.EvalAwaitPromise)
	if sent < 2 {
		t.Errorf("saved %d times while it was typed for three seconds", sent)
	}
	until(t, "it is saved", func() bool {
		return eval[bool](t, ctx, savedText) && strings.Count(must(p.sections(t, c, note))["51847-2"], "steady") == 30
	})

	// Somebody else wrote in the same section: both texts are shown, and one is made of them by keyboard.
	_, versions := p.sections(t, c, note)
	nurse := p.client(t, "nurse")
	resp, err := nurse.PostForm(p.base+note+"/autosave", url.Values{"base.51847-2": {versions["51847-2"]}, "text.51847-2": {"What the nurse wrote."}, "to.51847-2": {"nurse-0001"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	do(t, ctx, cd.KeyEvent("mine too "))
	until(t, "both texts are shown", func() bool {
		return eval[bool](t, ctx, `(document.querySelector('.note-conflict-text')?.textContent ?? '') === 'What the nurse wrote.' && document.querySelector('`+planEditor+`').textContent.includes('mine too')`)
	})
	axeCheck(t, ctx, axe)
	if got := must(p.sections(t, c, note))["51847-2"]; got != "What the nurse wrote." {
		t.Errorf("overwritten: %s", got)
	}
	eval[cd.Void](t, ctx, `document.querySelector('.note-conflict button').focus()`)
	do(t, ctx, cd.KeyEvent(kb.Enter))
	until(t, "one text has both", func() bool {
		text := must(p.sections(t, c, note))["51847-2"]
		return strings.Count(text, "steady") == 30 && strings.Contains(text, "mine too") && strings.HasSuffix(text, "What the nurse wrote.")
	})
	until(t, "it says who else is here", func() bool {
		return eval[bool](t, ctx, `document.querySelector('[data-note-others]').textContent.includes(' since ')`)
	})

	// The server is killed; typing goes on, and is sent when it is back.
	p.kill(t)
	do(t, ctx, cd.KeyEvent("while the server was dead "))
	until(t, "it says that nothing is saved", func() bool { return eval[bool](t, ctx, unsavedText) })
	do(t, ctx, cd.KeyEvent("and after that "))
	p = start(t, bin, "demo", "--data", dir, "--addr", addr)
	until(t, "the server has all of it", func() bool {
		return strings.HasSuffix(must(p.sections(t, c, note))["51847-2"], "while the server was dead and after that")
	})
	until(t, "it says so", func() bool { return eval[bool](t, ctx, savedText) })

	// The server is killed, and then the tab: the text waits in the browser, sealed, and comes back with the next page.
	p.kill(t)
	do(t, ctx, cd.KeyEvent("kept in the browser"))
	until(t, "it is kept in the browser", func() bool {
		return eval[bool](t, ctx, `document.querySelector('[data-note-saved]').textContent.includes('kept in this browser')`)
	})
	const stored = `new Promise(done => { const r = indexedDB.open('osler-notes', 1); r.onsuccess = () => {
		const g = r.result.transaction('unsent').objectStore('unsent').getAll();
		g.onsuccess = () => done(g.result.map(x => x.data.byteLength + ' ' + new TextDecoder().decode(x.data)).join()); }; })`
	if got := eval[string](t, ctx, stored, cd.EvalAwaitPromise); got == "" || strings.Contains(got, "kept in the browser") {
		t.Errorf("in the browser's store: %q", got)
	}
	next, cancel := cd.NewContext(ctx)
	defer cancel()
	do(t, next)
	do(t, ctx, cd.Navigate("about:blank")) // the tab goes with what it had in memory
	p = start(t, bin, "demo", "--data", dir, "--addr", addr)
	open(next)
	until(t, "the server has what the browser kept", func() bool {
		return strings.HasSuffix(must(p.sections(t, c, note))["51847-2"], "and after that kept in the browser")
	})
	until(t, "the browser keeps it no longer", func() bool { return eval[string](t, next, stored, cd.EvalAwaitPromise) == "" })
}

func must(texts, _ map[string]string) map[string]string { return texts }

// kill ends the program as a power cut does.
func (p program) kill(t *testing.T) {
	t.Helper()
	if err := p.process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.process.Wait()
}
