package identity

import (
	"cmp"
	"context"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// credential is what a sign-in name leads to.
type credential struct {
	Account string `json:"account"`
	Hash    string `json:"hash"` // empty until the person has set a password
}

// NewAccount is what an account is made from.
type NewAccount struct {
	SignInName   string
	DisplayName  string
	Roles        []Role
	Organisation string
	Resource     string
}

// CreateAccount makes an account without a password; IssueSetup makes the link with which the person sets one.
// Errors are [ErrInvalid] and [ErrNameTaken].
func (s *Service) CreateAccount(ctx context.Context, n NewAccount) (Account, error) {
	id, err := s.newID()
	if err != nil {
		return Account{}, err
	}
	a := Account{
		ID:           id,
		SignInName:   n.SignInName,
		DisplayName:  n.DisplayName,
		Roles:        slices.Clone(n.Roles),
		Organisation: n.Organisation,
		Resource:     n.Resource,
		Created:      s.clock.Now().UTC(),
	}
	if err := a.check(); err != nil {
		return Account{}, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error { return s.addAccount(ctx, tx, &a, "") })
	if err != nil {
		return Account{}, err
	}
	return a, nil
}

// addAccount writes a checked account and its sign-in name.
func (s *Service) addAccount(ctx context.Context, tx store.Tx, a *Account, hash string) error {
	a.HasPassword = hash != ""
	if err := s.claimName(ctx, tx, a.SignInName, credential{a.ID, hash}); err != nil {
		return err
	}
	if err := s.putAccount(ctx, tx, a); err != nil {
		return err
	}
	return s.record(ctx, tx, Event{Kind: AccountCreated, Account: a.ID, Detail: "roles: " + roleList(a.Roles)})
}

// claimName gives a sign-in name to an account; ErrNameTaken if another has it.
func (s *Service) claimName(ctx context.Context, tx store.Tx, name string, c credential) error {
	key := s.vault.name(signInSpace, foldName(name))
	if err := tx.Serialize(ctx, thing(key)); err != nil {
		return err
	}
	var there credential
	switch err := s.vault.get(ctx, tx, signInSpace, key, &there); {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	case there.Account != c.Account:
		return ErrNameTaken
	}
	return s.vault.put(ctx, tx, signInSpace, key, c)
}

// Account returns the account with the ID; ErrNotFound if there is none.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	return s.readAccount(ctx, s.store, id)
}

func (s *Service) readAccount(ctx context.Context, r store.Reader, id string) (Account, error) {
	var a Account
	err := s.vault.get(ctx, r, accountSpace, s.vault.name(accountSpace, id), &a)
	if errors.Is(err, store.ErrNotFound) {
		return Account{}, ErrNotFound
	}
	return a, err
}

// currentAccount is readAccount with a short memory.
func (s *Service) currentAccount(ctx context.Context, id string) (Account, error) {
	now := s.clock.Now()
	if a, fresh, _ := s.accounts.get(id, now); fresh {
		return a, nil
	}
	mark := s.accounts.mark()
	a, err := s.readAccount(ctx, s.store, id)
	if err == nil {
		s.accounts.put(id, a, now, mark)
	}
	return a, err
}

func (s *Service) putAccount(ctx context.Context, tx store.Tx, a *Account) error {
	return s.vault.put(ctx, tx, accountSpace, s.vault.name(accountSpace, a.ID), a)
}

// Accounts returns all accounts, by sign-in name.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	var all []Account
	err := each(ctx, s.vault, s.store, accountSpace, func(_ string, a Account) error {
		all = append(all, a)
		return nil
	})
	slices.SortFunc(all, func(a, b Account) int { return cmp.Compare(foldName(a.SignInName), foldName(b.SignInName)) })
	return all, err
}

// FindAccount returns the account with a sign-in name; ErrNotFound if there is none.
func (s *Service) FindAccount(ctx context.Context, signInName string) (Account, error) {
	var c credential
	err := s.vault.get(ctx, s.store, signInSpace, s.vault.name(signInSpace, foldName(signInName)), &c)
	if errors.Is(err, store.ErrNotFound) {
		return Account{}, ErrNotFound
	}
	if err != nil {
		return Account{}, err
	}
	return s.Account(ctx, c.Account)
}

