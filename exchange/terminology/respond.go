package terminology

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
)

const (
	contentType = "application/fhir+json; charset=utf-8"
	fhirJSON    = "application/fhir+json"
)

// refusal is an error with its status.
type refusal struct {
	status  int
	outcome *fhir.Outcome
}

func (r *refusal) Error() string { return r.outcome.Error() }

func refused(status int, code, text string) error {
	return &refusal{status, fhir.NewOutcome(code, text)}
}

// statuses of the record's errors.
var statuses = map[record.Kind]int{
	record.KindInvalid: http.StatusUnprocessableEntity, record.KindBad: http.StatusBadRequest, record.KindNotFound: http.StatusNotFound, record.KindGone: http.StatusGone,
	record.KindForbidden: http.StatusForbidden, record.KindTooCostly: http.StatusBadRequest, record.KindNotSupported: http.StatusBadRequest,
}

// outcomeOf gives errors a status and words.
func outcomeOf(err error) (int, *fhir.Outcome) {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.status, r.outcome
	}
	if e, ok := errors.AsType[*fhir.SyntaxError](err); ok {
		return http.StatusBadRequest, e.Outcome()
	}
	if e, ok := errors.AsType[*fhir.TypeError](err); ok {
		return http.StatusBadRequest, e.Outcome()
	}
	if e, ok := errors.AsType[*terms.FilterError](err); ok {
		return http.StatusUnprocessableEntity, fhir.NewOutcome(fhir.CodeNotSupported, e.Error())
	}
	if status, ok := statuses[record.KindOf(err)]; ok {
		e, _ := errors.AsType[*record.Error](err)
		return status, e.Outcome
	}
	switch {
	case errors.Is(err, web.ErrSignIn), errors.Is(err, identity.ErrBadToken):
		return http.StatusUnauthorized, fhir.NewOutcome(fhir.CodeLogin, "sign in, or send a good access token")
	case errors.Is(err, web.ErrForbidden):
		return http.StatusForbidden, fhir.NewOutcome(fhir.CodeForbidden, "your role does not permit this")
	}
	return http.StatusInternalServerError, fhir.OutcomeOf(errors.New("internal"))
}

func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the client went away
	}
	status, o := outcomeOf(err)
	if status == http.StatusInternalServerError {
		s.deps.Log.LogAttrs(r.Context(), slog.LevelError, "terminology request failed", slog.String("route", r.Pattern), slog.String("error", err.Error()))
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
	}
	writeBytes(w, r, status, o.Bytes())
}

// refuse answers who may not come in.
func refuse(w http.ResponseWriter, r *http.Request, why error) {
	setHeaders(w.Header())
	status, o := outcomeOf(why)
	if status == http.StatusInternalServerError {
		status, o = http.StatusServiceUnavailable, fhir.NewOutcome("transient", "who you are could not be looked up; try again in a moment")
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
	}
	writeBytes(w, r, status, o.Bytes())
}

func setHeaders(h http.Header) {
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
}

// write sends a value as JSON.
func write(w http.ResponseWriter, r *http.Request, status int, answer any, pretty bool) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if pretty {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(answer); err != nil {
		panic(err) // plain structs of strings, numbers and lists always encode
	}
	writeBytes(w, r, status, bytes.TrimSpace(out.Bytes()))
}

func writeBytes(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away; there is nobody left to tell
	}
}

// acceptable refuses clients that take no JSON.
func acceptable(r *http.Request) error {
	wanted := r.Header["Accept"]
	if f := r.URL.Query().Get("_format"); f != "" {
		wanted = []string{strings.ReplaceAll(f, " ", "+")}
	}
	if len(wanted) == 0 {
		return nil
	}
	for _, line := range wanted {
		for media := range strings.SplitSeq(line, ",") {
			media, _, _ = strings.Cut(media, ";")
			switch strings.TrimSpace(media) {
			case fhirJSON, "application/json", "text/json", "json", "application/*", "*/*", "":
				return nil
			}
		}
	}
	return refused(http.StatusNotAcceptable, fhir.CodeNotSupported, "these operations answer in "+fhirJSON+"; ask for that with Accept or _format=json")
}
