package record

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
)

// Reindexing goes through the record once, in the order of keys and in small transactions, and adds the index rows of
// new atoms to what lacks them. How far it came is kept in the same transactions, so that after a kill at any moment it
// goes on from there. Until it has come to the end, searches by a parameter that needs the atoms are refused.

const (
	reindexName  = "reindex"
	reindexBatch = 200  // resources in one transaction
	unindexBatch = 2000 // index rows taken away in one
)

// reindexState is how far reindexing came, as the store keeps it.
type reindexState struct {
	// Ready are the atoms of the record's own parameters of which all rows are there.
	Ready map[string]bool `json:"ready"`
	// Building are those that the present round adds. Others wait for the next one.
	Building []string  `json:"building,omitempty"`
	After    store.Key `json:"after"` // the last key that is done
	// Until is the last key there was when the round began; 0 = not known. What comes behind it was written with the
	// atoms; the walk does not follow it, or it would never end where much is written.
	Until store.Key `json:"until"`
	Done  int64     `json:"done"`  // resources of the types concerned
	Total int64     `json:"total"` // of them, when the round began; 0 = not known
	// Dropping are those whose rows are taken away, because they are not kept up any more.
	Dropping []string `json:"dropping,omitempty"`
}

// secrets are what a state is read from: the store, or a transaction.
type secrets interface {
	Secret(ctx context.Context, space, name string) ([]byte, error)
}

func (r *Record) loadReindex(ctx context.Context, from secrets) (*reindexState, error) {
	st := &reindexState{Ready: map[string]bool{}}
	b, err := absentIsEmpty(from.Secret(ctx, searchSpace, reindexName))
	if err != nil || b == nil {
		return st, err
	}
	if err := json.Unmarshal(b, st); err != nil {
		return nil, fmt.Errorf("how far reindexing came cannot be read: %w", err)
	}
	if st.Ready == nil {
		st.Ready = map[string]bool{}
	}
	return st, nil
}

func (st *reindexState) save(ctx context.Context, tx store.Tx) error {
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return tx.SetSecret(ctx, searchSpace, reindexName, b)
}

// lose puts atoms among those whose rows are to be taken away.
func (st *reindexState) lose(atoms []string) {
	for _, a := range atoms {
		delete(st.Ready, a)
		st.Building = slices.DeleteFunc(st.Building, func(b string) bool { return a == b })
		// One that waits has rows too: of what was written since it was defined.
		if !slices.Contains(st.Dropping, a) {
			st.Dropping = append(st.Dropping, a)
		}
	}
	slices.Sort(st.Dropping)
}

// same reports whether reindexing has not been told to do something else.
func (st *reindexState) same(o *reindexState) bool {
	return st.After == o.After && slices.Equal(st.Building, o.Building) && slices.Equal(st.Dropping, o.Dropping)
}

