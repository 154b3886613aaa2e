package keys

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const (
	fileVersion = 1
	fileMode    = 0o600
	maxFileSize = 1 << 20
	fileNote    = "Whoever has this file and the database can read every record. Keep it apart from the database " +
		"and its backups, and keep a copy in a safe: without it every record is lost."
)

// file is the keyring as it is written: JSON, so that a person can see what it is.
type file struct {
	Version int         `json:"osler-keyring"`
	Note    string      `json:"note"`
	Root    secret      `json:"root"`
	Epochs  []fileEpoch `json:"epochs"`
}

type fileEpoch struct {
	Number uint32 `json:"number"`
	Key    secret `json:"key"`
}

// secret is 32 bytes, written in base64.
type secret [KeySize]byte

func (s secret) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, s[:]), nil
}

func (s *secret) UnmarshalText(text []byte) error {
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil || len(raw) != KeySize {
		// Without the cause: it could quote the key.
		return fmt.Errorf("a key is not %d bytes in base64", KeySize)
	}
	copy(s[:], raw)
	return nil
}

func (s *secret) fill(rnd io.Reader) error {
	if _, err := io.ReadFull(rnd, s[:]); err != nil {
		return fmt.Errorf("reading randomness for a key: %w", err)
	}
	return nil
}

func (f *file) addEpoch(number uint32) *secret {
	f.Epochs = append(f.Epochs, fileEpoch{Number: number})
	return &f.Epochs[len(f.Epochs)-1].Key
}

func (f *file) newest() (n uint32) {
	for _, e := range f.Epochs {
		n = max(n, e.Number)
	}
	return n
}

func (f *file) keyring(path string) (*Keyring, error) {
	k := &Keyring{
		path:   path,
		root:   bytes.Clone(f.Root[:]),
		epochs: make(map[uint32]*Key, len(f.Epochs)),
		newest: f.newest(),
	}
	for _, e := range f.Epochs {
		key, err := NewKey(e.Key[:])
		if err != nil {
			return nil, err
		}
		k.epochs[e.Number] = key
	}
	return k, nil
}

// readFile reads and checks a keyring file. Its errors never quote the content.
func readFile(path string) (*file, error) {
	r, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w; restore it from the copy you keep, or name the right file (a new one cannot read an old database)", err)
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	// Windows has no such mode bits: os reports 0666 there whatever the access list says.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s can be read or changed by other users of this machine (mode %04o); run: chmod 600 %[1]s", path, mode)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize))
	if err != nil {
		return nil, err
	}
	defer clear(data)
	return parseFile(path, data)
}

func parseFile(path string, data []byte) (*file, error) {
	var f file
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil || d.More() {
		return nil, fmt.Errorf("%s is not a keyring, or is damaged; restore it from the copy you keep", path)
	}
	if f.Version != fileVersion {
		return nil, fmt.Errorf("%s is a keyring of version %d; this program reads version %d", path, f.Version, fileVersion)
	}
	seen := map[uint32]bool{}
	for _, e := range f.Epochs {
		if e.Number == 0 || seen[e.Number] || e.Key == (secret{}) {
			return nil, fmt.Errorf("%s is damaged: epoch %d is wrong; restore it from the copy you keep", path, e.Number)
		}
		seen[e.Number] = true
	}
	if len(f.Epochs) == 0 || f.Root == (secret{}) {
		return nil, fmt.Errorf("%s is damaged: a key is missing; restore it from the copy you keep", path)
	}
	return &f, nil
}

// create writes a file that must not exist yet, and makes it and its name durable.
func (f *file) create(path string) error {
	f.Note = fileNote
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	defer clear(data)
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w; an existing keyring is never overwritten", err)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(append(data, '\n'))
	if err == nil {
		err = w.Sync()
	}
	if e := w.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = syncDir(path)
	}
	if err != nil {
		_ = os.Remove(path) // half a keyring would only be in the way
	}
	return err
}

// changeFile edits a keyring file: the new content is written beside it under the name path.new, made durable,
// and renamed. Creating path.new exclusively also keeps two processes from changing the file at once.
func changeFile(path string, edit func(*file) error) error {
	// A link would be replaced by the rename; change what it leads to.
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	next := path + ".new"
	lock, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists: the keyring is being changed by another process, or one died doing so; "+
			"if none is running, remove that file and try again", next)
	}
	if err != nil {
		return err
	}
	defer os.Remove(next) // gone already after the rename
	_ = lock.Close()
	f, err := readFile(path)
	if err != nil {
		return err
	}
	if err := edit(f); err != nil {
		return err
	}
	temp := path + ".tmp"
	_ = os.Remove(temp) // left by a process that died; we hold the lock
	if err := f.create(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncDir(path)
}

// syncDir makes the names in a file's directory durable.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be opened for this there
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
