package slice

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record/access"
)

// Right says who may come in through a door. The zero Right has no name and lets nobody in; a route that
// has it stops the program at start.
type Right struct {
	name   string
	admits func(identity.Principal) bool
}

// Public lets everybody in, known or not. Behind it there must be nothing about patients.
func Public() Right {
	return Right{"public", func(identity.Principal) bool { return true }}
}

// SignedIn lets in every person and program that has proven who it is.
func SignedIn() Right { return Right{"signed in", known} }

// BySession lets in whoever is known, because the session decides: the action is named, and which type of
// resource it is about stands in the request.
func BySession(a access.Action) Right { return Right{"session: " + a.String(), known} }

// To lets in whose role, and scopes if it has any, permit an action on a type of resource.
func To(a access.Action, resourceType string) Right {
	return Right{a.String() + " " + resourceType, func(p identity.Principal) bool {
		return slices.ContainsFunc(p.Roles, func(r identity.Role) bool { return access.Permits(access.Role(r), resourceType, a) }) &&
			p.Permits(resourceType, scopeAction(a))
	}}
}

// Roles lets in people who have one of the roles. A program that acts for them with a token is not let in.
func Roles(roles ...access.Role) Right {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return Right{"role: " + strings.Join(names, ", "), func(p identity.Principal) bool {
		return p.Kind == identity.Person && !p.Scoped &&
			slices.ContainsFunc(roles, func(r access.Role) bool { return p.Has(identity.Role(r)) })
	}}
}

// But is the right without those who have it by one of the roles alone.
func (r Right) But(roles ...access.Role) Right {
	name, admits := r.name, r.admits
	for _, role := range roles {
		name += ", not as " + string(role)
	}
	return Right{name, func(p identity.Principal) bool {
		p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(have identity.Role) bool { return slices.Contains(roles, access.Role(have)) })
		return admits != nil && admits(p)
	}}
}

// String is the right as the list of routes shows it; "" for the zero Right.
func (r Right) String() string { return r.name }

// Admits reports whether the right lets the principal in.
func (r Right) Admits(p identity.Principal) bool { return r.admits != nil && r.admits(p) }

func known(p identity.Principal) bool { return p.Kind != identity.Anonymous }

func scopeAction(a access.Action) identity.Action {
	switch a {
	case access.Read:
		return identity.Read
	case access.Search:
		return identity.Search
	case access.Create:
		return identity.Create
	case access.Update:
		return identity.Update
	case access.Delete:
		return identity.Delete
	}
	return 0 // which no scope covers
}
