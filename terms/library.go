package terms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir/definitions"
)

// Library is every code system, value set and map that is here: those that ship with the program, and those in a
// folder. It is a [Source], and may be used by any number of goroutines.
//
// Files in the folder are never changed. A new version of a system is a new file, and takes effect with [Library.Reload].
type Library struct {
	dir     string
	builtin shelf[*System]
	maps    shelf[*Map]
	mu      sync.RWMutex
	loaded  map[string]*volume // by name of the file
}

// volume is one file of the folder.
type volume struct {
	file   string
	kind   string
	info   Info
	mapped MapInfo
	size   int64
	open   func() (*System, *Map, error) // reads the file, once
}

// Extension is how the names of a library's files end.
const Extension = ".terms"

// Open gives the library over a folder; "" = only what ships with the program. A folder that does not exist yet is
// empty. Only the heads of the files are read now. A file that cannot be used is named in the error; the library can be
// used without it.
func Open(dir string) (*Library, error) {
	l := &Library{dir: dir, loaded: map[string]*volume{}}
	return l, l.Reload()
}

// Reload looks into the folder again. Systems that are in use stay as they are for those who use them.
func (l *Library) Reload() error {
	if l.dir == "" {
		return nil
	}
	entries, err := os.ReadDir(l.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	l.mu.RLock()
	before := l.loaded
	l.mu.RUnlock()
	now := make(map[string]*volume, len(entries))
	var errs []error
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), Extension) {
			continue
		}
		if v := before[e.Name()]; v != nil {
			now[e.Name()] = v
			continue
		}
		v, err := openVolume(filepath.Join(l.dir, e.Name()))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", e.Name(), err))
			continue
		}
		now[e.Name()] = v
	}
	l.mu.Lock()
	l.loaded = now
	l.mu.Unlock()
	return errors.Join(errs...)
}

func openVolume(name string) (*volume, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return nil, err
	}
	fixed := make([]byte, min(stat.Size(), int64(fixedSize)))
	if _, err := f.ReadAt(fixed, 0); err != nil {
		return nil, err
	}
	size, err := headSize(fixed)
	if err != nil {
		return nil, err
	}
	start := make([]byte, min(stat.Size(), int64(fixedSize+size)))
	if _, err := f.ReadAt(start, 0); err != nil {
		return nil, err
	}
	h, _, err := readHead(start)
	if err != nil {
		return nil, err
	}
	v := &volume{file: filepath.Base(name), kind: h.Kind, info: h.Info, size: stat.Size()}
	if h.Map != nil {
		v.mapped = *h.Map
	}
	v.open = onceWithError(func() (s *System, m *Map, err error) {
		data, err := mapFile(name)
		if err != nil {
			return nil, nil, err
		}
		if v.kind == "conceptmap" {
			m, err = openMap(data)
		} else {
			s, err = openSystem(data)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", v.file, err)
		}
		return s, m, err
	})
	return v, nil
}

func onceWithError(f func() (*System, *Map, error)) func() (*System, *Map, error) {
	type result struct {
		s   *System
		m   *Map
		err error
	}
	once := sync.OnceValue(func() result { s, m, err := f(); return result{s, m, err} })
	return func() (*System, *Map, error) { r := once(); return r.s, r.m, r.err }
}

// volumes are the loaded files of a kind for a URL, the newest version first.
func (l *Library) volumes(kind, url string) []*volume {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var out []*volume
	for _, v := range l.loaded {
		if v.kind == kind && v.url() == url {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *volume) int {
		return cmp.Or(CompareVersions(b.version(), a.version()), cmp.Compare(a.file, b.file))
	})
	return out
}

func (v *volume) url() string {
	if v.kind == "conceptmap" {
		return v.mapped.URL
	}
	return v.info.URL
}

func (v *volume) version() string {
	if v.kind == "conceptmap" {
		return v.mapped.Version
	}
	return v.info.Version
}

// System finds a code system. Without a version the newest answers; a loaded one goes before what ships with the
// program, unless that is newer.
func (l *Library) System(_ context.Context, url, version string) (*System, error) {
	url, version = canonicalParts(url, version)
	if known, ok := aliases[url]; ok {
		url = known
	}
	shipped, ships := builtinVersion(url)
	for _, v := range l.volumes("codesystem", url) {
		if version != "" && !sameVersion(version, v.info.Version) {
			continue
		}
		if version == "" && ships && CompareVersions(shipped, v.info.Version) > 0 {
			break
		}
		s, _, err := v.open()
		return s, err
	}
	if !ships || version != "" && !sameVersion(version, shipped) {
		// A few tables of HL7 version 2 have a code system for each version.
		url += "|" + version
		if _, ok := slices.BinarySearch(definitions.CodeSystemURLs(), url); !ok {
			return nil, ErrUnknown
		}
	}
	s, ok, err := l.builtin.get(url, builtinSystem)
	if err == nil && !ok {
		err = ErrUnknown
	}
	return s, err
}

