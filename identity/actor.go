package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/store"
)

// Actor is what a principal is to the record: the same person or program, with what it may be limited to
// by its roles, its scopes, and the patient that it is or was started for. home is the organisation of
// whoever has none of their own.
func Actor(ctx context.Context, r *record.Record, p Principal, home string) (access.Actor, error) {
	a := access.Actor{ID: p.ID, Name: p.Name, Linked: p.Resource}
	for _, role := range p.Roles {
		a.Roles = append(a.Roles, access.Role(role))
	}
	org := p.Organisation
	if org == "" {
		org = home
	}
	var err error
	if a.Org, err = r.OrganizationNumber(ctx, "Organization/"+strings.TrimPrefix(org, "Organization/")); err != nil {
		return a, err
	}
	if p.Scoped {
		a.Scopes = recordScopes{p.Scopes}
	}
	patient := p.Patient
	if own, ok := strings.CutPrefix(p.Resource, "Patient/"); ok && patient == "" && !slices.ContainsFunc(p.Roles, func(r Role) bool { return r != Patient }) {
		patient = own
	}
	if patient == "" {
		if p.Scoped && !slices.ContainsFunc(p.Scopes.Resources, func(s Scope) bool { return s.Level != PatientLevel }) {
			return a, fmt.Errorf("%w: its scopes are about one patient, but it names none", ErrBadToken)
		}
		return a, nil
	}
	a.Patient, err = r.PatientNumber(ctx, patient)
	if errors.Is(err, store.ErrNotFound) {
		a.Roles = nil // whose record is gone sees nothing
		return a, nil
	}
	return a, err
}

// recordScopes answers the record's question about scopes.
type recordScopes struct{ Scopes }

// Allows reports whether one scope gives the action on a type without a limit.
func (s recordScopes) Allows(resourceType string, a access.Action) bool {
	actions := map[access.Action]Action{access.Read: Read, access.Search: Search, access.Create: Create, access.Update: Update, access.Delete: Delete}
	return s.Scopes.Allows(resourceType, actions[a])
}
