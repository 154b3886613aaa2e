package record

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/terms"
)

// Profiles, value sets and code systems of implementation guides are resources of the record. What was made of them is
// remembered until one of them changes.

const definitionsName = "definitions"

// definingTypes are the types of which a change changes what resources are checked against.
var definingTypes = []string{"StructureDefinition", "ValueSet", "CodeSystem"}

// definitionsHere is what the record defines, as of a marker in the store.
type definitionsHere struct {
	mu       sync.Mutex
	marker   string
	set      *definitions.Set
	profiles map[string][]string // by type; nil = not read yet
}

// findTime bounds the look for one definition.
const findTime = 10 * time.Second

// Definitions are those of R4 and US Core together with the record's own. What the record's own say is for everybody.
func (r *Record) Definitions() *definitions.Set {
	r.defined.mu.Lock()
	defer r.defined.mu.Unlock()
	if r.defined.set == nil || r.defined.set.Err() != nil {
		r.defined.set = definitions.NewSet(func(typ, url string) ([]byte, error) {
			ctx, cancel := context.WithTimeout(context.Background(), findTime)
			defer cancel()
			return r.canonical(ctx, typ, url)
		})
	}
	return r.defined.set
}

// Definitions are those of R4 and US Core together with the record's own.
func (s *Session) Definitions() *definitions.Set { return s.r.Definitions() }

// canonical reads the definition of a URL: of several versions the one asked for, or the newest. nil if there is none.
func (r *Record) canonical(ctx context.Context, typ, url string) ([]byte, error) {
	url, version, _ := strings.Cut(url, "|")
	sp, ok := r.index.Param(typ, "url")
	if !ok {
		return nil, nil
	}
	is := store.TokenIs{Values: []store.TokenValue{{Code: r.index.Code(url), HasCode: true}}}
	for _, a := range sp.Atoms {
		is.Atoms = append(is.Atoms, a.No)
	}
	hits, err := r.store.Search(ctx, &store.Plan{Type: r.index.Number(typ), Where: []store.Cond{is}, Limit: 100})
	if err != nil {
		return nil, err
	}
	var best *fhir.Resource
	for i := range hits {
		body, err := r.open(ctx, &hits[i].Row)
		if err != nil {
			return nil, err
		}
		doc := fhir.Open(body)
		v := doc.Get("version").Text()
		switch {
		case doc.Get("status").Text() == "retired", version != "" && v != version, typ == "StructureDefinition" && !isProfile(doc):
		case best == nil || terms.CompareVersions(v, best.Get("version").Text()) > 0:
			best = doc
		}
	}
	if best == nil {
		return nil, nil
	}
	return best.Bytes(), nil
}

// isProfile is true of a StructureDefinition that constrains a type, in contrast to one that defines it.
func isProfile(doc *fhir.Resource) bool { return doc.Get("derivation").Text() == "constraint" }

// refreshDefinitions forgets what was made of definitions that have changed since.
func (r *Record) refreshDefinitions(ctx context.Context) error {
	marker, err := absentIsEmpty(r.store.Secret(ctx, searchSpace, definitionsName))
	if err != nil {
		return err
	}
	d := &r.defined
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.marker != string(marker) {
		d.marker, d.set, d.profiles = string(marker), nil, nil
	}
	return nil
}

// changesDefinitions reports whether the batch changes what resources are checked against.
func (b *batch) changesDefinitions() bool {
	return slices.ContainsFunc(b.changes, func(c *change) bool {
		return slices.Contains(definingTypes, c.op.Type) && !c.gone && !c.nothing
	})
}

// checkDefinitions refuses a StructureDefinition that says it is a profile and cannot be used as one.
func (b *batch) checkDefinitions() error {
	for i, c := range b.changes {
		if c.op.Type != "StructureDefinition" || c.op.Restore != nil || !isActive(c.doc) || !isProfile(c.doc) {
			continue
		}
		if k := c.doc.Get("kind").Text(); k != "resource" && k != "complex-type" {
			continue
		}
		if _, err := definitions.ReadProfile(c.doc.Bytes()); err != nil {
			return b.at(i, failAt(KindInvalid, "StructureDefinition", "this profile cannot be used: %v. Mend it, or give it the status draft", err))
		}
	}
	return nil
}

// tell makes this process know at once of what the batch has changed. Should that fail, the next Refresh does it: until
// then all is as it was before.
func (b *batch) tell(ctx context.Context) {
	parameters, defined := b.changesParameters(), b.changesDefinitions()
	if !parameters && !defined {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), findTime)
	defer cancel()
	if parameters {
		_ = b.s.r.refreshIndex(ctx)
	}
	if defined {
		_ = b.s.r.refreshDefinitions(ctx)
	}
}

// Loaded is what a record defines for itself, for the capability statement.
type Loaded struct {
	// Version changes when anything of it does.
	Version string
	// Profiles are the URLs of the profiles of each resource type, with their versions.
	Profiles map[string][]string
	// Parameters are the search parameters that can be searched by now.
	Parameters []search.Custom
}

// Version changes when what the record defines for itself changes.
func (r *Record) LoadedVersion() string {
	r.defined.mu.Lock()
	defer r.defined.mu.Unlock()
	return r.index.Edition().Marker() + " " + r.defined.marker
}

// Loaded tells what the record defines for itself.
func (r *Record) Loaded(ctx context.Context) (*Loaded, error) {
	out := &Loaded{Version: r.LoadedVersion()}
	e := r.index.Edition()
	for _, c := range e.Custom() {
		if !slices.ContainsFunc(e.AddedBy(c.ID), func(name string) bool { a, ok := e.Atom(name); return ok && a.Building }) {
			out.Parameters = append(out.Parameters, c)
		}
	}
	r.defined.mu.Lock()
	marker, known := r.defined.marker, r.defined.profiles
	r.defined.mu.Unlock()
	if known != nil {
		out.Profiles = known
		return out, nil
	}
	out.Profiles = map[string][]string{}
	err := r.each(ctx, "StructureDefinition", func(doc *fhir.Resource) {
		typ := doc.Get("type").Text()
		if !isActive(doc) || !isProfile(doc) || r.index.Number(typ) == 0 {
			return
		}
		url := doc.Get("url").Text()
		if v := doc.Get("version").Text(); v != "" {
			url += "|" + v
		}
		if !slices.Contains(out.Profiles[typ], url) {
			out.Profiles[typ] = append(out.Profiles[typ], url)
		}
	})
	if err != nil {
		return nil, err
	}
	for _, urls := range out.Profiles {
		slices.Sort(urls)
	}
	r.defined.mu.Lock()
	defer r.defined.mu.Unlock()
	if r.defined.marker == marker {
		r.defined.profiles = out.Profiles
	}
	return out, nil
}
