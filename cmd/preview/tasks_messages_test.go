package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
)

// lettersAndMessages leaves what pages of messages and letters show: a thread that waits, internal or filed where the patient reads it, and
// a signed letter.
func (p program) lettersAndMessages(t *testing.T, c *http.Client, own string, internal bool) {
	t.Helper()
	still := &http.Client{Jar: c.Jar, Timeout: c.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	message := url.Values{"once": {"00000000-0000-4000-8000-0000000000a1"}, "to": {"pool:clinicians"}, "topic": {"Call back"}, "text": {"She called about her chest pain."}}
	if internal {
		message.Set("internal", "yes")
	}
	for path, form := range map[string]url.Values{
		own + "/messages": message,
		own + "/letters":  {"once": {"00000000-0000-4000-8000-0000000000a2"}, "template": {"free"}, "to": {"Harbor Eye"}, "title": {"Eye examination"}, "text": {"Please see her soon."}},
	} {
		resp, err := still.PostForm(p.base+path, form)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s: %s", path, resp.Status)
		}
	}
}

// TestMessageAPatient writes to a patient from the chart: two commands beside the text, and no other page. Then it reads a thread, whose
// unread count must be right at every step, and looks at its pages with axe.
func TestMessageAPatient(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	c := p.client(t, "clinician")
	p.enter(t, ctx, c)
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))

	b := &budget{t: t, ctx: ctx}
	b.begin()
	b.press("m", true)
	b.until(workOpen+` && document.activeElement.name === 'text'`, "m opens a message with the cursor in its text")
	axeCheck(t, ctx, axe)
	do(t, ctx, cd.KeyEvent("Your cholesterol is fine."))
	b.enter(true, int64(cd.ModifierCtrl))
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('it waits in the portal')`, "Ctrl Enter sends it")
	b.spent("message a patient", 2, 2)
	b.until(`window.anew === 1 && document.getElementById('messages').innerText.includes('Your cholesterol is fine.')`, "the chart shows the message")

	p.lettersAndMessages(t, p.client(t, "nurse"), own, true)
	const unread = `Number(document.querySelector('.topbar a[href="/messages"] [aria-hidden]:not(svg)')?.innerText ?? 0)`
	do(t, ctx, cd.Navigate(p.base+"/messages"), cd.WaitReady("html.js"))
	before := eval[int](t, ctx, unread)
	if rows := eval[int](t, ctx, `document.querySelectorAll('.msg-unread').length`); rows != before || before == 0 {
		t.Errorf("the menu says %d unread, the list shows %d", before, rows)
	}
	opens := eval[string](t, ctx, `[...document.querySelectorAll('.msg-unread a')].find(a => a.innerText.includes('Call back'))?.getAttribute('href') ?? ''`)
	do(t, ctx, cd.Navigate(p.base+opens), cd.WaitReady("html.js"))
	if text := eval[string](t, ctx, `document.querySelector('.msg-internal')?.innerText ?? ''`); !strings.Contains(text, "Only staff see this") || !strings.Contains(text, "chest pain") {
		t.Errorf("%q opens %q", opens, text)
	}
	if now := eval[int](t, ctx, unread); now != before-1 {
		t.Errorf("after one of %d was opened the menu says %d", before, now)
	}
	for _, theme := range []string{"light", "dark"} {
		scheme(t, ctx, theme)
		for _, width := range []int64{1440, 390} {
			do(t, ctx, cd.EmulateViewport(width, 900))
			axeCheck(t, ctx, axe)
			if over := eval[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
				t.Errorf("a thread at %d px is %d px too wide", width, over)
			}
		}
	}
	for _, f := range faults() {
		t.Error(f)
	}
}
