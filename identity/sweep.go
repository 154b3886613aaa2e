package identity

import (
	"context"
	"errors"

	"github.com/osler-ehr/osler/store"
)

// Sweep removes sessions, links, revocations and counters that mean nothing any more. It is to be called now and
// then, such as every hour; nothing depends on it but the size of the database.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(
		sweep(ctx, s, sessionSpace, func(ses session) bool { return !s.clock.Now().Before(ses.Created.Add(s.options.Absolute)) }),
		sweep(ctx, s, setupSpace, func(up setup) bool { return !s.clock.Now().Before(up.Expires) }),
		sweep(ctx, s, revokedSpace, func(r revocation) bool { return !s.clock.Now().Before(r.Expires) }),
		sweep(ctx, s, failureSpace, func(f failures) bool { return s.clock.Now().Sub(f.Last) > max(nameMemory, addressMemory) }),
	)
}

// sweepBatch is how many values are removed in one transaction, so that others need not wait for long.
const sweepBatch = 500

func sweep[T any](ctx context.Context, s *Service, in space, stale func(T) bool) error {
	var names []string
	err := each(ctx, s.vault, s.store, in, func(name string, value T) error {
		if stale(value) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for len(names) > 0 {
		batch := names[:min(len(names), sweepBatch)]
		names = names[len(batch):]
		err := s.store.Update(ctx, func(tx store.Tx) error {
			for _, name := range batch {
				var value T
				err := s.vault.get(ctx, tx, in, name, &value)
				if errors.Is(err, store.ErrNotFound) || (err == nil && !stale(value)) {
					continue // changed since it was listed
				}
				if err != nil {
					return err
				}
				if err := s.vault.drop(ctx, tx, in, name); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
