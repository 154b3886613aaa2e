package searchtest

import (
	"fmt"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// Resource is a document of a world.
type Resource struct {
	Type, ID string
	Doc      *fhir.Resource
	Updated  time.Time
	values   map[string][]path.Value // by parameter
}

// Name is "Type/id".
func (r *Resource) Name() string { return r.Type + "/" + r.ID }

// World is everything that can be found.
type World struct {
	byType  map[string][]*Resource
	byName  map[string]*Resource
	exprs   map[string]*path.Expr
	reverse map[string]map[string][]*Resource // by "Type:param": who refers to a name
}

// NewWorld makes a world of stored documents.
func NewWorld(docs []*fhir.Resource) (*World, error) {
	w := &World{byType: map[string][]*Resource{}, byName: map[string]*Resource{}, exprs: map[string]*path.Expr{}, reverse: map[string]map[string][]*Resource{}}
	for _, d := range docs {
		at, err := time.Parse(time.RFC3339Nano, d.Get("meta").Get("lastUpdated").Text())
		if err != nil {
			return nil, err
		}
		r := &Resource{Type: d.Type(), ID: d.ID(), Doc: d, Updated: at, values: map[string][]path.Value{}}
		w.byType[r.Type] = append(w.byType[r.Type], r)
		w.byName[r.Name()] = r
	}
	return w, nil
}

// Len is how many resources of a type there are; "" = of all.
func (w *World) Len(typ string) int {
	if typ == "" {
		return len(w.byName)
	}
	return len(w.byType[typ])
}

// param finds a parameter's definition.
func param(typ, name string) (definitions.SearchParameter, bool) {
	if typ == "" {
		typ = "Basic" // the parameters that all types share
	}
	return definitions.LookupSearchParameter(typ, name)
}

// eval evaluates an expression from a value.
func (w *World) eval(expression string, from path.Value, root fhir.Node) []path.Value {
	e := w.exprs[expression]
	if e == nil {
		var err error
		if e, err = path.Compile(expression); err != nil {
			panic(fmt.Sprintf("a published search parameter does not compile: %v", err))
		}
		w.exprs[expression] = e
	}
	// "where(resolve() is Patient)" asks which type a reference means. The reference itself says so, whether
	// or not its target is here.
	resolve := path.ResolverFunc(func(ref string) (fhir.Node, error) {
		if typ, id, ok := local(ref); ok {
			doc, err := fhir.Parse([]byte(`{"resourceType":"` + typ + `","id":"` + id + `"}`))
			if err != nil {
				return fhir.Node{}, nil
			}
			return doc.Root(), nil
		}
		return fhir.Node{}, nil
	})
	out, err := e.Eval(path.Env{Resource: root, RootResource: root, Resolver: resolve}, from)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", expression, err))
	}
	return out
}

// values are what a parameter sees of a resource.
func (w *World) values(r *Resource, sp definitions.SearchParameter) []path.Value {
	if v, ok := r.values[sp.Name]; ok {
		return v
	}
	var out []path.Value
	if sp.Expression != "" {
		for _, v := range w.eval(sp.Expression, path.Root(r.Doc), r.Doc.Root()) {
			switch {
			case !v.HasValue(): // an element with extensions alone, such as a data-absent-reason
			case sp.Type == "reference" && strings.Contains(sp.Expression, "resolve()") && strings.HasPrefix(reference(v), "#"):
				// What the document contains is no patient of this record.
			default:
				out = append(out, v)
			}
		}
	}
	r.values[sp.Name] = out
	return out
}

// local takes "Type/id" and "Type/id/_history/1" apart.
func local(ref string) (typ, id string, ok bool) {
	ref, _, _ = strings.Cut(ref, "/_history/")
	ref, _, _ = strings.Cut(ref, "#")
	typ, id, ok = strings.Cut(ref, "/")
	return typ, id, ok && definitions.IsResourceType(typ) && id != "" && !strings.Contains(id, "/")
}

// references are the targets that a value names: the addresses of Reference and canonical values.
func reference(v path.Value) string {
	if v.TypeName() == "Reference" {
		return v.Node().Get("reference").Text()
	}
	if v.Kind() == path.Complex { // Bundle.entry.resource: the resource itself
		return v.Node().Get("resourceType").Text() + "/" + v.Node().Get("id").Text()
	}
	return v.Text()
}

// referrers are the resources of a type that refer to a name by a parameter.
func (w *World) referrers(typ string, sp definitions.SearchParameter, name string) []*Resource {
	key := typ + ":" + sp.Name
	if w.reverse[key] == nil {
		m := map[string][]*Resource{}
		for _, r := range w.byType[typ] {
			seen := map[string]bool{}
			for _, v := range w.values(r, sp) {
				if t, id, ok := local(reference(v)); ok && !seen[t+"/"+id] {
					seen[t+"/"+id] = true
					m[t+"/"+id] = append(m[t+"/"+id], r)
				}
			}
		}
		w.reverse[key] = m
	}
	return w.reverse[key][name]
}
