package postgres_test

import (
	"context"
	"testing"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/storetest"
)

func open(t testing.TB, url string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, postgres.Options{Audit: storetest.Seal})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	c := postgrestest.Require(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, c.Database(t)) })
}

func BenchmarkStore(b *testing.B) {
	c := postgrestest.Require(b, "shared_buffers=512MB", "max_wal_size=2GB")
	url := c.Database(b)
	s := open(b, url)
	storetest.Benchmark(b, s, c.CPU)
	size, err := s.Size(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d bytes on disk", size)
}
