package vitals

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
)

// browse opens a page of the site in a browser, as a nurse. Without Chromium or the built assets the test is skipped, but fails where CI is
// set.
func (s *site) browse(address string) context.Context {
	s.t.Helper()
	missing := s.t.Skipf
	if os.Getenv("CI") == "true" {
		missing = s.t.Fatalf
	}
	if testing.Short() {
		s.t.Skip("browser tests are long")
	}
	assets, err := web.LoadAssets()
	if err != nil || !assets.Built() {
		missing("the assets are not built: run `npm ci --ignore-scripts` and `go run ./cmd/assets` (%v)", err)
	}
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing("no browser: install chromium (%v)", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET "+web.AssetPath, assets)
	mux.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := identity.Principal{Kind: identity.Person, ID: "ortiz", Name: "J. Ortiz RN", Resource: "Practitioner/ortiz", Roles: []identity.Role{identity.Nurse}}
		s.mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), who)))
	}))
	server := httptest.NewServer(mux)
	s.t.Cleanup(server.Close)
	opts := append(append([]cd.ExecAllocatorOption{}, cd.DefaultExecAllocatorOptions[:]...), cd.ExecPath(path), cd.NoSandbox, cd.DisableGPU, cd.UserDataDir(s.t.TempDir()))
	allocator, stop := cd.NewExecAllocator(context.Background(), opts...)
	s.t.Cleanup(stop)
	ctx, cancel := cd.NewContext(allocator)
	s.t.Cleanup(cancel)
	ctx, cancelTime := context.WithTimeout(ctx, 5*time.Minute) // only what hangs meets it
	s.t.Cleanup(cancelTime)
	s.do(ctx, cd.Navigate(server.URL+address))
	return ctx
}

func (s *site) do(ctx context.Context, steps ...cd.Action[cd.Void]) {
	s.t.Helper()
	if err := cd.Do(ctx, steps...); err != nil {
		s.t.Fatal(err)
	}
}

// until waits for a condition of the page.
func (s *site) until(ctx context.Context, js string) {
	s.t.Helper()
	for tries := 0; ; {
		ok, err := cd.Run(ctx, cd.Evaluate[bool](js))
		if err != nil {
			s.t.Fatalf("%s: %v", js, err)
		}
		if ok {
			return
		}
		if tries++; tries == 1500 {
			at, _ := cd.Run(ctx, cd.Evaluate[string](`document.activeElement.outerHTML.slice(0, 200) + " | " + (document.querySelector("#work")?.textContent ?? "").slice(0, 600)`))
			s.t.Fatalf("it does not come to %s; the focus is at %s", js, at)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Six signs are recorded by keyboard alone: one key opens the form, Tab leads from field to field, Enter saves, and the sheet shows them.
// Then a slip is made, and answered by keyboard too.
func TestKeyboard(t *testing.T) {
	s := open(t, nil, ada()...)
	ctx := s.browse("/patients/ada/vitals")
	s.until(ctx, `document.readyState === "complete" && !!document.querySelector("#work")`)
	s.do(ctx, cd.KeyEvent("v"))
	s.until(ctx, `document.activeElement.name === "bp"`)
	for i, text := range []string{"128/82", "72", "37.1", "16", "98", "78.4"} {
		if i > 0 {
			s.do(ctx, cd.KeyEvent(kb.Tab))
		}
		s.do(ctx, cd.KeyEvent(text))
	}
	s.do(ctx, cd.KeyEvent(kb.Enter))
	s.until(ctx, `document.querySelector("#work").hidden && document.querySelector("#main").textContent.includes("128/82")`)
	if got := s.stored("ada"); len(got) != 6 {
		t.Fatalf("%d Observations", len(got))
	}
	s.do(ctx, cd.KeyEvent("v"))
	s.until(ctx, `document.activeElement.name === "bp"`)
	s.do(ctx, cd.KeyEvent("w 784 t 98.6"), cd.KeyEvent(kb.Enter))
	s.until(ctx, `document.activeElement.name === "sure-temp"`)
	s.do(ctx, cd.KeyEvent(kb.ArrowDown)) // from "is right" to what is proposed
	s.until(ctx, `document.activeElement.checked && document.activeElement.value === "take 98.6 °F"`)
	s.do(ctx, cd.KeyEvent(kb.Tab), cd.KeyEvent(kb.Tab), cd.KeyEvent(kb.Tab)) // past respiration and saturation
	s.until(ctx, `document.activeElement.name === "weight"`)
	s.do(ctx, cd.KeyEvent(kb.Tab), cd.KeyEvent(" "))
	s.until(ctx, `document.activeElement.name === "sure-weight" && document.activeElement.checked`)
	s.do(ctx, cd.KeyEvent(kb.ArrowDown), cd.KeyEvent(kb.Enter))
	s.until(ctx, `document.querySelector("#work").hidden && document.querySelector("#main").textContent.includes("98.6")`)
	sheet := words(s.get("/patients/ada/vitals"))
	has(t, sheet, "98.6 °F", "78.4 kg")
	hasNot(t, sheet, "784")
}
