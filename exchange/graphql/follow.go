package graphql

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
)

// follow adds the resource that a reference points at: resource(optional: true, type: Patient). A type that is another
// one leaves the field out; so does optional for what is not there, which is a fault otherwise.
func (r *run) follow(g *group, a *at, to *sink) error {
	optional, only := false, ""
	for _, arg := range g.args {
		v, err := r.resolved(arg.value, arg.at)
		if err != nil {
			return err
		}
		switch {
		case arg.name == "optional" && v.kind == boolValue:
			optional = v.text == "true"
		case arg.name == "type" && (v.kind == enumValue || v.kind == textValue):
			if only = v.text; !definitions.IsResourceType(only) {
				return wrong(arg.at, "%q is not a FHIR R4 resource type", clip(only))
			}
		default:
			return wrong(arg.at, "a reference's resource takes optional: true or false, and type: a type of resource; not %s", arg.name)
		}
	}
	ref := a.node.Get("reference").Text()
	if ref == "" {
		if optional || !a.node.Exists() {
			return nil
		}
		return r.nowhere(g, "the reference names no resource")
	}
	target, err := r.target(ref, a, only)
	switch {
	case record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone:
		if optional {
			return nil
		}
		return r.nowhere(g, "what it refers to is not there, or not for you to see")
	case err != nil:
		return err
	case target == nil:
		return nil // of another type
	case !target.node.Exists():
		if optional {
			return nil
		}
		return r.nowhere(g, "what it refers to is not in this record")
	}
	return r.branch(g, to, []at{*target}, false)
}

// nowhere is the fault of a reference that cannot be followed.
func (r *run) nowhere(g *group, why string) error {
	return &fault{at: g.at, status: 404, code: "not-found", text: "the reference cannot be followed: " + why + "; resource(optional: true) leaves it out"}
}

// target finds what a reference means: a place without a node if that is not here, nil if it is of another type.
func (r *run) target(ref string, a *at, only string) (*at, error) {
	if id, local := strings.CutPrefix(ref, "#"); local {
		found := a.root
		if id != "" && a.root.Get("id").Text() != id {
			found = fhir.Node{}
			for c := range a.root.Get("contained").Values() {
				if c.Get("id").Text() == id {
					found = c
				}
			}
		}
		t := ofResource(found, a.root)
		if found.Exists() && only != "" && t.typ != only {
			return nil, nil
		}
		return &t, nil
	}
	t, ok := fhir.ParseReference(strings.TrimPrefix(ref, r.base+"/"))
	if !ok || t.Kind != fhir.RelativeTarget {
		return &at{}, nil
	}
	if only != "" && t.Type != only {
		return nil, nil
	}
	return r.read(t)
}

// read reads a resource with the caller's session.
func (r *run) read(t fhir.Target) (*at, error) {
	if err := r.looked(1); err != nil {
		return nil, err
	}
	var v *record.Version
	var err error
	if n, bad := strconv.ParseInt(t.Version, 10, 64); t.Version != "" && bad == nil {
		v, err = r.session.ReadVersion(r.ctx, t.Type, t.ID, n)
	} else {
		v, err = r.session.Read(r.ctx, t.Type, t.ID)
	}
	if err != nil {
		return nil, err
	}
	if err := r.brought(len(v.Body)); err != nil {
		return nil, err
	}
	root := v.Resource().Root()
	out := ofResource(root, root)
	return &out, nil
}

// looked counts a look into the record, and the resources that it brings.
func (r *run) looked(resources int) error {
	if r.lookups++; r.lookups > maxLookups {
		return costly("the query looks into the record more than %d times; ask for less, or in several queries", maxLookups)
	}
	if r.resources += resources; r.resources > maxResources {
		return costly("the query brings more than %d resources; ask for less, or in several queries", maxResources)
	}
	return nil
}

// brought counts the bytes of a resource.
func (r *run) brought(n int) error {
	if r.bytes += n; r.bytes > maxRead {
		return costly("the query brings resources of more than %d MiB; ask for less, or in several queries", maxRead>>20)
	}
	return nil
}

// clip keeps what a caller sent from making a message long.
func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
