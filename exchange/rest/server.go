package rest

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/slice"
)

// Options are what other features add to this interface. The zero value adds nothing.
type Options struct {
	// Operations that other slices serve below the root, to be named in the capability statement.
	Operations []Operation
	// AuthorizeURL and TokenURL are where an application gets a token; "" = not said.
	AuthorizeURL, TokenURL string
	// Loaded tells what the record defines for itself, for the capability statement; nil = nothing.
	Loaded Loaded
	// Terminology writes the statement of terminology capabilities; nil = there is none.
	Terminology func() []byte
	// Beside serves operations of other slices that may stand in a batch, to everybody who is signed in; nil = none.
	Beside *http.ServeMux
	// Elsewhere has what other slices serve below the root, for the methods that an address takes; nil = nothing. It may be
	// filled until the first request.
	Elsewhere *http.ServeMux
}

// Operation is an operation that the capability statement names.
type Operation struct {
	Type       string // resource type; "" = of the whole system
	Name       string // without the dollar sign
	Definition string // canonical address of its OperationDefinition
}

// server answers everything below the root.
type server struct {
	doors     []door
	open      func(*http.Request) (session, error)
	log       *slog.Logger
	clock     clock.Clock
	publicURL string
	statement *statements
	terms     func() []byte  // the statement of terminology capabilities; nil = there is none
	mux       *http.ServeMux // see Options.Beside
	elsewhere *http.ServeMux // see Options.Elsewhere
}

func newServer(d slice.Deps, o Options) *server {
	return &server{
		doors: prepared(doors()),
		open: func(r *http.Request) (session, error) {
			s, err := d.Session(r)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
		log:       d.Log,
		clock:     d.Clock,
		publicURL: strings.TrimSuffix(d.PublicURL, "/"),
		statement: &statements{deps: d, options: o},
		terms:     o.Terminology,
		mux:       o.Beside,
		elsewhere: o.Elsewhere,
	}
}

// ServeHTTP answers one request. It never panics: a fault becomes an answer with status 500.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	c := &call{server: s, format: formatOf(r)}
	defer s.rescue(w, r)
	a, err := s.serve(c, w, r)
	if err != nil {
		s.fail(w, r, c, err)
		return
	}
	c.write(w, r, a)
}

// serve does everything but writing the answer.
func (s *server) serve(c *call, w http.ResponseWriter, r *http.Request) (answer, error) {
	path := strings.TrimPrefix(r.URL.Path, Root)
	door, t, allow := find(s.doors, r.Method, path)
	if door == nil || door.name != "capabilities" {
		var err error
		if c.session, err = s.open(r); err != nil {
			return answer{}, err
		}
	}
	if door == nil {
		return answer{}, s.noDoor(w, r, allow)
	}
	c.ctx, c.door, c.target = r.Context(), door, t
	c.base = s.base(r)
	c.conditions = conditionsOf(r.Header)
	if err := c.readParams(r.URL.RawQuery); err != nil {
		return answer{}, err
	}
	if err := c.negotiate(r.Header); err != nil {
		return answer{}, err
	}
	if door.body != noBody {
		if err := c.readBody(w, r); err != nil {
			return answer{}, err
		}
		if door.body == formBody { // _format may stand there too
			if err := c.negotiate(r.Header); err != nil {
				return answer{}, err
			}
		}
	}
	if err := c.check(); err != nil {
		return answer{}, err
	}
	return c.perform()
}

// perform carries the call out.
func (c *call) perform() (answer, error) {
	if c.door.run != nil {
		return c.door.run(c)
	}
	return c.performChange()
}

// base is the address of the interface as the outside world writes it.
func (s *server) base(r *http.Request) string {
	if s.publicURL != "" {
		return s.publicURL + Root
	}
	if r.TLS != nil {
		return "https://" + r.Host + Root
	}
	return "http://" + r.Host + Root
}

// noDoor tells which methods a path has, or that there is no such path.
func (s *server) noDoor(w http.ResponseWriter, r *http.Request, allow []string) error {
	allow = s.withElsewhere(r, allow)
	if len(allow) == 0 {
		return refused(http.StatusNotFound, "not-found", "there is no such address here; "+Root+"/metadata lists what there is")
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	if r.Method == http.MethodOptions {
		return errNothingMore
	}
	return refused(http.StatusMethodNotAllowed, "not-supported", "this address does not take the method; it takes "+strings.Join(allow, ", "))
}

// withElsewhere adds the methods for which another slice serves the address.
func (s *server) withElsewhere(r *http.Request, allow []string) []string {
	if s.elsewhere == nil {
		return allow
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		probe := &http.Request{Method: method, Host: r.Host, URL: r.URL}
		if _, pattern := s.elsewhere.Handler(probe); pattern != "" && !slices.Contains(allow, method) {
			allow = append(allow, method)
		}
	}
	return allow
}

// errNothingMore answers with the headers that are set already.
var errNothingMore = errors.New("the headers say it all")

// rescue turns a panic into an answer. The log gets the place, and of the value only what the Go runtime
// says: anything else might quote a patient's data.
func (s *server) rescue(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	what := "panic"
	if e, ok := p.(runtime.Error); ok {
		what = e.Error()
	}
	s.log.LogAttrs(r.Context(), slog.LevelError, "fhir request failed", slog.String("route", r.Pattern), slog.String("error", what), slog.String("stack", string(debug.Stack())))
	writeOutcome(w, formatOf(r), http.StatusInternalServerError, internalFault())
}

// knownType refuses what is no R4 resource type.
func knownType(typ string) error {
	if definitions.IsResourceType(typ) {
		return nil
	}
	return refused(http.StatusNotFound, "not-supported", strconv.Quote(clip(typ))+" is not a FHIR R4 resource type")
}

// clip keeps what a caller sent from making a message long.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
