package transfer

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// source is one file to load.
type source struct {
	path   string
	name   string // for people
	size   int64  // bytes on disk
	hash   string // of the bytes on disk
	ndjson bool
	kind   string // resource type of its first resource
	export bool   // part of an export of ours: versions are restored
}

// maxBundle bounds a file that must be read whole.
const maxBundle = 512 << 20

// findSources lists the files below the paths that look like FHIR data.
func findSources(paths []string) (out []source, err error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			out = append(out, source{path: p, name: filepath.Base(p), size: info.Size()})
			continue
		}
		err = filepath.WalkDir(p, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !d.Type().IsRegular() || !looksRight(d.Name()) {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			name, err := filepath.Rel(p, path)
			out = append(out, source{path: path, name: name, size: info.Size()})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no .json or .ndjson file is there (.gz and .bz2 too)")
	}
	for i := range out {
		if err := out[i].examine(); err != nil {
			return nil, fmt.Errorf("%s: %w", out[i].name, err)
		}
	}
	slices.SortStableFunc(out, func(a, b source) int {
		if r := rank(a.kind) - rank(b.kind); r != 0 {
			return r
		}
		return strings.Compare(a.path, b.path)
	})
	return out, nil
}

func looksRight(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".bz2")
	return name != manifestName && (strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".ndjson"))
}

// rank orders files so that what others refer to comes first.
func rank(kind string) int {
	order := []string{"Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService", "Endpoint", "Medication", "Substance", "Questionnaire", "Patient", "RelatedPerson", "Coverage", "CareTeam", "Encounter"}
	if i := slices.Index(order, kind); i >= 0 {
		return i
	}
	if kind == "Provenance" {
		return len(order) + 2
	}
	return len(order) + 1
}

// open reads the file's content, decompressed.
func (s *source) open() (io.ReadCloser, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, err
	}
	var r io.Reader = bufio.NewReaderSize(f, 1<<20)
	switch {
	case strings.HasSuffix(s.path, ".gz"):
		if r, err = gzip.NewReader(r); err != nil {
			f.Close()
			return nil, err
		}
	case strings.HasSuffix(s.path, ".bz2"):
		r = bzip2.NewReader(r)
	}
	return struct {
		io.Reader
		io.Closer
	}{r, f}, nil
}

// examine finds out what the file is, and its hash.
func (s *source) examine() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	f.Close()
	if err != nil {
		return err
	}
	s.hash = hex.EncodeToString(h.Sum(nil))
	r, err := s.open()
	if err != nil {
		return err
	}
	defer r.Close()
	line, err := bufio.NewReaderSize(r, 64<<10).ReadSlice('\n')
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return err
	}
	s.ndjson = strings.Contains(filepath.Base(s.path), ".ndjson")
	if doc, err := fhir.Parse(bytes.Clone(bytes.TrimSpace(line))); err == nil {
		s.kind = doc.Type()
	} else if i := bytes.Index(line, []byte(`"resourceType"`)); i >= 0 {
		rest := line[i+len(`"resourceType"`):]
		if parts := bytes.SplitN(rest, []byte{'"'}, 3); len(parts) == 3 {
			s.kind = string(parts[1])
		}
	}
	_, err = os.Stat(filepath.Join(filepath.Dir(s.path), manifestName))
	s.export = err == nil
	return nil
}

// lines reads NDJSON: each line with its number, from 1.
func lines(r io.Reader, f func(n int, line []byte) error) error {
	b := bufio.NewReaderSize(r, 1<<20)
	for n := 1; ; n++ {
		line, err := b.ReadBytes('\n')
		if len(line) > fhir.MaxSize {
			return fmt.Errorf("line %d has more than %d bytes", n, fhir.MaxSize)
		}
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			if err := f(n, trimmed); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
