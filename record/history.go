package record

import (
	"context"
	"encoding/binary"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

const (
	defaultCount = 50
	maxCount     = 1000
)

// History returns versions, newest first.
func (s *Session) History(ctx context.Context, q HistoryQuery) (*HistoryPage, error) {
	d, err := s.decide(access.Read, q.Type)
	if err != nil {
		return nil, err
	}
	plan := store.HistoryPlan{Type: s.r.index.Number(q.Type), Filter: d.Filter, Limit: q.Count}
	if plan.Limit <= 0 {
		plan.Limit = defaultCount
	}
	plan.Limit = min(plan.Limit, maxCount)
	what := q.Type + "/_history"
	if q.ID != "" {
		what = q.Type + "/" + q.ID + "/_history"
		plan.Hash = s.r.index.ResourceOf(q.Type, q.ID)
		if err := s.latestVisible(ctx, plan.Hash, d.Filter); err == store.ErrNotFound {
			e := s.entry(access.Read, what, d)
			e.Why = "not found"
			return nil, s.audited(ctx, e, func() error { return notFound(q.Type, q.ID) })
		} else if err != nil {
			return nil, err
		}
	}
	if !q.Since.IsZero() {
		plan.Since = q.Since.UnixMilli()
	}
	total := int64(-1) // counting everything's versions would cost more than the page
	if q.ID != "" {
		if total, err = s.r.store.HistoryCount(ctx, plan); err != nil {
			return nil, err
		}
	}
	if q.Page != "" {
		plain, err := s.unsealCursor(q.Page, "history|"+what)
		if err != nil || len(plain) != 8 {
			return nil, fail(KindBad, "the page address is damaged or too old; begin again at the first page")
		}
		plan.Before = int64(binary.BigEndian.Uint64(plain))
	}
	count := plan.Limit
	if !q.At.IsZero() {
		plan.Until = q.At.UnixMilli() + 1
		plan.Since = 0
		count, plan.Limit = 1, 1
	} else {
		plan.Limit++
	}
	rows, err := s.r.store.History(ctx, plan)
	if err != nil {
		return nil, err
	}
	page := &HistoryPage{Total: total}
	if len(rows) > count {
		rows = rows[:count]
		page.Next = s.sealCursor(binary.BigEndian.AppendUint64(nil, uint64(rows[count-1].Change)), "history|"+what)
	}
	e := s.entry(access.Read, what, d)
	e.Count = len(rows)
	if len(rows) > 0 && q.ID != "" {
		e.Patient = rows[0].Key.Patient()
	}
	err = s.audited(ctx, e, func() error {
		for i := range rows {
			v, err := s.r.version(ctx, &rows[i])
			if err != nil {
				return err
			}
			page.Versions = append(page.Versions, *v)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}
