package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/netip"
	"time"

	"github.com/osler-ehr/osler/store"
)

// Wrong passwords are counted per name and per address. After some free attempts each further one makes the next
// wait, twice as long each time but never longer than 15 minutes, so that nobody can keep a clinician out for
// long. Failures are forgotten after a quiet time, those of a name also at a good sign-in.
//
// Counters lie in a fixed number of buckets, chosen by a keyed hash. So the names somebody makes up cannot fill
// the database, and a name without account is counted, and answered, exactly as one with.
const (
	firstDelay     = 5 * time.Second
	maxDelay       = 15 * time.Minute
	nameMemory     = 24 * time.Hour
	addressMemory  = time.Hour
	bucketsPerKind = 1 << 18
)

// failures is the counter of a bucket.
type failures struct {
	Count int       `json:"n"`
	Last  time.Time `json:"last"`
	Until time.Time `json:"until"` // no attempt is looked at before
}

// bucket says where the failures of a kind are counted, and by what rule.
type bucket struct {
	name   string // hashed
	free   int
	memory time.Duration
}

// nameBucket counts for a sign-in name, or, where the browser has proven to have signed in to that account
// before, for that browser. So an attacker's failures do not delay the owner at the usual browser.
func (s *Service) nameBucket(folded, device string) bucket {
	kind, of := "name", folded
	if device != "" {
		kind, of = "device", folded+"\x00"+device
	}
	return s.bucket(kind, of, s.options.FreeByName, nameMemory)
}

// addressBucket counts for an address; IPv6 by its /64 network, which one customer usually has whole.
func (s *Service) addressBucket(a netip.Addr) bucket {
	a = a.Unmap().WithZone("")
	of := a.String()
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			of = p.String()
		}
	}
	return s.bucket("address", of, s.options.FreeByAddress, addressMemory)
}

func (s *Service) bucket(kind, of string, free int, memory time.Duration) bucket {
	h, err := base64.RawURLEncoding.DecodeString(s.vault.name(failureSpace, kind+"\x00"+of))
	if err != nil || len(h) < sha256.Size {
		panic("identity: a hashed name is not as vault.name makes it")
	}
	n := binary.BigEndian.Uint32(h) % bucketsPerKind
	name := binary.BigEndian.AppendUint32([]byte(kind+"\x00bucket "), n)
	return bucket{s.vault.name(failureSpace, string(name)), free, memory}
}

// throttled returns a ThrottledError if one of the buckets must wait.
func (s *Service) throttled(ctx context.Context, buckets []bucket) error {
	var until time.Time
	now := s.clock.Now()
	for _, b := range buckets {
		var f failures
		switch err := s.vault.get(ctx, s.store, failureSpace, b.name, &f); {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		default:
			// Never longer than the longest delay, whatever a clock that was set back makes of it.
			if f.Until.After(now) && f.Until.Sub(now) <= s.options.LongestDelay && f.Until.After(until) {
				until = f.Until
			}
		}
	}
	if !until.IsZero() {
		return &ThrottledError{until}
	}
	return nil
}

// countFailure adds one to each bucket.
func (s *Service) countFailure(ctx context.Context, tx store.Tx, buckets []bucket) error {
	now := s.clock.Now()
	for _, b := range buckets {
		var f failures
		err := s.vault.get(ctx, tx, failureSpace, b.name, &f)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if now.Sub(f.Last) > b.memory {
			f = failures{}
		}
		f.Count++
		f.Last = now
		f.Until = now.Add(delay(f.Count-b.free, s.options.LongestDelay))
		if err := s.vault.put(ctx, tx, failureSpace, b.name, f); err != nil {
			return err
		}
	}
	return nil
}

// delay is how long to wait after the n-th failure that was not free.
func delay(n int, longest time.Duration) time.Duration {
	if n < 0 {
		return 0
	}
	d := firstDelay
	for range n {
		if d *= 2; d >= longest {
			break
		}
	}
	return min(d, longest)
}
