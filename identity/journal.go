package identity

import (
	"context"
	"time"

	"github.com/osler-ehr/osler/store"
)

// EventKind is what happened.
type EventKind string

// The events.
const (
	SignedInEvent         EventKind = "signed-in"
	SignInFailed          EventKind = "sign-in-failed"
	ReauthenticatedEvent  EventKind = "reauthenticated"
	SignedOutEvent        EventKind = "signed-out"
	SessionEnded          EventKind = "session-ended" // by somebody else than its owner at that browser
	AccountCreated        EventKind = "account-created"
	AccountChanged        EventKind = "account-changed"
	SetupIssued           EventKind = "setup-link-issued"
	PasswordSet           EventKind = "password-set"
	AccessTokenRevoked    EventKind = "token-revoked"
	SessionsOfAllDevices  EventKind = "all-sessions-ended"
	FirstSetupLinkCreated EventKind = "first-setup-link-issued"
)

// Event tells of something that auditors want to know. It never holds a password, a token or what was typed as
// a name.
type Event struct {
	Kind    EventKind
	At      time.Time
	By      string // ID of the principal whose request it was; empty for the person signing in, and for the program itself
	Account string // ID of the account it is about; empty if there is none of the name given
	Session string // public name of the session, or of the access token
	Address string // where from, if known
	Detail  string // such as "roles: nurse to clinician"
}

// Journal writes an event into the transaction that it tells of. It may be called more than once for one
// event, when the transaction is run again.
type Journal interface {
	Record(ctx context.Context, tx store.Tx, e Event) error
}

// record tells the journal, if there is one.
func (s *Service) record(ctx context.Context, tx store.Tx, e Event) error {
	if s.options.Journal == nil {
		return nil
	}
	e.At = s.clock.Now()
	if e.By == "" {
		e.By = From(ctx).ID
	}
	return s.options.Journal.Record(ctx, tx, e)
}
