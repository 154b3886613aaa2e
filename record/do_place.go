package record

import (
	"context"
	"maps"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// place decides whose record each new version is part of.
func (b *batch) place(ctx context.Context) (err error) {
	x := b.s.r.index
	var look []int64 // patients, and resources whose patient is wanted
	owner := make([]int64, len(b.changes))
	for i, c := range b.changes {
		if c.doc == nil {
			continue
		}
		if c.op.Type == "Patient" {
			if c.old != nil {
				b.patients[c.hash] = c.old.Key.Patient()
				continue
			}
			n, err := b.s.r.store.NextPatient(ctx)
			if err != nil {
				return err
			}
			key, wrapped, err := b.s.r.keyring.NewPatientKey(n, b.s.r.random)
			if err != nil {
				return err
			}
			b.patients[c.hash] = n
			b.newKeys = append(b.newKeys, newKey{n, key, wrapped})
			continue
		}
		ref, _ := x.Owner(c.doc)
		if ref == "" {
			ref = x.Near(c.doc)
		}
		if ref != "" {
			if h, ok := x.Target(ref); ok {
				owner[i] = h
				look = append(look, h)
			}
		}
	}
	slices.Sort(look)
	look = slices.Compact(look)
	look = slices.DeleteFunc(look, func(h int64) bool { _, made := b.patients[h]; return made })
	// What stands beside a resource that this batch moves to another record goes with it.
	look = slices.DeleteFunc(look, func(h int64) bool {
		m := b.made[h]
		return m != nil && m.doc != nil && m.op.Type != "Patient"
	})
	ask := slices.Clone(look) // with them what else is referred to, see checkTargets
	for _, t := range b.targets {
		ask = append(ask, t.hash)
	}
	slices.Sort(ask)
	if b.there, err = b.s.r.store.Exists(ctx, slices.Compact(ask)); err != nil {
		return err
	}
	found := make(map[int64]store.Key, len(look))
	for _, h := range look {
		if k, ok := b.there[h]; ok {
			found[h] = k
		}
	}
	if err := b.hide(ctx, found); err != nil {
		return err
	}
	for h, k := range found {
		b.patients[h] = k.Patient()
	}
	for i, c := range b.changes {
		if c.doc == nil {
			continue
		}
		n, err := b.patientOf(i, c, owner)
		if err != nil {
			return b.at(i, err)
		}
		if f := c.decision.Filter; f.Patients != nil && !slices.Contains(f.Patients, n) {
			return b.at(i, &Error{Kind: KindForbidden, Outcome: forbidden("this would change another record than your own")})
		}
		if n == 0 {
			desk, err := b.saysOfTray(ctx, c.doc)
			if err != nil {
				return err
			}
			if desk {
				c.write.Row.Labels |= access.Desk
			}
		}
		w := &c.write
		if c.old != nil && c.old.Key.Patient() == n {
			w.Row.Key = c.old.Key
		} else {
			w.Row.Key, w.Fresh = store.MakeKey(n, x.Number(c.op.Type), 0), true
		}
	}
	return nil
}

// hide takes out what an actor limited to some organisations does not see: nothing is put into the record of
// another organisation's patient.
func (b *batch) hide(ctx context.Context, found map[int64]store.Key) error {
	if b.s.actor.Orgs == nil || len(found) == 0 {
		return nil
	}
	rows, err := b.s.r.store.ReadMany(ctx, slices.Collect(maps.Keys(found)))
	if err != nil {
		return err
	}
	clear(found)
	for i := range rows {
		row := &rows[i]
		if f := b.s.r.policy.Decide(b.s.actor, access.Search, b.s.r.index.NameOf(row.Key)).Filter; visible(f, row) {
			found[row.Hash] = row.Key
		}
	}
	return nil
}

// patientOf follows the owning reference, through other resources of the batch where it leads there.
func (b *batch) patientOf(i int, c *change, owner []int64) (int64, error) {
	for range len(b.changes) {
		if c.op.Type == "Patient" {
			return b.patients[c.hash], nil
		}
		h := owner[i]
		if h == 0 {
			return 0, nil
		}
		if n, ok := b.patients[h]; ok {
			return n, nil
		}
		next := b.made[h]
		if next == nil || next.doc == nil {
			if ref, _ := b.s.r.index.Owner(c.doc); ref == "" {
				return 0, nil // a Provenance of what is not here
			}
			return 0, &Error{Kind: KindInvalid, cause: ErrUnresolved, Outcome: fhir.NewOutcome("not-found", "the patient it is about does not exist; create the patient first, or send both in one transaction", c.op.Type)}
		}
		i, c = slices.Index(b.changes, next), next
	}
	return 0, nil
}
