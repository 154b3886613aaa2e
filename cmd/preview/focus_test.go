package main

import (
	"context"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestProgramFocus goes through pages of a chart by keyboard, and opens the palette over them.
func TestProgramFocus(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	at, own := p.addresses(t, pageRoutes(t))
	faults := listen(t, ctx, p.base)
	p.enter(t, ctx, p.client(t, "clinician"))
	scheme(t, ctx, "light")
	for _, w := range widths {
		do(t, ctx, cd.EmulateViewport(w.width, w.height))
		for _, pattern := range []string{"", "/results", "/documents"} {
			address := at["/patients/{id}"+pattern][0]
			do(t, ctx, cd.Navigate(p.base+address), cd.WaitReady("main"))
			tabThrough(t, ctx, w.name+" "+address)
		}
	}
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))
	do(t, ctx, cd.KeyEvent("k", cd.KeyModifiers(cd.ModifierCtrl)), cd.WaitVisible("#palette-query"), cd.SendKeys("#palette-query", "okafor"), cd.WaitVisible(".option-patient"), cd.Sleep(200*time.Millisecond))
	axeCheck(t, ctx, axe)
	for _, f := range faults() {
		t.Error(f)
	}
}

// tabThrough goes through a page by keyboard, to its end and back: what has the focus shows it, and nothing covers it.
func tabThrough(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	const look = `(() => {
		const e = document.activeElement, r = e.getBoundingClientRect();
		if (e === document.body || !e.matches(':focus')) return ''; // the focus has left the page
		const shown = getComputedStyle(e).outlineStyle !== 'none';
		// Of a region that is larger than the window some part is seen.
		const y0 = Math.max(r.top, 0), y1 = Math.min(r.bottom, innerHeight);
		const large = r.height > innerHeight / 2 && document.elementsFromPoint(innerWidth / 2, (y0 + y1) / 2).includes(e);
		const x = Math.min(Math.max(r.left + Math.min(r.width, 40) / 2, 1), innerWidth - 2), y = Math.min(Math.max(r.top + Math.min(r.height, 24) / 2, 1), innerHeight - 2);
		const top = document.elementFromPoint(x, y);
		const seen = large || !!top && (e.contains(top) || top.contains(e));
		return (shown ? '' : 'no outline: ') + (seen ? '' : 'covered by ' + (top && top.className) + ' at ' + x + ',' + y + ' of ' + JSON.stringify(r) + ': ') + (shown && seen ? '' : e.outerHTML.slice(0, 120));
	})()`
	for _, shift := range []bool{false, true} {
		for range 50 {
			key := cd.KeyEvent(kb.Tab)
			if shift {
				key = cd.KeyEvent(kb.Tab, cd.KeyModifiers(cd.ModifierShift))
			}
			do(t, ctx, key)
			if eval[string](t, ctx, look) == "" {
				continue
			}
			do(t, ctx, cd.Sleep(150*time.Millisecond)) // a scroll may take some frames
			if fault := eval[string](t, ctx, look); fault != "" {
				t.Errorf("%s: %s", where, fault)
				return
			}
		}
	}
}
