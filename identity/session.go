package identity

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/osler-ehr/osler/store"
)

// session is a sign-in session as it is kept, under the hash of its token.
type session struct {
	Public     string    `json:"public"` // a name that may be shown and logged
	Account    string    `json:"account"`
	Generation int64     `json:"generation"` // of the account, when the session began
	Created    time.Time `json:"created"`    // also counts for sessions that this one replaced
	AuthAt     time.Time `json:"authAt"`
	Seen       time.Time `json:"seen"` // the last request, give or take seenEvery
	Address    string    `json:"address,omitempty"`
}

// seenEvery is how often the time of the last request is written. Another process, or this one after a restart,
// may take a session for idle so much too early; never too late.
const seenEvery = 30 * time.Second

// liveSession is a session in use in this process.
type liveSession struct {
	mu      sync.Mutex
	session session
	seen    time.Time // the last request in this process
}

// Session is a session as a person may see it in a list.
type Session struct {
	ID      string // its public name
	Account string
	Created time.Time
	Seen    time.Time
	Address string
}

// Resume returns whose session it is, and counts as activity. Errors are [ErrSignedOut] and [ErrExpired].
func (s *Service) Resume(ctx context.Context, token string) (Principal, error) {
	if token == "" {
		return Principal{}, ErrSignedOut
	}
	name := s.vault.name(sessionSpace, token)
	live, err := s.liveSession(ctx, name)
	if err != nil {
		return Principal{}, err
	}
	account, err := s.currentAccount(ctx, live.session.Account)
	if errors.Is(err, ErrNotFound) {
		return Principal{}, ErrSignedOut
	}
	if err != nil {
		return Principal{}, err
	}
	ses, touch, err := s.use(live, &account)
	if err != nil {
		s.sessions.drop(name)
		return Principal{}, err
	}
	if touch {
		if err := s.touch(ctx, name, ses.Seen); err != nil {
			return Principal{}, err
		}
	}
	return s.sessionPrincipal(&account, &ses), nil
}

// liveSession finds a session here or in the store.
func (s *Service) liveSession(ctx context.Context, name string) (*liveSession, error) {
	now := s.clock.Now()
	before, fresh, known := s.sessions.get(name, now)
	if fresh {
		return before, nil
	}
	mark := s.sessions.mark()
	live := &liveSession{}
	err := s.vault.get(ctx, s.store, sessionSpace, name, &live.session)
	if errors.Is(err, store.ErrNotFound) {
		if known {
			s.sessions.drop(name)
		}
		return nil, ErrSignedOut
	}
	if err != nil {
		return nil, err
	}
	live.seen = live.session.Seen
	if known {
		before.mu.Lock()
		live.seen = later(live.seen, before.seen)
		before.mu.Unlock()
	}
	s.sessions.put(name, live, now, mark)
	return live, nil
}

// use decides whether a session is still good, and notes that it is used now. It also tells whether the use is to
// be written.
func (s *Service) use(live *liveSession, a *Account) (ses session, touch bool, err error) {
	live.mu.Lock()
	defer live.mu.Unlock()
	ses = live.session
	ses.Seen = later(ses.Seen, live.seen)
	if err := s.alive(&ses, a); err != nil {
		return ses, false, err
	}
	now := s.clock.Now().UTC()
	live.seen = later(live.seen, now)
	ses.Seen = live.seen
	if now.Sub(live.session.Seen) >= seenEvery {
		live.session.Seen = now // one of the requests that come together writes
		touch = true
	}
	return ses, touch, nil
}

// alive says why a session is not good any more, if it is not.
func (s *Service) alive(ses *session, a *Account) error {
	now := s.clock.Now()
	switch {
	case a.Disabled, a.Generation != ses.Generation:
		return ErrSignedOut
	case !now.Before(ses.Created.Add(s.options.Absolute)), now.Sub(ses.Seen) >= s.idle(a):
		return ErrExpired
	}
	return nil
}

