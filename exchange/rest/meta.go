package rest

import (
	"net/http"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// labels is the meta of a resource as far as the operations change it.
type labels struct {
	Meta fhir.Meta `fhir:"meta"`
}

// meta answers with the profiles, tags and security labels of a resource.
// (http://hl7.org/fhir/R4/resource-operation-meta.html)
func (c *call) meta() (answer, error) {
	v, err := c.session.Read(c.ctx, c.typ, c.id)
	if err != nil {
		return answer{}, err
	}
	return c.metaOf(v), nil
}

func (c *call) metaOf(v *record.Version) answer {
	return answer{status: http.StatusOK, version: v.Version, at: v.At, body: parametersOf("return", "Meta", v.Resource().Get("meta").Raw())}
}

// metaAdd and metaDelete add what the parameter meta names to a resource, or take it away. Unlike elsewhere that
// makes a new version, so that the history tells who did it.
func (c *call) metaAdd() (record.Op, error) { return c.relabel(addLabels) }

func (c *call) metaDelete() (record.Op, error) { return c.relabel(removeLabels) }

func (c *call) relabel(change func(have *fhir.Meta, with fhir.Meta)) (record.Op, error) {
	op := record.Op{Verb: record.Patch, Type: c.typ, ID: c.id}
	var with fhir.Meta
	found := false
	for p := range c.given("meta") {
		if found {
			return op, refused(http.StatusBadRequest, "invalid", "the parameter meta stands twice", "Parameters.parameter")
		}
		if err := with.Read(p.Get("valueMeta")); err != nil {
			return op, err
		}
		found = true
	}
	if !found {
		return op, refused(http.StatusBadRequest, "required", "post a Parameters resource with the parameter meta, a valueMeta of profiles, tags and security labels", "Parameters.parameter")
	}
	op.Patch = func(r *fhir.Resource) (*fhir.Resource, error) {
		v, err := fhir.View[labels](r)
		if err != nil {
			return nil, err
		}
		change(&v.Meta, with)
		return fhir.Merge(r, v)
	}
	return op, c.meant(&op)
}

// metaChanged tells the meta as it is then.
func (c *call) metaChanged(r *record.Result) (answer, error) { return c.metaOf(&r.Version), nil }

// sameCoding compares what identifies a tag or label. (FHIR R4 resource.html#tags)
func sameCoding(a, b fhir.Coding) bool { return a.System == b.System && a.Code == b.Code }

func addLabels(have *fhir.Meta, with fhir.Meta) {
	for _, p := range with.Profile {
		if !slices.Contains(have.Profile, p) {
			have.Profile = append(have.Profile, p)
		}
	}
	have.Tag = addCodings(have.Tag, with.Tag)
	have.Security = addCodings(have.Security, with.Security)
}

func addCodings(have, with []fhir.Coding) []fhir.Coding {
	for _, t := range with {
		if !slices.ContainsFunc(have, func(h fhir.Coding) bool { return sameCoding(h, t) }) {
			have = append(have, t)
		}
	}
	return have
}

func removeLabels(have *fhir.Meta, with fhir.Meta) {
	have.Profile = slices.DeleteFunc(have.Profile, func(p string) bool { return slices.Contains(with.Profile, p) })
	have.Tag = removeCodings(have.Tag, with.Tag)
	have.Security = removeCodings(have.Security, with.Security)
}

func removeCodings(have, with []fhir.Coding) []fhir.Coding {
	return slices.DeleteFunc(have, func(h fhir.Coding) bool {
		return slices.ContainsFunc(with, func(t fhir.Coding) bool { return sameCoding(h, t) })
	})
}
