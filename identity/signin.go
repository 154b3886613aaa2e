package identity

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"github.com/osler-ehr/osler/store"
)

// Attempt is somebody's try to sign in.
type Attempt struct {
	Name     string
	Password string
	Address  netip.Addr // where from, see [ClientAddress]; the zero value is counted as one address
	Device   string     // the device mark that the browser kept from an earlier sign-in, if any
}

// SignedIn is a new session.
type SignedIn struct {
	Token     string // goes into the session cookie; never logged or stored as it is
	Device    string // goes into the device cookie
	Principal Principal
}

// SignIn checks a name and a password and starts a session. A session that the browser had before is to be ended
// by the caller; the new one has a new token in any case.
//
// The answer to a wrong name is the same as to a wrong password, in words, work and effect. Errors are
// [ErrBadCredentials], [ErrThrottled] and [ErrBusy].
func (s *Service) SignIn(ctx context.Context, a Attempt) (SignedIn, error) {
	folded := foldName(a.Name)
	if len(a.Name) > 4*maxNameRunes {
		folded = "" // nobody's, and counted like any
	}
	cred, err := s.readCredential(ctx, folded)
	if err != nil {
		return SignedIn{}, err
	}
	buckets := []bucket{s.nameBucket(folded, "")}
	if mark := s.device.known(a.Device, cred.Account); mark != "" {
		buckets[0] = s.nameBucket(folded, mark) // and its address is no stranger's
	} else {
		buckets = append(buckets, s.addressBucket(a.Address))
	}
	return s.checkPassword(ctx, cred, a, buckets, "")
}

// checkPassword compares the password and then counts the failure, or starts a session in place of the one with
// the token given, if any.
func (s *Service) checkPassword(ctx context.Context, cred credential, a Attempt, buckets []bucket, replaces string) (SignedIn, error) {
	if err := s.throttled(ctx, buckets); err != nil {
		return SignedIn{}, err // without standing in the queue
	}
	release, err := s.hasher.acquire(ctx)
	if err != nil {
		return SignedIn{}, err
	}
	// Held until the outcome is written: attempts that are made at once are counted one by one.
	defer release()
	if err := s.throttled(ctx, buckets); err != nil {
		return SignedIn{}, err
	}
	ok, outdated := s.matches(cred, a.Password)
	if !ok {
		return SignedIn{}, s.failed(ctx, cred, a, buckets)
	}
	// From here on the password was right, so time tells nothing to somebody without it.
	if outdated {
		if cred.Hash, err = s.hasher.make(a.Password); err != nil {
			return SignedIn{}, err
		}
	}
	in, err := s.startSession(ctx, cred, a, buckets[0], outdated, replaces)
	if errors.Is(err, ErrBadCredentials) {
		err = s.failed(ctx, cred, a, buckets)
	}
	return in, err
}

func (s *Service) failed(ctx context.Context, cred credential, a Attempt, buckets []bucket) error {
	err := s.store.Update(ctx, func(tx store.Tx) error {
		if err := s.countFailure(ctx, tx, buckets); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: SignInFailed, Account: cred.Account, Address: addressText(a.Address)})
	})
	if err != nil {
		return err
	}
	return ErrBadCredentials
}

// startSession writes what a right password brings about. ErrBadCredentials if the account cannot sign in.
func (s *Service) startSession(ctx context.Context, cred credential, a Attempt, by bucket, outdated bool, replaces string) (SignedIn, error) {
	token, err := s.newSecretToken()
	if err != nil {
		return SignedIn{}, err
	}
	public, err := s.newID()
	if err != nil {
		return SignedIn{}, err
	}
	mark, err := s.device.make(cred.Account, s.rnd)
	if err != nil {
		return SignedIn{}, err
	}
	var account Account
	var ses session
	err = s.store.Update(ctx, func(tx store.Tx) error {
		account, err = s.readAccount(ctx, tx, cred.Account)
		if errors.Is(err, ErrNotFound) || (err == nil && (account.Disabled || account.Has(ProgramRole))) {
			return ErrBadCredentials
		}
		if err != nil {
			return err
		}
		now := s.clock.Now().UTC()
		ses = session{
			Public:     public,
			Account:    account.ID,
			Generation: account.Generation,
			Created:    now,
			AuthAt:     now,
			Seen:       now,
			Address:    addressText(a.Address),
		}
		kind := SignedInEvent
		if replaces != "" {
			kind = ReauthenticatedEvent
			if err := s.replaceSession(ctx, tx, replaces, &ses); err != nil {
				return err
			}
		}
		if outdated {
			if err := s.claimName(ctx, tx, account.SignInName, cred); err != nil {
				return err
			}
		}
		if err := s.vault.drop(ctx, tx, failureSpace, by.name); err != nil {
			return err
		}
		if err := s.vault.put(ctx, tx, sessionSpace, s.vault.name(sessionSpace, token), ses); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: kind, Account: account.ID, By: account.ID, Session: public, Address: ses.Address})
	})
	if err != nil {
		return SignedIn{}, err
	}
	if replaces != "" {
		s.sessions.drop(s.vault.name(sessionSpace, replaces))
	}
	return SignedIn{Token: token, Device: mark, Principal: s.sessionPrincipal(&account, &ses)}, nil
}

