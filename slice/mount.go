package slice

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web"
)

// Mount puts the routes of all slices on a mux, each behind its right. The error names every route that
// cannot be served: one without a right, without an answer, or at an address that is taken. Then nothing
// should be served at all.
//
// The principal is taken from the request's context, where identity.Service.Identify has put it.
func Mount(mux *http.ServeMux, shell *web.Shell, all []Slice) error {
	var errs []error
	for _, s := range all {
		for _, route := range s.Routes {
			if err := route.check(); err != nil {
				errs = append(errs, fmt.Errorf("slice %q, route %q: %w", s.Name, route.String(), err))
				continue
			}
			if err := handle(mux, route.String(), route.gated(shell)); err != nil {
				errs = append(errs, fmt.Errorf("slice %q, route %q: %w", s.Name, route.String(), err))
			}
		}
	}
	return errors.Join(errs...)
}

// String is the method and pattern.
func (r Route) String() string { return strings.TrimPrefix(r.Method+" "+r.Pattern, " ") }

func (r Route) check() error {
	switch {
	case r.Right.String() == "":
		return errors.New("it names no right; say who may come in, with slice.Public() if everybody may")
	case r.Page == nil && r.Handler == nil:
		return errors.New("it has neither Page nor Handler")
	case r.Page != nil && r.Handler != nil:
		return errors.New("it has both Page and Handler; leave one away")
	case strings.HasPrefix(r.Pattern, "/fhir") && r.Refuse == nil && r.Right.String() != Public().String():
		return errors.New("programs call it, so whoever may not come in must be answered with 401 or 403 and an OperationOutcome, not with a page: set Refuse")
	case !strings.HasPrefix(r.Pattern, "/"):
		return errors.New("its pattern does not begin with a slash")
	}
	return nil
}

// gated is the route's handler behind its right.
func (r Route) gated(shell *web.Shell) http.Handler {
	inner := r.Handler
	if inner == nil {
		inner = shell.Handle(r.Page)
	}
	refuse := r.Refuse
	if refuse == nil {
		refuse = shell.Error
	}
	right := r.Right
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		p := identity.From(req.Context())
		switch {
		case right.Admits(p):
			inner.ServeHTTP(w, req)
		case p.Kind == identity.Anonymous:
			refuse(w, req, web.ErrSignIn)
		default:
			refuse(w, req, web.ErrForbidden)
		}
	})
}

// handle turns the panic with which a mux refuses a pattern into an error.
func handle(mux *http.ServeMux, pattern string, h http.Handler) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	mux.Handle(pattern, h)
	return nil
}

// List is one line for every route with its right and slice, in the order of the addresses: what a golden
// file holds, so that a new door shows in review.
func List(all []Slice) string {
	var lines []string
	for _, s := range all {
		for _, r := range s.Routes {
			method := r.Method
			if method == "" {
				method = "any"
			}
			lines = append(lines, fmt.Sprintf("%-52s %-8s %-20s %s\n", r.Pattern, method, r.Right, s.Name))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}
