package main

import (
	"archive/tar"
	"compress/bzip2"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus is 48 patients' records as transactions, 14,046 resources, with the sample data beside the project.
const corpus = "../../../shared/data/synthea/bench-48.tar.bz2"

// TestKilledImport kills an import again and again, at random moments, and starts it anew. After each kill no transaction is there
// in part; when it gets through, the record is what an import that was left alone gives, byte for byte, with nothing twice.
func TestKilledImport(t *testing.T) {
	bundles := unpack(t)
	calm := []string{"--data", filepath.Join(t.TempDir(), "calm")}
	osler(t, append([]string{"init", "--organization", "Hill Street Practice"}, calm...)...)
	osler(t, append([]string{"import", "--quiet", bundles}, calm...)...)
	want := exported(t, calm)
	sizes := map[string]int{}
	for _, d := range want {
		sizes[d.patient]++
	}
	if len(want) < 10000 || len(sizes) < 48 {
		t.Fatalf("the corpus has %d resources of %d patients: that is not all of it", len(want), len(sizes))
	}

	random, killed, through := dice(t), 0, 0
	var where []string
	for n := kills(t); killed < n || through == 0; {
		if where == nil {
			where = []string{"--data", filepath.Join(t.TempDir(), "record")}
			osler(t, append([]string{"init", "--organization", "Hill Street Practice"}, where...)...)
		}
		last := killed >= n
		if run := importOrKill(t, bundles, where, between(random, 20*time.Millisecond, 700*time.Millisecond), last); run == wasKilled {
			killed++
			if killed%5 == 0 {
				verified(t, where)
				whole(t, exported(t, where), sizes)
			}
			continue
		}
		through++
		verified(t, where)
		same(t, exported(t, where), want)
		if err := os.RemoveAll(where[1]); err != nil {
			t.Fatal(err)
		}
		where = nil
	}
	t.Logf("%d kills, %d imports got through", killed, through)
}

type outcome int

const (
	gotThrough outcome = iota
	wasKilled
)

// importOrKill runs an import and kills it after a while, unless it is to be left alone.
func importOrKill(t *testing.T, bundles string, where []string, after time.Duration, leave bool) outcome {
	t.Helper()
	c := command(append([]string{"import", "--quiet", bundles}, where...)...)
	var said output
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if !leave {
		timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
		defer timer.Stop()
	}
	err := c.Wait()
	if err == nil {
		return gotThrough
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the import ended by itself: %v\n%s", err, said.String())
	}
	return wasKilled
}

// whole requires that of each patient's record, which is one transaction, either everything is there or nothing.
func whole(t *testing.T, got map[string]document, sizes map[string]int) {
	t.Helper()
	have := map[string]int{}
	for _, d := range got {
		if d.patient != "" {
			have[d.patient]++
		}
	}
	for patient, n := range have {
		if n != sizes[patient] {
			t.Errorf("%s: %d of %d resources are there: a transaction was torn", patient, n, sizes[patient])
		}
	}
	t.Logf("after a kill: %d patients, all of them whole", len(have))
}

// same requires two records to hold the same.
func same(t *testing.T, got, want map[string]document) {
	t.Helper()
	for name, d := range want {
		switch g, ok := got[name]; {
		case !ok:
			t.Errorf("%s is lost", name)
		case g.body != d.body:
			t.Errorf("%s is another document than it should be", name)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s should not be there", name)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

// unpack returns a folder with the corpus.
func unpack(t *testing.T) string {
	t.Helper()
	f, err := os.Open(corpus)
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skipf("the sample data is not here: no %s", corpus)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := t.TempDir()
	for r := tar.NewReader(bzip2.NewReader(f)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(h.Name, ".json") {
			continue
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(h.Name)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
