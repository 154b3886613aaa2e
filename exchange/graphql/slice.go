package graphql

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// root is where FHIR stands on the server.
const root = "/fhir"

// Operation is an operation that the capability statement names.
type Operation struct{ Type, Name, Definition string }

// Operations lists what is served. Below a resource of every type it is the same operation.
func Operations() []Operation {
	const definition = "http://hl7.org/fhir/OperationDefinition/Resource-graphql"
	return []Operation{{"", "graphql", definition}, {"*", "graphql", definition}}
}

// Slice serves GraphQL.
func Slice(d slice.Deps) slice.Slice {
	s := &server{deps: d, base: strings.TrimSuffix(d.PublicURL, "/") + root, time: maxTime}
	out := slice.Slice{Name: "graphql"}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		out.Routes = append(out.Routes,
			// What the query reads is decided by the caller's session, resource by resource.
			slice.Route{Method: method, Pattern: root + "/$graphql", Right: slice.SignedIn(), Handler: s, Refuse: refuse},
			slice.Route{Method: method, Pattern: root + "/{type}/{id}/$graphql", Right: slice.BySession(access.Read), Handler: s, Refuse: refuse})
	}
	return out
}

type server struct {
	deps slice.Deps
	base string
	time time.Duration // of one query
}

// ServeHTTP answers one query.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setHeaders(w.Header())
	session, err := s.deps.Session(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	q, err := readRequest(w, r)
	var data, notes *object
	if err == nil {
		data, notes, err = s.answer(r, session, &q)
	}
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the client went away
	}
	if err != nil {
		s.fail(w, r, &q, err)
		return
	}
	out := newObject()
	out.set("data", data)
	if notes != nil {
		out.set("extensions", notes)
	}
	write(w, r, http.StatusOK, appendJSON(nil, out))
}

// answer carries a query out. notes say which lists do not hold all that was found; nil if all do.
func (s *server) answer(r *http.Request, session session, q *request) (data, notes *object, err error) {
	doc, err := parse(q.Query)
	if err != nil {
		return nil, nil, err
	}
	o, err := q.operation(doc)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.time)
	defer cancel()
	run := &run{ctx: ctx, session: session, base: s.base, now: s.deps.Clock.Now(), doc: doc}
	if run.vars, err = q.variables(o); err != nil {
		return nil, nil, err
	}
	about := &at{typ: "Query"}
	if typ, id := r.PathValue("type"), r.PathValue("id"); typ != "" {
		if !definitions.IsResourceType(typ) || !fhir.ValidID(id) {
			return nil, nil, &fault{at: -1, status: http.StatusNotFound, code: "not-found", text: "there is no such resource"}
		}
		if about, err = run.read(fhir.Target{Type: typ, ID: id}); err != nil {
			return nil, nil, err
		}
	}
	out := newObject()
	err = run.fill([][]selection{o.set}, about, &sink{out: out})
	return out, run.notes(), err
}

// statuses of the record's errors.
var statuses = map[record.Kind]int{
	record.KindInvalid: http.StatusUnprocessableEntity, record.KindBad: http.StatusBadRequest, record.KindNotFound: http.StatusNotFound, record.KindGone: http.StatusGone,
	record.KindForbidden: http.StatusForbidden, record.KindTooCostly: http.StatusBadRequest, record.KindNotSupported: http.StatusBadRequest, record.KindConflict: http.StatusConflict,
}

// fail answers with what is wrong: nothing of what was found before is shown.
func (s *server) fail(w http.ResponseWriter, r *http.Request, q *request, err error) {
	if errors.Is(err, context.DeadlineExceeded) {
		err = costly("the query took too long; ask for less, or in several queries")
	}
	f, ok := errors.AsType[*fault](err)
	var o *fhir.Outcome
	switch e, known := errors.AsType[*record.Error](err); {
	case ok:
		o = fhir.NewOutcome(f.code, f.text)
	case known && statuses[e.Kind] != 0:
		f = &fault{at: -1, status: statuses[e.Kind], code: e.Outcome.Issue[0].Code, text: e.Outcome.Error()}
		o = e.Outcome
	default:
		s.deps.Log.LogAttrs(r.Context(), slog.LevelError, "graphql request failed", slog.String("route", r.Pattern), slog.String("error", err.Error()))
		f = &fault{at: -1, status: http.StatusInternalServerError, code: "exception", text: "something went wrong here; it is in the server's log"}
		o = fhir.NewOutcome(f.code, f.text)
	}
	out := newObject()
	out.set("errors", []any{errorOf(q.Query, f, o)})
	write(w, r, f.status, appendJSON(nil, out))
}

// refuse answers who may not come in.
func refuse(w http.ResponseWriter, r *http.Request, why error) {
	setHeaders(w.Header())
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	status, o := http.StatusServiceUnavailable, fhir.NewOutcome("transient", "who you are could not be looked up; try again in a moment")
	switch {
	case errors.Is(why, web.ErrSignIn), errors.Is(why, identity.ErrBadToken):
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
		status, o = http.StatusUnauthorized, fhir.NewOutcome(fhir.CodeLogin, "sign in, or send a good access token")
	case errors.Is(why, web.ErrForbidden):
		status, o = http.StatusForbidden, fhir.NewOutcome(fhir.CodeForbidden, "your role does not permit this")
	}
	write(w, r, status, o.Bytes())
}

func setHeaders(h http.Header) {
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
}

func write(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away; there is nobody left to tell
	}
}
