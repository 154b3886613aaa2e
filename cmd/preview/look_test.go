package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
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
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skipf("axe-core is not installed: run `npm ci --ignore-scripts`: %v", err)
	}
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
					axeCheck(t, ctx, string(axe))
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

func axeCheck(t *testing.T, ctx context.Context, axe string) {
	t.Helper()
	eval[cd.Void](t, ctx, axe)
	found := eval[string](t, ctx, `axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}).then(r =>
		JSON.stringify(r.violations.map(v => ({id: v.id, help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' | ' + n.failureSummary.slice(0, 300))}))))`, cd.EvalAwaitPromise)
	var violations []struct {
		ID, Help string
		Nodes    []string
	}
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("axe %s: %s\n\t%s", v.ID, v.Help, strings.Join(v.Nodes, "\n\t"))
	}
}

// listen collects errors of the console and requests that leave the program; each call returns what came since the last.
func listen(t *testing.T, ctx context.Context, base string) func() []string {
	t.Helper()
	found := make(chan string, 100)
	if err := cd.Listen(ctx, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(e.Request.URL, base) && !strings.HasPrefix(e.Request.URL, "data:") {
			found <- "a request leaves the program: " + e.Request.URL
		}
	}); err != nil {
		t.Fatal(err)
	}
	messages := cd.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if (m.Type == cd.ConsoleError || m.IsException()) && !strings.Contains(m.Text, "status of 4") {
				found <- fmt.Sprintf("console: %s %s:%d", m.Text, m.URL, m.Line)
			}
		}
	}()
	return func() []string {
		var out []string
		for {
			select {
			case f := <-found:
				out = append(out, f)
			case <-time.After(20 * time.Millisecond):
				return out
			}
		}
	}
}
