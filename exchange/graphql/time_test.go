package graphql

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// A query that runs out of its time ends, and says why.
func TestTime(t *testing.T) {
	s := practice(t)
	h := &server{time: time.Nanosecond, deps: slice.Deps{Clock: clock.System{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Session: func(*http.Request) (*record.Session, error) { return s.As(access.Administrator), nil }}}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/fhir/$graphql?query={ObservationList{id}}", nil))
	says(t, "no time", w, 400, "too long")
}
