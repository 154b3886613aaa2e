package transfer_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// notes is a transfer.KeyValue in memory.
type notes struct {
	mu sync.Mutex
	m  map[string][]byte
}

func (n *notes) Get(_ context.Context, name string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.m[name], nil
}

func (n *notes) Set(_ context.Context, name string, v []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.m[name] = v
	return nil
}

// stopping is a sink at which the program is killed after so many units: before the unit is stored, or after
// it is stored but before that is known.
type stopping struct {
	transfer.Sink
	mu    sync.Mutex
	left  int
	after bool
}

var errKilled = errors.New("killed")

func (s *stopping) Do(ctx context.Context, ops []record.Op) ([]record.Result, error) {
	s.mu.Lock()
	s.left--
	stop := s.left < 0
	s.mu.Unlock()
	if stop && !s.after {
		return nil, errKilled
	}
	res, err := s.Sink.Do(ctx, ops)
	if stop {
		return nil, errKilled
	}
	return res, err
}

// TestLoadingGoesOnAfterAKill: however often and wherever a load is interrupted, loading again completes it, and
// the record is what an uninterrupted load makes of it.
func TestLoadingGoesOnAfterAKill(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short run")
	}
	files := t.TempDir()
	copyTo(t, files, filepath.Join(sample(t, "synthea/blaze-2021"), "0*"), 4)
	copyTo(t, files, filepath.Join(sample(t, "bulk-ndjson/10-patients"), "[PCO]*.ndjson"), 6)
	want := ""
	for _, c := range []struct {
		name     string
		progress bool
		after    bool
		step     int
	}{{"not interrupted", false, false, 1 << 30}, {"before", false, false, 150}, {"after", false, true, 150}, {"before, with notes", true, false, 150}, {"after, with notes", true, true, 150}} {
		f := recordtest.New(t, clock.At(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)))
		s := f.As(access.Program)
		l := &transfer.Loader{}
		if c.progress {
			l.Progress = transfer.Files{Store: &notes{m: map[string][]byte{}}}
		}
		kills := 0
		for {
			l.Sink = &stopping{Sink: transfer.Local{Session: s}, left: c.step * (kills + 1), after: c.after}
			report, err := l.Load(context.Background(), files)
			if errors.Is(err, errKilled) {
				if kills++; kills > 100 {
					t.Fatalf("%s: no end", c.name)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if len(report.Refused) > 0 {
				t.Errorf("%s: refused %v", c.name, report.Refused[:min(3, len(report.Refused))])
			}
			break
		}
		got := sortedLines(t, export(t, s, true))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s (%d kills): the record is another: %d lines, want %d", c.name, kills, strings.Count(got, "\n"), strings.Count(want, "\n"))
		}
		if c.step < 1<<30 && kills == 0 {
			t.Errorf("%s: never killed", c.name)
		}
		t.Logf("%s: %d kills, %d versions", c.name, kills, strings.Count(got, "\n"))
	}
}

// copyTo copies the first n files that match.
func copyTo(t *testing.T, dir, pattern string, n int) {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) < n {
		t.Fatalf("%s: %d files, %v", pattern, len(found), err)
	}
	for _, file := range found[:n] {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// chosen are ids that the record chooses, of 100 bits: at random for what is created unless it exists.
var chosen = regexp.MustCompile(`\b[a-z2-7]{20}\b`)

// sortedLines is all that an export holds, in an order that does not depend on that of loading, but for ids that
// the record chose.
func sortedLines(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			all = append(all, chosen.ReplaceAllString(string(line), "chosen"))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}
