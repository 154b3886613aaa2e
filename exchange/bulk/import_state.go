package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/osler-ehr/osler/slice"
)

// Statuses of an import beside those that exports have.
const (
	uploading = "uploading"
	uploaded  = "uploaded"
)

// Fetcher gets what stands at an address of another server. The program gives one only where an administrator has
// said which servers may be asked.
type Fetcher interface {
	// Check reports whether an address may be asked, as far as that can be told without asking it.
	Check(url string) error
	// Open returns the content; reading more than limit bytes of it is an error.
	Open(ctx context.Context, url string, limit int64) (io.ReadCloser, error)
}

// loading is an upload, or an import of several. It is kept sealed.
type loading struct {
	ID      string
	Owner   slice.Owner
	Rights  string
	Asked   string
	Began   time.Time
	Expires time.Time
	Status  string
	Failure string

	Inputs []input
	Place  spot
	// Waiting lines refer to what is not there yet; they are tried again, round by round, as long as that helps.
	Waiting, Next int // lines that wait in this round, and for the next one
	Round         int
}

// input is one file to load. Its lines are kept in chunks that are compressed and sealed each.
type input struct {
	Type   string // of its resources, as far as is said
	URL    string // as the requester calls it
	Upload string // under which it was uploaded: its chunks stand there. "" = it is to be fetched
	Chunks int
	Starts []int // the number of the line with which each chunk begins, from 1
	Bytes  int64

	Stored  int // lines that are in the record now
	Refused int
	Reports int // chunks of what was refused
}

// spot is a line of an input, and where an import goes on.
type spot struct {
	Input, Chunk, Line int
}

func loadingName(id string) string            { return "import " + id }
func inputName(id string, c int) string       { return fmt.Sprintf("import %s/in/%d", id, c) }
func reportName(id string, in, c int) string  { return fmt.Sprintf("import %s/out/%d/%d", id, in, c) }
func waitingName(id string, round int) string { return fmt.Sprintf("import %s/waiting/%d", id, round) }
func (x *loading) reportFile(i int) string    { return fmt.Sprintf("%d.OperationOutcome.ndjson", i+1) }

func (s *server) loadImport(ctx context.Context, id string) (*loading, error) {
	b, err := s.spool.Value(ctx, loadingName(id))
	if err != nil || b == nil {
		return nil, err
	}
	x := new(loading)
	return x, json.Unmarshal(b, x)
}

// myImport reads an upload or import of whoever makes the request.
func (s *server) myImport(r *http.Request, id string) (*loading, error) {
	x, err := s.loadImport(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if x == nil || x.Status == removed || !x.Owner.Same(r) {
		return nil, notFound()
	}
	return x, nil
}

// saveImport writes the state together with more, if it still has the status that it had.
func (s *server) saveImport(ctx context.Context, x *loading, was string, more func(slice.SpoolTx) error) error {
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return s.spool.Update(ctx, func(tx slice.SpoolTx) error {
		if was != "" {
			now, err := tx.Value(ctx, loadingName(x.ID))
			if err != nil {
				return err
			}
			var before struct{ Status string }
			if now == nil || json.Unmarshal(now, &before) != nil || before.Status != was {
				return errRemoved
			}
		}
		if err := tx.SetValue(ctx, loadingName(x.ID), b); err != nil || more == nil {
			return err
		}
		return more(tx)
	})
}

// removeImport takes an upload or import away, with all that was sent for it.
func (s *server) removeImport(ctx context.Context, id string) error {
	x, err := s.loadImport(ctx, id)
	if err != nil || x == nil {
		return err
	}
	if x.Status != removed {
		was := x.Status
		x.Status, x.Owner.Token = removed, ""
		if err := s.saveImport(ctx, x, was, nil); err != nil {
			return err
		}
		return slice.Again{}
	}
	names := []string{}
	for i, in := range x.Inputs {
		if in.Upload == x.ID {
			for c := range in.Chunks {
				names = append(names, inputName(id, c))
			}
		}
		for c := range in.Reports {
			names = append(names, reportName(id, i, c))
		}
	}
	for round := range x.Round + 2 {
		names = append(names, waitingName(id, round))
	}
	return s.removeFiles(ctx, names, loadingName(id))
}

// cancelImport ends an import, or takes an upload back. What is stored already stays.
func (s *server) cancelImport(w http.ResponseWriter, r *http.Request) error {
	x, err := s.myImport(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	ctx := r.Context()
	err = s.spool.Update(ctx, func(tx slice.SpoolTx) error {
		b, err := tx.Value(ctx, loadingName(x.ID))
		if err != nil || b == nil {
			return err
		}
		now := new(loading)
		if err := json.Unmarshal(b, now); err != nil {
			return err
		}
		now.Status, now.Owner.Token = removed, ""
		if b, err = json.Marshal(now); err != nil {
			return err
		}
		if err := tx.SetValue(ctx, loadingName(x.ID), b); err != nil {
			return err
		}
		return tx.Add(ctx, removeKind, "now "+x.ID, s.Clock.Now(), []byte("import "+x.ID))
	})
	if err != nil {
		return err
	}
	writeOutcome(w, http.StatusAccepted, information("cancelled; what was stored before stays stored"))
	return nil
}