// Reindex makes what was stored before a search parameter was defined be found by it, and returns when all of it is
// done. It may be ended at any time and goes on from there; several servers may do it at a time, and each does some. Only
// a program on the machine itself may do so.
func (s *Session) Reindex(ctx context.Context) error {
	if s.actor.Scopes != nil || !slices.Contains(s.actor.Roles, access.Program) {
		return &Error{Kind: KindForbidden, Outcome: forbidden("only the program on the server's own machine reindexes")}
	}
	for conflicts := 0; ; {
		begun := time.Now()
		more, err := s.r.reindexStep(ctx)
		pause := min(time.Since(begun), 100*time.Millisecond) // half of the time belongs to others
		switch {
		case errors.Is(err, store.ErrConflict) && conflicts < 100:
			// Another server does the same work: it is left alone, the longer the more often they meet.
			conflicts++
			pause = min(time.Duration(conflicts)*20*time.Millisecond, time.Second)
		case err != nil || !more:
			return err
		default:
			conflicts = 0
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// reindexStep does a little, and tells whether there is more.
func (r *Record) reindexStep(ctx context.Context) (more bool, err error) {
	if err := r.refreshIndex(ctx); err != nil {
		return false, err
	}
	e := r.index.Edition()
	st, err := r.loadReindex(ctx, r.store)
	if err != nil {
		return false, err
	}
	switch {
	case len(st.Dropping) > 0:
		return true, r.dropRows(ctx, st)
	case len(st.Building) == 0:
		return r.beginRound(ctx, e, st)
	}
	return true, r.addRows(ctx, e, st)
}

// change changes the state in a transaction, if it is still what it was.
func (r *Record) change(ctx context.Context, was *reindexState, f func(tx store.Tx, st *reindexState) error) error {
	return r.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Serialize(ctx, reindexThing); err != nil {
			return err
		}
		st, err := r.loadReindex(ctx, tx)
		if err != nil {
			return err
		}
		if !st.same(was) {
			return store.ErrConflict
		}
		if err := f(tx, st); err != nil {
			return err
		}
		return st.save(ctx, tx)
	})
}

// dropRows takes away some rows of the first atom that is not kept up.
func (r *Record) dropRows(ctx context.Context, st *reindexState) error {
	name := st.Dropping[0]
	numbers, err := r.store.Symbols(ctx, []string{name})
	if err != nil {
		return err
	}
	return r.change(ctx, st, func(tx store.Tx, st *reindexState) error {
		n, err := tx.Unindex(ctx, search.KindOf(name), numbers[name], unindexBatch)
		if err == nil && n < unindexBatch {
			st.Dropping = st.Dropping[1:]
		}
		return err
	})
}

// beginRound begins to add the atoms that wait. The transaction comes after all that were prepared with an edition
// which lacks them, so the walk that follows sees what those wrote.
func (r *Record) beginRound(ctx context.Context, e *search.Edition, was *reindexState) (more bool, err error) {
	waiting := slices.DeleteFunc(e.Added(), func(a string) bool { return was.Ready[a] })
	if len(waiting) == 0 {
		return false, nil
	}
	total := int64(0)
	for typ := range e.TypesOf(setOf(waiting)) {
		n, err := r.store.Count(ctx, &store.Plan{Type: typ})
		if errors.Is(err, store.ErrTooCostly) && ctx.Err() == nil { // so many that counting them takes too long
			total = 0
			break
		}
		if err != nil {
			return false, err
		}
		total += n
	}
	return true, r.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Serialize(ctx, editionThing); err != nil {
			return err
		}
		marker, err := absentIsEmpty(tx.Secret(ctx, searchSpace, markerName))
		if err != nil {
			return err
		}
		if string(marker) != e.Marker() {
			return store.ErrConflict
		}
		if err := tx.Serialize(ctx, reindexThing); err != nil {
			return err
		}
		st, err := r.loadReindex(ctx, tx)
		if err != nil {
			return err
		}
		if !st.same(was) {
			return store.ErrConflict
		}
		last, err := tx.LastKey(ctx)
		if err != nil {
			return err
		}
		st.Building, st.After, st.Until, st.Done, st.Total = waiting, -1, max(last, 1), 0, total
		return st.save(ctx, tx)
	})
}

