package transfer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// manifestName is the file that marks a folder as an export of ours.
const manifestName = "osler-export.json"

// Manifest tells what an export holds.
type Manifest struct {
	Format  int            `json:"format"`  // 1
	History bool           `json:"history"` // all versions
	Counts  map[string]int `json:"counts"`  // versions by resource type
}

// Export writes everything that a session may see to a folder, which must be empty or new. With history,
// all versions are written; a deletion is a line of its own:
//
//	{"resourceType":"Bundle","type":"history","entry":[{"fullUrl":...,"request":{"method":"DELETE",...}]}
//
// progress, if not nil, is told how many versions have been written.
func Export(ctx context.Context, s *record.Session, dir string, history bool, progress func(int)) (m *Manifest, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if names, err := os.ReadDir(dir); err != nil {
		return nil, err
	} else if len(names) > 0 {
		return nil, fmt.Errorf("%s is not empty; an export needs a folder of its own", dir)
	}
	m = &Manifest{Format: 1, History: history, Counts: map[string]int{}}
	files := map[string]*outFile{}
	defer func() {
		for _, f := range files {
			err = errors.Join(err, f.close())
		}
		if err == nil {
			err = m.write(dir)
		}
	}()
	total := 0
	err = s.Walk(ctx, history, func(v *record.Version) error {
		f := files[v.Type]
		if f == nil {
			file, err := os.OpenFile(filepath.Join(dir, v.Type+".ndjson"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
			if err != nil {
				return err
			}
			f = &outFile{file, bufio.NewWriterSize(file, 256<<10)}
			files[v.Type] = f
		}
		line := v.Body
		if v.Deleted {
			line = deletion(v)
		}
		f.Write(line)
		m.Counts[v.Type]++
		if total++; progress != nil && total%1000 == 0 {
			progress(total)
		}
		return f.WriteByte('\n')
	})
	return m, err
}

// deletion is the line of a deleted version.
func deletion(v *record.Version) []byte {
	w := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "history"})
	w.Add(fhir.BundleEntry{
		FullURL:  v.Type + "/" + v.ID,
		Request:  fhir.BundleRequest{Method: "DELETE", URL: v.Type + "/" + v.ID},
		Response: fhir.BundleResponse{Status: "204", ETag: fhir.VersionETag(v.Version), LastModified: fhir.InstantOf(v.At)},
	}, nil)
	return w.Finish()
}

type outFile struct {
	file *os.File
	*bufio.Writer
}

func (f *outFile) close() error {
	return errors.Join(f.Flush(), f.file.Sync(), f.file.Close())
}

func (m *Manifest) write(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestName), append(b, '\n'), 0o600)
}

// restoredDeletion reads the line of a deleted version; nil if it is something else.
func restoredDeletion(doc *fhir.Resource) *record.Op {
	if doc.ID() != "" { // a history that somebody stored
		return nil
	}
	b, err := fhir.ReadBundle(doc)
	if err != nil || b.Type != "history" || len(b.Entry) != 1 || b.Entry[0].Request.Method != "DELETE" {
		return nil
	}
	e := b.Entry[0]
	ref, ok := fhir.ParseReference(e.Request.URL)
	var version int64
	if _, err := fmt.Sscanf(e.Response.ETag, `W/"%d"`, &version); err != nil || !ok {
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, e.Response.LastModified.String())
	if err != nil {
		return nil
	}
	return &record.Op{Verb: record.Delete, Type: ref.Type, ID: ref.ID, Restore: &record.Restoration{Version: version, At: at}}
}
