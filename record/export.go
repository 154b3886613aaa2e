package record

import (
	"context"
	"errors"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// Walk gives every current resource that the actor may see to f, in the order of the record: what belongs
// to no patient, then patient by patient. With history, the superseded versions and deletions of a resource
// come before its current one, oldest first; deleted resources come at the end.
func (s *Session) Walk(ctx context.Context, history bool, f func(*Version) error) error {
	d, err := s.decide(access.Search, "")
	if err != nil {
		return err
	}
	e := s.entry(access.Search, "export", d)
	if err := s.audited(ctx, e, func() error { return nil }); err != nil {
		return err
	}
	give := func(row *store.Row) error {
		v, err := s.r.version(ctx, row)
		if err != nil {
			return err
		}
		return f(v)
	}
	after := store.Key(-1)
	for {
		rows, err := s.r.store.Scan(ctx, after, 500)
		if err != nil {
			return err
		}
		for i := range rows {
			row := &rows[i]
			if !visible(d.Filter, row) {
				continue
			}
			if history && row.Version > 1 {
				old, err := s.r.store.History(ctx, store.HistoryPlan{Hash: row.Hash})
				if err != nil {
					return err
				}
				for j := len(old) - 1; j >= 0; j-- {
					if old[j].Version != row.Version && visible(d.Filter, &old[j]) {
						if err := give(&old[j]); err != nil {
							return err
						}
					}
				}
			}
			if err := give(row); err != nil {
				return err
			}
		}
		if len(rows) < 500 {
			break
		}
		after = rows[len(rows)-1].Key
	}
	if !history {
		return nil
	}
	return s.walkDeleted(ctx, d.Filter, give)
}

// walkDeleted gives the versions of resources that are deleted now, found by the change log.
func (s *Session) walkDeleted(ctx context.Context, f store.Filter, give func(*store.Row) error) error {
	for since := int64(0); ; {
		changes, err := s.r.store.Changes(ctx, since, 1000)
		if err != nil || len(changes) == 0 {
			return err
		}
		for _, c := range changes {
			since = c.Seq
			if c.Action != store.Deleted {
				continue
			}
			if _, err := s.r.store.Read(ctx, c.Hash); !errors.Is(err, store.ErrNotFound) {
				if err != nil {
					return err
				}
				continue
			}
			old, err := s.r.store.History(ctx, store.HistoryPlan{Hash: c.Hash})
			if err != nil {
				return err
			}
			if len(old) == 0 || old[0].Version != c.Version || !visible(f, &old[0]) { // deleted again later: then
				continue
			}
			for j := len(old) - 1; j >= 0; j-- {
				if !visible(f, &old[j]) {
					continue
				}
				if err := give(&old[j]); err != nil {
					return err
				}
			}
		}
	}
}
