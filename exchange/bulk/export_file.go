package bulk

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record/access"
)

// fileFormat is the media type of NDJSON files.
const fileFormat = "application/fhir+ndjson"

// exportFile gives a file to whoever asked for the export, if its rights are what they were.
func (s *server) exportFile(w http.ResponseWriter, r *http.Request) error {
	x, err := s.mine(r)
	if err != nil {
		return err
	}
	session, err := s.Session(r)
	if err != nil {
		return err
	}
	number, _, _ := strings.Cut(r.PathValue("file"), ".")
	i, err := strconv.Atoi(number)
	if i--; err != nil || x.Status != done || i < 0 || i >= len(x.Files) || r.PathValue("file") != x.fileName(i) {
		return notFound()
	}
	f := x.Files[i]
	if rightsOf(session) != x.Rights || !f.Error && !f.Gone && !session.May(access.Search, f.Type) {
		return refused(http.StatusForbidden, "forbidden", "your rights are not what they were when this export began; begin a new one")
	}
	names := make([]string, f.Chunks)
	for c := range names {
		names[c] = chunkName(x.ID, i, c)
	}
	return s.sendFile(w, r, names, f.Bytes)
}

// patience is how long a client may take to fetch one chunk.
const patience = 5 * time.Minute

// sendFile sends chunks one after the other; size is of all of them, unpacked, -1 if it is not known.
func (s *server) sendFile(w http.ResponseWriter, r *http.Request, names []string, size int64) error {
	first, err := s.chunk(r.Context(), names, 0)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", fileFormat)
	h.Set("Content-Disposition", "attachment")
	h.Set("Vary", "Accept-Encoding")
	var out io.Writer = w
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return err
		}
		defer z.Close()
		out = z
	} else {
		if size >= 0 {
			h.Set("Content-Length", strconv.FormatInt(size, 10))
		}
	}
	if r.Method == http.MethodHead {
		return nil
	}
	limit := http.NewResponseController(w)
	for i := range names {
		_ = limit.SetWriteDeadline(time.Now().Add(patience)) // where there is a connection that can have one
		data := first
		if i > 0 {
			if data, err = s.chunk(r.Context(), names, i); err != nil {
				s.Log.Error("a bulk file cannot be read to its end", "error", err.Error())
				panic(http.ErrAbortHandler) // the client must not take what it has for the whole
			}
		}
		if _, err := out.Write(data); err != nil {
			return nil // the client went away
		}
	}
	return nil
}

func (s *server) chunk(ctx context.Context, names []string, i int) ([]byte, error) {
	if i >= len(names) {
		return nil, nil
	}
	b, err := s.spool.File(ctx, names[i])
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("chunk %d of %d is missing", i+1, len(names))
	}
	return s.unpack.DecodeAll(b, nil)
}
