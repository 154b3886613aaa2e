package postgres_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/storetest"
)

var options = postgres.Options{Audit: storetest.Seal, Readers: 2, Writers: 2}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	for url, want := range map[string]string{
		"postgres://db.example/osler":                    "sslmode=verify-full",
		"postgres://db.example/osler?sslmode=disable":    "sslmode=verify-full",
		"postgres://db.example/osler?sslmode=prefer":     "sslmode=verify-full",
		"postgres://db.example/osler?sslmode=require":    "sslmode=verify-full",
		"postgres://10.0.0.7/osler":                      "sslmode=verify-full",
		"postgres://localhost,db.example/osler":          "sslmode=verify-full",
		"postgres://user:pass word@127.0.0.1:port/osler": "looks like",
		"postgres://127.0.0.1:1/osler?connect_timeout=1": "connect to the database",
		"host=/nowhere dbname=osler connect_timeout=1":   "connect to the database",
		"postgres://u:s3cret@127.0.0.1:x/osler":          "looks like",
	} {
		s, err := postgres.Open(ctx, url, options)
		if err == nil {
			s.Close()
			t.Errorf("Open(%s): no error", url)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("Open(%s): %v, want it to say %q", url, err, want)
		}
	}
}

func TestOpenChecksTheServer(t *testing.T) {
	c := postgrestest.Require(t)
	ctx := context.Background()
	refuses := func(url, want string) {
		t.Helper()
		s, err := postgres.Open(ctx, url, options)
		if err == nil {
			s.Close()
			t.Errorf("Open: no error, want one that says %q", want)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("Open: %v, want it to say %q", err, want)
		}
	}
	url := c.Database(t)
	refuses(url+"&synchronous_commit=off", "synchronous_commit=off")
	if _, err := postgres.Open(ctx, url, postgres.Options{}); err == nil {
		t.Error("Open without a sealer: no error")
	}
	newer := c.Database(t)
	if s, err := postgres.Open(ctx, newer, options); err != nil {
		t.Fatal(err)
	} else {
		s.Close()
	}
	if err := postgrestest.Exec(newer, "INSERT INTO schema_version VALUES (99)"); err != nil {
		t.Fatal(err)
	}
	refuses(newer, "newer osler")
	ascii := c.URL("ascii")
	if err := postgrestest.Exec(c.URL("postgres"), "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"); err != nil {
		t.Fatal(err)
	}
	refuses(ascii, "ENCODING 'UTF8'")
	if err := c.Restart("fsync=off"); err != nil {
		t.Fatal(err)
	}
	refuses(url, "fsync=off")
}

// Several processes open an empty database at once; what one writes, the next process finds.
func TestOpenTogether(t *testing.T) {
	c := postgrestest.Require(t)
	url := c.Database(t)
	ctx := context.Background()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			s, err := postgres.Open(ctx, url, options)
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()

	put := func(s store.Store, hash int64) {
		t.Helper()
		err := s.Update(ctx, func(tx store.Tx) error { _, err := tx.Put(ctx, create(1, hash)); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	one, err := postgres.Open(ctx, url, options)
	if err != nil {
		t.Fatal(err)
	}
	put(one, 1)
	last, err := one.LastChange(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if err := one.Update(ctx, func(store.Tx) error { return nil }); err == nil {
		t.Error("Update after Close: no error")
	}
	if err := one.Audit(ctx, []byte("x")); err == nil {
		t.Error("Audit after Close: no error")
	}
	// A record restored on a server with lower transaction numbers: as if the old ones had been higher.
	if err := postgrestest.Exec(url, "UPDATE change SET seq = seq + (100000::bigint << 16); UPDATE resource SET change = change + (100000::bigint << 16)"); err != nil {
		t.Fatal(err)
	}
	two, err := postgres.Open(ctx, url, options)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	put(two, 2)
	changes, err := two.Changes(ctx, last+(100000<<16), 10)
	if err != nil || len(changes) != 1 || changes[0].Hash != 2 {
		t.Errorf("changes after the move: %+v, %v, want the new one", changes, err)
	}
	if row, err := two.Read(ctx, 1); err != nil || row.Version != 1 {
		t.Errorf("what the process before has written: %+v, %v", row, err)
	}
}
