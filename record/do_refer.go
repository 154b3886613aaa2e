package record

import (
	"context"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

type target struct {
	hash int64
	op   int
	path string
	name string
}

// existence is where references are looked up: the store, or the transaction.
type existence interface {
	Exists(ctx context.Context, hashes []int64) (map[int64]store.Key, error)
}

// known is what was found when it was looked up before.
type known map[int64]store.Key

// Exists returns what is known, which may be more than is asked for.
func (k known) Exists(context.Context, []int64) (map[int64]store.Key, error) { return k, nil }

// collect notes the local references that must exist. One that the replaced version has already may stay: who
// changes an appointment need not see the condition that it is about, nor have what another system left out.
func (b *batch) collect(i int, c *change) error {
	kept := map[string]bool{}
	if c.oldDoc != nil {
		for n := range c.oldDoc.Strings() {
			if n.Key() == "reference" {
				kept[n.Text()] = true
			}
		}
	}
	for n := range c.doc.Strings() {
		if n.Key() != "reference" {
			continue
		}
		if strings.HasPrefix(n.Text(), "urn:uuid:") && c.op.Type != "Bundle" && !kept[n.Text()] { // it named a part of what was sent, which is not there
			return &Error{Kind: KindInvalid, Outcome: fhir.NewOutcome("not-found", "it refers by urn:uuid to what is not sent with it; send both in one transaction, with that as the fullUrl", n.Location())}
		}
		ref, ok := fhir.ParseReference(n.Text())
		if !ok || ref.Kind != fhir.RelativeTarget || b.s.r.index.Number(ref.Type) == 0 {
			continue
		}
		h := b.s.r.index.ResourceOf(ref.Type, ref.ID)
		switch m := b.made[h]; {
		case m != nil && m.action != access.Delete, m == nil && kept[n.Text()]:
			continue
		}
		b.targets = append(b.targets, target{h, i, c.op.Type, ref.Type})
	}
	return nil
}

func (b *batch) checkTargets(ctx context.Context, in existence) error {
	if len(b.targets) == 0 {
		return nil
	}
	hashes := make([]int64, len(b.targets))
	for i, t := range b.targets {
		hashes[i] = t.hash
	}
	slices.Sort(hashes)
	found, err := in.Exists(ctx, slices.Compact(hashes))
	if err != nil {
		return err
	}
	filters := map[string]store.Filter{}
	for _, t := range b.targets {
		key, ok := found[t.hash]
		if ok { // what the actor may not see does not exist for it
			f, known := filters[t.name]
			if !known {
				f = b.s.r.policy.Decide(b.s.actor, access.Search, t.name).Filter
				filters[t.name] = f
			}
			f.Orgs, f.DenyLabels, f.NeedTypes = nil, 0, nil // rows are not read here; naming a resource gives nothing away but that it is there
			ok = visible(f, &store.Row{Key: key})
		}
		if !ok {
			return b.at(t.op, &Error{Kind: KindInvalid, cause: ErrUnresolved, Outcome: fhir.NewOutcome("not-found", "it refers to a "+t.name+" that does not exist; create that first, or send both in one transaction", t.path)})
		}
		if m := b.made[t.hash]; m != nil && m.action == access.Delete {
			return b.at(t.op, failAt(KindInvalid, t.path, "it refers to a %s that the same transaction deletes", t.name))
		}
	}
	return nil
}

// checkReferrers makes sure that nothing is left that refers to what was deleted.
func (b *batch) checkReferrers(ctx context.Context, tx store.Tx) error {
	atoms := b.s.r.index.RefAtoms()
	for i, c := range b.changes {
		if c.op.Verb != Delete || c.gone || c.nothing || c.op.Restore != nil { // what was deleted once was free to go
			continue
		}
		left, err := tx.Referrers(ctx, c.hash, atoms)
		if err != nil {
			return err
		}
		if !left && c.op.Type == "Patient" {
			hits, err := tx.Search(ctx, &store.Plan{Where: []store.Cond{store.OwnedBy{Patients: []int64{c.old.Key.Patient()}}}, Limit: 1})
			if err != nil {
				return err
			}
			left = len(hits) > 0
		}
		if left {
			return b.at(i, fail(KindConflict, "%s/%s cannot be deleted: other resources refer to it; delete or change those first", c.op.Type, c.id))
		}
	}
	return nil
}
