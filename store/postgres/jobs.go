package postgres

import (
	"context"
	"errors"

	"github.com/osler-ehr/osler/store"
)

// Claim leases the next due job. Workers pass over jobs that others are just taking, and wait for nobody.
func (s *Store) Claim(ctx context.Context, kinds []string, now, until int64) (job store.Job, err error) {
	if len(kinds) == 0 {
		return job, store.ErrNotFound
	}
	w, err := s.acquire(ctx)
	if err != nil {
		return job, err
	}
	defer s.release(w)
	found := false
	err = again(ctx, func() error {
		if err := w.connect(ctx); err != nil {
			return errors.Join(errAgain, err)
		}
		rows, err := w.conn.Query(ctx, `UPDATE job SET leased = $3, attempts = attempts + 1 WHERE id = (
				SELECT id FROM job WHERE kind = ANY($1::text[]) AND due <= $2 AND leased <= $2 ORDER BY due, id LIMIT 1 FOR UPDATE SKIP LOCKED)
			RETURNING id, kind, uniq, payload, due, attempts, leased`, kinds, now, until)
		if err == nil {
			err = each(rows, func(v [][]byte) {
				found = true
				job = store.Job{ID: number(v[0]), Kind: string(v[1]), Unique: string(v[2]), Payload: bytesOf(v[3]),
					Due: number(v[4]), Attempts: number(v[5]), Leased: number(v[6])}
			})
		}
		if transient(err) {
			return errors.Join(errAgain, failure(ctx, err))
		}
		return failure(ctx, err)
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return job, err
}
