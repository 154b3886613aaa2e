package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/patch"
	"github.com/osler-ehr/osler/fhir/xml"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
)

// refusal is an error with its status.
type refusal struct {
	status  int
	outcome *fhir.Outcome
}

func (r *refusal) Error() string { return r.outcome.Error() }

// refused makes a refusal with one sentence.
func refused(status int, code, text string, expression ...string) error {
	return &refusal{status, fhir.NewOutcome(code, text, expression...)}
}

// statuses of the record's errors.
var statuses = map[record.Kind]int{
	record.KindInvalid:      http.StatusUnprocessableEntity,
	record.KindBad:          http.StatusBadRequest,
	record.KindNotFound:     http.StatusNotFound,
	record.KindGone:         http.StatusGone,
	record.KindForbidden:    http.StatusForbidden,
	record.KindConflict:     http.StatusConflict,
	record.KindPrecondition: http.StatusPreconditionFailed,
	record.KindTooCostly:    http.StatusBadRequest,
	record.KindNotSupported: http.StatusBadRequest,
}

// outcomeOf is the one place where errors get a status and words.
func outcomeOf(err error) (int, *fhir.Outcome) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status, r.outcome
	}
	if p, ok := errors.AsType[*patch.Error](err); ok {
		if p.Malformed {
			return http.StatusBadRequest, fhir.NewOutcome(fhir.CodeInvalid, p.Error())
		}
		return http.StatusUnprocessableEntity, fhir.NewOutcome(fhir.CodeProcessing, p.Error())
	}
	if e, ok := errors.AsType[*xml.Error](err); ok {
		return http.StatusBadRequest, fhir.NewOutcome(fhir.CodeStructure, e.Error())
	}
	if e, ok := errors.AsType[*fhir.SyntaxError](err); ok {
		return http.StatusBadRequest, e.Outcome()
	}
	if status, ok := statuses[record.KindOf(err)]; ok {
		e, _ := errors.AsType[*record.Error](err)
		return status, e.Outcome
	}
	if e, ok := errors.AsType[*fhir.TypeError](err); ok {
		return http.StatusBadRequest, e.Outcome()
	}
	switch {
	case errors.Is(err, web.ErrSignIn), errors.Is(err, identity.ErrBadToken):
		return http.StatusUnauthorized, fhir.NewOutcome(fhir.CodeLogin, "sign in, or send a good access token")
	case errors.Is(err, web.ErrForbidden):
		return http.StatusForbidden, fhir.NewOutcome(fhir.CodeForbidden, "your role does not permit this")
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, fhir.NewOutcome(fhir.CodeTimeout, "this took too long and was given up; ask for less at once, or try again later")
	}
	return http.StatusInternalServerError, internalFault()
}

func internalFault() *fhir.Outcome { return fhir.OutcomeOf(errors.New("internal")) }

// fail answers with an error.
func (s *server) fail(w http.ResponseWriter, r *http.Request, c *call, err error) {
	if err == errNothingMore {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the client went away
	}
	status, o := outcomeOf(err)
	if status == http.StatusInternalServerError {
		s.log.LogAttrs(r.Context(), slog.LevelError, "fhir request failed", slog.String("route", r.Pattern), slog.String("error", err.Error()))
	}
	if status == http.StatusUnauthorized {
		Refuse(w, r, err)
		return
	}
	writeOutcome(w, c.format, status, o)
}

// Refuse answers a request that may not come in, with why being web.ErrSignIn, web.ErrForbidden or an error of
// identity.Service.Identify: another error there means that who it is could not be found out. It tells nothing
// about what there would have been.
func Refuse(w http.ResponseWriter, r *http.Request, why error) {
	setHeaders(w.Header())
	status, o := outcomeOf(why)
	if status == http.StatusInternalServerError {
		status, o = http.StatusServiceUnavailable, fhir.NewOutcome("transient", "who you are could not be looked up; try again in a moment")
	}
	if status == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
	}
	writeOutcome(w, formatOf(r), status, o)
}
