package main

import (
	"context"
	"regexp"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// typed types what is counted, key by key.
func (b *budget) typed(text string) {
	b.t.Helper()
	for _, r := range text {
		b.press(string(r), false)
	}
}

// prose types narrative text, which is not counted.
func (b *budget) prose(text string) {
	b.t.Helper()
	do(b.t, b.ctx, cd.KeyEvent(text))
}

// click presses the first element of a selector with the pointer.
func (b *budget) click(selector string) {
	b.t.Helper()
	b.commands++
	b.until(`document.querySelector('`+selector+`') !== null`, "there is "+selector)
	do(b.t, b.ctx, cd.ScrollIntoView(selector), cd.Click(selector))
}

const toasts = `document.getElementById('toasts').innerText`

// said waits until the form is closed and a message says what was done.
func (b *budget) said(words string) {
	b.t.Helper()
	b.until(workClosed+` && `+toasts+`.includes('`+words+`')`, "it says: "+words)
}

// TestVisitTasks does the tasks around a visit within their budgets (keys, commands, pages): a follow-up booked from the chart and an allergy
// added, by pointer and by keyboard alone; an acute visit from the reason to the signature, with a diagnosis and an order, by keyboard alone.
func TestVisitTasks(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	p.enter(t, ctx, p.client(t, "clinician"))
	_, own, _ := p.get(t, p.client(t, "patient"), "/")
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+own), cd.WaitReady("html.js"))
	task := func() *budget {
		b := &budget{t: t, ctx: ctx}
		b.begin()
		eval[bool](t, ctx, "document.getElementById('toasts').replaceChildren(), true")
		return b
	}

	// Task 6. By keyboard: the first time that is free three months on.
	b := task()
	b.press("b", true)
	b.until(workOpen+` && document.querySelector('#times input:checked') !== null`, "b opens the form with free times")
	axeCheck(t, ctx, axe)
	first := eval[string](t, ctx, `document.querySelector('#times input:checked').value`)
	b.enter(true, 0)
	b.said("Follow-up visit booked for")
	b.spent("book a follow-up from the chart by keyboard", 3, 6)
	// By pointer: another one, at another time. The one that was booked is not offered again.
	b = task()
	b.click("#upcoming a.add")
	b.until(workOpen+` && document.querySelector('#times input:checked') !== null`, "the plus opens the form with free times")
	if eval[bool](t, ctx, `document.querySelector('#times input[value="`+first+`"]') !== null`) {
		t.Errorf("%s is booked, and offered again", first)
	}
	b.click(`#times fieldset:nth-of-type(2) input`)
	b.click(`#work .work-foot .btn-primary`)
	b.said("Follow-up visit booked for")
	b.spent("book a follow-up from the chart by pointer", 3, 0)
	// Another time typed, and Enter struck before its free times can be there: no time that was offered for something else is booked.
	b = task()
	b.press("b", true)
	b.until(workOpen+` && document.querySelector('#times input:checked') !== null`, "b opens the form")
	b.typed("2w")
	b.enter(true, 0)
	b.until(`document.querySelector('#work .message')?.innerText.includes('Choose a time') || `+toasts+`.includes('booked for')`, "it books what was asked, or asks")
	if eval[bool](t, ctx, `document.querySelector('#work .message') !== null`) {
		b.enter(true, 0)
	}
	b.said("Follow-up visit booked for")
	said := eval[string](t, ctx, toasts)
	if day := regexp.MustCompile(`\d\d-(\w{3})-\d{4}`).FindString(first); day != "" && strings.Contains(said, day) {
		t.Errorf("booked for the day that was offered before: %s", said)
	}
	b.spent("book a visit in two weeks by keyboard", 3, 6)

	// Task 9. By keyboard and by pointer.
	b = task()
	b.press("a", true)
	b.until(workOpen, "a opens the form")
	b.typed("ibupro")
	b.until(`document.querySelector('#work [role=option][aria-selected=true]')?.innerText.toLowerCase().includes('ibuprofen')`, "ibuprofen is offered")
	b.enter(false, 0)
	b.until(`document.querySelector('#work input[name=code]').value !== ''`, "it is chosen")
	b.press(kb.Tab, false)
	b.typed("rash")
	b.enter(true, 0)
	b.said("added to the allergies")
	b.spent("add an allergy by keyboard", 3, 14)
	b.until(`document.getElementById('allergies').innerText.toLowerCase().includes('ibuprofen')`, "the chart shows it")
	b = task()
	b.click("#allergies a.add")
	b.until(workOpen, "the plus opens the form")
	b.typed("shellf")
	b.until(`document.querySelector('#work [role=option]')?.innerText.toLowerCase().includes('shellfish')`, "shellfish is offered")
	b.click("#work [role=option]")
	b.click("#work .work-foot .btn-primary")
	b.said("added to the allergies")
	b.spent("add an allergy by pointer", 3, 14)

	// Task 3, by keyboard alone.
	b = task()
	b.press("n", true)
	b.until(workOpen, "n asks for the reason of the visit")
	b.prose("Sore throat")
	b.keys++
	b.commands++
	do(t, ctx, cd.KeyEvent(kb.Enter), cd.WaitVisible(planEditor))
	b.prose("Fever since yesterday, no cough.\n")
	b.typed("/pharyng")
	offered := func(words string) string {
		return `!document.getElementById('note-palette').hidden && (document.querySelector('#note-options [aria-selected="true"]')?.textContent ?? '').toLowerCase().includes('` + words + `')`
	}
	b.until(offered("pharyngitis"), "pharyngitis is offered")
	b.press(kb.Enter, true)
	b.until(`document.querySelectorAll('.note-dx-list li').length === 1`, "the diagnosis is in the list")
	b.typed("/ord")
	b.until(offered("order"), "the order form is offered")
	b.press(kb.Enter, true)
	b.until(workOpen, "the order form opens")
	b.typed("strep")
	b.until(`document.querySelector('#work [role=option][aria-selected=true]')?.innerText.toLowerCase().includes('strep')`, "a strep test is offered")
	b.enter(false, 0)
	b.until(`document.querySelector('#work input[name=item]') !== null && document.activeElement?.name === 'box'`, "it is in the basket")
	b.enter(true, 0)
	b.until(workClosed+` && `+toasts+`.includes('ordered for')`, "it is ordered")
	b.until(`document.querySelector('.note-orders').innerText.toLowerCase().includes('strep')`, "the note shows the order")
	b.until(savedText, "the text is saved")
	b.keys++ // Ctrl
	b.press(kb.Enter, true, cd.KeyModifiers(cd.ModifierCtrl))
	blanks := func() bool {
		return eval[bool](t, ctx, `document.querySelector('.note-signed-text') === null && (document.querySelector('[data-note-why]')?.textContent ?? '').includes('fill in this blank')`)
	}
	b.until(`document.querySelector('.note-signed-text') !== null || document.querySelector('[data-note-why]')?.textContent.trim() !== ''`, "it is signed, or says why not")
	for n := 0; blanks() && n < 20; n++ {
		if eval[string](t, ctx, "getSelection().toString()") != "***" {
			break
		}
		b.prose("none")
		b.press(kb.F2, false)
	}
	if eval[bool](t, ctx, `document.querySelector('.note-signed-text') === null`) {
		b.until(savedText, "the text is saved")
		b.keys++
		b.press(kb.Enter, true, cd.KeyModifiers(cd.ModifierCtrl))
	}
	b.until(`document.querySelector('.note-signed-text') !== null`, "it is signed")
	b.spent("acute visit with a diagnosis, an order and the signature", 20, 60)
	text := eval[string](t, ctx, `document.querySelector('.note-signed-text').textContent`)
	for _, want := range []string{"Fever since yesterday, no cough.", "haryngitis", "Signed by "} {
		if !strings.Contains(text, want) {
			t.Errorf("signed without %q: %s", want, text)
		}
	}
	eval[bool](t, ctx, "history.back(), true")
	do(t, ctx, cd.WaitVisible("#upcoming a.add")) // back leads to the chart, read anew
	for _, f := range faults() {
		if !strings.Contains(f, "422") || !strings.Contains(f, "/appointments") { // the form that came back with other times
			t.Error(f)
		}
	}
}

