package sqlite_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/store/storetest"
)

// crashed is what a kill at this moment would leave of an open store: a copy of its files.
func crashed(t *testing.T, path string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "record.db")
	for _, suffix := range []string{"", "-wal", "-audit"} {
		data, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(to+suffix, data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Audit: storetest.Seal})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// entries are those of all chains, each of which must hold together, and how many chains there are.
func entries(t *testing.T, s *sqlite.Store) (out map[string]int, chains int) {
	t.Helper()
	lanes, err := s.AuditLanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out = map[string]int{}
	for _, lane := range lanes {
		chunks, err := s.AuditChunks(t.Context(), lane, 0, 1_000_000)
		if err != nil {
			t.Fatal(err)
		}
		found, err := storetest.Verify(chunks)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			out[string(e)]++
		}
	}
	return out, len(lanes)
}

func each(t *testing.T, got map[string]int, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if n := got[fmt.Sprint("entry ", i)]; n != 1 {
			t.Errorf("entry %d is there %d times", i, n)
		}
	}
	if len(got) != to-from {
		t.Errorf("%d entries, want %d", len(got), to-from)
	}
}

func audit(t *testing.T, s *sqlite.Store, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := s.Audit(t.Context(), fmt.Append(nil, "entry ", i)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJournalAfterACrash(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	s := open(t, path)
	audit(t, s, 0, 20)
	first := crashed(t, path)
	got, chains := entries(t, s) // which folds what the journal has
	each(t, got, 0, 20)
	if chains != 1 {
		t.Errorf("%d chains without a crash", chains)
	}
	folded := crashed(t, path)
	audit(t, s, 20, 30)
	second := crashed(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-audit"); !os.IsNotExist(err) {
		t.Errorf("the journal is there after Close: %v", err)
	}

	for _, c := range []struct {
		name, path string
		n          int
	}{{"before the first fold", first, 20}, {"just after a fold", folded, 20}, {"after more", second, 30}} {
		t.Run(c.name, func(t *testing.T) {
			for n := c.n; n < c.n+3; n++ { // and again and again, with one entry more each time
				s := open(t, c.path)
				got, _ := entries(t, s)
				each(t, got, 0, n)
				audit(t, s, n, n+1)
				c.path = crashed(t, c.path)
				s.Close()
			}
			s := open(t, c.path)
			got, _ := entries(t, s)
			each(t, got, 0, c.n+3)
		})
	}
}

// What was not whole on the disk was not answered; what was before it counts.
func TestTornJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	s := open(t, path)
	audit(t, s, 0, 3)
	whole := crashed(t, path)
	data, err := os.ReadFile(whole + "-audit")
	if err != nil {
		t.Fatal(err)
	}
	end := len(data)
	for end > 0 && data[end-1] == 0 {
		end--
	}
	record := end / 3 // the three are equally long, up to a byte
	for name, damage := range map[string]func([]byte) []byte{
		"cut off":       func(b []byte) []byte { return b[:end-1] },
		"a flipped bit": func(b []byte) []byte { b[end-record/2] ^= 4; return b },
		"zeros":         func(b []byte) []byte { clear(b[end-record/2:]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(whole+"-audit", damage(append([]byte(nil), data...)), 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, crashed(t, whole))
			got, _ := entries(t, s)
			each(t, got, 0, 2)
		})
	}
}

func TestJournalFolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	s := open(t, path)
	var batch [][]byte
	for i := range 5000 {
		batch = append(batch, fmt.Append(nil, "entry ", i))
	}
	if err := s.Audit(t.Context(), batch...); err != nil {
		t.Fatal(err)
	}
	audit(t, s, 5000, 5010)
	if err := s.Update(t.Context(), func(tx store.Tx) error { tx.Audit([]byte("entry 5010")); return nil }); err != nil {
		t.Fatal(err)
	}
	got, chains := entries(t, s)
	each(t, got, 0, 5011)
	if chains != 1 {
		t.Errorf("%d chains", chains)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Audit(t.Context(), []byte("late")); err == nil {
		t.Error("audited after Close")
	}
	if info, err := os.Stat(path + "-audit"); err == nil {
		t.Errorf("the journal is left: %d bytes", info.Size())
	} else if !os.IsNotExist(err) {
		t.Error(err)
	}
}

// A disk that takes no more must not let an access go unnoted.
func TestJournalThatCannotBeWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record.db")
	if err := os.Mkdir(path+"-audit", 0o700); err != nil {
		t.Fatal(err)
	}
	if s, err := sqlite.Open(t.Context(), path, sqlite.Options{Audit: storetest.Seal}); err == nil {
		s.Close()
		t.Error("opened without a journal")
	}
}
