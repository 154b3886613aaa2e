package record

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// A record's own search parameters are its SearchParameter resources that are active. Every write is indexed by the
// edition of the index that the store says is the current one: its marker stands among the secrets and changes in the
// transaction that changes a parameter, and a transaction that was prepared with another edition is prepared anew. So
// from the change on nothing is written without the rows of a new parameter, and what was written before is found by
// reindexing; see reindex.go.

const (
	searchSpace = "search"
	markerName  = "edition"

	// Things that transactions serialize; the first goes before all others.
	editionThing = math.MinInt64
	reindexThing = math.MinInt64 + 1
)

// newMarker is one that no edition had before.
func newMarker() []byte {
	var b [12]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err) // it never fails: see crypto/rand
	}
	return hex.AppendEncode(nil, b[:])
}

// absentIsEmpty is a secret that need not be there.
func absentIsEmpty(value []byte, err error) ([]byte, error) {
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// Refresh takes note of search parameters and definitions that other processes have changed in the same store. A
// server that shares its store calls it every few seconds; until then it answers as of before.
func (r *Record) Refresh(ctx context.Context) error {
	return errors.Join(r.refreshIndex(ctx), r.refreshDefinitions(ctx))
}

// refreshIndex makes the index work with the store's current edition.
func (r *Record) refreshIndex(ctx context.Context) error {
	r.refreshing.Lock()
	defer r.refreshing.Unlock()
	marker, err := absentIsEmpty(r.store.Secret(ctx, searchSpace, markerName))
	if err != nil || string(marker) == r.index.Edition().Marker() {
		return err
	}
	// The parameters are read after their marker: should they be newer than it, the next look finds another marker.
	custom, err := r.customParameters(ctx)
	if err != nil {
		return err
	}
	e, err := r.index.Next(custom, string(marker))
	if err != nil {
		return err
	}
	numbers, err := r.store.Symbols(ctx, e.AtomNames())
	if err != nil {
		return fmt.Errorf("number the search parameters: %w", err)
	}
	st, err := r.loadReindex(ctx, r.store)
	if err != nil {
		return err
	}
	r.index.Adopt(e, numbers, func(atom string) bool { return !st.Ready[atom] })
	return nil
}

// customParameters reads the active SearchParameter resources.
func (r *Record) customParameters(ctx context.Context) (out []search.Custom, err error) {
	err = r.each(ctx, "SearchParameter", func(doc *fhir.Resource) {
		if isActive(doc) {
			out = append(out, search.ReadCustom(doc))
		}
	})
	return out, err
}

// each gives all current resources of a type to f, whoever may see them.
func (r *Record) each(ctx context.Context, typ string, f func(*fhir.Resource)) error {
	plan := store.Plan{Type: r.index.Number(typ), Limit: 500}
	for {
		hits, err := r.store.Search(ctx, &plan)
		if err != nil {
			return fmt.Errorf("read what is a %s: %w", typ, err)
		}
		for i := range hits {
			body, err := r.open(ctx, &hits[i].Row)
			if err != nil {
				return err
			}
			f(fhir.Open(body))
		}
		if len(hits) < plan.Limit {
			return nil
		}
		last := hits[len(hits)-1]
		plan.After = &store.Cursor{Values: last.Sort, Key: last.Key}
	}
}

func isActive(parameter *fhir.Resource) bool {
	return parameter != nil && parameter.Get("status").Text() == "active"
}

// checkParameters refuses active search parameters by which nothing could be found. Those of one transaction are
// checked together, because a composite may be made of others. What is restored was accepted once.
func (b *batch) checkParameters() error {
	var all []search.Custom
	places := map[string]int{}
	for i, c := range b.changes {
		if c.op.Type == "SearchParameter" && c.op.Restore == nil && isActive(c.doc) {
			places[c.id] = i
			all = append(all, search.ReadCustom(c.doc))
		}
	}
	if all == nil {
		return nil
	}
	for _, f := range b.s.r.index.CheckAll(all) {
		if i, ok := places[f.ID]; ok && !f.Same {
			return b.at(i, failAt(KindInvalid, "SearchParameter.expression", "this search parameter cannot be used: %s. Mend it, or give it the status draft", f.Reason))
		}
	}
	return nil
}

// changesParameters reports whether the batch changes what searches can be made by.
func (b *batch) changesParameters() bool {
	for _, c := range b.changes {
		if c.op.Type == "SearchParameter" && !c.gone && !c.nothing && (isActive(c.doc) || isActive(c.oldDoc)) {
			return true
		}
	}
	return false
}

// checkEdition makes sure, in the transaction, that the batch was indexed by the edition that is current, and stays so
// until the transaction ends. On a store that many processes share the store says which that is.
func (b *batch) checkEdition(ctx context.Context, tx store.Tx) error {
	r := b.s.r
	if b.edition != r.index.Edition() {
		return store.ErrConflict
	}
	if err := b.checkMarker(ctx, tx); err != nil {
		return err
	}
	if !b.s.r.serial && b.edition.Building() {
		if err := b.lockReplaced(ctx, tx); err != nil {
			return err
		}
	}
	if b.changesDefinitions() { // after the locks, so that nobody waits in a circle
		return tx.SetSecret(ctx, searchSpace, definitionsName, newMarker())
	}
	return nil
}

// lockReplaced locks the versions that the batch replaces, while reindexing may add rows to them, in a statement of its
// own: those behind it then see, and take away, what reindexing has added before.
func (b *batch) lockReplaced(ctx context.Context, tx store.Tx) error {
	var rows []store.Reindex
	for _, c := range b.changes {
		if c.old != nil && !c.gone && !c.nothing {
			rows = append(rows, store.Reindex{Key: c.old.Key, Hash: c.hash, Version: c.old.Version})
		}
	}
	return tx.Reindex(ctx, rows)
}

func (b *batch) checkMarker(ctx context.Context, tx store.Tx) error {
	r, changes := b.s.r, b.changesParameters()
	if !changes && r.serial {
		return nil
	}
	if changes {
		if err := tx.Serialize(ctx, editionThing); err != nil {
			return err
		}
	}
	if err := tx.Assert(ctx, editionThing, searchSpace, markerName, []byte(b.edition.Marker())); err != nil || !changes {
		return err
	}
	if err := b.loseAtoms(ctx, tx); err != nil {
		return err
	}
	return tx.SetSecret(ctx, searchSpace, markerName, newMarker())
}

// loseAtoms notes that the rows of parameters that end, or become others, are not kept up any more.
func (b *batch) loseAtoms(ctx context.Context, tx store.Tx) error {
	var lost []string
	for _, c := range b.changes {
		if c.op.Type != "SearchParameter" || c.gone || c.nothing || !isActive(c.oldDoc) {
			continue
		}
		if isActive(c.doc) && sameParameter(c.oldDoc, c.doc) {
			continue
		}
		lost = append(lost, b.edition.AddedBy(c.id)...)
	}
	if lost == nil {
		return nil
	}
	if err := tx.Serialize(ctx, reindexThing); err != nil {
		return err
	}
	st, err := b.s.r.loadReindex(ctx, tx)
	if err != nil {
		return err
	}
	st.lose(lost)
	return st.save(ctx, tx)
}

// sameParameter reports whether two versions of a SearchParameter find the same.
func sameParameter(a, b *fhir.Resource) bool {
	for _, name := range []string{"url", "code", "base", "type", "expression", "target", "component"} {
		if !bytes.Equal(a.Get(name).Raw(), b.Get(name).Raw()) {
			return false
		}
	}
	return true
}
