package slice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/identity"
)

// Owner is on whose behalf work goes on after the request is over. What it may do is looked up anew each time, see
// [Owner.Now], so that work stops when rights end. It holds the access token while that is good: keep it sealed.
type Owner struct {
	ID           string // of the account; "program:" and a name for a program without one
	Name         string
	Organisation string // of a program without account
	Client       string
	Patient      string // that the application was started for
	Scoped       bool
	Scopes       string
	Token        string    // the access token itself; "" = came with a session
	Expires      time.Time // of the token
	// Outlive lets work of a program without account go on when its token is over. Nothing may leave the house by
	// such work unless a good token fetches it.
	Outlive bool
}

// ErrEnded means that whoever asked for work may not have it done any more.
var ErrEnded = errors.New("the rights of whoever asked for this have ended")

// OwnerOf is who makes a request. The request must have come through identity.Service.Identify.
func OwnerOf(r *http.Request) Owner {
	p := identity.From(r.Context())
	o := Owner{ID: p.ID, Name: p.Name, Client: p.Client, Patient: p.Patient, Scoped: p.Scoped}
	if p.Scoped {
		o.Scopes, o.Expires = p.Scopes.String(), p.Expires
	}
	if o.withoutAccount() {
		o.Organisation = p.Organisation
	}
	if _, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && p.Token != "" {
		o.Token = token
	}
	return o
}

func (o Owner) withoutAccount() bool { return strings.HasPrefix(o.ID, "program:") }

// Same reports whether the owner is who makes a request: the same account by the same application, for the same
// patient.
func (o Owner) Same(r *http.Request) bool {
	p := identity.From(r.Context())
	return p.Kind != identity.Anonymous && p.ID == o.ID && p.Client == o.Client && p.Patient == o.Patient
}

// Now is the owner as it is today. The error is [ErrEnded], wrapped, when the account was disabled, the token
// revoked or, for a program that has nothing else, is over; any other error means that it could not be found out.
func (o Owner) Now(ctx context.Context, ids *identity.Service, now time.Time) (identity.Principal, error) {
	if o.Token != "" && now.Before(o.Expires) {
		p, err := ids.Authenticate(ctx, o.Token)
		if errors.Is(err, identity.ErrBadToken) {
			return p, fmt.Errorf("%w: the access token was revoked", ErrEnded)
		}
		return p, err
	}
	scopes, err := identity.ParseScopes(o.Scopes)
	if err != nil {
		return identity.Principal{}, fmt.Errorf("%w: its scopes are not known any more", ErrEnded)
	}
	p := identity.Principal{ID: o.ID, Name: o.Name, Organisation: o.Organisation, Kind: identity.Program, Roles: []identity.Role{identity.ProgramRole}}
	if o.withoutAccount() {
		if !o.Outlive {
			return p, fmt.Errorf("%w: the access token is over, and the program has no account", ErrEnded)
		}
	} else {
		a, err := ids.Account(ctx, o.ID)
		switch {
		case errors.Is(err, identity.ErrNotFound):
			return p, fmt.Errorf("%w: the account is gone", ErrEnded)
		case err != nil:
			return p, err
		case a.Disabled:
			return p, fmt.Errorf("%w: the account is disabled", ErrEnded)
		}
		p.Name, p.Roles, p.Organisation, p.Resource = a.DisplayName, a.Roles, a.Organisation, a.Resource
		if !a.Has(identity.ProgramRole) {
			p.Kind = identity.Person
		}
	}
	p.Client, p.Patient, p.Scoped, p.Scopes = o.Client, o.Patient, o.Scoped, scopes
	return p, nil
}
