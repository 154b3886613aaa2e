package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/synthetic"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/allergies"
	"github.com/osler-ehr/osler/workflow/chart"
	"github.com/osler-ehr/osler/workflow/coverage"
	"github.com/osler-ehr/osler/workflow/documents"
	"github.com/osler-ehr/osler/workflow/family"
	"github.com/osler-ehr/osler/workflow/home"
	"github.com/osler-ehr/osler/workflow/immunization"
	"github.com/osler-ehr/osler/workflow/patients"
	"github.com/osler-ehr/osler/workflow/prescribing"
	"github.com/osler-ehr/osler/workflow/problems"
	"github.com/osler-ehr/osler/workflow/results"
	"github.com/osler-ehr/osler/workflow/signin"
	"github.com/osler-ehr/osler/workflow/vitals"
)

const password = "velvet otter drives nine ladders"

// practiceNow is the moment at which the synthetic practice stands.
var practiceNow = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

// practice serves the pages over a record that holds a synthetic practice. It returns the address and the record.
func practice(t *testing.T, heavy bool) (string, *recordtest.Fixture) {
	t.Helper()
	ctx := context.Background()
	f := recordtest.New(t, clock.At(practiceNow))
	dir := t.TempDir()
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := synthetic.WriteNDJSON(ctx, dir, synthetic.Options{Patients: 24, Seed: 1, Today: practiceNow, Heavy: heavy}); err != nil {
		t.Fatal(err)
	}
	report, err := (&transfer.Loader{Sink: transfer.Local{Session: f.As(access.Program)}}).Load(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Refused) > 0 {
		t.Fatalf("%d parts of the practice were refused, first %v", len(report.Refused), report.Refused[0])
	}
	people, err := identity.New(f.Store, f.Keyring, clock.System{}, rand.Reader, identity.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range synthetic.Accounts() {
		account, err := people.CreateAccount(ctx, identity.NewAccount{SignInName: who.SignInName, DisplayName: who.DisplayName, Roles: []identity.Role{identity.Role(who.Role)}, Resource: who.Resource})
		if err != nil {
			t.Fatal(err)
		}
		token, err := people.IssueSetup(ctx, account.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := people.FinishSetup(ctx, token, identity.SetupAnswer{Password: password}); err != nil {
			t.Fatal(err)
		}
	}
	assets, err := web.LoadAssets()
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(testLog{t}, nil))
	shell := &web.Shell{Practice: synthetic.PracticeName, Version: "1.4", Environment: web.Demo, Assets: assets, Log: log, Now: func() time.Time { return practiceNow }}
	d := slice.Deps{Shell: shell, Identity: people, Clock: clock.At(practiceNow), Log: log, Session: func(r *http.Request) (*record.Session, error) {
		p := identity.From(r.Context())
		if p.Kind == identity.Anonymous {
			return nil, web.ErrSignIn
		}
		a, err := identity.Actor(r.Context(), f.Record, p, "practice")
		return f.Record.As(a), err
	}}
	cookies := identity.Cookies{}
	parts := []slice.Slice{problems.Slice(d, nil), prescribing.Slice(d), allergies.Slice(d), results.Slice(d), vitals.Slice(d), documents.Slice(d), immunization.Slice(d), coverage.Slice(d), family.Slice(d)}
	all := append(parts, home.Slice(d), patients.Slice(d), chart.Slice(d, parts), signin.Slice(d, signin.Options{Cookies: cookies}))
	shell.Frame = home.Frame(shell, all)
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, all); err != nil {
		t.Fatal(err)
	}
	mux.Handle("GET "+web.AssetPath, assets)
	mux.HandleFunc("POST "+web.PreferencesPath, shell.SavePreferences)
	server := httptest.NewServer(shell.Guard(people.Identify(cookies, identity.RefusePlainly, mux)))
	t.Cleanup(server.Close)
	return server.URL, f
}

