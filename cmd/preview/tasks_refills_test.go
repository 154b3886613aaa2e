package main

import (
	"testing"

	cd "github.com/chromedp/chromedp"
)

// TestRefillsByKeyboard approves a request for a refill, then all that pass the protocol, each by two keys, and looks at the pages with
// axe.
func TestRefillsByKeyboard(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	p.enter(t, ctx, p.client(t, "clinician"))
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+"/inbox?tab=refills"), cd.WaitReady("html.js"))

	// The request of Rohan Patel is one that passes; it is open beside the list.
	eval[bool](t, ctx, `[...document.querySelectorAll('.inbox-row .inbox-link')].find(a => a.innerText.includes('atorvastatin')).click(), true`)
	b := &budget{t: t, ctx: ctx}
	b.until(`document.querySelector('.inbox-detail').innerText.includes('atorvastatin')`, "the request is opened")
	b.begin()
	b.press("a", true)
	b.until(workOpen+` && document.querySelector('#work .rx-passes') !== null`, "a shows what is needed to decide")
	axeCheck(t, ctx, axe)
	b.enter(true, 0)
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('renewed for PATEL')`, "Enter approves")
	b.spent("approve a refill request", 2, 2)
	b.until(`window.anew === 1 && !document.querySelector('.inbox-list').innerText.includes('atorvastatin')`, "it is off the list")

	before := eval[int](t, ctx, `document.querySelectorAll('.inbox-row').length`)
	b = &budget{t: t, ctx: ctx}
	b.begin()
	b.press("b", true)
	b.until(workOpen, "b lists what passes")
	b.until(`document.querySelectorAll('#work input[name=task]:checked').length > 0`, "at least one passes")
	passing := eval[int](t, ctx, `document.querySelectorAll('#work input[name=task]:checked').length`)
	if eval[bool](t, ctx, `[...document.querySelectorAll('#work label')].some(l => l.innerText.includes('warfarin'))`) {
		t.Error("a request outside the protocol can be ticked")
	}
	axeCheck(t, ctx, axe)
	b.enter(true, 0)
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('approved:')`, "Enter approves those ticked")
	b.spent("approve all refills that pass the protocol", 2, 2)
	b.until(`window.anew >= 2`, "the list is read anew")
	if after := eval[int](t, ctx, `document.querySelectorAll('.inbox-row').length`); after != before-passing {
		t.Errorf("%d requests wait, of %d of which %d were approved", after, before, passing)
	}
	for _, path := range []string{"/refills", "/refills/protocol", "/reports/medication-alerts"} {
		do(t, ctx, cd.EmulateViewport(390, 900), cd.Navigate(p.base+path), cd.WaitReady("html.js"))
		ready(t, ctx)
		axeCheck(t, ctx, axe)
		if over := eval[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
			t.Errorf("%s is %d px too wide", path, over)
		}
	}
	if found := faults(); len(found) > 0 {
		t.Errorf("the browser complains: %v", found)
	}
}
