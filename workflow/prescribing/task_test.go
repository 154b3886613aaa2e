package prescribing_test

import (
	"context"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/web"
)

var shots = flag.String("shots", "", "folder for screenshots; none are kept without it")

// counted is a tab in which what a person does is counted, against the budgets of the tasks.
type counted struct {
	t            *testing.T
	ctx          context.Context
	clicks, keys int
}

// open serves the feature with the program's styles and scripts, and opens a tab on it. Without Chromium or the built assets the test is
// skipped, but fails where CI is set.
func open(t *testing.T, s *slicetest.Site, feature slice.Slice) (*counted, string) {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") == "true" {
		missing = t.Fatalf
	}
	if testing.Short() {
		t.Skip("browser tests are long")
	}
	assets, err := web.LoadAssets()
	if err != nil || !assets.Built() {
		missing("the assets are not built: run `npm ci --ignore-scripts` and `go run ./cmd/assets` (%v)", err)
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing("no browser: install chromium (%v)", err)
	}
	s.Deps.Shell.Assets = assets
	s.Deps.Shell.Frame = func(*http.Request) web.Frame {
		return web.Frame{User: &web.User{Name: "Priya Rao", Initials: "PR", Role: "Physician"}, Patient: "ada"}
	}
	mux := http.NewServeMux()
	if err := slice.Mount(mux, s.Deps.Shell, []slice.Slice{feature}); err != nil {
		t.Fatal(err)
	}
	mux.Handle(web.AssetPath, assets)
	guarded := s.Deps.Shell.Guard(mux)
	rao := identity.Principal{Kind: identity.Person, ID: "rao", Name: "Dr Priya Rao", Resource: "Practitioner/rao", Roles: []identity.Role{"clinician"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guarded.ServeHTTP(w, r.WithContext(identity.With(r.Context(), rao)))
	}))
	t.Cleanup(server.Close)
	opts := append(append([]cd.ExecAllocatorOption{}, cd.DefaultExecAllocatorOptions[:]...), cd.ExecPath(path), cd.NoSandbox, cd.DisableGPU,
		cd.Flag("disable-quic", true), cd.Flag("disable-component-update", true), cd.UserDataDir(t.TempDir()), cd.WindowSize(1440, 900))
	allocator, cancel := cd.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancelTab := cd.NewContext(allocator)
	t.Cleanup(cancelTab)
	c := &counted{t: t, ctx: ctx}
	c.do()
	timed, cancelTime := context.WithTimeout(ctx, 5*time.Minute) // only what hangs meets it
	t.Cleanup(cancelTime)
	c.ctx = timed
	return c, server.URL
}

func (c *counted) do(steps ...cd.Action[cd.Void]) {
	c.t.Helper()
	if err := cd.Do(c.ctx, steps...); err != nil {
		c.t.Fatal(err)
	}
}

func (c *counted) click(selector string) {
	c.t.Helper()
	c.clicks++
	c.do(cd.Click(selector, cd.NodeVisible))
}

func (c *counted) typed(keys string) {
	c.t.Helper()
	for _, r := range keys {
		c.keys++
		c.do(cd.KeyEvent(string(r)))
	}
}

