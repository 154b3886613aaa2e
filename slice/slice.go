package slice

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// Slice is all that a feature adds to the program. A nil field adds nothing.
type Slice struct {
	Name      string             // as an administrator switches it off: "immunization"
	Routes    []Route            // pages and endpoints, each with the right it needs
	Menu      []web.Entry        // shown to those whom the route at their Href lets in
	Panels    []Panel            // boxes on the patient chart
	Rules     []Rule             // advice: shown on the chart, served as CDS Hooks
	Watch     []Watch            // reactions to committed changes
	Jobs      []Job              // scheduled work
	Work      []Work             // work that requests leave behind
	Exclusive []record.Exclusive // what only one resource may have at a time, for every write whoever makes it
	Listeners []Listener         // ports other than HTTP, such as MLLP
}

// Route is one address: a Page or a Handler, never both.
type Route struct {
	Method  string // "" = every method; GET serves HEAD too
	Pattern string // as http.ServeMux reads it, without the method: "/patients/{id}/doses"
	Right   Right

	Page    web.Handler  // drawn by the shell
	Handler http.Handler // answers by itself

	// Refuse tells a caller that it may not come in: why is web.ErrSignIn or web.ErrForbidden.
	// nil = as the shell does for pages.
	Refuse func(w http.ResponseWriter, r *http.Request, why error)
}

// Panel is a box on the patient chart.
type Panel struct {
	Name  string
	Right Right
	// Draw reads with the session of whoever looks at the chart. nil draws nothing.
	Draw func(ctx context.Context, s *record.Session, patient string) (templ.Component, error)
}

// Rule gives advice about one patient.
type Rule struct {
	Name        string // stable, in an address: "immunizations-due"
	Title       string // for people
	Description string // one sentence: what it looks at and what it says
	Right       Right
	// Advise reads with the session of whoever is advised. It changes nothing. nil = the rule speaks of orders alone.
	Advise func(ctx context.Context, s *record.Session, patient string) ([]Advice, error)
	// Check reads orders that somebody is about to make: drafts that are in no record yet, each about this patient. nil =
	// the rule has nothing to say of orders. A draft of an AllergyIntolerance counts as recorded, and a medicine that is stopped as
	// no longer taken. It changes nothing.
	Check func(ctx context.Context, s *record.Session, patient string, drafts []*fhir.Resource) ([]Advice, error)
}

// Advice is what a rule has to say.
type Advice struct {
	Summary   string // at most 140 characters
	Due       string // when, for the chart: "overdue 02-Sep-2026"; "" = it says nothing of time
	Detail    string // plain text; "" = nothing more
	Urgency   Urgency
	Source    string // who stands behind the advice, such as "CDC"
	SourceURL string
	Href      string         // page where it is acted on
	Draft     *fhir.Resource // the one of Check's drafts that it speaks of; nil = of all or none
	Found     *facts.Found   // the finding as it can be kept beside what is written all the same; nil = it is none that is kept
}

// Urgency is how advice is shown. (The indicator of a CDS Hooks card.)
type Urgency string

// The urgencies.
const (
	Info     Urgency = "info"
	Warning  Urgency = "warning"
	Critical Urgency = "critical"
)

// Watch is a reaction to committed changes.
type Watch struct {
	Name  string   // of the program as which it runs and is audited
	Types []string // resource types; nil = all
	// Changed is called in the order of the change log, each change at least once: what it does must bear
	// repetition. An error means again later. A new watch begins with what changes from then on.
	Changed func(ctx context.Context, s *record.Session, v record.Version) error
	// Page stands in place of Changed where what a resource is now is all that matters, and most changes can be told apart by a
	// search: it is called with up to a thousand changes in the order of the log, and their documents are not read for it. Of a
	// resource that changed several times it has the last change alone. An error means the whole page again later.
	Page func(ctx context.Context, s *record.Session, changes []Change) error
}

// Job is scheduled work.
type Job struct {
	Name  string // of the program as which it runs and is audited
	Every time.Duration
	// Run is called on one server at a time. An error means again at the next turn. It may go on for as long as the
	// context lives.
	Run func(ctx context.Context, s *record.Session) error
}

// Listener serves a port of its own.
type Listener struct {
	Name string
	// Serve returns when the context ends, or with the error that stopped it.
	Serve func(ctx context.Context) error
}

// AlertRule is a rule whose findings are kept as DetectedIssues, counted in the report of alerts, and tuned there.
type AlertRule struct {
	Name     string // by which it is counted and tuned: "imaging/pregnancy"
	Check    string // what it looks at, as it is shown
	Severity string // the gravest that its findings ship with: "stop", "caution" or "note"
	Source   string // who stands behind it
	Version  string // of the source
	Text     string // what it says
	Fixed    bool   // its stops cannot be lowered or switched off
}
