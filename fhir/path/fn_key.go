package path

import "strings"

// keyFunctions are those that SQL on FHIR adds: keys by which tables of resources join. A key is the type
// and id of a resource, such as "Patient/1".
var keyFunctions = map[string]*function{
	"getResourceKey": {eval: func(m *machine, _ *call, base int) error {
		return m.keys(base, func(v Value) string {
			id := v.node.Get("id").Text()
			if v.typ == nil || !v.typ.resource || id == "" {
				return ""
			}
			return v.typ.name + "/" + id
		})
	}},
	"getReferenceKey": {max: 1, typeArgument: true, eval: func(m *machine, c *call, base int) error {
		return m.keys(base, func(v Value) string {
			key := referenceKey(v.node.Get("reference").Text())
			if c.spec != nil && !strings.HasPrefix(key, c.spec.name+"/") {
				return ""
			}
			return key
		})
	}},
}

// keys replaces each value since base by its key; values without one are left out.
func (m *machine) keys(base int, key func(Value) string) error {
	n := len(m.stack) - base
	for i := range n {
		if k := key(m.stack[base+i]); k != "" {
			if err := m.push(StringOf(k)); err != nil {
				return err
			}
		}
	}
	m.keep(base, n)
	return nil
}

// referenceKey is the type and id in a literal reference, relative or absolute, versioned or not.
func referenceKey(ref string) string {
	ref, _, _ = strings.Cut(ref, "/_history/")
	parts := strings.Split(ref, "/")
	if len(parts) < 2 {
		return ""
	}
	typ, id := parts[len(parts)-2], parts[len(parts)-1]
	if t := typeNamed(typ); t == nil || !t.resource || id == "" {
		return ""
	}
	return typ + "/" + id
}
