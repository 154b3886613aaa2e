package path

// typeSpec names a type in an expression.
type typeSpec struct {
	namespace string // "System", "FHIR" or "" for either
	name      string
	system    Kind      // of System types; Complex where the name is none
	fhir      *fhirType // of FHIR types; nil where the name is none
	any       bool      // System.Any
}

var systemTypes = map[string]Kind{
	"Boolean": Boolean, "String": String, "Integer": Integer, "Decimal": Decimal,
	"Date": Date, "DateTime": DateTime, "Time": Time, "Quantity": Quantity,
}

func (s *typeSpec) String() string {
	if s.namespace != "" {
		return s.namespace + "." + s.name
	}
	return s.name
}

// resolve looks the name up; false if there is no such type.
func (s *typeSpec) resolve() bool {
	if s.namespace != "FHIR" {
		s.system = systemTypes[s.name]
		s.any = s.name == "Any"
	}
	if s.namespace != "System" {
		s.fhir = typeNamed(s.name)
	}
	return s.system != Complex || s.any || s.fhir != nil || s.namespace == "System" && typeNamed(s.name) != nil
}

// accepts is the operator `is`: the type itself or one that derives from it.
func (s *typeSpec) accepts(v Value) bool {
	if s.any {
		return true
	}
	if v.fromDocument() {
		return s.fhir != nil && v.typ.is(s.fhir)
	}
	return s.system != Complex && v.kind == s.system
}

// selects is the rule of `as` and ofType(): like accepts, but a primitive must have exactly the type.
func (s *typeSpec) selects(v Value) bool {
	if v.typ != nil && v.typ.primitive {
		return v.typ == s.fhir || s.any
	}
	return s.accepts(v)
}

// typeTest is the operator `is` or `as`.
type typeTest struct {
	left node
	spec *typeSpec
	cast bool
	at   int
}

func (n *typeTest) eval(m *machine) error {
	base := len(m.stack)
	if err := n.left.eval(m); err != nil {
		return err
	}
	if n.cast {
		return m.filterType(base, n.spec)
	}
	return placed(m.isType(base, n.spec), n.at)
}

// filterType keeps the values since base that the type selects.
func (m *machine) filterType(base int, s *typeSpec) error {
	kept := m.stack[:base]
	for _, v := range m.stack[base:] {
		if s.selects(v) {
			kept = append(kept, v)
		}
	}
	m.stack = kept
	return nil
}

func (m *machine) isType(base int, s *typeSpec) error {
	switch len(m.stack) - base {
	case 0:
		return nil
	case 1:
		return m.replyBool(base, s.accepts(m.stack[base]))
	}
	return failf("`is` asks about one item, but there are %d", len(m.stack)-base)
}

var typeFunctions = map[string]*function{
	"is": {min: 1, max: 1, typeArgument: true, eval: func(m *machine, c *call, base int) error { return m.isType(base, c.spec) }},
	// as() filters like ofType(): R4's own invariant dom-3 says descendants().as(canonical).
	"as":     {min: 1, max: 1, typeArgument: true, eval: func(m *machine, c *call, base int) error { return m.filterType(base, c.spec) }},
	"ofType": {min: 1, max: 1, typeArgument: true, eval: func(m *machine, c *call, base int) error { return m.filterType(base, c.spec) }},
	"type":   {eval: reflectType},
}

// typeName is what type() answers.
type typeName struct{ namespace, name string }

func reflectType(m *machine, _ *call, base int) error {
	for i := base; i < len(m.stack); i++ {
		v := m.stack[i]
		t := typeName{"System", v.kind.String()}
		switch {
		case v.typ != nil:
			t = typeName{"FHIR", v.typ.reflected()}
		case v.fromDocument():
			t = typeName{"FHIR", "Element"}
		}
		m.stack[i] = Value{kind: TypeInfo, data: t}
	}
	return nil
}

// pushTypeInfo pushes the namespace or name of what type() answered.
func (m *machine) pushTypeInfo(v Value, member string) error {
	t := v.data.(typeName)
	switch member {
	case "namespace":
		return m.push(StringOf(t.namespace))
	case "name":
		return m.push(StringOf(t.name))
	}
	return nil
}
