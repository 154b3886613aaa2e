package rest

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// Loaded tells what the record defines for itself: *record.Record in the program.
type Loaded interface {
	// LoadedVersion changes when anything of it does.
	LoadedVersion() string
	Loaded(ctx context.Context) (*record.Loaded, error)
}

// statements makes the capability statement anew when what is loaded has changed.
type statements struct {
	deps    slice.Deps
	options Options

	mu      sync.Mutex
	version string
	bytes   []byte // nil = not made yet
}

// now is the statement of what there is now.
func (s *statements) now(ctx context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version := ""
	if s.options.Loaded != nil {
		version = s.options.Loaded.LoadedVersion()
	}
	if s.bytes != nil && version == s.version {
		return s.bytes, nil
	}
	loaded := &record.Loaded{}
	if s.options.Loaded != nil {
		var err error
		if loaded, err = s.options.Loaded.Loaded(ctx); err != nil {
			return nil, err
		}
	}
	s.version, s.bytes = loaded.Version, statementOf(s.deps, s.options, loaded)
	return s.bytes, nil
}

// addLoaded adds to what is said of a type the profiles and search parameters that the record defines for itself.
func (r *resourcePart) addLoaded(l *record.Loaded) {
	for _, canonical := range l.Profiles[r.Type] {
		url, version, _ := strings.Cut(canonical, "|")
		if p, known := definitions.Profile(canonical); known && p.Version == version && slices.Contains(r.SupportedProfile, url) {
			continue
		}
		r.SupportedProfile = append(r.SupportedProfile, canonical)
	}
	for _, c := range l.Parameters {
		if !slices.Contains(c.Base, r.Type) && !slices.Contains(c.Base, "Resource") && !slices.Contains(c.Base, "DomainResource") ||
			slices.ContainsFunc(r.SearchParam, func(p searchParam) bool { return p.Name == c.Name }) {
			continue
		}
		r.SearchParam = append(r.SearchParam, searchParam{Name: c.Name, Definition: c.URL, Type: c.Type})
		if c.Type == "reference" {
			r.SearchInclude = append(r.SearchInclude, r.Type+":"+c.Name)
		}
	}
}
