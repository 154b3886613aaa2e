package rest

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record/search"
)

// subsetted marks a resource of which only a part is served (FHIR R4 search.html#elements).
const subsetted = `{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED","display":"Resource encoded in summary mode"}`

// partial reports whether less than whole resources are asked for.
func partial(s search.Summary) bool {
	return s.Mode == "true" || s.Mode == "text" || s.Mode == "data" || len(s.Elements) > 0
}

// appendPart appends the part of a document that is asked for, marked as such. What is kept is copied byte for
// byte. match is false for an included resource: _elements without a type are about the matches only.
func appendPart(out, doc []byte, s search.Summary, match bool) []byte {
	r := fhir.Open(doc)
	t, ok := definitions.LookupType(r.Type())
	if !ok {
		return append(out, doc...)
	}
	fields := t.Fields()
	keep, deep := keeper(s, t.Name, match)
	if keep == nil {
		return append(out, doc...)
	}
	return appendKept(out, r.Root(), fields, keep, deep, true)
}

// rule decides about one property; see keeper.
type rule func(name string, p *definitions.Property, required bool) bool

// appendKept appends the object with those properties that the rule keeps; deep applies it inside of them too.
func appendKept(out []byte, n fhir.Node, fields *definitions.Fields, keep rule, deep, root bool) []byte {
	out = append(out, '{')
	first := true
	for c := range n.Children() {
		key := c.Key()
		p, known := fields.Lookup(strings.TrimPrefix(key, "_"))
		switch {
		case key == "resourceType", root && (key == "id" || key == "meta"):
		case !known:
			continue
		case !keep(key, p, fields.Required>>p.Ordinal&1 == 1):
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(append(append(out, '"'), key...), '"', ':')
		switch {
		case root && key == "meta":
			out = appendMarked(out, c)
		case deep && known && !p.Primitive && p.Fields() != nil:
			out = appendDeep(out, c, p.Fields(), keep)
		default:
			out = append(out, c.Raw()...)
		}
	}
	return append(out, '}')
}

// appendDeep applies a rule inside an element, to each of its values.
func appendDeep(out []byte, n fhir.Node, fields *definitions.Fields, keep rule) []byte {
	if n.Kind() == fhir.Object {
		return appendKept(out, n, fields, keep, true, false)
	}
	if n.Kind() != fhir.Array {
		return append(out, n.Raw()...)
	}
	out = append(out, '[')
	first := true
	for c := range n.Children() {
		if !first {
			out = append(out, ',')
		}
		first = false
		out = appendDeep(out, c, fields, keep)
	}
	return append(out, ']')
}

// appendMarked appends meta with the tag that tells of the missing parts.
func appendMarked(out []byte, meta fhir.Node) []byte {
	out = append(out, '{')
	for c := range meta.Children() {
		if c.Key() == "tag" {
			continue
		}
		out = append(append(append(out, '"'), c.Key()...), '"', ':')
		out = append(append(out, c.Raw()...), ',')
	}
	out = append(out, `"tag":[`...)
	for c := range meta.Get("tag").Children() {
		out = append(append(out, c.Raw()...), ',')
	}
	return append(append(out, subsetted...), ']', '}')
}

// keeper is the rule for resources of a type, and whether it holds inside elements as well; nil keeps all.
// What is required or changes the meaning of the rest is always kept.
func keeper(s search.Summary, typ string, match bool) (keep rule, deep bool) {
	if names := elementsOf(s.Elements, typ, match); names != nil {
		return func(_ string, p *definitions.Property, required bool) bool {
			return required || p.Element.Modifier || names[p.Element.Name]
		}, false
	}
	switch s.Mode {
	case "true":
		return func(_ string, p *definitions.Property, required bool) bool {
			return required || p.Element.Modifier || p.Element.Summary
		}, true
	case "text":
		return func(name string, p *definitions.Property, required bool) bool {
			return required || name == "text" || p.Element.Modifier
		}, false
	case "data":
		return func(name string, _ *definitions.Property, _ bool) bool { return name != "text" }, false
	}
	return nil, false
}

// elementsOf are the top-level elements that _elements names for a type; nil if it says nothing about it.
func elementsOf(elements []string, typ string, match bool) map[string]bool {
	var names map[string]bool
	for _, e := range elements {
		if e[0] >= 'A' && e[0] <= 'Z' {
			of, rest, _ := strings.Cut(e, ".")
			if of != typ {
				continue
			}
			e = rest
		} else if !match {
			continue
		}
		e, _, _ = strings.Cut(e, ".")
		if names == nil {
			names = map[string]bool{}
		}
		names[strings.TrimSuffix(e, "[x]")] = true
	}
	return names
}
