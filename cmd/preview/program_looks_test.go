package main

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"
)

// colourRules are those of axe's rules whose answer depends on the theme.
const colourRules = `{runOnly: {type: 'rule', values: ['color-contrast', 'link-in-text-block']}, resultTypes: ['violations']}`

// outOfReach lists what lies below the window and can be scrolled to by nothing.
const outOfReach = `(() => {
	const scrolls = e => /auto|scroll/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight;
	const still = getComputedStyle(document.body).overflowY === 'hidden' || getComputedStyle(document.documentElement).overflowY === 'hidden';
	const lost = [];
	for (const e of document.querySelectorAll('main a, main button, main input, main p, main li, main td')) {
		const r = e.getBoundingClientRect();
		if (!still || r.height === 0 || r.bottom <= innerHeight + 1) continue;
		let up = e.parentElement;
		while (up && !scrolls(up)) up = up.parentElement;
		if (!up) lost.push(e.outerHTML.slice(0, 120));
	}
	return lost.slice(0, 3);
})()`

// sight is a page to be looked at: whole, in both themes and three widths, or, where another role does that, in the two that differ most.
type sight struct {
	path  string
	whole bool
}

// TestProgramLooks shows each role every page that it may open, and those that say why not. The first role that may open a page sees it in
// both themes and three widths: axe finds nothing, nothing is wider than the window, the console is silent, nothing leaves the program.
func TestProgramLooks(t *testing.T) {
	newTab(t) // skips where there is no browser
	axe := axeSource(t)
	p := demo(t)
	routes := pageRoutes(t)
	at, _ := p.addresses(t, routes)
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		ctx := newTab(t, cd.WithNewBrowserContext())
		look(t, ctx, p, axe, "nobody", []sight{{"/signin", true}, {"/signin?out=1", true}, {"/setup?token=none", true}})
	})
	taken := map[string]bool{}
	for _, role := range roles {
		var paths []string
		refused := ""
		for _, r := range routes {
			switch {
			case r.right == "public": // nobody has seen them
			case r.admits(t, role):
				paths = append(paths, at[r.pattern]...)
			case refused == "" && len(at[r.pattern]) > 0:
				refused = at[r.pattern][0]
			}
		}
		if refused != "" {
			paths = append(paths, refused)
		}
		var sights []sight
		for _, path := range append(paths, "/nowhere", "/patients/nobody") {
			sights = append(sights, sight{path, !taken[path]})
			taken[path] = true
		}
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			ctx := newTab(t, cd.WithNewBrowserContext())
			c := p.client(t, role)
			p.enter(t, ctx, c)
			look(t, ctx, p, axe, role, slices.DeleteFunc(sights, func(s sight) bool {
				_, _, body := p.get(t, c, s.path)
				return !strings.Contains(body, "<main") // a file, or a part of a page
			}))
		})
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// look opens each page once, and turns themes and widths while it is open.
func look(t *testing.T, ctx context.Context, p program, axe, role string, sights []sight) {
	faults := listen(t, ctx, p.base)
	for i, s := range sights {
		path := s.path
		do(t, ctx, cd.Navigate(p.base+path), cd.WaitReady("main"))
		eval[cd.Void](t, ctx, axe)
		for n, w := range widths {
			do(t, ctx, cd.EmulateViewport(w.width, w.height))
			for _, theme := range []string{"light", "dark"} {
				if !s.whole && (n != 0 || theme != "light") && (n != len(widths)-1 || theme != "dark") {
					continue
				}
				scheme(t, ctx, theme)
				ready(t, ctx)
				where := role + " " + path + " " + w.name + " " + theme
				if *shots != "" {
					shot, err := cd.Run(ctx, cd.CaptureScreenshot())
					if err != nil {
						t.Fatal(err)
					}
					keep(t, role+"-"+string(rune('a'+i))+notInNames.ReplaceAllString(path, "-")+"-"+w.name+"-"+theme+".png", shot)
				}
				if wide := eval[int](t, ctx, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
					t.Errorf("%s is %d px wider than the window", where, wide)
				}
				for _, lost := range eval[[]string](t, ctx, outOfReach) {
					t.Errorf("%s cannot be scrolled to %s", where, lost)
				}
				rules := everyRule
				if theme == "dark" {
					rules = colourRules
				}
				axeRun(t, ctx, where, rules)
			}
		}
		for _, f := range faults() {
			t.Errorf("%s %s: %s", role, path, f)
		}
	}
}
