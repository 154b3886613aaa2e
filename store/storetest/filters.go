package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// testFilters asks what callers see who may not see everything: of rows, and of rows that chains step on.
func testFilters(t *testing.T, f *fixture) {
	const name, subject, code = 1, 2, 3
	// Patients a, b; encounters xa, xb; observations oa, ob that refer to them; practitioner p of nobody.
	row := func(patientNo int64, typ int, id string, org, labels int64, refs ...int64) *store.Write {
		x := store.Index{Tokens: []store.Token{{Atom: code, Code: 1}}, Texts: []store.Text{{Atom: name, Value: id}}}
		for _, r := range refs {
			x.Refs = append(x.Refs, store.Ref{Atom: subject, Target: r})
		}
		w := first(patientNo, typ, id, x)
		w.Row.Org, w.Row.Labels = org, labels
		return w
	}
	f.put(
		row(1, patient, "a", 1, 0), row(2, patient, "b", 2, 0),
		row(0, practitioner, "p", 1, 0),
		row(1, encounter, "xa", 1, 0b01, hashOf(practitioner, "p")),
		row(2, encounter, "xb", 2, 0b10, hashOf(practitioner, "p")),
		row(1, observation, "oa", 1, 0, hashOf(encounter, "xa")),
		row(2, observation, "ob", 2, 0b100, hashOf(encounter, "xb")),
	)
	filters := []struct {
		filter store.Filter
		sees   string
	}{
		{store.Filter{}, "a b p xa xb oa ob"},
		{store.Filter{Patients: []int64{1}}, "a p xa oa"},
		{store.Filter{Patients: []int64{1, 2}}, "a b p xa xb oa ob"},
		{store.Filter{Patients: []int64{}}, "p"},
		{store.Filter{OwnOnly: []int{practitioner}}, "a b xa xb oa ob"},
		{store.Filter{Patients: []int64{1}, OwnOnly: []int{practitioner, observation}}, "a xa oa"},
		{store.Filter{Patients: []int64{1}, OwnOnly: []int{observation}}, "a p xa oa"},
		{store.Filter{OwnOnly: []int{encounter, patient}}, "a b p xa xb oa ob"},
		{store.Filter{Patients: []int64{2}, OwnOnly: []int{encounter, practitioner}}, "b xb ob"},
		{store.Filter{Orgs: []int64{2}}, "b xb ob"},
		{store.Filter{Orgs: []int64{1, 2}}, "a b p xa xb oa ob"},
		{store.Filter{Orgs: []int64{}}, ""},
		{store.Filter{DenyLabels: 0b001}, "a b p xb oa ob"},
		{store.Filter{DenyLabels: 0b110}, "a b p xa oa"},
		{store.Filter{NeedTypes: []int{encounter}, NeedLabels: 0b110}, "a b p xb oa ob"},
		{store.Filter{NeedTypes: []int{encounter, patient}, NeedLabels: 0b001}, "p xa oa ob"},
		{store.Filter{NeedTypes: []int{observation}, NeedLabels: 0b1000}, "a b p xa xb"},
		{store.Filter{NeedTypes: []int{encounter}, NeedLabels: 0b111, DenyLabels: 0b001}, "a b p xb oa ob"},
		{store.Filter{DenyTypes: []int{encounter}}, "a b p oa ob"},
		{store.Filter{DenyTypes: []int{encounter, patient, practitioner}}, "oa ob"},
		{store.Filter{Nothing: true}, ""},
		{store.Filter{Patients: []int64{2}, Orgs: []int64{2}, DenyLabels: 0b100, DenyTypes: []int{patient}}, "xb"},
	}
	types := map[string]int{"a": patient, "b": patient, "p": practitioner, "xa": encounter, "xb": encounter, "oa": observation, "ob": observation}
	// Of those that a filter shows, the ones of a type.
	of := func(sees string, typ int) (ids []string) {
		for _, id := range strings.Fields(sees) {
			if typ == 0 || types[id] == typ {
				ids = append(ids, id)
			}
		}
		return ids
	}
	token := store.TokenIs{Atoms: []int64{code}, Values: []store.TokenValue{{Code: 1, HasCode: true}}}
	for _, c := range filters {
		what := fmt.Sprintf("%+v", c.filter)
		for _, typ := range []int{0, patient, encounter, observation, practitioner} {
			want := of(c.sees, typ)
			plan := func(where ...store.Cond) *store.Plan {
				return &store.Plan{Type: typ, Filter: c.filter, Where: where}
			}
			f.finds(what, plan(), want...)
			f.finds(what+" by token", plan(token), want...)
			f.finds(what+" by not", plan(store.Not{Cond: store.Has{Kind: store.Dates, Atoms: []int64{1}}}), want...)
			f.finds(what+" by or", plan(store.Or{store.UpdatedIs{From: 1}, token}), want...)
			sorted := plan(token)
			sorted.Sort = []store.Sort{{Kind: store.Texts, Atoms: []int64{name}}}
			f.finds(what+" sorted", sorted, want...)
			if typ != 0 {
				f.finds(what+" by owner", plan(store.OwnedBy{Patients: []int64{1, 2}}), without(want, "p")...)
			}
		}
		// A chain must not step on what the caller does not see, even from what it does.
		expect := func(pairs ...string) (ids []string) {
			for i := 0; i < len(pairs); i += 2 {
				if strings.Contains(" "+c.sees+" ", " "+pairs[i+1]+" ") {
					ids = append(ids, pairs[i])
				}
			}
			return ids
		}
		chain := store.Chain{Atoms: []int64{subject}, Type: encounter, Filter: c.filter}
		f.finds(what+" in chain", &store.Plan{Type: observation, Where: []store.Cond{chain}}, expect("oa", "xa", "ob", "xb")...)
		chain.Where = []store.Cond{token}
		f.finds(what+" in chain by token", &store.Plan{Type: observation, Where: []store.Cond{chain}}, expect("oa", "xa", "ob", "xb")...)
		f.finds(what+" in chain within or", &store.Plan{Type: observation, Where: []store.Cond{store.Or{chain}}}, expect("oa", "xa", "ob", "xb")...)
		owner := store.Chain{Owner: true, Type: patient, Filter: c.filter, Where: []store.Cond{
			store.TextIs{Atoms: []int64{name}, Op: store.TextPrefix, Values: []string{""}}}}
		f.finds(what+" in owner", &store.Plan{Type: observation, Where: []store.Cond{owner}}, expect("oa", "a", "ob", "b")...)
		f.finds(what+" in owner beside a token", &store.Plan{Type: encounter, Where: []store.Cond{token, owner}}, expect("xa", "a", "xb", "b")...)
		deep := store.Chain{Atoms: []int64{subject}, Type: encounter, Where: []store.Cond{
			store.Chain{Atoms: []int64{subject}, Type: practitioner, Filter: c.filter}}}
		f.finds(what+" in chain of chain", &store.Plan{Type: observation, Where: []store.Cond{deep}}, expect("oa", "p", "ob", "p")...)
		for name, where := range map[string][]store.Cond{"": nil, " by token": {token}, " by not": {store.Not{Cond: store.Or{}}}} {
			reverse := store.Reverse{Atoms: []int64{subject}, Type: observation, Filter: c.filter, Where: where}
			f.finds(what+" in reverse"+name, &store.Plan{Type: encounter, Where: []store.Cond{reverse}}, expect("xa", "oa", "xb", "ob")...)
			owned := store.Reverse{Owner: true, Type: observation, Filter: c.filter, Where: where}
			f.finds(what+" in owned"+name, &store.Plan{Type: patient, Where: []store.Cond{owned}}, expect("a", "oa", "b", "ob")...)
		}
	}
}

func without(ids []string, id string) (rest []string) {
	for _, x := range ids {
		if x != id {
			rest = append(rest, x)
		}
	}
	return rest
}
