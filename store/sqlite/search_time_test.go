package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
)

// A search that runs out of its time is too costly; what is no search goes on.
func TestSearchTime(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "record.db"), sqlite.Options{SearchTime: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plan := &store.Plan{Limit: 10}
	if _, err := s.Search(t.Context(), plan); !errors.Is(err, store.ErrTooCostly) {
		t.Errorf("Search: %v, want ErrTooCostly", err)
	}
	if _, err := s.Count(t.Context(), plan); !errors.Is(err, store.ErrTooCostly) {
		t.Errorf("Count: %v, want ErrTooCostly", err)
	}
	if _, err := s.Read(t.Context(), 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Read: %v, want ErrNotFound", err)
	}
}
