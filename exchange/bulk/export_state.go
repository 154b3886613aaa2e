package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// Statuses of an export or import.
const (
	running = "running"
	done    = "done"
	failed  = "failed"
	removed = "removed" // its files are about to go
)

// export is everything that is known of one export. It is kept sealed.
type export struct {
	ID      string
	Owner   slice.Owner
	Rights  string // what the owner was when it began, see rightsOf
	Asked   string // address of the kick-off
	Base    string // how the outside world addresses this server
	Request request
	Began   time.Time // transactionTime: what is exported is as it was then
	Expires time.Time
	Status  string
	Failure string // why it failed, for the requester

	Place   place
	Members int // of the group, or patients asked for
	Files   []file
	Written int // resources in the files
	Outside int // resources in the list of what was seen outside of the patients' records
}

// place is where to go on.
type place struct {
	Member int    // for exports patient by patient: which
	Stage  int    // 0 = types without filter, then one filter after the other, then what was deleted
	Page   string // cursor within the stage
}

// file is one file of NDJSON, kept in chunks that are compressed and sealed each.
type file struct {
	Type   string
	Count  int
	Bytes  int64
	Chunks int
	Error  bool // tells what went wrong
	Gone   bool // tells what was deleted
	Full   bool
}

func stateName(id string) string           { return "export " + id }
func chunkName(id string, f, c int) string { return fmt.Sprintf("export %s/%d/%d", id, f, c) }
func membersName(id string) string         { return "export " + id + "/members" }
func outsideName(id string) string         { return "export " + id + "/outside" }

// fileName is how a file is called in its address.
func (x *export) fileName(i int) string { return fmt.Sprintf("%d.%s.ndjson", i+1, x.Files[i].Type) }

// errRemoved means that an export was taken away while it was worked on.
var errRemoved = fmt.Errorf("it was removed meanwhile")

// load reads an export; nil if there is none.
func (s *server) load(ctx context.Context, id string) (*export, error) {
	b, err := s.spool.Value(ctx, stateName(id))
	if err != nil || b == nil {
		return nil, err
	}
	x := new(export)
	return x, json.Unmarshal(b, x)
}

// mine reads an export of whoever makes the request. Another's answers like one that is not there.
func (s *server) mine(r *http.Request) (*export, error) {
	x, err := s.load(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if x == nil || x.Status == removed || !x.Owner.Same(r) {
		return nil, notFound()
	}
	return x, nil
}

// save writes the export and, with it, chunks of its files. It is errRemoved if somebody took it away meanwhile.
func (s *server) save(ctx context.Context, x *export, more func(slice.SpoolTx) error) error {
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return s.spool.Update(ctx, func(tx slice.SpoolTx) error {
		now, err := tx.Value(ctx, stateName(x.ID))
		if err != nil {
			return err
		}
		var before struct{ Status string }
		if now == nil || json.Unmarshal(now, &before) != nil || before.Status != running {
			return errRemoved
		}
		if err := tx.SetValue(ctx, stateName(x.ID), b); err != nil {
			return err
		}
		if more == nil {
			return nil
		}
		return more(tx)
	})
}

// rightsOf is what a session's actor is, apart from its scopes.
func rightsOf(s *record.Session) string {
	a := s.Actor()
	return fmt.Sprint(a.ID, "|", a.RoleNames(), "|", a.Patient, "|", a.Org, "|", a.Orgs, "|", a.Linked)
}

// exports are all exports there are.
func (s *server) exports(ctx context.Context) (out []*export, err error) {
	all, err := s.spool.Values(ctx)
	if err != nil {
		return nil, err
	}
	for name, b := range all {
		if !strings.HasPrefix(name, "export ") {
			continue
		}
		x := new(export)
		if err := json.Unmarshal(b, x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *export) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// removeWork takes an export or import away, with all its files. It may be called again and again.
func (s *server) removeWork(ctx context.Context, _ *record.Session, payload []byte) error {
	kind, id, _ := strings.Cut(string(payload), " ")
	if kind == "import" {
		return s.removeImport(ctx, id)
	}
	x, err := s.load(ctx, id)
	if err != nil || x == nil {
		return err
	}
	names := []string{membersName(id), outsideName(id)}
	for i, f := range x.Files {
		for c := range f.Chunks {
			names = append(names, chunkName(id, i, c))
		}
	}
	if x.Status == running { // nothing more is added from now on
		if err := s.mark(ctx, x, removed, ""); err != nil {
			return err
		}
		return slice.Again{}
	}
	return s.removeFiles(ctx, names, stateName(id))
}

// removeFiles removes files, some at a time, and then the value that names them.
func (s *server) removeFiles(ctx context.Context, names []string, state string) error {
	for part := range slices.Chunk(names, 200) {
		err := s.spool.Update(ctx, func(tx slice.SpoolTx) error {
			for _, n := range part {
				if err := tx.SetFile(ctx, n, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return s.spool.Update(ctx, func(tx slice.SpoolTx) error { return tx.SetValue(ctx, state, nil) })
}

// mark ends an export: nothing is added to it from then on. What was written of a failed one is of no use and goes.
func (s *server) mark(ctx context.Context, x *export, status, failure string) error {
	x.Status, x.Failure = status, failure
	x.Owner.Token = ""
	return s.save(ctx, x, nil)
}