// ChangeAccount lets change edit an account and writes it. If what the person may do could differ, because of
// roles, organisation, resource or disabling, all of the account's sessions and tokens end. The change function
// may run more than once. Errors are its own, [ErrNotFound], [ErrInvalid], [ErrNameTaken] and
// [ErrLastAdministrator].
func (s *Service) ChangeAccount(ctx context.Context, id string, change func(*Account) error) (Account, error) {
	var after Account
	err := s.store.Update(ctx, func(tx store.Tx) error {
		if err := tx.Serialize(ctx, thing("accounts")); err != nil {
			return err
		}
		before, err := s.readAccount(ctx, tx, id)
		if err != nil {
			return err
		}
		after = before.clone()
		if err := change(&after); err != nil {
			return err
		}
		after.ID, after.Created = before.ID, before.Created
		after.Generation, after.HasPassword = before.Generation, before.HasPassword
		if err := after.check(); err != nil {
			return err
		}
		if before.Has(Administrator) && !before.Disabled && (!after.Has(Administrator) || after.Disabled) {
			if err := s.anotherAdministrator(ctx, tx, id); err != nil {
				return err
			}
		}
		if err := s.renameAccount(ctx, tx, &before, &after); err != nil {
			return err
		}
		detail := describeChange(&before, &after)
		if rightsDiffer(&before, &after) {
			after.Generation++
		}
		if err := s.putAccount(ctx, tx, &after); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: AccountChanged, Account: id, Detail: detail})
	})
	if err != nil {
		return Account{}, err
	}
	s.accounts.drop(id)
	return after, nil
}

// anotherAdministrator returns ErrLastAdministrator if nobody else can administer accounts.
func (s *Service) anotherAdministrator(ctx context.Context, tx store.Tx, but string) error {
	found := false
	err := each(ctx, s.vault, tx, accountSpace, func(_ string, a Account) error {
		found = found || (a.ID != but && a.Has(Administrator) && !a.Disabled && a.HasPassword)
		return nil
	})
	if err == nil && !found {
		err = ErrLastAdministrator
	}
	return err
}

func (s *Service) renameAccount(ctx context.Context, tx store.Tx, before, after *Account) error {
	if foldName(before.SignInName) == foldName(after.SignInName) {
		return nil
	}
	old := s.vault.name(signInSpace, foldName(before.SignInName))
	var c credential
	if err := s.vault.get(ctx, tx, signInSpace, old, &c); err != nil {
		return err
	}
	if err := s.claimName(ctx, tx, after.SignInName, c); err != nil {
		return err
	}
	return s.vault.drop(ctx, tx, signInSpace, old)
}

func rightsDiffer(a, b *Account) bool {
	return !slices.Equal(a.Roles, b.Roles) || a.Organisation != b.Organisation || a.Resource != b.Resource ||
		a.Disabled != b.Disabled
}

// describeChange names what changed; names of people are left out.
func describeChange(a, b *Account) string {
	var out []string
	note := func(what string, differs bool, from, to string) {
		if !differs {
			return
		}
		if from != "" || to != "" {
			what = fmt.Sprintf("%s: %s to %s", what, cmp.Or(from, "none"), cmp.Or(to, "none"))
		}
		out = append(out, what)
	}
	note("sign-in name", a.SignInName != b.SignInName, "", "")
	note("display name", a.DisplayName != b.DisplayName, "", "")
	note("roles", !slices.Equal(a.Roles, b.Roles), roleList(a.Roles), roleList(b.Roles))
	note("organisation", a.Organisation != b.Organisation, a.Organisation, b.Organisation)
	note("resource", a.Resource != b.Resource, a.Resource, b.Resource)
	note("disabled", !a.Disabled && b.Disabled, "", "")
	note("enabled", a.Disabled && !b.Disabled, "", "")
	return strings.Join(out, "; ")
}

func roleList(roles []Role) string {
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// newID makes a name of 128 random bits.
func (s *Service) newID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.rnd, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness for an ID: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b[:])), nil
}

// thing is a number for Tx.Serialize. Two things with one number only wait for each other needlessly.
func thing(name string) int64 {
	var b [8]byte
	copy(b[:], name)
	return int64(binary.BigEndian.Uint64(b[:]))
}
