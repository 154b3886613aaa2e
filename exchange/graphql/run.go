package graphql

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
)

// Limits of one query.
const (
	maxQuery     = 64 << 10 // bytes of a query
	maxDepth     = 16       // fields within fields, those of fragments included
	maxLookups   = 250      // resources that are followed, and searches
	maxResources = 2500     // resources that all of these bring
	maxRead      = 64 << 20 // bytes of these, as what they say stays in memory until the answer is written
	maxSteps     = 200_000  // fields that are filled
	maxTime      = 30 * time.Second
	maxAnswer    = 16 << 20 // bytes of values in the answer
	perList      = 50       // resources of a list, where _count is not given
	mostPerList  = 500      // what _count may ask for
)

// session is what the record offers to one caller; *record.Session in the program.
type session interface {
	Read(ctx context.Context, typ, id string) (*record.Version, error)
	ReadVersion(ctx context.Context, typ, id string, version int64) (*record.Version, error)
	Search(ctx context.Context, q record.Query) (*record.Page, error)
}

// run is one query being answered.
type run struct {
	ctx     context.Context
	session session
	base    string // address of the interface
	now     time.Time
	doc     *document
	vars    map[string]value

	lookups, resources, bytes, steps, size, depth int

	keys []string      // of the fields that are being filled, outermost first
	cut  []*incomplete // lists that do not hold all that was found
}

// incomplete is a list that ends before what was found does. It is told once, however many resources have such a list.
type incomplete struct {
	keys  []string
	lists int
}

// notAll notes that the list which is being filled has more.
func (r *run) notAll() {
	for _, c := range r.cut {
		if slices.Equal(c.keys, r.keys) {
			c.lists++
			return
		}
	}
	r.cut = append(r.cut, &incomplete{slices.Clone(r.keys), 1})
}

// notes tell which lists are not whole, and how to get the rest; nil if all are.
func (r *run) notes() *object {
	if len(r.cut) == 0 {
		return nil
	}
	var all []any
	for _, c := range r.cut {
		o := newObject()
		var path []any
		for _, k := range c.keys {
			path = append(path, k)
		}
		o.set("path", path)
		o.set("lists", c.lists)
		o.set("message", "there is more than this list holds: ask with a higher _count, or for a Connection with next")
		all = append(all, o)
	}
	out := newObject()
	out.set("incomplete", all)
	return out
}

// at is a place in a document.
type at struct {
	node     fhir.Node
	sibling  fhir.Node // of a primitive
	typ      string    // "Patient", "HumanName", "BackboneElement"; "Query" at the root
	path     string    // what FHIRPath knows the type by: "Patient.contact" for a backbone
	fields   *definitions.Fields
	resource fhir.Node // that the place is in
	root     fhir.Node // that contains it
}

func ofResource(node, root fhir.Node) at {
	a := at{node: node, typ: node.Get("resourceType").Text(), resource: node, root: root}
	a.path = a.typ
	if t, ok := definitions.LookupType(a.typ); ok {
		a.fields = t.Fields()
	}
	return a
}

// isResource is true of a whole resource.
func (a *at) isResource() bool { return a.node == a.resource && a.typ != "Query" }

// group is one field of the answer: the fields of the query that share its key, which must be the same but for what they
// select. (section 5.3.2)
type group struct {
	field
	sets [][]selection
}

// collect gathers the fields of selections for a place. (section 6.3.2)
func (r *run) collect(sets [][]selection, a *at, groups []*group, spread []string) ([]*group, error) {
	for _, set := range sets {
		for _, s := range set {
			wanted, err := r.included(s.directives)
			if err != nil {
				return nil, err
			}
			if s.field != nil && wanted {
				wanted, err = r.included(s.field.directives)
			}
			if err != nil {
				return nil, err
			}
			if !wanted {
				continue
			}
			if s.field != nil {
				if groups, err = merge(groups, s.field); err != nil {
					return nil, err
				}
				continue
			}
			f := s.inline
			within := spread
			if f == nil {
				if f = r.doc.fragments[s.spread]; f == nil {
					return nil, wrong(s.at, "there is no fragment %s", s.spread)
				}
				if slices.Contains(spread, s.spread) {
					return nil, wrong(s.at, "the fragment %s uses itself", s.spread)
				}
				within = append(slices.Clip(spread), s.spread)
			}
			if r.steps++; r.steps > maxSteps {
				return nil, costly("the query fills more than %d fields; ask for less", maxSteps)
			}
			fits, err := a.fits(f.on, s.at)
			if err != nil {
				return nil, err
			}
			if fits {
				if groups, err = r.collect([][]selection{f.set}, a, groups, within); err != nil {
					return nil, err
				}
			}
		}
	}
	return groups, nil
}

func merge(groups []*group, f *field) ([]*group, error) {
	for _, g := range groups {
		if g.key() != f.key() {
			continue
		}
		if g.name != f.name || !sameArgs(g.args, f.args) || !sameDirectives(g.directives, f.directives) {
			return nil, wrong(f.at, "%s stands for two different fields; give one of them another name, as in other: %s", f.key(), f.name)
		}
		if f.set != nil {
			g.sets = append(g.sets, f.set)
		}
		return groups, nil
	}
	g := &group{field: *f}
	if f.set != nil {
		g.sets = [][]selection{f.set}
	}
	return append(groups, g), nil
}

