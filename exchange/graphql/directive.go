package graphql

import (
	"strconv"

	fhirpath "github.com/osler-ehr/osler/fhir/path"
)

// included heeds @skip and @include.
func (r *run) included(list []directive) (bool, error) {
	for _, d := range list {
		if d.name != "skip" && d.name != "include" {
			continue
		}
		if len(d.args) != 1 || d.args[0].name != "if" {
			return false, wrong(d.at, "write @%s(if: ...)", d.name)
		}
		v, err := r.resolved(d.args[0].value, d.at)
		if err != nil {
			return false, err
		}
		if v.kind != boolValue {
			return false, wrong(d.at, "what stands after if must be true or false")
		}
		if (v.text == "true") == (d.name == "skip") {
			return false, nil
		}
	}
	return true, nil
}

// how is what FHIR's own directives ask of a field.
type how struct {
	first, flatten, singleton bool
	slice                     string // FHIRPath
	at                        int
}

func (r *run) directivesOf(f *field) (h how, err error) {
	for _, d := range f.directives {
		h.at = d.at
		switch d.name {
		case "skip", "include":
			continue
		case "first":
			h.first = true
		case "flatten":
			h.flatten = true
		case "singleton":
			h.singleton = true
		case "slice":
			if len(d.args) != 1 || d.args[0].name != "path" && d.args[0].name != "fhirpath" {
				return h, wrong(d.at, "write @slice(path: \"...\") with an expression of FHIRPath")
			}
			v, err := r.resolved(d.args[0].value, d.at)
			if err != nil {
				return h, err
			}
			if v.kind != textValue {
				return h, wrong(d.at, "the path is a text")
			}
			h.slice = v.text
			continue
		default:
			return h, wrong(d.at, "there is no directive @%s; there are @skip, @include, @flatten, @first, @singleton and @slice", d.name)
		}
		if d.args != nil {
			return h, wrong(d.at, "@%s takes no arguments", d.name)
		}
	}
	if h.slice != "" && !h.flatten {
		return h, wrong(f.at, "@slice names what @flatten lifts; write both")
	}
	return h, nil
}

// suffix is what @slice adds to the names of the fields below a value.
func (r *run) suffix(h how, a *at, i int) (string, error) {
	switch h.slice {
	case "":
		return "", nil
	case "$index":
		return "." + strconv.Itoa(i), nil
	}
	values, err := r.evaluate(h.slice, a, h.at)
	if err != nil {
		return "", err
	}
	for _, v := range values {
		if text := v.Text(); text != "" {
			return "." + text, nil
		}
	}
	return "", nil
}

// pathSteps bounds the work of one expression on one value.
const pathSteps = 20_000

// evaluate evaluates FHIRPath at a place. It follows no references.
func (r *run) evaluate(expression string, a *at, pos int) ([]fhirpath.Value, error) {
	expr, err := fhirpath.Compile(expression)
	if err != nil {
		return nil, wrong(pos, "%v", err)
	}
	if r.steps += 10; r.steps > maxSteps {
		return nil, costly("the query fills more than %d fields; ask for less", maxSteps)
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	focus := fhirpath.Element(a.node, a.sibling, a.path)
	values, err := expr.Eval(fhirpath.Env{Resource: a.resource, RootResource: a.root, Now: r.now, MaxSteps: pathSteps}, focus)
	if err != nil {
		return nil, wrong(pos, "%v", err)
	}
	return values, nil
}

// resolved is a value with its variables filled in.
func (r *run) resolved(v value, pos int) (value, error) {
	switch v.kind {
	case variableValue:
		have, ok := r.vars[v.text]
		if !ok {
			return v, wrong(pos, "the variable $%s is not declared", v.text)
		}
		return have, nil
	case listValue:
		out := value{kind: listValue}
		for _, x := range v.list {
			x, err := r.resolved(x, pos)
			if err != nil {
				return v, err
			}
			out.list = append(out.list, x)
		}
		return out, nil
	}
	return v, nil
}
