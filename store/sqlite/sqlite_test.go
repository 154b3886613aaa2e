package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store {
		s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "record.db"), sqlite.Options{Audit: storetest.Seal})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
		return s
	})
}

func BenchmarkStore(b *testing.B) {
	s, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "record.db"), sqlite.Options{Audit: storetest.Seal})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	storetest.Benchmark(b, s, nil)
}
