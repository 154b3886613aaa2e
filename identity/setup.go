package identity

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/osler-ehr/osler/store"
)

// setup is what a set-up link leads to.
type setup struct {
	Account string    `json:"account"` // empty: the first administrator, whose account is made at the end
	Expires time.Time `json:"expires"`
}

// SetupLink is what a page needs to know of a link to show its form.
type SetupLink struct {
	First       bool   // whether the person chooses a sign-in name too
	SignInName  string // of the account, unless First
	DisplayName string
	Expires     time.Time
}

// SetupAnswer is what the person filled in.
type SetupAnswer struct {
	SignInName  string // only looked at for the first administrator
	DisplayName string // the same
	Password    string
}

// FirstSetup makes the link token for the first administrator of a new database, and ends earlier ones.
// ErrAlreadySetUp if there is any account.
func (s *Service) FirstSetup(ctx context.Context) (token string, err error) {
	return s.issue(ctx, setup{Expires: s.clock.Now().Add(s.options.FirstLink)}, func(tx store.Tx) (Event, error) {
		return Event{Kind: FirstSetupLinkCreated}, s.noAccounts(ctx, tx)
	})
}

func (s *Service) noAccounts(ctx context.Context, tx store.Tx) error {
	if err := tx.Serialize(ctx, thing("accounts")); err != nil {
		return err
	}
	return each(ctx, s.vault, tx, accountSpace, func(string, Account) error { return ErrAlreadySetUp })
}

// IssueSetup makes the link token with which a person sets a password, the first one or in place of a forgotten
// one, and ends earlier links for the account. ErrNotFound if there is no such account, ErrInvalid if it is
// disabled or a program's.
func (s *Service) IssueSetup(ctx context.Context, account string) (token string, err error) {
	up := setup{Account: account, Expires: s.clock.Now().Add(s.options.SetupLink)}
	return s.issue(ctx, up, func(tx store.Tx) (Event, error) {
		a, err := s.readAccount(ctx, tx, account)
		switch {
		case err != nil:
			return Event{}, err
		case a.Disabled:
			return Event{}, &InvalidError{"account", "it is disabled; enable it first"}
		case a.Has(ProgramRole):
			return Event{}, &InvalidError{"account", "programs sign in with access tokens, not with passwords"}
		}
		return Event{Kind: SetupIssued, Account: account}, nil
	})
}

func (s *Service) issue(ctx context.Context, up setup, check func(store.Tx) (Event, error)) (string, error) {
	token, err := s.newSecretToken()
	if err != nil {
		return "", err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		event, err := check(tx)
		if err != nil {
			return err
		}
		if err := s.dropSetups(ctx, tx, up.Account); err != nil {
			return err
		}
		if err := s.vault.put(ctx, tx, setupSpace, s.vault.name(setupSpace, token), up); err != nil {
			return err
		}
		return s.record(ctx, tx, event)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// dropSetups ends the links for an account.
func (s *Service) dropSetups(ctx context.Context, tx store.Tx, account string) error {
	return each(ctx, s.vault, tx, setupSpace, func(name string, up setup) error {
		if up.Account != account {
			return nil
		}
		return s.vault.drop(ctx, tx, setupSpace, name)
	})
}

// Setup returns what a link is for; ErrBadLink if it does not work (any more).
func (s *Service) Setup(ctx context.Context, token string) (SetupLink, error) {
	up, a, err := s.readSetup(ctx, s.store, token)
	if err != nil {
		return SetupLink{}, err
	}
	return SetupLink{
		First:       up.Account == "",
		SignInName:  a.SignInName,
		DisplayName: a.DisplayName,
		Expires:     up.Expires,
	}, nil
}

// readSetup returns a working link and the account it is for; the account is empty for the first administrator.
func (s *Service) readSetup(ctx context.Context, r store.Reader, token string) (up setup, a Account, err error) {
	err = s.vault.get(ctx, r, setupSpace, s.vault.name(setupSpace, token), &up)
	if errors.Is(err, store.ErrNotFound) || (err == nil && !s.clock.Now().Before(up.Expires)) {
		err = ErrBadLink
	}
	if err != nil || up.Account == "" {
		return up, Account{}, err
	}
	a, err = s.readAccount(ctx, r, up.Account)
	if errors.Is(err, ErrNotFound) || (err == nil && a.Disabled) {
		err = ErrBadLink
	}
	return up, a, err
}

// FinishSetup sets the password, and makes the account if the link is the first administrator's. The link, and
// all others for the account, end; so do the account's sessions. Errors are [ErrBadLink], [ErrInvalid],
// [ErrNameTaken] and [ErrBusy]; after the last three the link still works.
func (s *Service) FinishSetup(ctx context.Context, token string, answer SetupAnswer) (Account, error) {
	up, a, err := s.readSetup(ctx, s.store, token)
	if err != nil {
		return Account{}, err
	}
	if up.Account == "" {
		if a, err = s.firstAdministrator(answer); err != nil {
			return Account{}, err
		}
	}
	if err := CheckPassword(answer.Password, a.SignInName, a.DisplayName); err != nil {
		return Account{}, err
	}
	hash, err := s.hashNew(ctx, answer.Password)
	if err != nil {
		return Account{}, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		up, there, err := s.readSetup(ctx, tx, token) // somebody may have been faster
		if err != nil {
			return err
		}
		if err := s.dropSetups(ctx, tx, up.Account); err != nil {
			return err
		}
		if up.Account == "" {
			if err := s.noAccounts(ctx, tx); err != nil {
				return ErrBadLink
			}
			return s.addAccount(ctx, tx, &a, hash)
		}
		a = there
		return s.setPassword(ctx, tx, &a, hash)
	})
	if err != nil {
		return Account{}, err
	}
	s.accounts.drop(a.ID)
	return a, nil
}

func (s *Service) firstAdministrator(answer SetupAnswer) (Account, error) {
	id, err := s.newID()
	if err != nil {
		return Account{}, err
	}
	a := Account{
		ID:          id,
		SignInName:  answer.SignInName,
		DisplayName: answer.DisplayName,
		Roles:       []Role{Administrator},
		Created:     s.clock.Now().UTC(),
	}
	return a, a.check()
}

// setPassword writes the hash of a new password and ends the account's sessions.
func (s *Service) setPassword(ctx context.Context, tx store.Tx, a *Account, hash string) error {
	a.HasPassword = true
	a.Generation++
	if err := s.claimName(ctx, tx, a.SignInName, credential{a.ID, hash}); err != nil {
		return err
	}
	if err := s.putAccount(ctx, tx, a); err != nil {
		return err
	}
	return s.record(ctx, tx, Event{Kind: PasswordSet, Account: a.ID})
}

// hashNew waits for its turn and hashes a new password.
func (s *Service) hashNew(ctx context.Context, password string) (string, error) {
	release, err := s.hasher.acquire(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	return s.hasher.make(password)
}

// newSecretToken makes a token of 256 random bits, in letters that may stand in an address.
func (s *Service) newSecretToken() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(s.rnd, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness for a token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}
