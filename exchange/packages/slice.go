package packages

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// ReindexPath is where reindexing tells how far it is.
const ReindexPath = "/fhir/$reindex"

// every is how soon reindexing begins after a search parameter was defined.
const every = time.Second

// Slice reindexes, and tells about it.
func Slice(d slice.Deps) slice.Slice {
	return slice.Slice{
		Name: "packages",
		Routes: []slice.Route{{
			Method: http.MethodGet, Pattern: ReindexPath, Right: slice.BySession(access.Search),
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { status(d, w, r) }), Refuse: refuse,
		}},
		Listeners: []slice.Listener{{Name: "reindexing", Serve: func(ctx context.Context) error {
			reindex(ctx, d)
			return nil
		}}},
	}
}

// reindex does what there is to do, on every server: no lease of one that died keeps the others waiting, for they take
// turns by the state in the store.
func reindex(ctx context.Context, d slice.Deps) {
	s := d.Program("reindex")
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for failed := false; ; {
		err := s.Reindex(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !failed {
			d.Log.Error("reindexing failed; it goes on where it was", "error", err)
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
}

// refuse tells whoever may not come in what is missing, and nothing else.
func refuse(w http.ResponseWriter, _ *http.Request, why error) {
	code, outcome := http.StatusServiceUnavailable, fhir.NewOutcome("transient", "who you are could not be looked up; try again in a moment")
	switch {
	case errors.Is(why, web.ErrForbidden):
		code, outcome = http.StatusForbidden, fhir.NewOutcome("forbidden", "your role or token may not ask this")
	case errors.Is(why, web.ErrSignIn), errors.Is(why, identity.ErrBadToken):
		code, outcome = http.StatusUnauthorized, fhir.NewOutcome("login", "sign in, or send a good access token")
		w.Header().Set("WWW-Authenticate", `Bearer realm="osler"`)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(outcome.Bytes()) // the caller has gone if this fails
}

// status answers with Parameters: how many resources of how many are done, and each of the record's own search
// parameters with its state.
func status(d slice.Deps, w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/fhir+json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	s, err := d.Session(r)
	var state *record.Reindexing
	if err == nil {
		state, err = s.Reindexing(r.Context())
	}
	if err != nil {
		code, outcome := http.StatusInternalServerError, fhir.NewOutcome("exception", "how far reindexing is cannot be told now; try again later")
		if record.KindOf(err) == record.KindForbidden {
			code, outcome = http.StatusForbidden, fhir.OutcomeOf(err)
		} else {
			d.Log.Error("reindex status", "error", err)
		}
		w.WriteHeader(code)
		_, _ = w.Write(outcome.Bytes()) // the caller has gone if this fails
		return
	}
	b, err := json.Marshal(parametersOf(state))
	if err != nil {
		panic(err) // plain strings and numbers always encode
	}
	_, _ = w.Write(b)
}

type (
	parameters struct {
		ResourceType string      `json:"resourceType"`
		Parameter    []parameter `json:"parameter"`
	}
	parameter struct {
		Name    string      `json:"name"`
		Code    string      `json:"valueCode,omitempty"`
		Text    string      `json:"valueString,omitempty"`
		URI     string      `json:"valueUri,omitempty"`
		Integer *int64      `json:"valueInteger,omitempty"`
		Part    []parameter `json:"part,omitempty"`
	}
)

func parametersOf(s *record.Reindexing) parameters {
	state := "idle"
	if s.Building {
		state = "indexing"
	}
	out := parameters{ResourceType: "Parameters", Parameter: []parameter{
		{Name: "state", Code: state}, {Name: "done", Integer: &s.Done}, {Name: "total", Integer: &s.Total},
	}}
	for _, p := range s.Parameters {
		one := parameter{Name: "parameter", Part: []parameter{{Name: "id", Text: p.ID}, {Name: "url", URI: p.URL}, {Name: "code", Text: p.Name}}}
		for _, b := range p.Base {
			one.Part = append(one.Part, parameter{Name: "base", Code: b})
		}
		one.Part = append(one.Part, parameter{Name: "state", Code: p.State})
		if p.Reason != "" {
			one.Part = append(one.Part, parameter{Name: "reason", Text: p.Reason})
		}
		out.Parameter = append(out.Parameter, one)
	}
	return out
}
