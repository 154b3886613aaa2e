package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// entries verifies all audit chains and returns their entries with how often each is there.
func (f *fixture) entries() map[string]int {
	f.t.Helper()
	lanes, err := f.s.AuditLanes(f.ctx)
	if err != nil {
		f.t.Fatalf("AuditLanes: %v", err)
	}
	out := map[string]int{}
	seen := map[int64]bool{}
	for _, lane := range lanes {
		if seen[lane] {
			f.t.Errorf("lane %d is listed twice", lane)
		}
		seen[lane] = true
		var seq int64
		var prev []byte
		for {
			chunks, err := f.s.AuditChunks(f.ctx, lane, seq, 3)
			if err != nil {
				f.t.Fatalf("AuditChunks: %v", err)
			}
			if len(chunks) > 3 {
				f.t.Errorf("%d chunks, asked for 3", len(chunks))
			}
			if len(chunks) == 0 {
				break
			}
			for _, c := range chunks {
				if c.Lane != lane || c.Seq != seq+1 {
					f.t.Fatalf("lane %d: chunk %d of lane %d follows chunk %d", lane, c.Seq, c.Lane, seq)
				}
				if !bytes.Equal(c.Prev, prev) {
					f.t.Fatalf("lane %d: chunk %d does not follow the chunk before", lane, c.Seq)
				}
				if !bytes.Equal(c.Hash, chunkHash(lane, c.Seq, prev, c.Body)) {
					f.t.Fatalf("lane %d: chunk %d has another hash than its content", lane, c.Seq)
				}
				if c.At <= 0 {
					f.t.Errorf("lane %d: chunk %d was made at %d", lane, c.Seq, c.At)
				}
				entries, err := unseal(c.Body)
				if err != nil || len(entries) == 0 {
					f.t.Fatalf("lane %d: chunk %d: %d entries, %v", lane, c.Seq, len(entries), err)
				}
				for _, e := range entries {
					out[string(e)]++
				}
				seq, prev = c.Seq, c.Hash
			}
		}
		if seq == 0 {
			f.t.Errorf("lane %d is empty", lane)
		}
	}
	return out
}

func testAudit(t *testing.T, f *fixture) {
	f.equal("an empty log", f.entries(), map[string]int{})
	if chunks, err := f.s.AuditChunks(f.ctx, 12345, 0, 10); err != nil || len(chunks) != 0 {
		t.Errorf("a lane that is not: %d, %v", len(chunks), err)
	}
	want := map[string]int{}
	for i := range 10 {
		a, b, c := fmt.Sprint("alone ", i), fmt.Sprint("with a write ", i), fmt.Sprint("binary \x00\xff ", i)
		if err := f.s.Audit(f.ctx, []byte(a)); err != nil {
			t.Fatal(err)
		}
		f.update(func(tx store.Tx) error {
			tx.Audit([]byte(b))
			tx.Audit([]byte(c))
			_, err := tx.Put(f.ctx, first(1, observation, fmt.Sprint(i), store.Index{}))
			return err
		})
		want[a], want[b], want[c] = 1, 1, 1
	}
	if err := f.s.Audit(f.ctx, []byte("two"), []byte("at once")); err != nil {
		t.Fatal(err)
	}
	want["two"], want["at once"] = 1, 1
	if err := f.s.Audit(f.ctx); err != nil {
		t.Errorf("Audit of nothing: %v", err)
	}
	// Without a write of rows the entry is written all the same.
	f.update(func(tx store.Tx) error { tx.Audit([]byte("only this")); return nil })
	want["only this"] = 1
	f.equal("the log", f.entries(), want)

	if err := f.s.Audit(f.ctx, refused); err == nil {
		t.Error("Audit of what cannot be sealed: no error")
	}
	if err := f.s.Audit(f.ctx, []byte("afterwards")); err != nil {
		t.Errorf("Audit after one that failed: %v", err)
	}
	want["afterwards"] = 1
	f.equal("the log", f.entries(), want)
}

func testAuditUnderLoad(t *testing.T, f *fixture) {
	const writers, each = 256, 3
	err := together(writers, func(g int) error {
		for i := range each {
			id := fmt.Sprint(g, "-", i)
			if err := f.s.Audit(f.ctx, []byte("read "+id)); err != nil {
				return err
			}
			err := f.s.Update(f.ctx, func(tx store.Tx) error {
				tx.Audit([]byte("write " + id))
				_, err := tx.Put(f.ctx, first(int64(g), observation, id, store.Index{}))
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	entries := f.entries()
	if len(entries) != 2*writers*each {
		t.Errorf("%d entries, want %d", len(entries), 2*writers*each)
	}
	for e, n := range entries {
		if n != 1 {
			t.Errorf("%q is there %d times", e, n)
		}
	}
}
