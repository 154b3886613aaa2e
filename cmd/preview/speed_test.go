package main

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/osler-ehr/osler/synthetic"
)

// TestSpeed prints how long the program takes for each page of a practice, and fails on what is far beyond its budget: the budgets hold
// for a quiet machine, so the limit here is generous.
func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the program")
	}
	bin, dir := build(t), filepath.Join(t.TempDir(), "demo")
	args := []string{"demo", "--patients", "24", "--data", dir, "--addr", "127.0.0.1:0"}
	start(t, bin, args...).stop()
	heavy := filepath.Join(t.TempDir(), "heavy")
	if _, err := synthetic.WriteNDJSON(context.Background(), heavy, synthetic.Options{Patients: 24, Seed: 1, Today: time.Now(), Heavy: true}); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(bin, "import", "--quiet", "--data", dir, heavy).CombinedOutput(); err != nil {
		t.Fatalf("import: %v\n%.4000s", err, out)
	}
	p := start(t, bin, args...)
	client := p.client(t, "clinician")
	for _, page := range []struct {
		path   string
		budget time.Duration
	}{
		{"/", 250 * time.Millisecond}, {"/patients?q=oka", 50 * time.Millisecond}, {"/palette?q=oka", 50 * time.Millisecond},
		{"/patients/p000000", 250 * time.Millisecond}, {"/patients/p000000/results", 250 * time.Millisecond}, {"/patients/p000000/documents", 150 * time.Millisecond},
		// A thousand visits and twenty thousand observations change nothing.
		{"/patients/heavy", 250 * time.Millisecond}, {"/patients/heavy/results", 250 * time.Millisecond}, {"/patients/heavy/medications", 250 * time.Millisecond},
	} {
		var took []time.Duration
		size := 0
		for range 15 {
			start := time.Now()
			resp, err := client.Get(p.base + page.path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %d %v", page.path, resp.StatusCode, err)
			}
			took, size = append(took, time.Since(start)), len(body)
		}
		slices.Sort(took)
		t.Logf("%-32s median %6s  slowest %6s  budget %s  %d KB", page.path, took[7].Round(time.Millisecond/10), took[14].Round(time.Millisecond/10), page.budget, size>>10)
		if took[7] > 8*page.budget {
			t.Errorf("%s takes %v, eight times its budget of %v", page.path, took[7], page.budget)
		}
	}
}
