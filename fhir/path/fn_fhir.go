package path

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// fhirFunctions are those that FHIR adds to the language.
var fhirFunctions = map[string]*function{
	"extension": {min: 1, max: 1, eval: extension},
	"hasValue": {eval: func(m *machine, _ *call, base int) error {
		if len(m.stack)-base != 1 {
			return m.replyBool(base, false)
		}
		v := m.stack[base]
		return m.replyBool(base, v.kind != Complex && v.HasValue())
	}},
	"getValue": {eval: func(m *machine, _ *call, base int) error {
		v, ok, err := m.one(base, "getValue() takes one item")
		if err != nil || !ok || v.kind == Complex {
			m.drop(base)
			return err
		}
		v, ok = v.system()
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, v)
	}},
	"resolve":           {eval: resolve},
	"memberOf":          {min: 1, max: 1, eval: memberOf},
	"conformsTo":        {min: 1, max: 1, eval: conformsTo},
	"elementDefinition": {eval: func(m *machine, _ *call, base int) error { return m.replyEmpty(base) }},
	"slice":             {min: 2, max: 2, eval: func(m *machine, _ *call, base int) error { return m.replyEmpty(base) }},
	"checkModifiers":    {max: unlimited, eval: checkModifiers},
	"htmlChecks": {eval: func(m *machine, _ *call, base int) error {
		v, ok, err := m.one(base, "htmlChecks() takes one narrative")
		if err != nil || !ok {
			m.drop(base)
			return err
		}
		s, _ := v.text()
		return m.replyBool(base, narrativeFault(s) == "")
	}},
	"subsumes":   {min: 1, max: 1, eval: unsupported("subsumes")},
	"subsumedBy": {min: 1, max: 1, eval: unsupported("subsumedBy")},
}

// unsupported fails rather than answer wrongly.
func unsupported(name string) func(*machine, *call, int) error {
	return func(*machine, *call, int) error {
		return failf("%s() needs a terminology service, which is not available in expressions here", name)
	}
}

// system is the value of a primitive as the language's own type, without its place in the document.
func (v Value) system() (Value, bool) {
	switch v.kind {
	case Boolean:
		b, ok := v.Bool()
		return boolValue(b), ok
	case Integer:
		i, ok := v.Int()
		return IntegerOf(i), ok
	case Decimal:
		d, ok := v.Decimal()
		return DecimalOf(d), ok
	case String:
		s, ok := v.Str()
		return StringOf(s), ok
	case Date, DateTime, Time:
		t, ok := v.temporal()
		return temporalValue(t), ok
	}
	return v, !v.fromDocument()
}

// extension keeps the extensions with the url.
func extension(m *machine, c *call, base int) error {
	url, ok, err := m.argString(c.args[0])
	if err != nil || !ok {
		m.drop(base)
		return err
	}
	n := len(m.stack) - base
	for i := range n {
		v := m.stack[base+i]
		parent := v.node
		if v.kind != Complex {
			parent = v.ext
		}
		list := parent.Get("extension")
		for e := range list.Values() {
			if e.Get("url").Text() == url {
				if err := m.push(nodeValue(e, fhir.Node{}, typeNamed("Extension"))); err != nil {
					return err
				}
			}
		}
	}
	m.keep(base, n)
	return nil
}

// resolve follows References, uris and canonicals. What cannot be found is left out.
func resolve(m *machine, _ *call, base int) error {
	n := len(m.stack) - base
	for i := range n {
		v := m.stack[base+i]
		ref, ok := v.Str()
		if !ok {
			ref = v.node.Get("reference").Text()
		}
		if ref == "" {
			continue
		}
		if err := m.spend(10); err != nil {
			return err
		}
		target, err := m.follow(ref)
		if err != nil {
			return err
		}
		if target.Exists() {
			if err := m.push(resourceValue(target)); err != nil {
				return err
			}
		}
	}
	m.keep(base, n)
	return nil
}

// follow finds what a reference points at: in the root resource first, then through the caller.
func (m *machine) follow(ref string) (fhir.Node, error) {
	root := m.rootResource()
	if id, local := strings.CutPrefix(ref, "#"); local {
		if id == "" || root.Get("id").Text() == id {
			return root, nil
		}
		for c := range root.Get("contained").Children() {
			if c.Get("id").Text() == id {
				return c, nil
			}
		}
		return fhir.Node{}, nil
	}
	if root.Get("resourceType").Text() == "Bundle" {
		for e := range root.Get("entry").Children() {
			full := e.Get("fullUrl").Text()
			if full == ref || strings.HasSuffix(full, "/"+ref) {
				return e.Get("resource"), nil
			}
		}
	}
	if m.env.Resolver == nil {
		return fhir.Node{}, nil
	}
	return m.env.Resolver.Resolve(ref)
}

func memberOf(m *machine, c *call, base int) error {
	set, given, err := m.argString(c.args[0])
	if err != nil {
		return err
	}
	v, ok, err := m.one(base, "memberOf() takes one code, Coding or CodeableConcept")
	if err != nil || !ok || !given || m.env.Terms == nil {
		m.drop(base)
		return err
	}
	member, known, err := m.env.Terms.MemberOf(v, set)
	if err != nil || !known {
		m.drop(base)
		return err
	}
	return m.replyBool(base, member)
}

// baseProfile is where R4's own types are defined as profiles.
const baseProfile = "http://hl7.org/fhir/StructureDefinition/"

func conformsTo(m *machine, c *call, base int) error {
	profile, given, err := m.argString(c.args[0])
	if err != nil {
		return err
	}
	v, ok, err := m.one(base, "conformsTo() takes one item")
	if err != nil || !ok || !given {
		m.drop(base)
		return err
	}
	if m.env.Profiles != nil {
		conforms, known, err := m.env.Profiles.ConformsTo(v, profile)
		if err != nil {
			return err
		}
		if known {
			return m.replyBool(base, conforms)
		}
	}
	if name, own := strings.CutPrefix(profile, baseProfile); own {
		if t := typeNamed(name); t != nil {
			return m.replyBool(base, v.typ.is(t))
		}
	}
	return failf("conformsTo() does not know the profile")
}

// checkModifiers fails when the element has a modifier extension that is not among those named.
func checkModifiers(m *machine, c *call, base int) error {
	n := len(m.stack) - base
	known := map[string]bool{}
	for _, arg := range c.args {
		url, ok, err := m.argString(arg)
		if err != nil {
			return err
		}
		known[url] = ok
	}
	for _, v := range m.stack[base : base+n] {
		for e := range v.node.Get("modifierExtension").Values() {
			if !known[e.Get("url").Text()] {
				return failf("the element has a modifier extension that the expression does not name")
			}
		}
	}
	return nil
}
