package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// One that fails in a group is undone, and the others are written once, whether or not it had written something itself.
func TestOneOfAGroupFails(t *testing.T) {
	for _, c := range []struct {
		what   string
		writes bool
		runs   int // of those that do not fail
	}{{"before it wrote", false, 1}, {"after it wrote", true, 2}} {
		t.Run(c.what, func(t *testing.T) {
			ctx := t.Context()
			s, err := Open(ctx, filepath.Join(t.TempDir(), "record.db"), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			runs := map[string]int{}
			write := func(name string) func(store.Tx) error {
				return func(tx store.Tx) error {
					runs[name]++
					tx.Audit([]byte(name))
					return tx.SetSecret(ctx, "group", name, []byte{1})
				}
			}
			started, release := make(chan struct{}), make(chan struct{})
			steps := []func(store.Tx) error{
				func(tx store.Tx) error {
					if runs["first"] == 0 {
						close(started)
						<-release
					}
					return write("first")(tx)
				},
				func(tx store.Tx) error {
					if err := tx.SetPatientKey(ctx, 7, []byte("key")); err != nil {
						return err
					}
					return write("second")(tx)
				},
				func(tx store.Tx) error {
					if c.writes {
						if err := tx.SetPatientKey(ctx, 9, []byte("key")); err != nil {
							return err
						}
						_ = write("third")(tx)
					}
					return store.ErrConflict
				},
				write("fourth"),
			}
			ends := make([]chan error, len(steps))
			for i, f := range steps {
				ends[i] = make(chan error, 1)
				go func() { ends[i] <- s.Update(context.WithoutCancel(ctx), f) }()
				if i == 0 {
					<-started
				}
				for len(s.writer.queue) < i { // so that they come in this order
					runtime.Gosched()
				}
			}
			close(release)
			for i, end := range ends {
				if err := <-end; errors.Is(err, store.ErrConflict) != (i == 2) || err != nil && i != 2 {
					t.Errorf("%d: %v", i, err)
				}
			}
			all, err := s.Secrets(ctx, "group")
			if err != nil || len(all) != 3 || all["third"] != nil {
				t.Errorf("written: %v, %v", all, err)
			}
			if runs["first"] != c.runs || runs["second"] != c.runs {
				t.Errorf("runs: %v", runs)
			}
			chunks, err := s.AuditChunks(ctx, writerLane, 0, 10)
			if err != nil || len(chunks) != 1 || string(chunks[0].Body) != "first\nsecond\nfourth\n" {
				t.Errorf("audit log: %+v, %v", chunks, err)
			}
			if _, err := s.PatientKey(ctx, 9); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the key of the patient that was not written: %v", err)
			}
			var last int64
			if err := s.read(ctx, func(c *conn) (err error) {
				last, err = c.number("SELECT value FROM counter WHERE name = 'patient'")
				return err
			}); err != nil || last != 7 {
				t.Errorf("the last patient is %d, not 7 (%v)", last, err)
			}
		})
	}
}
