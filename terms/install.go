package terms

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Writer is a finished [Builder] or [MapBuilder].
type Writer interface{ Write(w io.Writer) error }

// Install writes a system or map into a library's folder, which is made if need be. The file appears there whole or not
// at all: it is written aside, checked, made durable and then moved to its place. A file of the same system and version
// is replaced. The name of the new file is returned.
//
// An installation that was interrupted leaves a file that ends in .tmp, which an installation an hour later removes.
func Install(dir string, w Writer) (file string, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := removeLeftovers(dir); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, "new-*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	sum := crc32.New(castagnoli)
	b := bufio.NewWriterSize(io.MultiWriter(f, sum), 1<<20)
	if err := w.Write(b); err != nil {
		return "", err
	}
	if err := errors.Join(b.Flush(), f.Sync()); err != nil {
		return "", err
	}
	v, err := openVolume(f.Name())
	if err != nil {
		return "", err
	}
	if _, _, err := v.open(); err != nil { // reads and checks every byte
		return "", err
	}
	if err := f.Chmod(0o644); err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	file = fmt.Sprintf("%s-%08x%s", v.stem(), sum.Sum32(), Extension)
	if err := os.Rename(f.Name(), filepath.Join(dir, file)); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	if err := syncDir(dir); err != nil {
		return file, err
	}
	_, err = remove(dir, v.kind, v.url(), v.version(), file)
	return file, err
}

// Remove takes a version of a system or map out of a library's folder, "" = every version. It returns the names of the
// files that were removed.
func Remove(dir, url, version string) ([]string, error) {
	systems, err := remove(dir, "codesystem", url, version, "")
	maps, err2 := remove(dir, "conceptmap", url, version, "")
	return append(systems, maps...), errors.Join(err, err2)
}

// remove removes the files of a system or map but one. An empty version means every version, if nothing is to be kept.
func remove(dir, kind, url, version, keep string) (removed []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Name() == keep || !strings.HasSuffix(e.Name(), Extension) {
			continue
		}
		v, err := openVolume(filepath.Join(dir, e.Name()))
		if err != nil || v.kind != kind || v.url() != url || v.version() != version && (version != "" || keep != "") {
			continue // what cannot be read is not ours to remove
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return removed, err
		}
		removed = append(removed, e.Name())
	}
	return removed, nil
}

// removeLeftovers removes what was last written to long ago: another installation may be under way.
func removeLeftovers(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, "new-*.tmp"))
	if err != nil {
		return err
	}
	for _, name := range left {
		if stat, err := os.Stat(name); err != nil || time.Since(stat.ModTime()) < time.Hour {
			continue
		}
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// stem is the beginning of a file's name: for people who look into the folder.
func (v *volume) stem() string {
	name := v.info.Name
	if v.kind == "conceptmap" {
		name = v.mapped.Name
	}
	if name == "" {
		name = v.url()
	}
	s := name
	if version := v.version(); version != "" {
		s += "-" + version[strings.LastIndexByte(version, '/')+1:]
	}
	var b strings.Builder
	for _, c := range []byte(strings.ToLower(s[:min(len(s), 80)])) {
		switch {
		case c >= 'a' && c <= 'z', isDigit(c), c == '.', c == '-':
			b.WriteByte(c)
		default:
			b.WriteByte('_')
		}
	}
	return strings.TrimLeft(b.String(), ".")
}
