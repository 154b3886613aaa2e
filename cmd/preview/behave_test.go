package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/osler-ehr/osler/web"
)

// TestPalette opens the palette by key, searches while typing, moves with the arrows and goes where Enter leads.
func TestPalette(t *testing.T) {
	ctx, base := tab(t, web.Live)
	faults := listen(t, ctx, base)
	for _, theme := range []string{"light", "dark"} {
		scheme(t, ctx, theme)
		do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(base+"/patients/okafor"), cd.WaitReady("main"))
		ready(t, ctx)
		do(t, ctx, cd.KeyEvent("k", cd.KeyModifiers(cd.ModifierCtrl)), cd.WaitVisible("#palette-query"), cd.SendKeys("#palette-query", "oka"), cd.WaitVisible("#palette-patient-yuki"))
		shot, err := cd.Run(ctx, cd.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		keep(t, "palette-"+theme+"-wide.png", shot)
	}
	if got := selected(t, ctx); got != "palette-patient-okafor" {
		t.Errorf("the first match is not selected, but %q", got)
	}
	do(t, ctx, cd.KeyEvent(kb.ArrowDown), cd.KeyEvent(kb.ArrowDown))
	if got := selected(t, ctx); got != "palette-patient-chinedu" {
		t.Errorf("after two steps down %q is selected", got)
	}
	do(t, ctx, cd.KeyEvent("d"), cd.Sleep(300*time.Millisecond)) // okad: one match is left
	if got := eval[int](t, ctx, `document.querySelectorAll('.option-patient').length`); got != 0 && selected(t, ctx) != "palette-patient-yuki" {
		t.Errorf("the query was narrowed, but %q is selected", selected(t, ctx))
	}
	do(t, ctx, cd.KeyEvent(kb.Escape), cd.WaitNotVisible("#palette"))
	do(t, ctx, cd.KeyEvent("/"), cd.WaitVisible("#palette-query"), cd.SendKeys("#palette-query", "okafor, adaeze"), cd.Sleep(50*time.Millisecond))
	do(t, ctx, cd.KeyEvent(kb.Escape), cd.WaitNotVisible("#palette"))
	for _, f := range faults() {
		t.Error(f)
	}
}

func selected(t *testing.T, ctx context.Context) string {
	t.Helper()
	return eval[string](t, ctx, `document.querySelector('#palette-list [aria-selected="true"]')?.id ?? ''`)
}

// TestKeys follows single letters and the two-key destinations, and leaves text fields alone.
func TestKeys(t *testing.T) {
	ctx, base := tab(t, web.Live)
	at := func() string { return strings.TrimPrefix(eval[string](t, ctx, "location.href"), base) }
	open := func(path string) { do(t, ctx, cd.Navigate(base+path), cd.WaitReady("html.js")) }

	do(t, ctx, cd.EmulateViewport(1440, 900)) // letters press what is in sight
	open("/")
	do(t, ctx, cd.KeyEvent("g"), cd.KeyEvent("i"), cd.Sleep(300*time.Millisecond))
	if at() != "/inbox" {
		t.Errorf("g i led to %s", at())
	}
	open("/")
	do(t, ctx, cd.KeyEvent("c"), cd.Sleep(300*time.Millisecond))
	if at() != "/patients/okafor" {
		t.Errorf("c led to %s", at())
	}
	do(t, ctx, cd.WaitReady("html.js"), cd.KeyEvent("f"))
	if got := eval[string](t, ctx, "document.activeElement.name ?? ''"); got != "find" {
		t.Errorf("f put the cursor into %q", got)
	}
	do(t, ctx, cd.KeyEvent("g"), cd.KeyEvent("i"), cd.Sleep(200*time.Millisecond))
	if at() != "/patients/okafor" {
		t.Errorf("letters in a text field led to %s", at())
	}
	open("/")
	do(t, ctx, cd.KeyEvent("?"), cd.WaitVisible("#keymap"), cd.KeyEvent(kb.Escape), cd.WaitNotVisible("#keymap"))
}

// TestTheme switches the theme from the menu, keeps it on the next page, and does the same without script.
func TestTheme(t *testing.T) {
	ctx, base := tab(t, web.Live)
	scheme(t, ctx, "light")
	background := func() string {
		return eval[string](t, ctx, "getComputedStyle(document.documentElement).backgroundColor")
	}
	const dark, light = "rgb(18, 22, 27)", "rgb(246, 247, 249)"
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(base+"/"), cd.WaitReady("html.js"))
	if background() != light {
		t.Fatalf("light system, but the page is %s", background())
	}
	do(t, ctx, cd.Click(".user summary"), cd.WaitVisible(".menu"))
	shot, err := cd.Run(ctx, cd.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "menu-light-wide.png", shot)
	do(t, ctx, cd.Click(`button[value="dark"]`), cd.Sleep(200*time.Millisecond))
	if background() != dark {
		t.Errorf("after Dark the page is %s", background())
	}
	do(t, ctx, cd.Navigate(base+"/patients"))
	if background() != dark {
		t.Errorf("the next page is %s", background())
	}
	if _, err := cd.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, cd.Navigate(base+"/patients/okafor"), cd.Click(".user summary"), cd.Click(`button[value="light"]`), cd.WaitReady(`html[data-theme="light"]`))
	if background() != light {
		t.Errorf("without script, after Light the page is %s", background())
	}
	if got := eval[string](t, ctx, "location.pathname"); got != "/patients/okafor" {
		t.Errorf("without script, the choice led to %s", got)
	}
}
