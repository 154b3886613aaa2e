package search

import (
	"context"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/store"
)

// References are the hashes of the resources that a resource refers to by a parameter ("*" = by any), to
// those of a type only if target is given.
func (x *Index) References(r *fhir.Resource, param, target string) (out []int64) {
	t := x.Edition().byType[r.Type()]
	if t == nil {
		return nil
	}
	for name, p := range t.params {
		if p.Type != "reference" || p.extract == nil && p.expr == nil || param != "*" && name != param {
			continue
		}
		for _, n := range p.nodes(r) {
			ref := n.Get("reference").Text()
			switch {
			case n.Kind() == fhir.String:
				ref = n.Text()
			case n.Get("resourceType").Exists(): // what a reference led to
				ref = n.Get("resourceType").Text() + "/" + n.Get("id").Text()
			}
			to, ok := fhir.ParseReference(ref)
			if !ok || to.Kind != fhir.RelativeTarget || target != "" && to.Type != target || p.Only != "" && to.Type != p.Only {
				continue
			}
			out = append(out, x.ResourceOf(to.Type, to.ID))
		}
	}
	return out
}

// RefersTo is the condition that a resource of a type refers by a parameter to one of those that each
// yields; nil if none can be referred to.
func (x *Index) RefersTo(typ, param, target string, each func(yield func(typ, id string, key store.Key))) store.Cond {
	p, ok := x.Param(typ, param)
	if !ok {
		return nil
	}
	var owned store.OwnedBy
	refs := store.RefIs{Atoms: numbers(refAtoms(p))}
	each(func(to, id string, key store.Key) {
		switch {
		case target != "" && to != target || p.Only != "" && to != p.Only || p.Targets != nil && !contains(p.Targets, to):
		case p.Owner && to == "Patient":
			owned.Patients = append(owned.Patients, key.Patient())
		default:
			refs.Targets = append(refs.Targets, x.ResourceOf(to, id))
		}
	})
	var any store.Or
	if len(owned.Patients) > 0 {
		any = append(any, owned)
	}
	if len(refs.Targets) > 0 {
		any = append(any, refs)
	}
	if len(any) == 0 {
		return nil
	}
	return one(any)
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

// Owned reports whether resources of a type can be part of a patient's record.
func (x *Index) Owned(typ string) bool {
	t := x.Edition().byType[typ]
	return t != nil && (t.owner != "" || typ == "Patient" || typ == "Appointment" || typ == "AppointmentResponse" || typ == "Provenance" || typ == "Binary")
}

// Within narrows a search to a compartment, as HL7's compartment definition has it; over all types to what belongs
// to a patient's record, or refers to what another compartment is named after.
func (x *Index) Within(ctx context.Context, env Env, out *Compiled, typ, compartment, id string) error {
	c := &compiler{Index: x, ctx: ctx, env: env, out: out}
	if typ == "" && compartment != "Patient" {
		itself := x.ResourceOf(compartment, id)
		refs := store.RefIs{Targets: []int64{itself}}
		for _, name := range x.Names() {
			for _, param := range definitions.CompartmentParams(compartment, name) {
				if sp, ok := x.Param(name, param); ok {
					refs.Atoms = append(refs.Atoms, numbers(refAtoms(sp))...)
				}
			}
		}
		out.Plan.Where = append(out.Plan.Where, store.Or{store.HashIs{Hashes: []int64{itself}}, refs})
		return nil
	}
	if typ == "" {
		keys, err := env.Exists(ctx, []int64{x.ResourceOf("Patient", id)})
		if err != nil {
			return err
		}
		owned := store.OwnedBy{}
		for _, k := range keys {
			owned.Patients = append(owned.Patients, k.Patient())
		}
		out.Plan.Where = append(out.Plan.Where, owned)
		return nil
	}
	var any store.Or
	if typ == compartment {
		any = append(any, store.HashIs{Hashes: []int64{x.ResourceOf(typ, id)}})
	}
	for _, param := range definitions.CompartmentParams(compartment, typ) {
		cond, err := c.condition(typ, param, compartment+"/"+id, 0, true)
		if err != nil {
			return err
		}
		any = append(any, cond)
	}
	if len(any) == 0 {
		return wrong(compartment+"/"+id+"/"+typ, "%s is never part of the compartment of a %s", typ, compartment)
	}
	out.Plan.Where = append(out.Plan.Where, one(any))
	return nil
}
