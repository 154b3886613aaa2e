package bulk

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/slice"
)

// manifest tells what a finished export has. (Bulk Data Access 2.0, "Response - Complete Status".)
type manifest struct {
	TransactionTime     string         `json:"transactionTime"`
	Request             string         `json:"request"`
	RequiresAccessToken bool           `json:"requiresAccessToken"`
	Output              []manifestFile `json:"output"`
	Deleted             []manifestFile `json:"deleted"`
	Error               []manifestFile `json:"error"`
}

type manifestFile struct {
	Type  string `json:"type"`
	URL   string `json:"url"`
	Count int    `json:"count"`
}

// exportStatus tells how far an export is.
func (s *server) exportStatus(w http.ResponseWriter, r *http.Request) error {
	x, err := s.mine(r)
	if err != nil {
		return err
	}
	switch x.Status {
	case running:
		h := w.Header()
		h.Set("X-Progress", x.progress())
		h.Set("Retry-After", strconv.Itoa(retryAfter(s.Clock.Now().Sub(x.Began))))
		writeOutcome(w, http.StatusAccepted, information("under way: "+x.progress()))
		return nil
	case failed:
		return &refusal{http.StatusInternalServerError, fhir.NewOutcome("exception", "the export failed: "+x.Failure)}
	}
	m := manifest{TransactionTime: stamp(x.Began), Request: x.Asked, RequiresAccessToken: true, Output: []manifestFile{}, Deleted: []manifestFile{}, Error: []manifestFile{}}
	for i, f := range x.Files {
		one := manifestFile{f.Type, s.address(r, exportsPath+x.ID+"/"+x.fileName(i)), f.Count}
		switch {
		case f.Error:
			m.Error = append(m.Error, one)
		case f.Gone:
			m.Deleted = append(m.Deleted, one)
		default:
			m.Output = append(m.Output, one)
		}
	}
	return s.writeJSON(w, x.Expires, m)
}

// writeJSON answers with a document that is no FHIR resource.
func (s *server) writeJSON(w http.ResponseWriter, expires time.Time, m any) error {
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Expires", expires.UTC().Format(http.TimeFormat))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
	return nil
}

// retryAfter is in how many seconds to ask again: the longer it takes already, the later.
func retryAfter(running time.Duration) int { return max(1, min(60, int(running.Seconds()/10))) }

// cancelExport ends an export and takes its files away.
func (s *server) cancelExport(w http.ResponseWriter, r *http.Request) error {
	x, err := s.mine(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = s.spool.Update(ctx, func(tx slice.SpoolTx) error {
		b, err := tx.Value(ctx, stateName(x.ID))
		if err != nil || b == nil {
			return err
		}
		now := new(export) // as far as it is at this moment, so that no file is forgotten
		if err := json.Unmarshal(b, now); err != nil {
			return err
		}
		now.Status, now.Owner.Token = removed, ""
		if b, err = json.Marshal(now); err != nil {
			return err
		}
		if err := tx.SetValue(ctx, stateName(x.ID), b); err != nil {
			return err
		}
		return tx.Add(ctx, removeKind, "now "+x.ID, s.Clock.Now(), []byte("export "+x.ID))
	})
	if err != nil {
		return err
	}
	writeOutcome(w, http.StatusAccepted, information("the export is cancelled, and its files are removed"))
	return nil
}
