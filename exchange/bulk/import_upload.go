package bulk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/slice"
)

// chunkSize is about how much of an upload is kept in one piece.
const chunkSize = 1 << 20

// upload keeps NDJSON for an import to come.
func (s *server) upload(w http.ResponseWriter, r *http.Request) error {
	if !isNDJSON(r) {
		return refused(http.StatusUnsupportedMediaType, "not-supported", "send NDJSON, with Content-Type: "+fileFormat)
	}
	x, err := s.receive(w, r)
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.address(r, uploadsPath+x.ID))
	writeOutcome(w, http.StatusCreated, information("kept; name the address in Location as an input of $import"))
	return nil
}

func isNDJSON(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return slices.Contains([]string{"application/fhir+ndjson", "application/ndjson", "application/x-ndjson"}, kind)
}

// receive reads the body of a request into chunks.
func (s *server) receive(w http.ResponseWriter, r *http.Request) (*loading, error) {
	x, err := s.newLoading(r, uploading)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	x.Inputs = []input{{Upload: x.ID}}
	err = s.saveImport(ctx, x, "", func(tx slice.SpoolTx) error {
		return tx.Add(ctx, removeKind, x.ID, x.Expires, []byte("import "+x.ID))
	})
	if err != nil {
		return nil, err
	}
	limit := http.NewResponseController(w)
	err = s.keep(ctx, x, 0, http.MaxBytesReader(w, r.Body, s.Upload), func() { _ = limit.SetReadDeadline(time.Now().Add(patience)) })
	if err == nil {
		x.Status = uploaded
		err = s.saveImport(ctx, x, uploading, nil)
	}
	if err != nil { // what came so far is removed at once
		_ = s.Queue.Add(context.WithoutCancel(ctx), removeKind, "now "+x.ID, s.Clock.Now(), []byte("import "+x.ID))
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			err = refused(http.StatusRequestEntityTooLarge, "too-long", fmt.Sprintf("an upload has at most %d MB; send it in parts", s.Upload>>20))
		}
		return nil, err
	}
	return x, nil
}

// newLoading begins an upload or import of whoever makes the request.
func (s *server) newLoading(r *http.Request, status string) (*loading, error) {
	session, err := s.Session(r)
	if err != nil {
		return nil, err
	}
	id, err := s.newID()
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now().UTC()
	x := &loading{ID: id, Owner: slice.OwnerOf(r), Rights: rightsOf(session), Asked: s.address(r, r.URL.RequestURI()), Began: now, Expires: now.Add(s.Keep), Status: status}
	x.Owner.Outlive = true
	return x, nil
}

// keep reads lines into the chunks of an input. tick is called for each.
func (s *server) keep(ctx context.Context, x *loading, i int, body io.Reader, tick func()) error {
	in := &x.Inputs[i]
	var b bytes.Buffer
	start := 1
	flush := func() error {
		if b.Len() == 0 {
			return nil
		}
		if in.Type == "" {
			in.Type = typeOf(b.Bytes())
		}
		name, data := inputName(in.Upload, in.Chunks), s.pack.EncodeAll(b.Bytes(), nil)
		in.Chunks++
		in.Starts = append(in.Starts, start)
		start += bytes.Count(b.Bytes(), []byte{'\n'})
		in.Bytes += int64(b.Len())
		b.Reset()
		return s.saveImport(ctx, x, x.Status, func(tx slice.SpoolTx) error { return tx.SetFile(ctx, name, data) })
	}
	lines := bufio.NewReaderSize(body, 256<<10)
	for {
		tick()
		line, err := readLine(lines)
		if err != nil && err != io.EOF {
			return err
		}
		b.Write(line)
		if err == io.EOF {
			return flush()
		}
		if b.Len() >= chunkSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// readLine reads a line with its end. A line longer than a resource may be is refused.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > fhir.MaxSize+1 {
			return nil, refused(http.StatusRequestEntityTooLarge, "too-long", fmt.Sprintf("a line has more than %d bytes; each line of NDJSON is one resource", fhir.MaxSize))
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// typeOf is the resource type of the first line, as far as it can be seen at a glance.
func typeOf(lines []byte) string {
	_, rest, ok := bytes.Cut(lines, []byte(`"resourceType"`))
	if !ok {
		return ""
	}
	parts := strings.SplitN(string(rest[:min(len(rest), 100)]), `"`, 3)
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}
