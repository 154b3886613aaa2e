package record

import (
	"context"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// Check tells what would keep an operation from being carried out, without carrying it out: the error that Do
// would return as things are, nil if none. Nothing is written, but for the audit entry of a look at a resource.
func (s *Session) Check(ctx context.Context, op Op) error {
	b := &batch{s: s, ops: []Op{op}, names: map[string]string{}, made: map[int64]*change{}, patients: map[int64]int64{}}
	c := &change{op: &b.ops[0]}
	b.changes = []*change{c}
	if err := b.identify(ctx, c); err != nil {
		return err
	}
	if op.Verb != Create {
		e := s.entry(access.Read, op.Type+"/"+c.id+"/$validate", c.decision)
		if c.old != nil {
			e.Version, e.Patient = c.old.Version, c.old.Key.Patient()
		}
		if err := s.audited(ctx, e, func() error { return nil }); err != nil {
			return err
		}
	}
	if op.Verb == Delete {
		if c.gone {
			return s.absent(ctx, op.Type, c.id, c.decision.Filter)
		}
		if err := b.build(ctx, 0, c); err != nil { // reads what would go
			return err
		}
		return b.checkReferred(ctx, c)
	}
	if c.gone || c.nothing {
		return nil
	}
	b.made[c.hash] = c
	if err := b.build(ctx, 0, c); err != nil {
		return err
	}
	if err := b.checkParameters(); err != nil {
		return err
	}
	if err := b.checkDefinitions(); err != nil {
		return err
	}
	if err := b.obey(ctx); err != nil {
		return err
	}
	if err := b.keepToDesk(); err != nil {
		return err
	}
	return b.checkTargets(ctx, s.r.store)
}

// checkReferred is checkReferrers outside of a transaction, for a resource that is still there.
func (b *batch) checkReferred(ctx context.Context, c *change) error {
	plan := store.Plan{Where: []store.Cond{store.RefIs{Atoms: b.s.r.index.RefAtoms(), Targets: []int64{c.hash}}}, Limit: 1}
	hits, err := b.s.r.store.Search(ctx, &plan)
	if err != nil {
		return costly(err)
	}
	if len(hits) == 0 && c.op.Type == "Patient" {
		plan.Where, plan.Limit = []store.Cond{store.OwnedBy{Patients: []int64{c.old.Key.Patient()}}}, 2
		if hits, err = b.s.r.store.Search(ctx, &plan); err != nil {
			return costly(err)
		}
		hits = hits[min(1, len(hits)):] // the patient itself
	}
	if len(hits) > 0 {
		return fail(KindConflict, "%s/%s cannot be deleted: other resources refer to it; delete or change those first", c.op.Type, c.id)
	}
	return nil
}
