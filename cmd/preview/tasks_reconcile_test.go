package main

import (
	"testing"

	cd "github.com/chromedp/chromedp"
)

// TestReconcileByKeyboard reconciles ten medicines of a hospital's document, of which four differ, by keys alone and within the budget.
func TestReconcileByKeyboard(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	p.enter(t, ctx, p.client(t, "clinician"))
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))

	b := &budget{t: t, ctx: ctx}
	b.begin()
	b.press("c", true)
	b.until(workOpen+` && document.querySelectorAll('#work .twin-theirs').length === 10`, "c opens the document with its ten medicines")
	if n := eval[int](t, ctx, `document.querySelectorAll('#work fieldset.twin-choice').length`); n != 4 {
		t.Fatalf("%d medicines are to be decided: %s", n, eval[string](t, ctx, `document.getElementById('work').innerText`))
	}
	if eval[bool](t, ctx, `[...document.querySelectorAll('#work .twin-pair')].some(p => { const a = p.querySelector('.twin-ours'), b = p.querySelector('.twin-theirs'); return a && b && a.getBoundingClientRect().top !== b.getBoundingClientRect().top; })`) {
		t.Error("the two sides do not stand beside each other")
	}
	axeCheck(t, ctx, axe)
	for i, key := range []string{"t", "t", "l", "t"} {
		// Each is a key alone: the budget's six commands are opening, four choices and signing.
		b.press(key, true)
		b.until(`document.querySelectorAll('#work fieldset.twin-choice input:checked').length === `+string(rune('1'+i)), key+" decides about the next")
	}
	b.enter(true, 0)
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('3 entries taken over')`, "Enter signs")
	b.spent("reconcile ten medicines of which four differ", 6, 6)
	b.until(`window.anew === 1 && document.getElementById('reconciliation') === null`, "the chart no longer says that a document waits")
	if found := faults(); len(found) > 0 {
		t.Errorf("the browser complains: %v", found)
	}
}
