package main

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/osler-ehr/osler/slice"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestRoutes holds the list of every route with the right it needs against a golden file, so that a new door shows in review.
func TestRoutes(t *testing.T) {
	o := &dataOptions{Data: filepath.Join(t.TempDir(), "practice")}
	pr, err := o.create(context.Background(), "Hill Street Practice", "practice")
	if err != nil {
		t.Fatal(err)
	}
	defer pr.Close()
	s, err := newServer(pr, slog.New(slog.DiscardHandler), &serveOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got := slice.List(s.features)
	golden := filepath.Join("testdata", "routes.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the routes are not those of %s; look at each new one, then run the test with -update. They are now:\n%s", golden, got)
	}
}
