package storetest

import (
	"math"

	"github.com/osler-ehr/osler/store"
	"pgregory.net/rapid"
)

// drawPlan draws a plan over the values that worlds are made of.
func (w *world) drawPlan(rt *rapid.T) store.Plan {
	p := store.Plan{Filter: w.drawFilter(rt)}
	if !rapid.Bool().Draw(rt, "any type") {
		p.Type = rapid.SampledFrom(someTypes).Draw(rt, "type")
	}
	p.Where = w.drawConds(rt, p.Type, 3)
	for range rapid.IntRange(0, 3).Draw(rt, "sorts") {
		s := store.Sort{Desc: rapid.Bool().Draw(rt, "descending")}
		if s.Kind = rapid.SampledFrom([]store.IndexKind{0, store.Dates, store.Texts, store.Amounts}).Draw(rt, "sort"); s.Kind != 0 {
			s.Atoms = rapid.SliceOfNDistinct(rapid.SampledFrom(someAtoms), 1, 2, rapid.ID).Draw(rt, "atoms")
		}
		p.Sort = append(p.Sort, s)
	}
	return p
}

func (w *world) drawFilter(rt *rapid.T) (f store.Filter) {
	for range rapid.IntRange(0, 2).Draw(rt, "filters") {
		switch rapid.IntRange(0, 11).Draw(rt, "filter") {
		case 0, 1:
			f.Patients = several(rt, someOwners, 0)
		case 2, 3:
			f.Orgs = several(rt, someOrgs, 0)
		case 4, 5:
			f.DenyLabels = rapid.Int64Range(0, 7).Draw(rt, "labels")
		case 6, 7:
			f.DenyTypes = several(rt, someTypes, 0)
		case 10, 11:
			f.NeedTypes, f.NeedLabels = several(rt, someTypes, 0), rapid.Int64Range(0, 7).Draw(rt, "needed labels")
		case 8:
			f.Nothing = rapid.Bool().Draw(rt, "nothing")
		}
	}
	return f
}

// several draws distinct values, never nil.
func several[T comparable](rt *rapid.T, from []T, least int) []T {
	got := rapid.SliceOfNDistinct(rapid.SampledFrom(from), least, 3, rapid.ID).Draw(rt, "values")
	if got == nil {
		got = []T{}
	}
	return got
}

func (w *world) drawConds(rt *rapid.T, typ, depth int) []store.Cond {
	var cs []store.Cond
	for range rapid.IntRange(0, 3).Draw(rt, "conditions") {
		cs = append(cs, w.drawCond(rt, typ, depth))
	}
	return cs
}

// drawCond draws a condition on a row of a type, 0 = any.
func (w *world) drawCond(rt *rapid.T, typ, depth int) store.Cond {
	kinds := []string{"token", "ref", "owned", "date", "text", "amount", "has", "hash", "updated"}
	if depth > 0 {
		kinds = append(kinds, "and", "or", "not", "chain", "owner", "reverse")
		if typ == patient {
			kinds = append(kinds, "owning")
		}
	}
	atoms := func() []int64 {
		if rapid.IntRange(0, 19).Draw(rt, "no atom") == 19 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(someAtoms), 1, 2, rapid.ID).Draw(rt, "atoms")
	}
	other := func() int { return rapid.SampledFrom(someTypes).Draw(rt, "type") }
	hashes := func() (out []int64) {
		for range rapid.IntRange(0, 4).Draw(rt, "hashes") {
			out = append(out, w.hash(other(), rapid.IntRange(1, 30).Draw(rt, "resource")))
		}
		return out
	}
	switch kind := rapid.SampledFrom(kinds).Draw(rt, "condition"); kind {
	case "token":
		c := store.TokenIs{Atoms: atoms(), Rank: rapid.IntRange(0, 2).Draw(rt, "rank")}
		for range rapid.IntRange(0, 3).Draw(rt, "tokens") {
			v := store.TokenValue{HasCode: rapid.Bool().Draw(rt, "code")}
			v.HasSystem = !v.HasCode || rapid.Bool().Draw(rt, "system")
			if v.HasCode {
				v.Code = rapid.SampledFrom(someCodes).Draw(rt, "code")
			}
			if v.HasSystem {
				v.System = rapid.SampledFrom(someSystems).Draw(rt, "system")
			}
			c.Values = append(c.Values, v)
		}
		return c
	case "ref":
		return store.RefIs{Atoms: atoms(), Targets: hashes()}
	case "owned":
		return store.OwnedBy{Patients: several(rt, someOwners, 0)}
	case "date":
		lo := rapid.Int64Range(0, 12).Draw(rt, "lo")
		return store.DateIs{Atoms: atoms(), Op: store.DateOp(rapid.IntRange(0, 8).Draw(rt, "operator")),
			Lo: lo, Hi: lo + rapid.Int64Range(1, 5).Draw(rt, "length")}
	case "text":
		return store.TextIs{Atoms: atoms(), Op: store.TextOp(rapid.IntRange(0, 2).Draw(rt, "operator")),
			Values: several(rt, someTexts, 0)}
	case "amount":
		number := rapid.SampledFrom(append([]float64{math.Inf(-1), math.Inf(1)}, someNumbers...))
		c := store.AmountIs{Atoms: atoms(), From: number.Draw(rt, "from"), To: number.Draw(rt, "to"),
			FromOpen: rapid.Bool().Draw(rt, "open"), ToOpen: rapid.Bool().Draw(rt, "open"), Outside: rapid.Bool().Draw(rt, "outside")}
		if rapid.Bool().Draw(rt, "units") {
			c.Units = several(rt, someUnits, 0)
		}
		return c
	case "has":
		return store.Has{Atoms: atoms(), Kind: store.IndexKind(rapid.IntRange(1, 5).Draw(rt, "kind"))}
	case "hash":
		return store.HashIs{Hashes: hashes()}
	case "updated":
		edge := rapid.SampledFrom([]int64{0, 1000, 1003, 1006, 1009, 1012})
		return store.UpdatedIs{From: edge.Draw(rt, "from"), To: edge.Draw(rt, "to")}
	case "and":
		return store.And(w.drawConds(rt, typ, depth-1))
	case "or":
		return store.Or(w.drawConds(rt, typ, depth-1))
	case "not":
		return store.Not{Cond: w.drawCond(rt, typ, depth-1)}
	case "chain":
		to := other()
		return store.Chain{Atoms: atoms(), Type: to, Filter: w.drawFilter(rt), Where: w.drawConds(rt, to, depth-1)}
	case "owner":
		return store.Chain{Owner: true, Type: patient, Filter: w.drawFilter(rt), Where: w.drawConds(rt, patient, depth-1)}
	case "reverse":
		from := other()
		return store.Reverse{Atoms: atoms(), Type: from, Filter: w.drawFilter(rt), Where: w.drawConds(rt, from, depth-1)}
	default:
		from := other()
		return store.Reverse{Owner: true, Type: from, Filter: w.drawFilter(rt), Where: w.drawConds(rt, from, depth-1)}
	}
}
