package record

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/audit"
	"github.com/osler-ehr/osler/store"
)

// commit writes the batch in one transaction, after making sure that what it was based on still holds.
func (b *batch) commit(ctx context.Context) error {
	deleted := int64(0)
	if b.deletes() {
		b.s.r.deleting.Add(1)
		b.s.r.deletions.Add(1)
		defer b.s.r.deleting.Add(-1)
	}
	err := b.s.r.store.Update(ctx, func(tx store.Tx) error {
		deleted = 0
		if err := b.checkEdition(ctx, tx); err != nil {
			return err
		}
		for _, g := range b.guards {
			if err := tx.Serialize(ctx, int64(g.plan.Type)); err != nil {
				return err
			}
			hits, err := tx.Search(ctx, &g.plan)
			if err != nil {
				return err
			}
			if g.beside != nil {
				if !g.same(hits) {
					return errClaims
				}
				continue
			}
			if g.hash == 0 && len(hits) != 0 || g.hash != 0 && (len(hits) != 1 || hits[0].Hash != g.hash) {
				return store.ErrConflict
			}
		}
		if b.raced() {
			if err := b.checkTargets(ctx, tx); err != nil {
				return err
			}
		}
		for _, k := range b.newKeys {
			if err := tx.SetPatientKey(ctx, k.patient, k.wrapped); err != nil {
				return err
			}
		}
		for i, c := range b.changes {
			if c.gone || c.nothing {
				continue
			}
			w := c.write // the transaction may run again, so the prepared write stays as it is
			var err error
			if c.op.Verb == Delete {
				err = tx.Delete(ctx, &w)
				deleted++
			} else {
				w.Row.Key, err = tx.Put(ctx, &w)
			}
			if errors.Is(err, store.ErrConflict) && c.op.IfMatch > 0 {
				return fail(KindPrecondition, "%s/%s is not at version %d any more; read it again and redo the change", c.op.Type, c.id, c.op.IfMatch)
			}
			if err != nil {
				return b.at(i, err)
			}
			c.write.Row.Change = w.Row.Change
		}
		if err := b.checkNew(ctx, tx); err != nil {
			return err
		}
		if deleted > 0 {
			if err := b.checkReferrers(ctx, tx); err != nil {
				return err
			}
		}
		for _, e := range b.entries() {
			tx.Audit(e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range b.newKeys {
		b.s.r.keys.hold(k.patient, k.key)
	}
	return nil
}

// entries are the audit entries of the batch: one for each operation, in few bytes for large ones.
func (b *batch) entries() [][]byte {
	out := make([][]byte, 0, len(b.changes))
	for _, c := range b.changes {
		if c.gone {
			continue
		}
		e := audit.Entry{At: b.now, Actor: b.s.actor.ID, Role: b.s.actor.RoleNames(), Action: c.action.String(), What: c.op.Type + "/" + c.id, Why: c.decision.Reason}
		if c.nothing {
			e.Action, e.Version, e.Patient = access.Read.String(), c.old.Version, c.old.Key.Patient()
		} else {
			e.Version, e.Patient = c.write.Row.Version, c.write.Row.Key.Patient()
		}
		out = append(out, e.Bytes())
	}
	return out
}

func (b *batch) results() []Result {
	out := make([]Result, len(b.changes))
	for i, c := range b.changes {
		v := &out[i].Version
		v.Type, v.ID = c.op.Type, c.id
		switch {
		case c.gone:
			v.Deleted = true
			out[i].Unchanged = true
		case c.nothing:
			v.Version, v.At, v.Change = c.old.Version, time.UnixMilli(c.old.At).UTC(), c.old.Change
			out[i].Unchanged = true
			if c.oldDoc != nil {
				v.Body = c.oldDoc.Bytes()
			}
		default:
			row := &c.write.Row
			v.Version, v.At, v.Change = row.Version, time.UnixMilli(row.At).UTC(), row.Change
			v.Deleted = row.Action == store.Deleted
			out[i].Created = c.old == nil
			if c.doc != nil {
				v.Body = c.doc.Bytes()
			}
		}
	}
	return out
}

// deletes reports whether the batch deletes something.
func (b *batch) deletes() bool {
	return slices.ContainsFunc(b.changes, func(c *change) bool { return c.op.Verb == Delete && !c.gone && !c.nothing })
}

// raced reports whether something that was there when this was prepared may have been deleted since by others.
func (b *batch) raced() bool {
	own := int64(0)
	if b.deletes() {
		own = 1
	}
	r := b.s.r
	return !r.serial || b.deleting || r.deletions.Load() != b.deletions+own
}

// checkNew makes sure that the version of what comes into being under a chosen id follows all that it ever had:
// since this was prepared, others may have made the resource and deleted it again.
func (b *batch) checkNew(ctx context.Context, tx store.Tx) error {
	if !b.raced() {
		return nil
	}
	var hashes []int64
	for _, c := range b.changes {
		if c.op.Verb == Update && c.old == nil && c.doc != nil {
			hashes = append(hashes, c.hash)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	last, err := tx.Retired(ctx, hashes)
	if err != nil {
		return err
	}
	for _, c := range b.changes {
		if c.doc != nil && last[c.hash] >= c.write.Row.Version {
			return store.ErrConflict
		}
	}
	return nil
}
