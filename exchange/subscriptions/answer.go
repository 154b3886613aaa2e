package subscriptions

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// handler answers a request, or returns an error before it has written anything.
type handler func(w http.ResponseWriter, r *http.Request) error

// refusal is an error that the caller is told.
type refusal struct {
	status int
	*fhir.Outcome
}

func refused(status int, code, text string) error {
	return &refusal{status, fhir.NewOutcome(code, text)}
}

func bad(text string) error { return refused(http.StatusBadRequest, "invalid", text) }

// invalid is about what a Subscription says.
func invalid(path, text string) error {
	return &refusal{http.StatusUnprocessableEntity, fhir.NewOutcome("invalid", text, path)}
}

// clip keeps what a caller sent from making a message long.
func clip(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

func setHeaders(h http.Header) {
	h.Set("Content-Type", "application/fhir+json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
}

// handle turns errors into outcomes.
func (e *engine) handle(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		err := h(w, r)
		if err == nil || errors.Is(err, context.Canceled) && r.Context().Err() != nil {
			return
		}
		status, o := outcomeOf(err)
		if status == http.StatusInternalServerError {
			e.Log.LogAttrs(r.Context(), slog.LevelError, "subscription request failed", slog.String("route", r.Pattern), slog.String("error", err.Error()))
		}
		writeOutcome(w, status, o)
	})
}

// statuses of what the record refuses.
var statuses = map[record.Kind]int{
	record.KindInvalid: 422, record.KindBad: 400, record.KindNotFound: 404, record.KindGone: 410, record.KindForbidden: 403,
	record.KindConflict: 409, record.KindPrecondition: 412, record.KindTooCostly: 400, record.KindNotSupported: 400,
}

func outcomeOf(err error) (int, *fhir.Outcome) {
	if e, ok := errors.AsType[*refusal](err); ok {
		return e.status, e.Outcome
	}
	if e, ok := errors.AsType[*record.Error](err); ok {
		return statuses[e.Kind], e.Outcome
	}
	switch {
	case errors.Is(err, web.ErrSignIn):
		return http.StatusUnauthorized, fhir.NewOutcome("login", "send an access token: Authorization: Bearer ...")
	case errors.Is(err, web.ErrForbidden), errors.Is(err, slice.ErrEnded):
		return http.StatusForbidden, fhir.NewOutcome("forbidden", "this is not permitted to you")
	}
	return http.StatusInternalServerError, fhir.NewOutcome("exception", "something went wrong on our side; try again, and tell the help desk the time if it stays so")
}

func writeOutcome(w http.ResponseWriter, status int, o *fhir.Outcome) {
	body := o.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// refuse answers who may not come in.
func refuse(w http.ResponseWriter, _ *http.Request, why error) {
	setHeaders(w.Header())
	status, o := outcomeOf(why)
	if status == http.StatusUnauthorized && w.Header().Get("WWW-Authenticate") == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
	}
	writeOutcome(w, status, o)
}
