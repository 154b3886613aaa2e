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
	stop = func() { cancelTab(); cancel(); _ = os.RemoveAll(dir) }
	return ctx, cd.Do(ctx)
})

var stop = func() {}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	stop()
	os.Exit(code)
}

// tab opens a tab on a fresh server. Without Chromium or the built assets the test is skipped, but fails where CI is set.
func tab(t *testing.T, env web.Environment) (context.Context, string) {
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
	h, err := handler(env)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	ctx, cancel := cd.NewContext(parent)
	t.Cleanup(cancel)
	do(t, ctx)
	ctx, cancelTime := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(cancelTime)
	return ctx, server.URL
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
