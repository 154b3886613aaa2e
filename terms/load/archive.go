package load

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// member is one file among those to load.
type member struct {
	name string // with its folders inside an archive, in slashes
	size int64  // unpacked; 0 = not known
	open func() (io.ReadCloser, error)
}

func (m *member) base() string { return path.Base(m.name) }

// release is what was given to load: a file, an archive or a folder.
type release struct {
	name    string // of what was given
	members []member
	close   func() error
}

// maxInMemory bounds what of a packed archive is held unpacked in memory: FHIR packages, which are small.
const maxInMemory = 1 << 30

// openRelease looks into a file or folder.
func openRelease(name string) (*release, error) {
	r := &release{name: filepath.Base(name), close: func() error { return nil }}
	stat, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	lower := strings.ToLower(name)
	switch {
	case stat.IsDir():
		err = r.folder(name)
	case strings.HasSuffix(lower, ".zip"):
		err = r.zip(name)
	case strings.HasSuffix(lower, ".tgz"), strings.HasSuffix(lower, ".tar.gz"):
		err = r.tar(name)
	case strings.HasSuffix(lower, ".gz"):
		r.members = []member{{strings.TrimSuffix(filepath.Base(name), filepath.Ext(name)), 0, func() (io.ReadCloser, error) { return openGzip(name) }}}
	default:
		r.members = []member{{filepath.Base(name), stat.Size(), func() (io.ReadCloser, error) { return os.Open(name) }}}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.name, err)
	}
	slices.SortFunc(r.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return r, nil
}

func (r *release) folder(name string) error {
	return filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(name, file)
		if err != nil {
			return err
		}
		m := member{filepath.ToSlash(rel), info.Size(), func() (io.ReadCloser, error) { return os.Open(file) }}
		if strings.HasSuffix(m.name, ".gz") {
			m = member{strings.TrimSuffix(m.name, ".gz"), 0, func() (io.ReadCloser, error) { return openGzip(file) }}
		}
		r.members = append(r.members, m)
		return nil
	})
}

func (r *release) zip(name string) error {
	z, err := zip.OpenReader(name)
	if err != nil {
		return err
	}
	r.close = z.Close
	for _, f := range z.File {
		if !f.FileInfo().IsDir() {
			r.members = append(r.members, member{f.Name, int64(f.UncompressedSize64), func() (io.ReadCloser, error) { return f.Open() }})
		}
	}
	return nil
}

func (r *release) tar(name string) error {
	f, err := openGzip(name)
	if err != nil {
		return err
	}
	defer f.Close()
	held := int64(0)
	for t := tar.NewReader(f); ; {
		h, err := t.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		data, err := io.ReadAll(io.LimitReader(t, maxInMemory-held+1))
		if err != nil {
			return err
		}
		if held += int64(len(data)); held > maxInMemory {
			return fmt.Errorf("it holds more than %d MB; unpack it and give the folder", maxInMemory>>20)
		}
		r.members = append(r.members, member{h.Name, int64(len(data)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }})
	}
}

func openGzip(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

// find is the first member whose base name satisfies a test, nil if none does.
func (r *release) find(test func(base string) bool) *member {
	for i := range r.members {
		if test(strings.ToLower(r.members[i].base())) {
			return &r.members[i]
		}
	}
	return nil
}

// between tests a lower-case name for its beginning and end.
func between(prefix, suffix string) func(string) bool {
	return func(base string) bool { return strings.HasPrefix(base, prefix) && strings.HasSuffix(base, suffix) }
}
