package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	cd "github.com/chromedp/chromedp"

	"github.com/osler-ehr/osler/web"
)

// pages are drawn in every theme and width.
var pages = []struct{ name, path string }{
	{"signin", "/signin"}, {"signin-wrong", "/signin?wrong=1"}, {"setup", "/setup"}, {"home", "/"}, {"patients", "/patients?q=oka"}, {"patients-none", "/patients?q=zz"},
	{"chart", "/patients/okafor"}, {"timeline", "/patients/okafor?view=timeline"}, {"components", "/components"}, {"trends", "/growth"}, {"missing", "/nowhere"},
}

var widths = []struct {
	name          string
	width, height int64
}{{"wide", 1440, 900}, {"tablet", 1024, 768}, {"phone", 390, 844}}

// TestAccessible looks at every page in both themes and three widths: axe finds nothing, nothing reaches outside, the content security
// policy is never broken, nothing is wider than the window.
func TestAccessible(t *testing.T) {
	ctx, base := tab(t, web.Live)
	axe := axeSource(t)
	faults := listen(t, ctx, base)
	for _, theme := range []string{"light", "dark"} {
		scheme(t, ctx, theme)
		for _, w := range widths {
			do(t, ctx, cd.EmulateViewport(w.width, w.height))
			for _, p := range pages {
				t.Run(p.name+"-"+theme+"-"+w.name, func(t *testing.T) {
					do(t, ctx, cd.Navigate(base+p.path), cd.WaitReady("main"))
					ready(t, ctx)
					shot, err := cd.Run(ctx, cd.CaptureScreenshot())
					if err != nil {
						t.Fatal(err)
					}
					keep(t, p.name+"-"+theme+"-"+w.name+".png", shot)
					if wide := eval[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
						t.Errorf("the page is %d px wider than the window", wide)
					}
					axeCheck(t, ctx, axe)
					for _, f := range faults() {
						t.Error(f)
					}
				})
			}
		}
	}
}

// ready waits for fonts, so that widths are final.
func ready(t *testing.T, ctx context.Context) {
	t.Helper()
	eval[bool](t, ctx, "document.fonts.ready.then(() => true)", cd.EvalAwaitPromise)
}

// everyRule are the groups of axe's rules that pages keep.
const everyRule = `{runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'], resultTypes: ['violations']}`

// axeCheck puts axe into the page and runs every rule.
func axeCheck(t *testing.T, ctx context.Context, axe string) {
	t.Helper()
	eval[cd.Void](t, ctx, axe)
	axeRun(t, ctx, "", everyRule)
}

// axeRun asks the axe that is in the page; where names the page in what it finds.
func axeRun(t *testing.T, ctx context.Context, where, options string) {
	t.Helper()
	found := eval[string](t, ctx, `axe.run(document, `+options+`).then(r =>
		JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 300))}))))`, cd.EvalAwaitPromise)
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s axe %s: %s\n\t%s", where, v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// pdfViewer is what Chromium shows PDF with: a part of the browser itself.
const pdfViewer = "chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai/"

// listen collects what a page must not do: errors of the console, breaches of the content security policy, dialogs, requests that leave
// the program. Each call returns what came since the last.
//
// A page that was asked for and answers with an error status is no fault; a part of a page that does is.
func listen(t *testing.T, ctx context.Context, base string) func() []string {
	t.Helper()
	var mu sync.Mutex
	var found []string
	documents := map[string]bool{}
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if err := cd.Listen(ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			if e.Type == network.ResourceTypeDocument {
				documents[e.Request.URL] = true
			}
			if !strings.HasPrefix(e.Request.URL, base+"/") && !strings.HasPrefix(e.Request.URL, "data:") && !strings.HasPrefix(e.Request.URL, pdfViewer) {
				add("a request leaves the program: %s", e.Request.URL)
			}
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
				var words []string
				for _, a := range e.Args {
					words = append(words, strings.TrimSpace(string(a.Value)+" "+a.Description))
				}
				add("console: %s", strings.Join(words, " "))
			}
		case *runtime.EventExceptionThrown:
			words := e.ExceptionDetails.Text
			if e.ExceptionDetails.Exception != nil {
				words += " " + e.ExceptionDetails.Exception.Description
			}
			add("exception: %s %s:%d", words, e.ExceptionDetails.URL, e.ExceptionDetails.LineNumber)
		case *log.EventEntryAdded:
			asked := documents[e.Entry.URL] || strings.HasSuffix(e.Entry.URL, "/favicon.ico") // which a browser wants of what is no page
			expected := e.Entry.Source == log.EntrySourceNetwork && asked && strings.Contains(e.Entry.Text, "status of 4")
			if e.Entry.Level == log.EntryLevelError && !expected {
				add("log: %s %s:%d", e.Entry.Text, e.Entry.URL, e.Entry.LineNumber)
			}
		case *page.EventJavascriptDialogOpening:
			add("a dialog opens: %s %s", e.Type, e.Message)
		}
	}); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		eval[bool](t, ctx, "true") // whatever the page said before this has arrived when this is answered
		mu.Lock()
		defer mu.Unlock()
		out := found
		found = nil
		return out
	}
}
