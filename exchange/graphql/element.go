package graphql

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// element adds an element of a document: by its name in JSON, or by that of its "_name" sibling.
func (r *run) element(g *group, a *at, to *sink) error {
	name, sibling := strings.CutPrefix(g.name, "_")
	p, ok := a.fields.Lookup(name)
	if !ok || sibling && !p.Primitive {
		return wrong(g.at, "%s has no element %s", a.typ, g.name)
	}
	args, err := r.elementArgs(g)
	if err != nil {
		return err
	}
	var places []at
	node, beside := a.node.Get(name), a.node.Get("_"+name)
	n := max(node.Len(), beside.Len())
	if node.Kind() != fhir.Array && beside.Kind() != fhir.Array {
		n = 1
		if !node.Exists() && !beside.Exists() {
			n = 0
		}
	}
	for i := range n {
		v := at{node: nth(node, i), sibling: nth(beside, i), typ: p.Type, path: p.Type, fields: p.Fields(), resource: a.resource, root: a.root}
		if p.Type == "BackboneElement" || p.Type == "Element" || p.Type == "" {
			if v.path = p.Element.Path; p.Element.ContentReference != "" {
				v.path = p.Element.ContentReference
			}
		}
		if rt := v.node.Get("resourceType"); rt.Exists() {
			v = ofResource(v.node, a.root)
		}
		keep, err := args.keep(r, g, &v)
		if err != nil {
			return err
		}
		if keep {
			places = append(places, v)
		}
	}
	places = args.page(places)
	switch {
	case sibling:
		for i := range places {
			t, _ := definitions.LookupType(p.Type)
			places[i].node, places[i].typ, places[i].fields = places[i].sibling, "Element", t.Fields()
		}
		return r.branch(g, to, places, p.Repeats)
	case p.Primitive:
		var values []any
		for _, v := range places {
			if v.node.Exists() {
				values = append(values, raw(v.node.Raw()))
			}
		}
		return r.leaf(g, to, values, p.Repeats)
	}
	return r.branch(g, to, places, p.Repeats)
}

func nth(n fhir.Node, i int) fhir.Node {
	if n.Kind() == fhir.Array {
		return n.Index(i)
	}
	return n
}

// elementArgs limit which of an element's values are meant.
type elementArgs struct {
	equal         []argument // children that must have a value
	fhirpath      string
	count, offset int // count is -1 where it is not given
	at            int
}

func (r *run) elementArgs(g *group) (e elementArgs, err error) {
	e.count, e.at = -1, g.at
	for _, a := range g.args {
		v, err := r.resolved(a.value, a.at)
		if err != nil {
			return e, err
		}
		switch a.name {
		case "fhirpath":
			if v.kind != textValue {
				return e, wrong(a.at, "fhirpath is a text")
			}
			e.fhirpath = v.text
		case "_count", "_offset":
			n, err := strconv.Atoi(v.text)
			if err != nil || v.kind != numberValue || n < 0 {
				return e, wrong(a.at, "%s is a number of 0 or more", a.name)
			}
			if a.name == "_count" {
				e.count = n
			} else {
				e.offset = n
			}
		default:
			if v.kind == listValue || v.kind == objectValue || v.kind == nullValue {
				return e, wrong(a.at, "%s is compared with one value", a.name)
			}
			e.equal = append(e.equal, argument{a.name, v, a.at})
		}
	}
	return e, nil
}

// keep reports whether a value is meant.
func (e *elementArgs) keep(r *run, g *group, a *at) (bool, error) {
	for _, want := range e.equal {
		p, ok := a.fields.Lookup(want.name)
		if !ok || !p.Primitive {
			return false, wrong(want.at, "%s has no simple element %s to be chosen by", g.name, want.name)
		}
		found := false
		for v := range a.node.Get(want.name).Values() {
			found = found || v.Text() == want.value.text
		}
		if !found {
			return false, nil
		}
	}
	if e.fhirpath == "" {
		return true, nil
	}
	values, err := r.evaluate(e.fhirpath, a, e.at)
	if err != nil {
		return false, err
	}
	if len(values) != 1 {
		return len(values) > 0, nil
	}
	if b, ok := values[0].Bool(); ok {
		return b, nil
	}
	return true, nil
}

// page is the part of a list that is meant.
func (e *elementArgs) page(places []at) []at {
	places = places[min(e.offset, len(places)):]
	if e.count >= 0 {
		places = places[:min(e.count, len(places))]
	}
	return places
}
