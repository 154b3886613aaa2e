package subscriptions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/osler-ehr/osler/slice"
)

// state is what is known of a subscription beside its resource. It is kept sealed.
type state struct {
	// Generation counts how often the subscription was sent. A worker that does not know of the last time writes nothing.
	Generation int64
	Owner      slice.Owner
	Digest     string // of the resource as the owner has sent it
	Base       string // how the outside world addresses this server
	// Cursor is the number of the change up to which all are looked at.
	Cursor int64
	// Events is the number of the newest event, Delivered of the newest one that the endpoint has taken.
	Events, Delivered int64
	FailingSince      time.Time // zero = the endpoint works
}

// event is one change that the subscription is about.
type event struct {
	N       int64     `json:"n"`
	Change  int64     `json:"c"`
	Type    string    `json:"t"`
	ID      string    `json:"i"`
	Version int64     `json:"v"`
	At      time.Time `json:"a"`
	Action  string    `json:"d"`
	Patient string    `json:"p,omitempty"` // reference to whom it is about: its events stay in order
}

const (
	// perBlock is how many events stand in one file of the event log.
	perBlock = 100
	// keptBlocks is how many such files are kept.
	keptBlocks = 100
)

func valueName(id string) string              { return "subscription " + id }
func blockName(id string, block int64) string { return fmt.Sprintf("events %s/%d", id, block) }
func blockOf(n int64) int64                   { return (n - 1) / perBlock }

// load reads the state of a subscription; nil if it has none.
func (e *engine) load(ctx context.Context, id string) (*state, error) {
	b, err := e.spool.Value(ctx, valueName(id))
	if err != nil || b == nil {
		return nil, err
	}
	st := new(state)
	return st, json.Unmarshal(b, st)
}

// errChanged means that the subscription was sent again meanwhile.
var errChanged = errors.New("the subscription was sent again")

// save writes the state, with more, unless the subscription was sent again meanwhile.
func (e *engine) save(ctx context.Context, id string, st *state, more func(slice.SpoolTx) error) error {
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return e.spool.Update(ctx, func(tx slice.SpoolTx) error {
		now, err := current(ctx, tx, id)
		if err != nil {
			return err
		}
		if now == nil || now.Generation != st.Generation {
			return errChanged
		}
		if err := tx.SetValue(ctx, valueName(id), b); err != nil || more == nil {
			return err
		}
		return more(tx)
	})
}

func current(ctx context.Context, tx slice.SpoolTx, id string) (*state, error) {
	b, err := tx.Value(ctx, valueName(id))
	if err != nil || b == nil {
		return nil, err
	}
	st := new(state)
	return st, json.Unmarshal(b, st)
}

// block reads one file of the event log.
func (e *engine) block(ctx context.Context, id string, block int64) (list []event, err error) {
	b, err := e.spool.File(ctx, blockName(id, block))
	if err != nil || b == nil {
		return nil, err
	}
	return list, json.Unmarshal(b, &list)
}

// after reads events with greater numbers, oldest first, at most limit. Those too old to be kept are left out.
func (e *engine) after(ctx context.Context, id string, st *state, n int64, limit int) (out []event, err error) {
	if st.Events == 0 {
		return nil, nil
	}
	first := max(blockOf(n+1), blockOf(st.Events)-keptBlocks+1, 0)
	for block := first; block <= blockOf(st.Events) && len(out) < limit; block++ {
		list, err := e.block(ctx, id, block)
		if err != nil {
			return nil, err
		}
		for _, ev := range list {
			if ev.N > n && ev.N <= st.Events && len(out) < limit {
				out = append(out, ev)
			}
		}
	}
	return out, nil
}

// appendEvents adds events to the log and moves the cursor in one step, in the spool and then in st. After an error st
// is as it was, and the spool may have either.
func (e *engine) appendEvents(ctx context.Context, id string, st *state, cursor int64, fresh []event) error {
	next := *st
	next.Cursor = cursor
	blocks := map[int64][]event{}
	for _, ev := range fresh {
		next.Events++
		ev.N = next.Events
		b := blockOf(ev.N)
		if blocks[b] == nil {
			old, err := e.block(ctx, id, b)
			if err != nil {
				return err
			}
			for i := range old { // an append that was not committed leaves nothing; one that was is counted in Events
				if old[i].N >= ev.N {
					old = old[:i]
					break
				}
			}
			blocks[b] = old
		}
		blocks[b] = append(blocks[b], ev)
	}
	err := e.save(ctx, id, &next, func(tx slice.SpoolTx) error {
		for b, list := range blocks {
			data, err := json.Marshal(list)
			if err != nil {
				return err
			}
			if err := tx.SetFile(ctx, blockName(id, b), data); err != nil {
				return err
			}
			if b >= keptBlocks {
				if err := tx.SetFile(ctx, blockName(id, b-keptBlocks), nil); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err == nil {
		*st = next
	}
	return err
}

// forget takes away everything about a subscription.
func (e *engine) forget(ctx context.Context, id string) error {
	st, err := e.load(ctx, id)
	if err != nil || st == nil {
		return err
	}
	return e.spool.Update(ctx, func(tx slice.SpoolTx) error {
		if st.Events > 0 {
			for b := max(0, blockOf(st.Events)-keptBlocks); b <= blockOf(st.Events); b++ {
				if err := tx.SetFile(ctx, blockName(id, b), nil); err != nil {
					return err
				}
			}
		}
		if err := tx.SetValue(ctx, tokensName(id), nil); err != nil {
			return err
		}
		return tx.SetValue(ctx, valueName(id), nil)
	})
}
