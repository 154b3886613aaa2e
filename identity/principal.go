package identity

import (
	"context"
	"slices"
	"time"
)

// Kind is what a principal is.
type Kind uint8

// The kinds. The zero value is nobody in particular, who may do almost nothing.
const (
	Anonymous Kind = iota
	Person
	Program
)

// Principal is who makes a request, as far as is proven. It says nothing about rights except for the scopes,
// which never give more than the roles do.
type Principal struct {
	Kind         Kind
	ID           string // the account's ID; "program:" and its name for a program without account
	Name         string // for people to read
	Roles        []Role
	Organisation string // ID of the organisation it belongs to
	Resource     string // who it is in the record, such as Practitioner/abc or Patient/xyz

	Session string    // public name of the sign-in session, if by one
	AuthAt  time.Time // when the person last gave the password
	Expires time.Time // when the session or token ends at the latest

	Token   string // public name of the access token, if by one
	Client  string // the application that the token was given to
	Patient string // ID of the patient that the application was started for, if for one
	Scoped  bool   // whether only what Scopes allow is asked for; always so with a token
	Scopes  Scopes
}

// Has reports whether the principal has the role.
func (p Principal) Has(r Role) bool { return slices.Contains(p.Roles, r) }

// Permits reports whether the way the principal came in leaves room for an action on a type: a person with a
// session may ask for everything, a token only for what its scopes allow without limits. See [Scopes.Covering]
// for scopes with limits.
func (p Principal) Permits(resourceType string, a Action) bool {
	switch {
	case p.Kind == Anonymous:
		return false
	case p.Scoped:
		return p.Scopes.Allows(resourceType, a)
	default:
		return p.Kind == Person
	}
}

// AuthenticatedWithin reports whether the person gave the password within d before now.
func (p Principal) AuthenticatedWithin(d time.Duration, now time.Time) bool {
	return p.Kind == Person && !p.AuthAt.IsZero() && now.Sub(p.AuthAt) <= d
}

type contextKey struct{}

// attached is what the middleware learned about a request.
type attached struct {
	principal Principal
	ended     error
}

// With attaches a principal to a context.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, attached{principal: p})
}

// From returns the principal of a context; an anonymous one if there is none.
func From(ctx context.Context) Principal {
	a, _ := ctx.Value(contextKey{}).(attached)
	return a.principal
}

// Ended says why a request that brought a session is anonymous all the same: [ErrExpired] or [ErrSignedOut].
// It is nil if it brought none, or a good one.
func Ended(ctx context.Context) error {
	a, _ := ctx.Value(contextKey{}).(attached)
	return a.ended
}