// ValueSet finds a value set of HL7, or one that needs no definition (?fhir_vs).
func (l *Library) ValueSet(_ context.Context, url, version string) (*ValueSet, error) {
	url, version = canonicalParts(url, version)
	if v, ok := implicitValueSet(url, version); ok {
		return v, nil
	}
	v, ok := builtinValueSet(url)
	if !ok || version != "" && !sameVersion(version, v.Version) {
		return nil, ErrUnknown
	}
	return v, nil
}

// Map finds a concept map.
func (l *Library) Map(_ context.Context, url, version string) (*Map, error) {
	url, version = canonicalParts(url, version)
	for _, v := range l.volumes("conceptmap", url) {
		if version == "" || sameVersion(version, v.mapped.Version) {
			_, m, err := v.open()
			return m, err
		}
	}
	m, ok, err := l.maps.get(url, builtinMap)
	if err == nil && !ok {
		err = ErrUnknown
	}
	return m, err
}

// Maps are the maps between two code systems, by their URLs; an empty target means any.
func (l *Library) Maps(ctx context.Context, source, target string) ([]*Map, error) {
	urls := []string{NDCToCVX}
	l.mu.RLock()
	for _, v := range l.loaded {
		if v.kind == "conceptmap" && !slices.Contains(urls, v.mapped.URL) {
			urls = append(urls, v.mapped.URL)
		}
	}
	l.mu.RUnlock()
	slices.Sort(urls)
	var out []*Map
	for _, u := range urls {
		m, err := l.Map(ctx, u, "")
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(m.info.Systems, func(p [2]string) bool { return p[0] == source && (target == "" || p[1] == target) }) {
			out = append(out, m)
		}
	}
	return out, nil
}

// Warm makes ready what takes longest: ICD-10-CM, and what is loaded. So nobody's first keystroke waits for it.
func (l *Library) Warm(ctx context.Context) error {
	urls := []string{ICD10CM}
	l.mu.RLock()
	for _, v := range l.loaded {
		if v.kind == "codesystem" && !slices.Contains(urls, v.info.URL) {
			urls = append(urls, v.info.URL)
		}
	}
	l.mu.RUnlock()
	var errs []error
	for _, u := range urls {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, err := l.System(ctx, u, ""); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Listing is one system or map of a library.
type Listing struct {
	URL, Version, Title string
	Kind                string // "code system" or "map"
	Count               int    // of concepts or lines; 0 = not counted, for HL7's own
	Ships               bool   // with the program
	File                string // in the folder; "" for what ships with the program
	Source              string // name of the publisher's file
	Size                int64  // of the file, in bytes
}

// List is everything that is loaded or ships with the program; with all, HL7's own code systems too.
func (l *Library) List(all bool) []Listing {
	var out []Listing
	l.mu.RLock()
	for _, v := range l.loaded {
		if v.kind == "conceptmap" {
			out = append(out, Listing{v.mapped.URL, v.mapped.Version, cmp.Or(v.mapped.Title, v.mapped.Name), "map", v.mapped.Mappings, false, v.file, v.mapped.File, v.size})
		} else {
			out = append(out, Listing{v.info.URL, v.info.Version, cmp.Or(v.info.Title, v.info.Name), "code system", v.info.Concepts, false, v.file, v.info.Source, v.size})
		}
	}
	l.mu.RUnlock()
	for _, i := range []Info{ICD10CMInfo(), CVXInfo(), MVXInfo()} {
		version, _ := builtinVersion(i.URL)
		out = append(out, Listing{URL: i.URL, Version: version, Title: i.Title, Kind: "code system", Ships: true})
	}
	if all {
		for _, u := range definitions.CodeSystemURLs() {
			if d, ok := definitions.LookupCodeSystem(u); ok {
				out = append(out, Listing{URL: d.URL, Version: d.Version, Title: d.Name, Kind: "code system", Count: len(d.Concepts), Ships: true})
			}
		}
	}
	slices.SortFunc(out, func(a, b Listing) int {
		return cmp.Or(cmp.Compare(a.URL, b.URL), CompareVersions(b.Version, a.Version), cmp.Compare(a.File, b.File))
	})
	return out
}

// shelf holds what was made of what ships with the program, each made once when first asked for.
type shelf[T any] struct {
	mu    sync.Mutex
	items map[string]*item[T]
}

type item[T any] struct {
	once  sync.Once
	value T
	ok    bool
	err   error
}

func (s *shelf[T]) get(url string, make func(string) (T, bool, error)) (T, bool, error) {
	s.mu.Lock()
	if s.items == nil {
		s.items = map[string]*item[T]{}
	}
	i := s.items[url]
	if i == nil {
		if len(s.items) > 4096 { // URLs come from outside
			clear(s.items)
		}
		i = &item[T]{}
		s.items[url] = i
	}
	s.mu.Unlock()
	i.once.Do(func() { i.value, i.ok, i.err = make(url) })
	return i.value, i.ok, i.err
}

// Watch looks into the folder again and again, until the context ends, so that what another process loads takes effect
// without a restart. fault is told what goes wrong, each time that something else does.
func (l *Library) Watch(ctx context.Context, every time.Duration, fault func(error)) {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	last := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		now := ""
		err := l.Reload()
		if err != nil {
			now = err.Error()
		}
		if err != nil && now != last {
			fault(err)
		}
		last = now
	}
}
