package jobs

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/store"
)

const (
	// pageOfChanges is how many changes are read at a time.
	pageOfChanges = 1000
	// pageOfDocuments is how many documents are read at a time.
	pageOfDocuments = 200
	// watchSpace is where the positions of watches stand, in clear: they are numbers of changes.
	watchSpace = "watch"
	// notedAfter is how many changes that a watch does not want may pass before its position is noted all the same.
	notedAfter = 2000
	// maxReads is how often reading one version is tried before it is passed over.
	maxReads = 5
)

// follower follows the change log for one watch.
type follower struct {
	*Runner
	watch   slice.Watch
	session *record.Session
	at      int64 // all changes up to this one are done
	noted   int64 // the position that is in the store
}

// run follows until the context ends. Whatever fails is tried again.
func (f *follower) run(ctx context.Context) {
	failures := 0
	for first := true; ctx.Err() == nil; {
		err := f.guarded(func() error {
			if first {
				if err := f.begin(ctx); err != nil {
					return err
				}
				first = false
			}
			return f.step(ctx)
		})
		if err == nil {
			failures = 0
			continue
		}
		if ctx.Err() != nil {
			break
		}
		failures++
		f.report("a reaction to a change failed; it is tried again", f.watch.Name, err)
		sleep(ctx, backoff(failures))
	}
	if f.at > f.noted {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := f.note(ctx); err != nil { // then some changes are seen twice
			f.report("the position of a watch could not be noted", f.watch.Name, err)
		}
	}
}

// begin finds where to go on.
func (f *follower) begin(ctx context.Context) error {
	b, err := f.Store.Secret(ctx, watchSpace, f.watch.Name)
	if errors.Is(err, store.ErrNotFound) {
		if f.at, err = f.Last(ctx); err != nil {
			return err
		}
		return f.note(ctx)
	}
	if err == nil && len(b) != 8 {
		err = fmt.Errorf("the position of watch %q has %d bytes, not 8", f.watch.Name, len(b))
	}
	if err != nil {
		return err
	}
	f.at = int64(binary.BigEndian.Uint64(b))
	f.noted = f.at
	return nil
}

func (f *follower) note(ctx context.Context) error {
	b := binary.BigEndian.AppendUint64(nil, uint64(f.at))
	if err := f.Store.Update(ctx, func(tx store.Tx) error { return tx.SetSecret(ctx, watchSpace, f.watch.Name, b) }); err != nil {
		return err
	}
	f.noted = f.at
	return nil
}

// step does one page of changes.
func (f *follower) step(ctx context.Context) error {
	page, err := f.After(ctx, f.at, pageOfChanges)
	if err != nil {
		return err
	}
	if len(page) == 0 {
		return f.Wait(ctx, f.at)
	}
	wanted := slices.DeleteFunc(slices.Clone(page), func(c slice.Change) bool {
		return f.watch.Types != nil && !slices.Contains(f.watch.Types, c.Type)
	})
	if err := f.react(ctx, wanted); err != nil {
		return err
	}
	f.at = page[len(page)-1].Number
	if len(wanted) > 0 || f.at-f.noted > notedAfter {
		if err := f.note(ctx); err != nil {
			return err
		}
	}
	if len(page) < pageOfChanges {
		// Under a steady stream of changes the newest few are left to gather until the runner looks again: a page of
		// one costs nearly what a page of many does.
		return f.Wait(ctx, f.at)
	}
	return nil
}

// react tells the watch of changes.
func (f *follower) react(ctx context.Context, changes []slice.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if f.watch.Page != nil {
		return f.watch.Page(ctx, f.session, newest(changes))
	}
	for some := range slices.Chunk(changes, pageOfDocuments) {
		bodies, err := f.current(ctx, some)
		if err != nil {
			return errors.Join(err, f.noteIfMoved(ctx))
		}
		for _, c := range some {
			if err := f.one(ctx, c, bodies); err != nil {
				return errors.Join(err, f.noteIfMoved(ctx))
			}
			f.at = c.Number
		}
	}
	return nil
}

// newest leaves out changes that a later one of the same resource follows.
func newest(changes []slice.Change) []slice.Change {
	type name struct{ typ, id string }
	last := make(map[name]int64, len(changes))
	for _, c := range changes {
		last[name{c.Type, c.ID}] = c.Number
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c slice.Change) bool { return last[name{c.Type, c.ID}] != c.Number })
}

func (f *follower) noteIfMoved(ctx context.Context) error {
	if f.at == f.noted || ctx.Err() != nil {
		return nil
	}
	return f.note(ctx)
}

// one calls the watch for one change.
func (f *follower) one(ctx context.Context, c slice.Change, bodies map[string]*record.Version) error {
	v := record.Version{Type: c.Type, ID: c.ID, Version: c.Version, At: c.At, Change: c.Number, Action: c.Action, Deleted: c.Action == "delete"}
	if !v.Deleted {
		read := bodies[c.Type+"/"+c.ID]
		if read == nil || read.Version != c.Version {
			var err error
			if read, err = f.superseded(ctx, c); err != nil || read == nil {
				return err
			}
		}
		v.Body = read.Body
	}
	return f.watch.Changed(ctx, f.session, v)
}

// superseded reads a version that is not current any more; nil if it cannot be read, now and for good.
func (f *follower) superseded(ctx context.Context, c slice.Change) (*record.Version, error) {
	for try := 1; ; try++ {
		v, err := f.session.ReadVersion(ctx, c.Type, c.ID, c.Version)
		switch {
		case err == nil:
			return v, nil
		case ctx.Err() != nil:
			return nil, err
		case record.KindOf(err) != 0:
			return nil, nil // it is not for this program, or gone
		case try == maxReads: // one record that is damaged must not hold up all that follow
			f.report("a version cannot be read; the watch passes it over", f.watch.Name, err)
			return nil, nil
		}
		sleep(ctx, backoff(try)/10)
	}
}

// current reads the current versions of what changed, many at a time.
func (f *follower) current(ctx context.Context, changes []slice.Change) (map[string]*record.Version, error) {
	ids := map[string][]string{}
	for _, c := range changes {
		if c.Action != "delete" && !slices.Contains(ids[c.Type], c.ID) {
			ids[c.Type] = append(ids[c.Type], c.ID)
		}
	}
	out := map[string]*record.Version{}
	for typ, list := range ids {
		page, err := f.session.Search(ctx, record.Query{Type: typ, Strict: true, Params: []search.Param{
			{Name: "_id", Value: strings.Join(list, ",")}, {Name: "_count", Value: fmt.Sprint(len(list))},
		}})
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			continue // each is read by itself then, and what is at fault found
		}
		for i := range page.Entries {
			e := &page.Entries[i]
			out[e.Type+"/"+e.ID] = &e.Version
		}
	}
	return out, nil
}
