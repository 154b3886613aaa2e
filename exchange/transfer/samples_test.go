package transfer_test

import (
	"archive/tar"
	"compress/bzip2"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/exchange/transfer"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// data is where the sample data is kept, beside the repository.
const data = "../../../shared/data"

// sample gives a folder or file of the sample data, and skips the test where it is not installed.
func sample(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(data, name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the sample data is not beside the repository (shared/data/%s)", name)
		}
		t.Skipf("the sample data is not beside the repository (shared/data/%s)", name)
	}
	return path
}

// unpack writes the files of a tar archive to a folder of the test.
func unpack(t testing.TB, archive string) string {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	dir := t.TempDir()
	for r := tar.NewReader(bzip2.NewReader(f)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return dir
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag != tar.TypeReg {
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

// some copies the first files of a folder, to be quicker.
func some(t testing.TB, dir string, n int) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	for _, f := range files[:min(n, len(files))] {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(out, filepath.Base(f)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// spy is a sink that remembers under which name each thing was stored.
type spy struct {
	transfer.Local
	mu     sync.Mutex
	byURL  map[string]string // fullUrl -> "Type/id"
	stored map[string]bool
}

func newSpy(s *record.Session) *spy {
	return &spy{Local: transfer.Local{Session: s}, byURL: map[string]string{}, stored: map[string]bool{}}
}

func (s *spy) Do(ctx context.Context, ops []record.Op) ([]record.Result, error) {
	res, err := s.Local.Do(ctx, ops)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range res {
		name := res[i].Type + "/" + res[i].ID
		s.stored[name] = true
		if ops[i].FullURL != "" {
			s.byURL[ops[i].FullURL] = name
		}
	}
	return res, err
}

// open makes an empty record and a session of the program that imports.
func open(t testing.TB) (*recordtest.Fixture, *record.Session) {
	f := recordtest.New(t, nil)
	return f, f.As(access.Program)
}

// load loads files and says what was refused that is not on the list.
func load(t testing.TB, sink transfer.Sink, known map[string]string, paths ...string) *transfer.Report {
	t.Helper()
	l := &transfer.Loader{Sink: sink}
	report, err := l.Load(context.Background(), paths...)
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{}
	for _, r := range report.Refused {
		file := strings.TrimSuffix(filepath.Base(r.File), ".bz2")
		refused[file] = true
		if reason, ok := known[file]; !ok {
			t.Errorf("%s, %s is refused: %s", r.File, r.Place, r.Reason)
		} else if !strings.Contains(r.Reason, reason) {
			t.Errorf("%s, %s is refused because %q, expected because %q", r.File, r.Place, r.Reason, reason)
		}
	}
	for file := range known {
		if !refused[file] {
			t.Errorf("%s is on the list of what is refused, but was not", file)
		}
	}
	return report
}
