package identity

import (
	"context"
	"errors"
	"time"

	"github.com/osler-ehr/osler/store"
)

// verified is a token that was found to be ours, and not revoked when it was read.
type verified struct {
	grant     Grant
	principal Principal // for a program without account
}

// revocation is kept until the token would have expired anyway.
type revocation struct {
	Expires time.Time `json:"expires"`
}

// IssueToken makes an access token that acts for an account. It ends with the account's sessions: when the account
// is disabled, or its roles or password change. Errors are [ErrNotFound], also for a disabled account, and
// [ErrInvalid].
func (s *Service) IssueToken(ctx context.Context, account string, r TokenRequest) (token string, g Grant, err error) {
	a, err := s.Account(ctx, account)
	if err != nil {
		return "", Grant{}, err
	}
	if a.Disabled {
		return "", Grant{}, ErrNotFound
	}
	g, err = r.grant(s.clock.Now(), s.rnd)
	if err != nil {
		return "", Grant{}, err
	}
	g.Account, g.Generation = a.ID, a.Generation
	token, err = s.signer.sign(g)
	return token, g, err
}

// Authenticate returns who an access token stands for. ErrBadToken if it is not ours, is over, was revoked, or its
// account is not as it was.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	v, err := s.verify(ctx, token)
	if err != nil {
		return Principal{}, err
	}
	now := s.clock.Now()
	if !now.Before(v.grant.Expires) || v.grant.Issued.After(now.Add(clockSkew)) {
		return Principal{}, ErrBadToken
	}
	if v.grant.Account == "" {
		return v.principal, nil
	}
	a, err := s.currentAccount(ctx, v.grant.Account)
	if errors.Is(err, ErrNotFound) || (err == nil && (a.Disabled || a.Generation != v.grant.Generation)) {
		return Principal{}, ErrBadToken
	}
	if err != nil {
		return Principal{}, err
	}
	p := a.principal()
	scoped(&p, &v.grant)
	return p, nil
}

// verify checks the signature, or remembers having done so, and looks for a revocation.
func (s *Service) verify(ctx context.Context, token string) (*verified, error) {
	now := s.clock.Now()
	v, fresh, known := s.tokens.get(token, now)
	if fresh {
		return v, nil
	}
	if !known {
		g, err := s.signer.read(token)
		if err != nil {
			return nil, err
		}
		v = &verified{grant: g, principal: programPrincipal(&g)}
	}
	if !now.Before(v.grant.Expires) {
		s.tokens.drop(token)
		return nil, ErrBadToken
	}
	mark := s.tokens.mark()
	var r revocation
	switch err := s.vault.get(ctx, s.store, revokedSpace, s.vault.name(revokedSpace, v.grant.ID), &r); {
	case err == nil:
		s.tokens.drop(token)
		return nil, ErrBadToken
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	s.tokens.put(token, v, now, mark)
	return v, nil
}

func programPrincipal(g *Grant) Principal {
	p := Principal{
		Kind:         Program,
		ID:           "program:" + g.Program,
		Name:         g.Program,
		Roles:        []Role{ProgramRole},
		Organisation: g.Organisation,
	}
	scoped(&p, g)
	return p
}

// scoped narrows a principal to what a grant says.
func scoped(p *Principal, g *Grant) {
	p.Token, p.Client, p.Patient = g.ID, g.Client, g.Patient
	p.Scoped, p.Scopes = true, g.Scopes
	p.Expires = g.Expires
}

// RevokeToken ends an access token. Revoking what is no token, or over, is no error (RFC 7009, section 2.2).
func (s *Service) RevokeToken(ctx context.Context, token string) error {
	g, err := s.signer.read(token)
	if err != nil || !s.clock.Now().Before(g.Expires) {
		return nil
	}
	return s.revoke(ctx, g.ID, g.Account, g.Expires)
}

// RevokeTokenID ends an access token by its public name, as the audit trail shows it.
func (s *Service) RevokeTokenID(ctx context.Context, id string) error {
	// Its end is not known; it can be no later than this.
	return s.revoke(ctx, id, "", s.clock.Now().Add(MaxTokenLife+clockSkew))
}

func (s *Service) revoke(ctx context.Context, id, account string, expires time.Time) error {
	err := s.store.Update(ctx, func(tx store.Tx) error {
		if err := s.vault.put(ctx, tx, revokedSpace, s.vault.name(revokedSpace, id), revocation{expires}); err != nil {
			return err
		}
		return s.record(ctx, tx, Event{Kind: AccessTokenRevoked, Account: account, Session: id})
	})
	if err == nil {
		s.tokens.dropAll()
	}
	return err
}
