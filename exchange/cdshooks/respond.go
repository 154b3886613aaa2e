package cdshooks

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
)

// refusal is an error with its status.
type refusal struct {
	status  int
	outcome *fhir.Outcome
}

func (r *refusal) Error() string { return r.outcome.Error() }

func refuse(status int, code, text string) error {
	return &refusal{status, fhir.NewOutcome(code, text)}
}

func write(w http.ResponseWriter, status int, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b) // the client went away; there is nobody left to tell
	return nil
}

// readBody reads a body of JSON.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, refuse(http.StatusUnsupportedMediaType, "not-supported", "send the body as application/json")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, refuse(http.StatusRequestEntityTooLarge, "too-long", "the body has more than "+strconv.FormatInt(tooLarge.Limit, 10)+" bytes")
	}
	return body, err
}

// fail answers with an OperationOutcome. What failed on our side is told to the log alone.
func (h *hub) fail(w http.ResponseWriter, r *http.Request, err error) {
	status, o := http.StatusInternalServerError, fhir.NewOutcome("exception", "the service failed on our side; call again, and report it if it stays so")
	known, isRefusal := errors.AsType[*refusal](err)
	ours, isRecord := errors.AsType[*record.Error](err)
	switch {
	case isRefusal:
		status, o = known.status, known.outcome
	case errors.Is(err, web.ErrSignIn):
		status, o = http.StatusUnauthorized, fhir.NewOutcome("login", "send an access token: Authorization: Bearer ...")
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
	case errors.Is(err, web.ErrForbidden):
		status, o = http.StatusForbidden, fhir.NewOutcome("forbidden", "your role may not do this")
	case isRecord:
		if status = http.StatusBadRequest; ours.Kind == record.KindForbidden {
			status = http.StatusForbidden
		}
		o = ours.Outcome
	default:
		h.d.Log.LogAttrs(r.Context(), slog.LevelError, "a CDS service failed", slog.String("route", r.Pattern), slog.String("error", err.Error()))
	}
	b := o.Bytes()
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
