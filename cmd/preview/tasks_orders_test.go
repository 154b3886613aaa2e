package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	cd "github.com/chromedp/chromedp"
)

// budget counts what a task costs a person: keys, and full navigations. Commands by one key count as clicks too.
type budget struct {
	t              *testing.T
	ctx            context.Context
	keys, commands int
}

// press strikes one key; command says that it does what a click would.
func (b *budget) press(key string, command bool, opts ...cd.KeyOption) {
	b.t.Helper()
	b.keys++
	if command {
		b.commands++
	}
	do(b.t, b.ctx, cd.KeyEvent(key, opts...))
}

// enter strikes the Enter key as a keyboard does: what is done with the key going down may keep the character from being typed.
func (b *budget) enter(command bool, modifiers int64) {
	b.t.Helper()
	b.keys++
	if command {
		b.commands++
	}
	down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13, Text: "\r", UnmodifiedText: "\r", Modifiers: modifiers}
	up := down
	up.Type, up.Text, up.UnmodifiedText = input.DispatchKeyEventTypeKeyUp, "", ""
	for _, e := range []input.DispatchKeyEventParams{down, up} {
		if _, err := cd.Call(b.ctx, input.DispatchKeyEvent, e); err != nil {
			b.t.Fatal(err)
		}
	}
}

// until waits for what a page shows.
func (b *budget) until(js, what string) {
	b.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if eval[bool](b.t, b.ctx, "Boolean("+js+")") {
			return
		}
	}
	b.t.Fatalf("%s: waited in vain at %s; the form says %q, the messages %q, the page %.3000s", what, eval[string](b.t, b.ctx, "location.pathname"), eval[string](b.t, b.ctx, "document.getElementById('work')?.innerText ?? ''"),
		eval[string](b.t, b.ctx, "document.getElementById('toasts')?.innerText ?? ''"), eval[string](b.t, b.ctx, "document.querySelector('main').innerText"))
}

// begin marks the page, so that leaving it shows, and counts how often it is read anew in place.
func (b *budget) begin() {
	eval[bool](b.t, b.ctx, "window.sameJourney || document.addEventListener('page:refreshed', () => { window.anew = (window.anew ?? 0) + 1; }), window.sameJourney = true")
}

// spent holds what was used against the budget.
func (b *budget) spent(task string, commands, keys int) {
	b.t.Helper()
	if !eval[bool](b.t, b.ctx, "window.sameJourney === true") {
		b.t.Errorf("%s left the page", task)
	}
	if b.commands > commands || b.keys > keys {
		b.t.Errorf("%s took %d commands and %d keys; the budget is %d and %d", task, b.commands, b.keys, commands, keys)
	}
	// Keystroke-level model (Card, Moran, Newell 1980): 0.2 s a key, 1.35 s to think before each command.
	b.t.Logf("%s: %d commands, %d keys, 0 pages, about %.1f s", task, b.commands, b.keys, 0.2*float64(b.keys)+1.35*float64(b.commands))
}

const (
	workOpen   = `document.getElementById('work')?.hidden === false && document.activeElement?.closest('#work') !== null`
	workClosed = `document.getElementById('work')?.hidden === true`
)

// TestOrdersAndResultsByKeyboard orders a CBC and reviews an abnormal result, each by keys alone and within its budget, and looks at the
// pages of both with axe.
func TestOrdersAndResultsByKeyboard(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	p.enter(t, ctx, p.client(t, "clinician"))
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))

	b := &budget{t: t, ctx: ctx}
	b.begin()
	b.press("o", true)
	b.until(workOpen, "o opens the order form")
	for _, key := range "cbc" {
		b.press(string(key), false)
	}
	b.until(`document.querySelector('#work [role=option][aria-selected=true]')?.dataset.value === 'cbc'`, "CBC is offered first")
	b.enter(false, 0)
	b.until(`document.querySelector('#work input[name=item]')?.value === 'cbc' && document.activeElement?.name === 'box'`, "Enter puts it into the basket")
	axeCheck(t, ctx, axe)
	b.enter(true, 0)
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('CBC ordered for')`, "Enter signs")
	b.spent("order a CBC", 2, 8)
	b.until(`window.anew === 1 && document.getElementById('orders').innerText.includes('CBC')`, "the chart shows the order")

	// Chosen and signed faster than the server answers: the order is signed all the same.
	b.press("o", true)
	b.until(workOpen, "o opens the order form")
	do(t, ctx, cd.KeyEvent("t"), cd.KeyEvent("s"), cd.KeyEvent("h"))
	b.until(`document.querySelector('#work [role=option][aria-selected=true]')?.dataset.value === 'tsh'`, "TSH is offered first")
	b.enter(false, 0)
	b.enter(true, 0)
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('TSH ordered for')`, "two Enters sign")

	for _, theme := range []string{"light", "dark"} {
		scheme(t, ctx, theme)
		for _, width := range []int64{1440, 1024, 390} {
			for _, path := range []string{"/inbox", "/inbox?tab=refills", "/inbox?tab=tasks", "/orders", "/inbox/normal", "/inbox/tasks/new", "/inbox/away", own + "/orders", own + "/orders/new?item=cbc&item=lipid"} {
				do(t, ctx, cd.EmulateViewport(width, 900), cd.Navigate(p.base+path), cd.WaitReady("html.js"))
				ready(t, ctx)
				axeCheck(t, ctx, axe)
				if over := eval[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
					t.Errorf("%s at %d px is %d px too wide", path, width, over)
				}
			}
		}
	}

	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+"/inbox"), cd.WaitReady("html.js"))
	first := eval[string](t, ctx, `document.querySelector('.inbox-title').innerText`)
	do(t, ctx, cd.KeyEvent("j"))
	(&budget{t: t, ctx: ctx}).until(`location.search.includes('item=')`, "j opens the next result")
	do(t, ctx, cd.KeyEvent("k"))
	(&budget{t: t, ctx: ctx}).until(`document.querySelector('.inbox-row.inbox-current') === document.querySelector('.inbox-row')`, "k goes back")
	if got := eval[string](t, ctx, `document.querySelector('.inbox-title').innerText`); got != first {
		t.Errorf("after j and k the detail is %q, not %q", got, first)
	}
	count := `Number(document.querySelector('.inbox-tabs [aria-current] .count')?.innerText ?? 0)`
	before := eval[int](t, ctx, count)
	b = &budget{t: t, ctx: ctx}
	b.begin()
	b.press("t", true)
	b.until(workOpen, "t opens the letter")
	b.keys++ // Ctrl
	b.enter(true, int64(cd.ModifierCtrl))
	b.until(workClosed+` && document.getElementById('toasts').innerText.includes('told')`, "Ctrl Enter sends and signs")
	b.spent("review an abnormal result, tell the patient and sign", 3, 4)
	b.until(count+" === "+strings.TrimSpace(string(rune('0'+before-1))), "the result is off the list")

	// Sign the next with S, and take it back.
	do(t, ctx, cd.KeyEvent("s"))
	b.until(`document.querySelector('.done-undo button') !== null`, "s signs, and offers to undo")
	do(t, ctx, cd.Click(".done-undo button"))
	b.until(count+" === "+strings.TrimSpace(string(rune('0'+before-1))), "the signature is taken back")
	for _, f := range faults() {
		t.Error(f)
	}
}