// TestRegisterByKeyboard registers a patient at the front desk: one page, at most nine required fields, by keyboard alone, and is told who may
// be the same person while typing.
func TestRegisterByKeyboard(t *testing.T) {
	ctx := newTab(t, cd.WithNewBrowserContext())
	axe := axeSource(t)
	p := demo(t)
	p.enter(t, ctx, p.client(t, "frontdesk"))
	faults := listen(t, ctx, p.base)
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(p.base+"/patients/new"), cd.WaitReady("html.js"))
	b := &budget{t: t, ctx: ctx}
	b.until(`document.activeElement?.name === 'family'`, "the cursor is in the first field")
	fields := 0
	field := func(text, next string) {
		t.Helper()
		fields++
		b.typed(text)
		b.press(kb.Tab, false)
		b.until(`document.activeElement?.name === '`+next+`'`, "Tab leads to "+next)
	}
	field("Okafor", "given")
	field("Adaeze", "born")
	field("7/14/1968", "sex")
	fields++
	b.typed("F")
	b.until(`document.querySelector('#alike .alike-name')?.innerText.includes('OKAFOR')`, "who may be the same shows while typing")
	axeCheck(t, ctx, axe)
	b.enter(false, 0) // opens or closes the list of the field, and sends nothing
	// It is somebody else: the name and the date of birth are typed anew.
	do(t, ctx, cd.Focus(`[name="family"]`))
	eval[bool](t, ctx, `document.querySelector('[name=family]').select(), true`)
	b.typed("Žukauskaitė")
	do(t, ctx, cd.Focus(`[name="born"]`))
	eval[bool](t, ctx, `document.querySelector('[name=born]').select(), true`)
	b.typed("2/3/1991")
	b.until(`document.querySelector('#alike .alike-name') === null`, "nobody is similar any more")
	b.enter(true, 0)
	b.until(`location.pathname.startsWith('/patients/') && location.pathname !== '/patients/new' && document.querySelector('.banner') !== null`, "Enter registers and leads to the record")
	banner := eval[string](t, ctx, `document.querySelector('.banner').innerText`)
	if !strings.Contains(banner, "ŽUKAUSKAITĖ") || !strings.Contains(banner, "03-Feb-1991") || !regexp.MustCompile(`\d{3} \d{3} \d{3}`).MatchString(banner) {
		t.Errorf("the banner says %s", banner)
	}
	if fields > 9 {
		t.Errorf("%d fields had to be filled in", fields)
	}
	t.Logf("registered with %d required fields on one page, %d keys", fields, b.keys)
	found(t, ctx, p)
	for _, f := range faults() {
		t.Error(f)
	}
}

// found looks for the new patient by name, as others will.
func found(t *testing.T, ctx context.Context, p program) {
	t.Helper()
	_, _, body := p.get(t, p.client(t, "clinician"), "/patients?q=zukauskaite")
	if !strings.Contains(body, "ŽUKAUSKAITĖ") {
		t.Error("the new patient is not found without accents")
	}
}
