package slice

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web"
)

// Deps is what the program hands to the constructor of a slice. A slice gets sessions, never the record or
// the store.
type Deps struct {
	// Session is what the one who makes a request can do; web.ErrSignIn when nobody is signed in.
	Session func(*http.Request) (*record.Session, error)
	// Program is what a program of this name can do, for work without a person. It is audited so.
	Program  func(name string) *record.Session
	Identity *identity.Service
	Shell    *web.Shell
	Clock    clock.Clock
	Log      *slog.Logger // never given patient data
	// Index tells which search parameters there are.
	Index *search.Index
	// PublicURL is how the outside world addresses this server, without a slash at the end:
	// "https://ehr.example". "" = as each request addresses it.
	PublicURL string
	Version   string // of the program
	// Queue takes work to be done later; the slice's Work does it.
	Queue Queue
	// Changes is the log of committed changes.
	Changes Changes
	// Spool is where the slice of this name keeps what belongs to its work.
	Spool func(slice string) Spool
	// Owned is what the owner of work may do now; ErrEnded when it may not have it done any more.
	Owned func(context.Context, Owner) (*record.Session, error)
}
