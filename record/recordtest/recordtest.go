// Package recordtest makes records for tests.
package recordtest

import (
	"context"
	"crypto/rand"
	"path/filepath"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/sqlite"
)

// Fixture is a record on its own database.
type Fixture struct {
	*record.Record
	Store   store.Store
	Keyring *keys.Keyring
	Org     int64
}

// New makes an empty record on SQLite in a folder of the test, and closes it when the test ends.
func New(t testing.TB, c clock.Clock) *Fixture {
	t.Helper()
	return On(t, c, func(o sqlite.Options) (store.Store, error) {
		return sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "record.db"), o)
	})
}

// On makes an empty record on the store that open gives.
func On(t testing.TB, c clock.Clock, open func(o sqlite.Options) (store.Store, error)) *Fixture {
	t.Helper()
	return With(t, record.Options{Clock: c}, open)
}

// With makes an empty record with options, of which Store and Keyring are made here.
func With(t testing.TB, options record.Options, open func(o sqlite.Options) (store.Store, error)) *Fixture {
	t.Helper()
	ring, err := keys.Create(filepath.Join(t.TempDir(), "keyring"), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	seal, err := record.AuditSealer(ring)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(sqlite.Options{Clock: options.Clock, Audit: seal, Journal: record.JournalSealer(ring)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	options.Store, options.Keyring = s, ring
	r, err := record.Open(context.Background(), options)
	if err != nil {
		t.Fatal(err)
	}
	org, err := r.OrganizationNumber(context.Background(), "Organization/practice")
	if err != nil {
		t.Fatal(err)
	}
	return &Fixture{r, s, ring, org}
}

// As gives a session for a role.
func (f *Fixture) As(role access.Role) *record.Session {
	return f.Record.As(access.Actor{ID: "test-" + string(role), Name: "Test " + string(role), Roles: []access.Role{role}, Org: f.Org})
}

// AsPatient gives the session of a patient.
func (f *Fixture) AsPatient(t testing.TB, id string) *record.Session {
	t.Helper()
	n, err := f.PatientNumber(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f.Record.As(access.Actor{ID: "patient-" + id, Roles: []access.Role{access.Patient}, Linked: "Patient/" + id, Patient: n, Org: f.Org})
}