func setOf(names []string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// addRows adds the rows of the next resources, or ends the round.
func (r *Record) addRows(ctx context.Context, e *search.Edition, st *reindexState) error {
	rows, err := r.store.Scan(ctx, st.After, reindexBatch)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(rows, func(row store.Row) bool { return st.Until > 0 && row.Key > st.Until }); i >= 0 {
		rows = rows[:i]
	}
	building := setOf(st.Building)
	types := e.TypesOf(building)
	var add []store.Reindex
	done := int64(0)
	for i := range rows {
		row := &rows[i]
		if !types[row.Key.Type()] {
			continue
		}
		done++
		body, err := r.open(ctx, row)
		if err != nil {
			return err
		}
		doc := fhir.Open(body)
		x := e.Of(r.index.Extract(doc, r.owned(doc, row.Key)), building)
		if !x.Empty() { // if another version is current by then, it was written with the atoms
			add = append(add, store.Reindex{Key: row.Key, Hash: row.Hash, Version: row.Version, Add: *x})
		}
	}
	if r.index.Edition() != e { // what was extracted may lack something
		return store.ErrConflict
	}
	if len(rows) == 0 {
		return r.endRound(ctx, st)
	}
	return r.change(ctx, st, func(tx store.Tx, st *reindexState) error {
		st.After = rows[len(rows)-1].Key
		st.Done += done
		return tx.Reindex(ctx, add)
	})
}

// endRound says that the atoms are ready, and makes all servers know.
func (r *Record) endRound(ctx context.Context, st *reindexState) error {
	err := r.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Serialize(ctx, editionThing); err != nil {
			return err
		}
		if err := tx.Serialize(ctx, reindexThing); err != nil {
			return err
		}
		now, err := r.loadReindex(ctx, tx)
		if err != nil {
			return err
		}
		if !now.same(st) {
			return store.ErrConflict
		}
		for _, a := range now.Building {
			now.Ready[a] = true
		}
		now.Building = nil
		if err := tx.SetSecret(ctx, searchSpace, markerName, newMarker()); err != nil {
			return err
		}
		return now.save(ctx, tx)
	})
	if err != nil {
		return err
	}
	return r.refreshIndex(ctx)
}

// progress tells in words how far reindexing came; "" if it cannot be found out.
func (r *Record) progress(ctx context.Context) string {
	st, err := r.loadReindex(ctx, r.store)
	switch {
	case err != nil:
		return ""
	case len(st.Building) == 0:
		return "indexing begins in a moment"
	}
	if st.Total == 0 {
		return fmt.Sprintf("%d resources are done", st.Done)
	}
	return fmt.Sprintf("%d of %d resources are done", min(st.Done, st.Total), st.Total)
}

// CheckParameters tells which search parameters could not be used, beside those that are and one another.
func (s *Session) CheckParameters(list []search.Custom) []search.Fault {
	return s.r.index.CheckAll(list)
}

// ParameterState is what became of one of the record's own search parameters.
type ParameterState struct {
	search.Custom
	// State is "ready", "indexing", "waiting" for the next round, "present" where HL7's definitions or another resource
	// have it already, or "refused".
	State  string
	Reason string // why it was refused
}

// Reindexing is how far reindexing came.
type Reindexing struct {
	Parameters  []ParameterState
	Building    bool  // a round goes on
	Done, Total int64 // resources of the present round; a total of 0 is not known
}

// Reindexing tells what became of the record's own search parameters.
func (s *Session) Reindexing(ctx context.Context) (*Reindexing, error) {
	if _, err := s.decide(access.Search, "SearchParameter"); err != nil {
		return nil, err
	}
	if err := s.r.refreshIndex(ctx); err != nil {
		return nil, err
	}
	e := s.r.index.Edition()
	st, err := s.r.loadReindex(ctx, s.r.store)
	if err != nil {
		return nil, err
	}
	out := &Reindexing{}
	if out.Building = len(st.Building) > 0; out.Building {
		out.Done, out.Total = st.Done, st.Total
		if st.Total > 0 {
			out.Done = min(st.Done, st.Total)
		}
	}
	for _, c := range e.Custom() {
		p := ParameterState{Custom: c, State: "ready"}
		for _, a := range e.AddedBy(c.ID) {
			switch {
			case slices.Contains(st.Building, a):
				p.State = "indexing"
			case !st.Ready[a] && p.State == "ready":
				p.State = "waiting"
			}
		}
		out.Parameters = append(out.Parameters, p)
	}
	for _, f := range e.Faults() {
		p := ParameterState{Custom: f.Custom, State: "refused", Reason: f.Reason}
		if f.Same {
			p.State, p.Reason = "present", ""
		}
		out.Parameters = append(out.Parameters, p)
	}
	return out, nil
}
