package record

import (
	"context"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// seal makes the index rows and the sealed body.
func (b *batch) seal(ctx context.Context, c *change) error {
	r, w := b.s.r, &c.write
	var old *store.Index
	if c.old != nil {
		old = r.index.Extract(c.oldDoc, r.owned(c.oldDoc, c.old.Key))
	}
	if c.op.Verb == Delete {
		w.Row = store.Row{Key: c.old.Key, Hash: c.hash, ID: c.id, Version: c.old.Version + 1, At: b.now.UnixMilli(), Org: c.old.Org, Labels: c.old.Labels, Action: store.Deleted}
		if v := c.op.Restore; v != nil {
			w.Row.Version, w.Row.At = v.Version, v.At.UnixMilli()
		}
		w.Expect, w.OldKey, w.Remove = c.old.Version, c.old.Key, *old
		return nil
	}
	w.Add = *r.index.Extract(c.doc, r.owned(c.doc, w.Row.Key))
	switch {
	case old == nil:
	case w.Fresh: // all rows carry the key, so all are written anew
		w.Remove = *old
	default:
		w.Add, w.Remove = search.Diff(old, &w.Add)
	}
	key, err := b.key(ctx, w.Row.Key.Patient())
	if err != nil {
		return err
	}
	packed := r.codec.Pack(make([]byte, 0, len(c.doc.Bytes())/2), c.doc.Bytes())
	w.Row.Body = key.Seal(make([]byte, 0, len(packed)+keys.Overhead), packed, aad(c.op.Type, &w.Row))
	return nil
}

// owned reports whether the key says which patient the owning element names.
func (r *Record) owned(doc *fhir.Resource, key store.Key) bool {
	ref, single := r.index.Owner(doc)
	return ref != "" && single && key.Patient() != 0
}

func (b *batch) key(ctx context.Context, patient int64) (*keys.Key, error) {
	for _, k := range b.newKeys {
		if k.patient == patient {
			return k.key, nil
		}
	}
	return b.s.r.keys.of(ctx, patient)
}