func sameArgs(a, b []argument) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x argument) bool {
		return !slices.ContainsFunc(b, func(y argument) bool { return x.name == y.name && sameValue(x.value, y.value) })
	})
}

func sameValue(a, b value) bool {
	return a.kind == b.kind && a.text == b.text && slices.EqualFunc(a.list, b.list, sameValue) && sameArgs(a.args, b.args)
}

func sameDirectives(a, b []directive) bool {
	return slices.EqualFunc(a, b, func(x, y directive) bool { return x.name == y.name && sameArgs(x.args, y.args) })
}

// fits reports whether a fragment on a type is about a place.
func (a *at) fits(on string, pos int) (bool, error) {
	if on == "" || on == a.typ {
		return true, nil
	}
	t, ok := definitions.LookupType(on)
	if !ok {
		return false, wrong(pos, "there is no type %s in R4", on)
	}
	for have, ok := definitions.LookupType(a.typ); ok && have.Base != ""; have, ok = definitions.LookupType(have.Base) {
		if have.Base == t.Name {
			return true, nil
		}
	}
	return false, nil
}

// fill adds what is selected of a place.
func (r *run) fill(sets [][]selection, a *at, to *sink) error {
	if r.depth++; r.depth > maxDepth {
		return costly("the query goes deeper than %d levels; ask in several queries", maxDepth)
	}
	defer func() { r.depth-- }()
	groups, err := r.collect(sets, a, nil, nil)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if r.steps++; r.steps > maxSteps {
			return costly("the query fills more than %d fields; ask for less", maxSteps)
		}
		if err := r.ctx.Err(); err != nil {
			return err
		}
		r.keys = append(r.keys, g.key())
		err := r.one(g, a, to)
		r.keys = r.keys[:len(r.keys)-1]
		if err != nil {
			if f, ok := err.(*fault); ok {
				f.path = append([]any{g.key()}, f.path...)
			}
			return err
		}
	}
	return nil
}

// one adds one field.
func (r *run) one(g *group, a *at, to *sink) error {
	switch {
	case g.name == "__typename":
		return to.add(&g.field, []any{a.typ}, false, false)
	case strings.HasPrefix(g.name, "__"):
		return &fault{at: g.at, status: 400, code: "not-supported", text: "introspection is not served; the schemas of FHIR R4 describe what can be asked for"}
	case a.typ == "Query" || a.isResource():
		if typ, kind := searchField(g.name, a.typ == "Query"); kind != noSearch {
			return r.search(g, typ, kind, a, to)
		}
	}
	switch {
	case a.typ == "Query":
		return wrong(g.at, "there is no %s here: write Patient(id: ...), PatientList(...) or PatientConnection(...), with any type of resource", g.name)
	case g.name == "resourceType" && a.isResource():
		return r.leaf(g, to, []any{raw(a.node.Get("resourceType").Raw())}, false)
	case g.name == "resource" && a.typ == "Reference":
		return r.follow(g, a, to)
	}
	return r.element(g, a, to)
}

// leaf adds values that have nothing below them.
func (r *run) leaf(g *group, to *sink, values []any, repeats bool) error {
	if g.sets != nil {
		return wrong(g.at, "%s has no fields", g.name)
	}
	how, err := r.directivesOf(&g.field)
	if err != nil {
		return err
	}
	if how.flatten {
		return wrong(g.at, "@flatten is for what has fields; %s has none", g.name)
	}
	if how.first && len(values) > 1 {
		values = values[:1]
	}
	for _, v := range values {
		if b, ok := v.(raw); ok {
			if r.size += len(b); r.size > maxAnswer {
				return costly("the answer has more than %d MiB; ask for less", maxAnswer>>20)
			}
		}
	}
	return to.add(&g.field, values, repeats, how.singleton)
}

// branch adds places with what is selected of each.
func (r *run) branch(g *group, to *sink, places []at, repeats bool) error {
	if g.sets == nil {
		return wrong(g.at, "say which fields of %s are meant, as in %s { ... }", g.name, g.name)
	}
	how, err := r.directivesOf(&g.field)
	if err != nil {
		return err
	}
	if how.first && len(places) > 1 {
		places = places[:1]
	}
	var values []any
	for i := range places {
		if how.flatten {
			suffix, err := r.suffix(how, &places[i], i)
			if err != nil {
				return err
			}
			inner := &sink{to.out, true, suffix}
			if to.flat {
				inner.suffix = to.suffix + suffix
			}
			if err := r.fill(g.sets, &places[i], inner); err != nil {
				return err
			}
			continue
		}
		if !places[i].node.Exists() { // a primitive of a list that has no extensions
			values = append(values, nil)
			continue
		}
		inner := newObject()
		if err := r.fill(g.sets, &places[i], &sink{out: inner}); err != nil {
			return err
		}
		if len(inner.keys) > 0 || !repeats {
			values = append(values, inner)
		}
	}
	if how.flatten {
		return nil
	}
	return to.add(&g.field, values, repeats, how.singleton)
}