// decoy stands in for the credential of a name that has none, so that the work is the same.
type decoy struct {
	name   string
	sealed []byte
	hash   string
}

// newDecoy makes a hash that no password has, since it is random and not the hash of anything.
func (s *Service) newDecoy() (decoy, error) {
	random := make([]byte, saltSize+hashSize)
	if _, err := io.ReadFull(s.rnd, random); err != nil {
		return decoy{}, fmt.Errorf("reading randomness: %w", err)
	}
	d := decoy{
		name: s.vault.name(signInSpace, "\x00nobody"),
		hash: s.hasher.scheme.encode(random[:saltSize], random[saltSize:]),
	}
	var err error
	d.sealed, err = s.vault.seal(signInSpace, d.name, credential{Hash: d.hash})
	return d, err
}

// readCredential returns what a name leads to, or the decoy.
func (s *Service) readCredential(ctx context.Context, folded string) (credential, error) {
	var c credential
	err := s.vault.get(ctx, s.store, signInSpace, s.vault.name(signInSpace, folded), &c)
	if errors.Is(err, store.ErrNotFound) {
		err = s.vault.open(signInSpace, s.decoy.name, s.decoy.sealed, &c)
	}
	return c, err
}

// matches compares a password with a credential, or with the decoy's where there is nothing to compare with.
func (s *Service) matches(c credential, password string) (ok, outdated bool) {
	hash, usable := c.Hash, c.Account != "" && c.Hash != "" && len(password) <= maxPasswordBytes
	if hash == "" {
		hash = s.decoy.hash
	}
	if len(password) > maxPasswordBytes {
		password = ""
	}
	ok, outdated = s.hasher.matches(hash, password)
	return ok && usable, outdated
}

// Reauthenticate checks the password of the person who has a session, for what needs a fresh proof, and goes on
// under a new token. Errors are [ErrSignedOut] and those of SignIn.
func (s *Service) Reauthenticate(ctx context.Context, token, password string, from netip.Addr) (SignedIn, error) {
	p, err := s.Resume(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	account, err := s.Account(ctx, p.ID)
	if err != nil {
		return SignedIn{}, err
	}
	folded := foldName(account.SignInName)
	cred, err := s.readCredential(ctx, folded)
	if err != nil {
		return SignedIn{}, err
	}
	// Whoever has taken over a session must not guess for long; nor may a stranger's guesses stop its owner.
	buckets := []bucket{s.nameBucket(folded, "session "+p.Session)}
	return s.checkPassword(ctx, cred, Attempt{Password: password, Address: from}, buckets, token)
}

// ChangePassword sets a new password for the person who has a session and knows the old one. All sessions of the
// account end; the person goes on under a new one. Errors are [ErrInvalid], about the new password, and those of
// Reauthenticate.
func (s *Service) ChangePassword(ctx context.Context, token, old, password string, from netip.Addr) (SignedIn, error) {
	p, err := s.Resume(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	account, err := s.Account(ctx, p.ID)
	if err != nil {
		return SignedIn{}, err
	}
	if err := CheckPassword(password, account.SignInName, account.DisplayName); err != nil {
		return SignedIn{}, err
	}
	hash, err := s.hashNew(ctx, password) // first: when this fails the session must go on
	if err != nil {
		return SignedIn{}, err
	}
	in, err := s.Reauthenticate(ctx, token, old, from)
	if err != nil {
		return SignedIn{}, err
	}
	name := s.vault.name(sessionSpace, in.Token)
	err = s.store.Update(ctx, func(tx store.Tx) error {
		var ses session
		if err := s.vault.get(ctx, tx, sessionSpace, name, &ses); errors.Is(err, store.ErrNotFound) {
			return ErrSignedOut
		} else if err != nil {
			return err
		}
		a, err := s.readAccount(ctx, tx, ses.Account)
		if err != nil {
			return err
		}
		if a.Disabled || a.Generation != ses.Generation {
			return ErrSignedOut
		}
		if err := s.setPassword(ctx, tx, &a, hash); err != nil {
			return err
		}
		if err := s.dropSetups(ctx, tx, a.ID); err != nil {
			return err
		}
		ses.Generation = a.Generation
		return s.vault.put(ctx, tx, sessionSpace, name, ses)
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.accounts.drop(p.ID)
	s.sessions.drop(name)
	return in, nil
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().WithZone("").String()
}