// enter presses Enter as a keyboard does: one event that is both the key and its character, so that who prevents the one prevents the
// other.
func (c *counted) enter() {
	c.t.Helper()
	c.keys++
	for _, p := range []input.DispatchKeyEventParams{
		{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", Text: "\r", WindowsVirtualKeyCode: 13},
		{Type: input.DispatchKeyEventTypeKeyUp, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13},
	} {
		if _, err := cd.Call(c.ctx, input.DispatchKeyEvent, p); err != nil {
			c.t.Fatal(err)
		}
	}
}

// until waits until an expression is true.
func (c *counted) until(js string) {
	c.t.Helper()
	for range 200 {
		ok, err := cd.Run(c.ctx, cd.Evaluate[bool]("!!("+js+")"))
		if err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := cd.Run(c.ctx, cd.Evaluate[string]("document.body.innerText"))
	c.t.Fatalf("never came true: %s\n%s", js, text)
}

func (c *counted) shoot(name string) {
	c.t.Helper()
	if *shots == "" {
		return
	}
	b, err := cd.Run(c.ctx, cd.CaptureScreenshot())
	if err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), b, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// accessible makes sure that axe finds nothing, in both themes.
func (c *counted) accessible(what string) {
	c.t.Helper()
	for _, theme := range []string{"dark", "light"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
		if _, err := cd.Call(c.ctx, emulation.SetEmulatedMedia, media); err != nil {
			c.t.Fatal(err)
		}
		c.shoot(strings.ReplaceAll(what, " ", "-") + "-" + theme)
		c.axe(what + ", " + theme)
	}
}

func (c *counted) axe(what string) {
	c.t.Helper()
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		if os.Getenv("CI") == "true" {
			c.t.Fatal(err)
		}
		c.t.Logf("axe-core is not installed: %v", err)
		return
	}
	if _, err := cd.Run(c.ctx, cd.Evaluate[cd.Void](string(axe))); err != nil {
		c.t.Fatal(err)
	}
	found, err := cd.Run(c.ctx, cd.Evaluate[json.RawMessage](`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + n.failureSummary).join(' | ')))`, cd.EvalAwaitPromise))
	if err != nil {
		c.t.Fatal(err)
	}
	if string(found) != "[]" {
		c.t.Errorf("%s: %s", what, found)
	}
}

// TestTaskNewPrescription is task 2: a common drug within 3 clicks, 14 keys and no page.
func TestTaskNewPrescription(t *testing.T) {
	s, feature := site(t)
	s.Put(noneK, eGFR)
	c, base := open(t, s, feature)
	c.do(cd.Navigate(base+"/patients/ada/medications"), cd.WaitVisible("a[href$='/prescriptions/new']"))
	c.until(`document.documentElement.classList.contains("js")`)
	before, err := cd.Run(c.ctx, cd.Evaluate[int]("performance.getEntriesByType('navigation').length + history.length"))
	if err != nil {
		t.Fatal(err)
	}
	c.click("a[href$='/prescriptions/new']")
	c.do(cd.WaitVisible("#drug"))
	c.typed("lisin 10")
	c.until(`document.querySelector('#drug-list [role="option"]')?.dataset.value === "314076"`)
	c.enter()
	c.until(`document.querySelector(".rx-words")?.innerText.includes("Take 1 tablet (10 mg) by mouth daily.")`)
	c.accessible("the form of a prescription")
	c.enter()
	c.until(`document.body.innerText.includes("prescribed for")`)
	after, err := cd.Run(c.ctx, cd.Evaluate[int]("performance.getEntriesByType('navigation').length + history.length"))
	if err != nil {
		t.Fatal(err)
	}
	if s.One("MedicationRequest").Get("status").Text() != "active" {
		t.Error("not kept")
	}
	t.Logf("%d clicks, %d keys", c.clicks, c.keys)
	if c.clicks > 3 || c.keys > 14 || after != before {
		t.Errorf("%d clicks, %d keys, %d pages; the budget is 3, 14 and 0", c.clicks, c.keys, after-before)
	}
}

// TestTaskStoppedOrder types another dose and meets a severe allergy: the checks follow what is typed, and nothing is signed without a
// reason.
func TestTaskStoppedOrder(t *testing.T) {
	s, feature := site(t)
	s.Put(mould, `{"resourceType":"MedicationRequest","id":"kava","status":"active","intent":"order","medicationCodeableConcept":{"text":"Kava root"},"subject":{"reference":"Patient/ada"}}`,
		`{"resourceType":"MedicationRequest","id":"warfarin","status":"active","intent":"order","medicationCodeableConcept":{"text":"methotrexate 2.5 MG Oral Tablet"},"subject":{"reference":"Patient/ada"}}`)
	c, base := open(t, s, feature)
	c.do(cd.Navigate(base+"/patients/ada/medications"), cd.WaitVisible("a[href$='/prescriptions/new']"))
	c.until(`document.documentElement.classList.contains("js")`)
	c.click("a[href$='/prescriptions/new']")
	c.do(cd.WaitVisible("#drug"))
	c.typed("amoxi 250")
	c.until(`document.querySelector('#drug-list [role="option"]')?.innerText.includes("amoxicillin")`)
	c.enter()
	c.until(`document.querySelector(".rx-hard")?.innerText.includes("Penicillin allergy (anaphylaxis)")`)
	c.click("#frequency")
	c.typed("tid")
	c.until(`document.querySelector(".rx-words")?.innerText.includes("3 times daily")`)
	c.accessible("a stopped order")
	c.do(cd.SetValue("#quantity", "21"), cd.Click(".work-foot .btn-primary", cd.NodeVisible))
	c.until(`document.querySelector(".field-error")?.innerText.includes("Say why it is prescribed all the same")`)
	if n := len(s.All("MedicationRequest")); n != 2 {
		t.Fatalf("%d were signed without a reason", n-2)
	}
	c.click("#why")
	c.typed("Took it")
	time.Sleep(time.Second) // the checks run again meanwhile
	c.typed(" in 2024")
	c.until(`document.activeElement.id === "why" && document.activeElement.value === "Took it in 2024"`)
	c.do(cd.SetValue("#answer", "tolerated"), cd.Click(".work-foot .btn-primary", cd.NodeVisible))
	c.until(`document.body.innerText.includes("prescribed for")`)
	answered := 0
	for _, i := range s.All("DetectedIssue") {
		if strings.Contains(string(i.Bytes()), `"code":"tolerated"`) {
			answered++
		}
	}
	if answered != 1 {
		t.Errorf("%d findings were answered", answered)
	}
}

// TestTaskRenew is task 1 from the list: the medicine is opened and approved within 2 clicks, 2 keys and no page.
func TestTaskRenew(t *testing.T) {
	s, feature := site(t)
	s.Put(noneK, theirs)
	c, base := open(t, s, feature)
	c.do(cd.Navigate(base+"/patients/ada/medications"), cd.WaitVisible(".med-name a"))
	c.until(`document.documentElement.classList.contains("js")`)
	c.click(".med-name a")
	c.do(cd.WaitVisible(".work .rx-shown"))
	c.until(`document.querySelector(".work").innerText.includes("Renew")`)
	c.accessible("a prescription")
	c.click(".work .btn-primary")
	c.do(cd.WaitVisible("#drug"))
	c.until(`document.querySelector(".rx-words")?.innerText.includes("Take 1 tablet")`)
	c.keys++
	c.do(cd.KeyEvent(kb.Enter, cd.KeyModifiers(cd.ModifierCtrl)))
	c.until(`document.body.innerText.includes("renewed for")`)
	at, err := cd.Run(c.ctx, cd.Evaluate[string]("location.pathname"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d clicks, %d keys", c.clicks, c.keys)
	if c.clicks > 2 || c.keys > 2 || at != "/patients/ada/medications" {
		t.Errorf("%d clicks, %d keys, at %s; the budget is 2, 2 and no page", c.clicks, c.keys, at)
	}
}

// TestPagesLook looks at the pages beside the form.
func TestPagesLook(t *testing.T) {
	s, feature := site(t)
	s.Put(mould, theirs)
	rao := s.By(access.Clinician).Beside()
	form := []string{"drug", "amoxicillin 250 mg capsule", "code", "308182", "dose", "2 capsules", "route", "oral", "frequency", "3 times daily", "quantity", "42", "refills", "0"}
	rao.Post(at, append(append(form, fired(rao.Post(at+"/check", form...))...), "answer", "benefit")...).Want(200)
	c, base := open(t, s, feature)
	for _, page := range []struct{ what, address string }{
		{"alerts", "/reports/medication-alerts"}, {"a prescription on paper", at + "/m1/print"}, {"the list", "/patients/ada/medications"}, {"the form as a page", at + "/new"},
	} {
		c.do(cd.Navigate(base+page.address), cd.WaitReady("main"))
		c.accessible(page.what)
	}
}
