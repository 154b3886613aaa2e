package search

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// local makes an address of this record's own interface the name of a resource in it.
func (c *compiler) local(v string) string {
	if c.env.Base == "" {
		return v
	}
	if name, ok := strings.CutPrefix(v, c.env.Base+"/"); ok {
		return name
	}
	return v
}

// reference: id, Type/id or address; the modifier is a type, or identifier.
func (c *compiler) reference(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier == "identifier" {
		is := store.TokenIs{}
		for _, a := range refAtoms(sp) {
			if ident := c.Edition().atoms["t:"+a.Name[2:]+":identifier"]; ident != nil {
				is.Atoms = append(is.Atoms, ident.No)
			}
		}
		if len(is.Atoms) == 0 {
			return nil, unmodified(name, ":identifier is not supported for this parameter")
		}
		for _, v := range values {
			parts := splitEscaped(v, '|')
			code := unescape(strings.Join(parts[min(1, len(parts)-1):], "|"))
			t := store.TokenValue{HasCode: code != "", Code: c.Token(code)}
			if len(parts) > 1 {
				t.HasSystem, t.System = true, c.System(unescape(parts[0]))
			}
			if t.HasCode || t.System != 0 {
				is.Values = append(is.Values, t)
			}
		}
		return is, nil
	}
	if modifier != "" && c.Number(modifier) == 0 {
		return nil, unmodified(name, "the modifier %q is neither a resource type nor identifier", modifier)
	}
	var targets, patients []int64
	var guesses []candidates
	for _, v := range values {
		v = c.local(unescape(v))
		if t, ok := fhir.ParseReference(v); ok && t.Kind == fhir.RelativeTarget {
			if modifier != "" && t.Type != modifier || sp.Only != "" && t.Type != sp.Only {
				continue
			}
			hash := c.ResourceOf(t.Type, t.ID)
			if t.Type == "Patient" {
				patients = append(patients, hash)
			} else {
				targets = append(targets, hash)
			}
			continue
		}
		if strings.Contains(v, ":") { // an address, for what is not in this record
			targets = append(targets, c.Resource(v))
			continue
		}
		if !fhir.ValidID(v) {
			return nil, wrong(name, "%q is neither an id, nor Type/id, nor an address", v)
		}
		types := sp.Targets
		switch {
		case modifier != "":
			types = []string{modifier}
		case sp.Only != "":
			types = []string{sp.Only}
		case types == nil:
			types = c.Names()
		}
		bare := candidates{}
		for _, t := range types {
			if hash := c.ResourceOf(t, v); t == "Patient" {
				bare.patient = hash
				patients = append(patients, hash)
			} else {
				bare.others = append(bare.others, hash)
			}
		}
		guesses = append(guesses, bare)
	}
	owned := store.OwnedBy{}
	var keys map[int64]store.Key
	if sp.Owner && len(patients) > 0 {
		var err error
		if keys, err = c.env.Exists(c.ctx, patients); err != nil {
			return nil, err
		}
		for _, h := range patients {
			if k, ok := keys[h]; ok {
				owned.Patients = append(owned.Patients, k.Patient())
			}
		}
		patients = nil
	}
	for _, g := range guesses {
		if _, isPatient := keys[g.patient]; !isPatient { // else the id is that patient's, not that of a group or device too
			targets = append(targets, g.others...)
		}
	}
	refs := store.RefIs{Atoms: numbers(refAtoms(sp)), Targets: append(targets, patients...)}
	switch {
	case !sp.Owner || len(owned.Patients) == 0 && len(refs.Targets) > 0:
		return refs, nil
	case len(refs.Targets) == 0:
		return owned, nil
	}
	return store.Or{owned, refs}, nil
}

// candidates are what a bare id may mean.
type candidates struct {
	patient int64
	others  []int64
}
