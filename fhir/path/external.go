package path

import "strings"

// external is %name.
type external struct {
	name string
	at   int
}

func (n *external) eval(m *machine) error {
	if vs, ok := m.env.Variables[n.name]; ok {
		return m.pushAll(vs)
	}
	switch n.name {
	case "context":
		return m.push(m.context)
	case "resource":
		if r := m.resource(); r.Exists() {
			return m.push(resourceValue(r))
		}
		return nil
	case "rootResource":
		if r := m.rootResource(); r.Exists() {
			return m.push(resourceValue(r))
		}
		return nil
	case "ucum":
		return m.push(StringOf(ucumSystem))
	case "sct":
		return m.push(StringOf("http://snomed.info/sct"))
	case "loinc":
		return m.push(StringOf("http://loinc.org"))
	}
	if set, ok := strings.CutPrefix(n.name, "vs-"); ok {
		return m.push(StringOf("http://hl7.org/fhir/ValueSet/" + set))
	}
	if ext, ok := strings.CutPrefix(n.name, "ext-"); ok {
		return m.push(StringOf("http://hl7.org/fhir/StructureDefinition/" + ext))
	}
	return placed(failf("there is no variable %%%s", n.name), n.at)
}