func (s *Service) idle(a *Account) time.Duration {
	if a.onlyPatient() {
		return s.options.IdlePatient
	}
	return s.options.IdleClinical
}

// touch writes that a session was used. A session that was ended meanwhile stays so.
func (s *Service) touch(ctx context.Context, name string, seen time.Time) error {
	err := s.store.Update(ctx, func(tx store.Tx) error {
		var ses session
		if err := s.vault.get(ctx, tx, sessionSpace, name, &ses); errors.Is(err, store.ErrNotFound) {
			return ErrSignedOut
		} else if err != nil {
			return err
		}
		ses.Seen = later(ses.Seen, seen)
		return s.vault.put(ctx, tx, sessionSpace, name, ses)
	})
	if errors.Is(err, store.ErrReadOnly) {
		return nil // people can go on reading; at worst the session idles out early
	}
	return err
}

func (s *Service) sessionPrincipal(a *Account, ses *session) Principal {
	p := a.principal()
	p.Session = ses.Public
	p.AuthAt = ses.AuthAt
	p.Expires = ses.Created.Add(s.options.Absolute)
	return p
}

// replaceSession ends a session in favour of its successor, which cannot live longer than it could have.
func (s *Service) replaceSession(ctx context.Context, tx store.Tx, token string, by *session) error {
	name := s.vault.name(sessionSpace, token)
	var old session
	err := s.vault.get(ctx, tx, sessionSpace, name, &old)
	if errors.Is(err, store.ErrNotFound) || (err == nil && (old.Account != by.Account || old.Generation != by.Generation)) {
		return ErrSignedOut
	}
	if err != nil {
		return err
	}
	by.Created = old.Created
	return s.vault.drop(ctx, tx, sessionSpace, name)
}

// SignOut ends a session. It is no error if there is none.
func (s *Service) SignOut(ctx context.Context, token string) error {
	name := s.vault.name(sessionSpace, token)
	err := s.store.Update(ctx, func(tx store.Tx) error {
		var ses session
		switch err := s.vault.get(ctx, tx, sessionSpace, name, &ses); {
		case errors.Is(err, store.ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		if err := s.vault.drop(ctx, tx, sessionSpace, name); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: SignedOutEvent, Account: ses.Account, Session: ses.Public})
	})
	if err == nil {
		s.sessions.drop(name)
	}
	return err
}

// Sessions lists the sessions of an account that are good now, newest first.
func (s *Service) Sessions(ctx context.Context, account string) ([]Session, error) {
	a, err := s.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	var all []Session
	err = each(ctx, s.vault, s.store, sessionSpace, func(_ string, ses session) error {
		if ses.Account == account && s.alive(&ses, &a) == nil {
			all = append(all, Session{ses.Public, ses.Account, ses.Created, ses.Seen, ses.Address})
		}
		return nil
	})
	slices.SortFunc(all, func(a, b Session) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	return all, err
}

// EndSession ends one session of an account by its public name; ErrNotFound if there is none.
func (s *Service) EndSession(ctx context.Context, account, id string) error {
	var name string
	err := s.store.Update(ctx, func(tx store.Tx) error {
		name = ""
		err := each(ctx, s.vault, tx, sessionSpace, func(n string, ses session) error {
			if ses.Account == account && ses.Public == id {
				name = n
			}
			return nil
		})
		if err != nil {
			return err
		}
		if name == "" {
			return ErrNotFound
		}
		if err := s.vault.drop(ctx, tx, sessionSpace, name); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: SessionEnded, Account: account, Session: id})
	})
	if err == nil {
		s.sessions.drop(name)
	}
	return err
}

// EndSessions ends all sessions and tokens of an account.
func (s *Service) EndSessions(ctx context.Context, account string) error {
	err := s.store.Update(ctx, func(tx store.Tx) error {
		a, err := s.readAccount(ctx, tx, account)
		if err != nil {
			return err
		}
		a.Generation++
		if err := s.putAccount(ctx, tx, &a); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: SessionsOfAllDevices, Account: account})
	})
	if err == nil {
		s.accounts.drop(account)
	}
	return err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
