package slice

import (
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
}