// testLog writes the server's log into the test's.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// tabThrough goes through a page by keyboard, to its end and back: what has the focus shows it, and nothing covers it.
func tabThrough(t *testing.T, ctx context.Context, where string) {
	t.Helper()
	const look = `(() => {
		const e = document.activeElement, r = e.getBoundingClientRect();
		if (e === document.body || !e.matches(':focus')) return ''; // the focus has left the page
		const shown = getComputedStyle(e).outlineStyle !== 'none';
		const x = Math.min(Math.max(r.left + Math.min(r.width, 40) / 2, 1), innerWidth - 2), y = Math.min(Math.max(r.top + Math.min(r.height, 24) / 2, 1), innerHeight - 2);
		const top = document.elementFromPoint(x, y);
		const seen = !!top && (e.contains(top) || top.contains(e));
		return (shown ? '' : 'no outline: ') + (seen ? '' : 'covered by ' + (top && top.className) + ': ') + (shown && seen ? '' : e.outerHTML.slice(0, 120));
	})()`
	for _, shift := range []bool{false, true} {
		for range 70 {
			key := cd.KeyEvent(kb.Tab)
			if shift {
				key = cd.KeyEvent(kb.Tab, cd.KeyModifiers(cd.ModifierShift))
			}
			do(t, ctx, key)
			if fault := eval[string](t, ctx, look); fault != "" {
				t.Errorf("%s: %s", where, fault)
				return
			}
		}
	}
}

// TestPractice signs in, goes from home to search to a chart, and looks at each page as TestAccessible does.
func TestPractice(t *testing.T) {
	ctx, _ := tab(t, web.Demo) // skips where there is no browser
	base, _ := practice(t, false)
	axe := axeSource(t)
	faults := listen(t, ctx, base)
	scheme(t, ctx, "light")
	do(t, ctx, cd.EmulateViewport(1440, 900))
	look := func(name string) {
		t.Helper()
		ready(t, ctx)
		shot, err := cd.Run(ctx, cd.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		keep(t, "practice-"+name+".png", shot)
		axeCheck(t, ctx, axe)
		for _, f := range faults() {
			t.Error(f)
		}
	}
	do(t, ctx, cd.Navigate(base+"/"), cd.WaitVisible(`input[name="password"]`))
	look("signin")
	do(t, ctx, cd.SendKeys(`input[name="name"]`, "p.rao"), cd.SendKeys(`input[name="password"]`, "wrong wrong wrong wrong\r"), cd.WaitVisible(".field-error"))
	look("signin-wrong")
	do(t, ctx, cd.SendKeys(`input[name="password"]`, password+"\r"), cd.WaitVisible(".home"))
	look("home")
	do(t, ctx, cd.Navigate(base+"/patients?q=okafor"), cd.WaitVisible(".patient-row"))
	look("patients")
	do(t, ctx, cd.Click(".patient-row"), cd.WaitVisible(".chart"))
	look("chart")
	do(t, ctx, cd.EmulateViewport(390, 844), cd.Reload(), cd.WaitVisible(".chart"))
	look("chart-phone")
	chartURL := eval[string](t, ctx, "location.href")
	for _, w := range widths {
		do(t, ctx, cd.EmulateViewport(w.width, w.height))
		for _, page := range []string{"results", "medications", "documents"} {
			do(t, ctx, cd.Navigate(chartURL+"/"+page), cd.WaitVisible(".page-chart"))
			look(page + "-" + w.name)
		}
		do(t, ctx, cd.Navigate(chartURL+"/results"), cd.WaitVisible(".row-link"), cd.Click(".row-link"), cd.WaitVisible(".display"))
		look("history-" + w.name)
		do(t, ctx, cd.Navigate(chartURL), cd.WaitReady(".visit h2 a"))
		do(t, ctx, cd.Navigate(eval[string](t, ctx, "document.querySelector('.visit h2 a').href")), cd.WaitVisible(".document"))
		look("note-" + w.name)
	}
	for _, w := range widths {
		do(t, ctx, cd.EmulateViewport(w.width, w.height))
		for _, page := range []string{"", "/results", "/documents"} {
			do(t, ctx, cd.Navigate(chartURL+page), cd.WaitReady("main"))
			tabThrough(t, ctx, w.name+page)
		}
	}
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.Navigate(chartURL), cd.WaitReady(".chart"))
	do(t, ctx, cd.EmulateViewport(1440, 900), cd.KeyEvent("k", cd.KeyModifiers(cd.ModifierCtrl)), cd.WaitVisible("#palette-query"), cd.SendKeys("#palette-query", "lee"), cd.Sleep(400*time.Millisecond))
	look("palette")
}
