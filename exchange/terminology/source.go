package terminology

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/terms"
)

// knowledge is a library, and what was made of the record's resources: working out a code system costs more than
// reading it.
type knowledge struct {
	library *terms.Library

	mu   sync.Mutex
	made map[string]any // "Type/id/version" to *terms.ValueSet, *terms.System or *terms.Map
}

// maxMade bounds how many resources are remembered.
const maxMade = 200

func newKnowledge(l *terms.Library) *knowledge { return &knowledge{library: l, made: map[string]any{}} }

// seenBy is the knowledge as a session may see it.
func (k *knowledge) seenBy(s session) *source { return &source{k, s} }

// source is a terms.Source for one caller.
type source struct {
	*knowledge
	session session
}

// ValueSet finds a value set: the record's own before those that ship with the program.
func (s *source) ValueSet(ctx context.Context, url, version string) (*terms.ValueSet, error) {
	if !strings.Contains(url, "?fhir_vs") { // no resource has such a URL
		v, err := stored[*terms.ValueSet](ctx, s, "ValueSet", url, version)
		if !errors.Is(err, terms.ErrUnknown) {
			return v, err
		}
	}
	return s.library.ValueSet(ctx, url, version)
}

// System finds a code system: those that are loaded or ship with the program before the record's own.
func (s *source) System(ctx context.Context, url, version string) (*terms.System, error) {
	x, err := s.library.System(ctx, url, version)
	if !errors.Is(err, terms.ErrUnknown) {
		return x, err
	}
	return stored[*terms.System](ctx, s, "CodeSystem", url, version)
}

// Map finds a map: the record's own before those that are loaded or ship with the program.
func (s *source) Map(ctx context.Context, url, version string) (*terms.Map, error) {
	m, err := stored[*terms.Map](ctx, s, "ConceptMap", url, version)
	if !errors.Is(err, terms.ErrUnknown) {
		return m, err
	}
	return s.library.Map(ctx, url, version)
}

// maps are those that translate from a code system, to another if that is named.
func (s *source) maps(ctx context.Context, from, to string) ([]*terms.Map, error) {
	params := []search.Param{{Name: "source-system", Value: search.Escape(from)}}
	if to != "" {
		params = append(params, search.Param{Name: "target-system", Value: search.Escape(to)})
	}
	var out []*terms.Map
	page, err := s.session.Search(ctx, record.Query{Type: "ConceptMap", Params: params, MaxCount: 100})
	if err != nil && !notForThem(err) {
		return nil, err
	}
	if err == nil {
		for i := range page.Entries {
			if page.Entries[i].Include {
				continue
			}
			m, err := made[*terms.Map](s.knowledge, &page.Entries[i].Version)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	rest, err := s.library.Maps(ctx, from, to)
	return append(out, rest...), err
}

// stored finds a resource of the record by its canonical URL: of several versions the one asked for, or the newest.
func stored[T any](ctx context.Context, s *source, typ, url, version string) (none T, err error) {
	url, v, _ := strings.Cut(url, "|")
	if version == "" {
		version = v
	}
	if url == "" {
		return none, terms.ErrUnknown
	}
	params := []search.Param{{Name: "url", Value: search.Escape(url)}}
	if version != "" {
		params = append(params, search.Param{Name: "version", Value: search.Escape(version)})
	}
	page, err := s.session.Search(ctx, record.Query{Type: typ, Params: params, MaxCount: 100})
	if notForThem(err) {
		return none, terms.ErrUnknown
	}
	if err != nil {
		return none, err
	}
	var best *record.Version
	bestVersion := ""
	for i := range page.Entries {
		e := &page.Entries[i]
		if e.Include {
			continue
		}
		if v := e.Resource().Get("version").Text(); best == nil || terms.CompareVersions(v, bestVersion) > 0 {
			best, bestVersion = &e.Version, v
		}
	}
	if best == nil {
		return none, terms.ErrUnknown
	}
	return made[T](s.knowledge, best)
}

// read finds a resource of the record by its id.
func read[T any](ctx context.Context, s *source, typ, id string) (none T, err error) {
	v, err := s.session.Read(ctx, typ, id)
	if err != nil {
		return none, err
	}
	return made[T](s.knowledge, v)
}

// notForThem is true of what a session says when its role may not search a type: then the record has nothing for it.
func notForThem(err error) bool { return record.KindOf(err) == record.KindForbidden }

// made is what the resource comes to, from memory if the same version was asked for before.
func made[T any](k *knowledge, v *record.Version) (none T, err error) {
	key := fmt.Sprintf("%s/%s/%d", v.Type, v.ID, v.Version)
	k.mu.Lock()
	known, ok := k.made[key].(T)
	k.mu.Unlock()
	if ok {
		return known, nil
	}
	x, err := makeOf[T](v.Resource())
	if err != nil {
		return none, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.made) >= maxMade {
		clear(k.made)
	}
	k.made[key] = x
	return x, nil
}

// makeOf reads a resource as what T says.
func makeOf[T any](r *fhir.Resource) (none T, err error) {
	var x any
	switch any(none).(type) {
	case *terms.ValueSet:
		x, err = terms.ReadValueSet(r)
	case *terms.System:
		var b *terms.Builder
		if b, err = terms.ReadCodeSystem(r); err == nil {
			x, err = b.System()
		}
	case *terms.Map:
		var b *terms.MapBuilder
		if b, err = terms.ReadConceptMap(r); err == nil {
			x, err = b.Map()
		}
	default:
		panic("terminology: no resource is made a " + fmt.Sprintf("%T", none)) // a mistake in the program
	}
	if err != nil {
		return none, &refusal{422, fhir.NewOutcome(fhir.CodeProcessing, "the "+r.Type()+" cannot be used: "+err.Error())}
	}
	return x.(T), nil
}

// overlay puts resources that came with a request before a source.
type overlay struct {
	terms.Source
	sets    []*terms.ValueSet
	systems []*terms.System
}

func (o *overlay) ValueSet(ctx context.Context, url, version string) (*terms.ValueSet, error) {
	if i := slices.IndexFunc(o.sets, func(v *terms.ValueSet) bool {
		return v.URL != "" && v.URL == url && (version == "" || version == v.Version)
	}); i >= 0 {
		return o.sets[i], nil
	}
	return o.Source.ValueSet(ctx, url, version)
}

func (o *overlay) System(ctx context.Context, url, version string) (*terms.System, error) {
	if i := slices.IndexFunc(o.systems, func(x *terms.System) bool {
		info := x.Info()
		return info.URL == url && (version == "" || version == info.Version)
	}); i >= 0 {
		return o.systems[i], nil
	}
	return o.Source.System(ctx, url, version)
}

// withExtras is the source with the resources of tx-resource parameters before it.
func (c *call) withExtras() (terms.Source, error) {
	o := &overlay{Source: c.source}
	for _, p := range c.params.list {
		if p.name != "tx-resource" || p.resource == nil {
			continue
		}
		switch p.resource.Type() {
		case "ValueSet":
			v, err := makeOf[*terms.ValueSet](p.resource)
			if err != nil {
				return nil, err
			}
			o.sets = append(o.sets, v)
		case "CodeSystem":
			x, err := makeOf[*terms.System](p.resource)
			if err != nil {
				return nil, err
			}
			o.systems = append(o.systems, x)
		}
	}
	if o.sets == nil && o.systems == nil {
		return c.source, nil
	}
	return o, nil
}
