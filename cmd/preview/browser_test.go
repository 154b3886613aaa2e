package main

import (
	"context"
	"flag"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cd "github.com/chromedp/chromedp"

	"github.com/osler-ehr/osler/web"
)

var shots = flag.String("shots", "", "folder for screenshots; none are kept without it")

// browser is one Chromium for the package; each test opens its own tab.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "osler-browser")
	if err != nil {
		return nil, err
	}
	opts := append(append([]cd.ExecAllocatorOption{}, cd.DefaultExecAllocatorOptions[:]...), cd.ExecPath(path), cd.NoSandbox, cd.DisableGPU,
		cd.Flag("disable-quic", true), cd.Flag("disable-component-update", true), cd.Flag("hide-scrollbars", true), cd.UserDataDir(dir))
	allocator, cancel := cd.NewExecAllocator(context.Background(), opts...)
	ctx, cancelTab := cd.NewContext(allocator)
	atEnd(func() { cancelTab(); cancel(); _ = os.RemoveAll(dir) })
	return ctx, cd.Do(ctx)
})

// ends is what is left to do when all tests have run.
var ends struct {
	sync.Mutex
	todo []func()
}

func atEnd(f func()) {
	ends.Lock()
	defer ends.Unlock()
	ends.todo = append(ends.todo, f)
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for _, f := range ends.todo {
		f()
	}
	os.Exit(code)
}

// tab opens a tab on a fresh server of the preview.
func tab(t *testing.T, env web.Environment) (context.Context, string) {
	t.Helper()
	ctx := newTab(t)
	h, err := handler(env)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return ctx, server.URL
}

// newTab opens a tab. Without Chromium or the built assets the test is skipped, but fails where CI is set.
func newTab(t *testing.T, opts ...cd.ContextOption) context.Context {
	t.Helper()
	missing := t.Skipf
	if os.Getenv("CI") == "true" {
		missing = t.Fatalf
	}
	if testing.Short() {
		t.Skip("browser tests are long")
	}
	if assets, err := web.LoadAssets(); err != nil || !assets.Built() {
		missing("the assets are not built: run `npm ci --ignore-scripts` and `go run ./cmd/assets` (%v)", err)
	}
	parent, err := browser()
	if err != nil {
		missing("no browser: install chromium (%v)", err)
	}
	ctx, cancel := cd.NewContext(parent, opts...)
	t.Cleanup(cancel)
	do(t, ctx)
	ctx, cancelTime := context.WithTimeout(ctx, 25*time.Minute) // only what hangs meets it
	t.Cleanup(cancelTime)
	return ctx
}

// axeSource is axe-core, which package.json brings.
func axeSource(t *testing.T) string {
	t.Helper()
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	switch {
	case err == nil:
		return string(axe)
	case os.Getenv("CI") == "true":
		t.Fatalf("axe-core is not installed: run `npm ci --ignore-scripts`: %v", err)
	default:
		t.Skipf("axe-core is not installed: run `npm ci --ignore-scripts`: %v", err)
	}
	return ""
}

func do(t *testing.T, ctx context.Context, steps ...cd.Action[cd.Void]) {
	t.Helper()
	if err := cd.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func eval[T any](t *testing.T, ctx context.Context, js string, opts ...cd.EvaluateOption) T {
	t.Helper()
	v, err := cd.Run(ctx, cd.Evaluate[T](js, opts...))
	if err != nil {
		t.Fatalf("%s: %v", js, err)
	}
	return v
}

// scheme sets the colour scheme that the system asks for.
func scheme(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	p := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := cd.Call(ctx, emulation.SetEmulatedMedia, p); err != nil {
		t.Fatal(err)
	}
}

func keep(t *testing.T, name string, data []byte) {
	t.Helper()
	if *shots == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*shots, name), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
