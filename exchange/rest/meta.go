package rest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
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

// metaOfAll answers with the profiles, tags and security labels that stand on the resources of a type, or of all types,
// that the caller may see. What it cannot look through whole it refuses: a list that lacks some would be read as complete.
func (c *call) metaOfAll() (answer, error) {
	var all fhir.Meta
	q := record.Query{Type: c.typ, Params: []search.Param{{Name: "_count", Value: "1000"}}, Strict: true, Base: c.base}
	for looked := 0; ; {
		page, err := c.session.Search(c.ctx, q)
		if err != nil {
			return answer{}, err
		}
		for i := range page.Entries {
			var have fhir.Meta
			if err := have.Read(page.Entries[i].Resource().Get("meta")); err != nil {
				return answer{}, err
			}
			addLabels(&all, have)
		}
		if page.Next == "" {
			break
		}
		if looked += len(page.Entries); looked >= maxLooked {
			return answer{}, refused(http.StatusBadRequest, "too-costly", "there are more than "+strconv.Itoa(maxLooked)+" resources to look at; ask for a type that has fewer, or for one resource")
		}
		q.Page, q.Params = page.Next, nil
	}
	if all.IsZero() {
		return answer{status: http.StatusOK, body: []byte(`{"resourceType":"Parameters"}`)}, nil
	}
	return answer{status: http.StatusOK, body: parametersOf("return", "Meta", all.AppendJSON(nil))}, nil
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
