package storetest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/store"
)

// testConditions asks each kind of condition of a small practice: two patients a and b, observations a1, a2
// and b1, encounters ea and eb, and the practitioner p, whom ea and the observations of a refer to.
func testConditions(t *testing.T, f *fixture) {
	const (
		code = 1 + iota
		status
		performer
		context
		when
		note
		value
	)
	text := func(values ...string) (x []store.Text) {
		for _, v := range values {
			x = append(x, store.Text{Atom: note, Value: v})
		}
		return x
	}
	target := func(typ int, id string) int64 { return hashOf(typ, id) }
	writes := []*store.Write{
		first(1, patient, "a", store.Index{Texts: text("smith", "jo")}),
		first(2, patient, "b", store.Index{Texts: text("smithers", "50%_\\")}),
		first(0, practitioner, "p", store.Index{Texts: text("smit")}),
		first(1, encounter, "ea", store.Index{Refs: []store.Ref{{Atom: performer, Target: target(practitioner, "p")}},
			Dates: []store.Date{{Atom: when, Lo: 100, Hi: 200}}}),
		first(2, encounter, "eb", store.Index{Dates: []store.Date{{Atom: when, Lo: 150, Hi: 250}}}),
		first(1, observation, "a1", store.Index{
			Tokens:  []store.Token{{Atom: code, Code: 11, System: 1}, {Atom: status, Code: 1}},
			Refs:    []store.Ref{{Atom: performer, Target: target(practitioner, "p")}, {Atom: context, Target: target(encounter, "ea")}},
			Dates:   []store.Date{{Atom: when, Lo: 110, Hi: 111}},
			Amounts: []store.Amount{{Atom: value, Value: 5, Unit: 1}},
		}),
		first(1, observation, "a2", store.Index{
			Tokens:  []store.Token{{Atom: code, Code: 11, System: 2}, {Atom: code, Code: 12, System: 1}, {Atom: status, Code: 2}},
			Refs:    []store.Ref{{Atom: performer, Target: target(practitioner, "p")}, {Atom: context, Target: 404}},
			Dates:   []store.Date{{Atom: when, Lo: 200, Hi: 300}},
			Amounts: []store.Amount{{Atom: value, Value: 5, Unit: 2}, {Atom: value, Value: 7.5, Unit: 1}},
		}),
		first(2, observation, "b1", store.Index{
			Tokens:  []store.Token{{Atom: code, Code: 12, System: 0}, {Atom: status, Code: 1}},
			Refs:    []store.Ref{{Atom: context, Target: target(encounter, "eb")}},
			Dates:   []store.Date{{Atom: when, Lo: 50, Hi: 150}, {Atom: when, Lo: 300, Hi: 400}},
			Amounts: []store.Amount{{Atom: value, Value: -2, Unit: 0}},
		}),
	}
	for i, w := range writes {
		w.Row.At = int64(1000 + i)
	}
	f.put(writes...)

	tok := func(atom int64, vs ...store.TokenValue) store.TokenIs {
		return store.TokenIs{Atoms: []int64{atom}, Values: vs}
	}
	any := func(c int64) store.TokenValue { return store.TokenValue{Code: c, HasCode: true} }
	of := func(s, c int64) store.TokenValue {
		return store.TokenValue{Code: c, System: s, HasCode: true, HasSystem: true}
	}
	all := func(s int64) store.TokenValue { return store.TokenValue{System: s, HasSystem: true} }
	ref := func(atom int64, targets ...int64) store.RefIs {
		return store.RefIs{Atoms: []int64{atom}, Targets: targets}
	}
	date := func(op store.DateOp, lo, hi int64) store.DateIs {
		return store.DateIs{Atoms: []int64{when}, Op: op, Lo: lo, Hi: hi}
	}
	str := func(op store.TextOp, vs ...string) store.TextIs {
		return store.TextIs{Atoms: []int64{note}, Op: op, Values: vs}
	}
	amount := func(from, to float64, units ...int64) store.AmountIs {
		return store.AmountIs{Atoms: []int64{value}, From: from, To: to, Units: units}
	}
	has := func(k store.IndexKind, atoms ...int64) store.Has { return store.Has{Kind: k, Atoms: atoms} }
	chain := func(atom int64, typ int, where ...store.Cond) store.Chain {
		return store.Chain{Atoms: []int64{atom}, Type: typ, Where: where}
	}
	reverse := func(atom int64, typ int, where ...store.Cond) store.Reverse {
		return store.Reverse{Atoms: []int64{atom}, Type: typ, Where: where}
	}
	owner := func(where ...store.Cond) store.Chain { return store.Chain{Owner: true, Type: patient, Where: where} }
	owned := func(typ int, where ...store.Cond) store.Reverse {
		return store.Reverse{Owner: true, Type: typ, Where: where}
	}
	everything := "a b p ea eb a1 a2 b1"

	cases := []struct {
		typ  int
		cond store.Cond
		want string
	}{
		{0, store.And{}, everything},
		{observation, store.And{}, "a1 a2 b1"},
		{practitioner, store.And{}, "p"},
		{200, store.And{}, ""},
		{observation, store.Or{}, ""},
		{observation, store.Not{Cond: store.Or{}}, "a1 a2 b1"},

		{observation, tok(code, any(11)), "a1 a2"},
		{0, tok(code, any(11)), "a1 a2"},
		{encounter, tok(code, any(11)), ""},
		{observation, tok(code, of(1, 11)), "a1"},
		{observation, tok(code, of(0, 11)), ""},
		{observation, tok(code, of(0, 12)), "b1"},
		{observation, tok(code, all(1)), "a1 a2"},
		{observation, tok(code, all(0)), "b1"},
		{observation, tok(code, all(9)), ""},
		{observation, tok(code, of(2, 11), of(0, 12)), "a2 b1"},
		{observation, tok(code, of(2, 11), any(12), all(1)), "a1 a2 b1"},
		{observation, tok(code), ""},
		{observation, tok(status, any(11)), ""},
		{observation, store.TokenIs{Atoms: []int64{status, code}, Values: []store.TokenValue{any(2), any(12)}}, "a2 b1"},
		{observation, store.TokenIs{Values: []store.TokenValue{any(2)}}, ""},
		{observation, store.Not{Cond: tok(code, any(12))}, "a1"},
		{observation, store.Not{Cond: tok(code, of(1, 11), all(0))}, "a2"},
		{observation, store.Not{Cond: tok(code)}, "a1 a2 b1"},
		{0, store.Not{Cond: tok(code, any(12))}, "a b p ea eb a1"},
		{observation, store.And{tok(code, any(11)), tok(status, any(1))}, "a1"},
		{observation, store.Or{tok(code, of(1, 11)), tok(code, of(0, 12))}, "a1 b1"},

		{observation, ref(performer, target(practitioner, "p")), "a1 a2"},
		{0, ref(performer, target(practitioner, "p")), "ea a1 a2"},
		{observation, ref(context, target(encounter, "ea"), 404), "a1 a2"},
		{observation, ref(context), ""},
		{observation, store.Not{Cond: ref(context, target(encounter, "ea"), 404)}, "b1"},
		{observation, store.RefIs{Targets: []int64{404}}, ""},

		{0, store.OwnedBy{Patients: []int64{1}}, "a ea a1 a2"},
		{observation, store.OwnedBy{Patients: []int64{2, 1}}, "a1 a2 b1"},
		{observation, store.OwnedBy{Patients: []int64{7}}, ""},
		{observation, store.OwnedBy{Patients: []int64{}}, ""},
		{0, store.Not{Cond: store.OwnedBy{Patients: []int64{1}}}, "b p eb b1"},
		{observation, store.And{store.OwnedBy{Patients: []int64{1}}, tok(code, any(12))}, "a2"},
		{observation, store.And{store.OwnedBy{Patients: []int64{1}}, store.OwnedBy{Patients: []int64{2}}}, ""},
		{observation, store.And{store.OwnedBy{Patients: []int64{1, 2}}, store.OwnedBy{Patients: []int64{2}}}, "b1"},

		{observation, date(store.DateEq, 100, 200), "a1"},
		{observation, date(store.DateEq, 110, 111), "a1"},
		{observation, date(store.DateNe, 100, 200), "a2 b1"},
		{observation, date(store.DateNe, 0, 1000), ""},
		{observation, date(store.DateGt, 100, 300), "b1"},
		{observation, date(store.DateLt, 110, 111), "b1"},
		{observation, date(store.DateLt, 111, 112), "a1 b1"},
		{observation, date(store.DateGe, 200, 300), "a2 b1"},
		{observation, date(store.DateLe, 110, 111), "a1 b1"},
		{observation, date(store.DateSa, 150, 200), "a2 b1"},
		{observation, date(store.DateSa, 150, 201), "b1"},
		{observation, date(store.DateEb, 111, 150), "a1"},
		{observation, date(store.DateEb, 150, 160), "a1 b1"},
		{observation, date(store.DateAp, 111, 150), "b1"},
		{observation, date(store.DateAp, 250, 350), "a2 b1"},
		{encounter, store.Not{Cond: date(store.DateAp, 0, 110)}, "eb"},
		{observation, store.And{date(store.DateGe, 110, 111), date(store.DateLt, 300, 301)}, "a1 a2 b1"},
		{0, store.And{store.OwnedBy{Patients: []int64{1}}, date(store.DateAp, 100, 201)}, "ea a1 a2"},

		{0, str(store.TextPrefix, "smith"), "a b"},
		{0, str(store.TextPrefix, "smit"), "a b p"},
		{0, str(store.TextPrefix, ""), "a b p"},
		{0, str(store.TextPrefix, "x", "j"), "a"},
		{0, str(store.TextPrefix, "50%"), "b"},
		{0, str(store.TextPrefix, "5_"), ""},
		{0, str(store.TextPrefix, "S"), ""},
		{0, str(store.TextEqual, "smith"), "a"},
		{0, str(store.TextEqual, "smith", "smit"), "a p"},
		{0, str(store.TextEqual, "SMITH"), ""},
		{0, str(store.TextEqual), ""},
		{patient, str(store.TextContains, "ith"), "a b"},
		{0, str(store.TextContains, "%"), "b"},
		{0, str(store.TextContains, "_\\"), "b"},
		{0, str(store.TextContains, "ITH"), ""},
		{0, str(store.TextContains, "zz", "jo"), "a"},
		{patient, store.Not{Cond: str(store.TextContains, "ers", "zz")}, "a"},
		{patient, store.Not{Cond: str(store.TextPrefix)}, "a b"},
		{0, store.Or{str(store.TextEqual, "smit"), store.OwnedBy{Patients: []int64{2}}}, "b p eb b1"},

		{observation, amount(5, 5), "a1 a2"},
		{observation, amount(5, 5, 1), "a1"},
		{observation, amount(0, 10, 1), "a1 a2"},
		{observation, amount(0, 10, 2, 0), "a2"},
		{observation, store.AmountIs{Atoms: []int64{value}, From: 0, To: 10, Units: []int64{}}, ""},
		{observation, amount(math.Inf(-1), math.Inf(1)), "a1 a2 b1"},
		{observation, amount(math.Inf(-1), 0), "b1"},
		{observation, store.AmountIs{Atoms: []int64{value}, From: 5, To: 7.5, FromOpen: true}, "a2"},
		{observation, store.AmountIs{Atoms: []int64{value}, From: 5, To: 7.5, FromOpen: true, ToOpen: true}, ""},
		{observation, store.AmountIs{Atoms: []int64{value}, From: -2, To: 5, ToOpen: true}, "b1"},
		{observation, store.AmountIs{Atoms: []int64{value}, From: 5, To: 5, Outside: true}, "a2 b1"},
		{observation, store.AmountIs{Atoms: []int64{value}, From: 5, To: 5, Outside: true, Units: []int64{0, 2}}, "b1"},
		{observation, store.AmountIs{Atoms: []int64{value}, From: 5, To: 7.5, FromOpen: true, Outside: true}, "a1 a2 b1"},
		{observation, store.Not{Cond: amount(5, 5)}, "b1"},

		{0, has(store.Tokens, code), "a1 a2 b1"},
		{0, has(store.Refs, performer), "ea a1 a2"},
		{0, has(store.Dates, when), "ea eb a1 a2 b1"},
		{encounter, has(store.Dates, when), "ea eb"},
		{0, has(store.Texts, note, 99), "a b p"},
		{0, has(store.Amounts, value), "a1 a2 b1"},
		{0, has(store.Amounts, note), ""},
		{0, has(store.Amounts), ""},
		{encounter, store.Not{Cond: has(store.Refs, performer)}, "eb"},
		{0, store.And{store.OwnedBy{Patients: []int64{1}}, has(store.Refs, performer)}, "ea a1 a2"},

		{0, store.HashIs{Hashes: []int64{target(encounter, "ea"), target(patient, "b"), 404}}, "b ea"},
		{encounter, store.HashIs{Hashes: []int64{target(encounter, "ea"), target(patient, "b")}}, "ea"},
		{0, store.HashIs{}, ""},
		{0, store.Not{Cond: store.HashIs{Hashes: []int64{target(encounter, "ea")}}}, "a b p eb a1 a2 b1"},

		{0, store.UpdatedIs{From: 1003}, "ea eb a1 a2 b1"},
		{0, store.UpdatedIs{To: 1003}, "a b p"},
		{0, store.UpdatedIs{From: 1001, To: 1003}, "b p"},
		{0, store.UpdatedIs{}, everything},
		{observation, store.Not{Cond: store.UpdatedIs{From: 1006}}, "a1"},

		{observation, chain(performer, practitioner, str(store.TextEqual, "smit")), "a1 a2"},
		{0, chain(performer, practitioner), "ea a1 a2"},
		{observation, chain(performer, encounter), ""},
		{observation, chain(context, encounter, date(store.DateLt, 120, 121)), "a1"},
		{observation, chain(context, encounter, chain(performer, practitioner, str(store.TextPrefix, "smi"))), "a1"},
		{observation, store.Not{Cond: chain(context, encounter)}, "a2"},
		{observation, owner(str(store.TextPrefix, "smithe")), "b1"},
		{0, owner(str(store.TextPrefix, "jo")), "a ea a1 a2"},
		{observation, owner(), "a1 a2 b1"},
		{practitioner, owner(), ""},
		{observation, store.Not{Cond: owner(str(store.TextPrefix, "jo"))}, "b1"},
		{observation, store.And{owner(str(store.TextPrefix, "smith")), tok(status, any(1))}, "a1 b1"},
		{observation, chain(context, encounter, owner(str(store.TextEqual, "smithers"))), "b1"},

		{encounter, reverse(context, observation, tok(status, any(1))), "ea eb"},
		{encounter, reverse(context, observation, tok(code, any(11))), "ea"},
		{practitioner, reverse(performer, observation), "p"},
		{practitioner, reverse(performer, encounter, date(store.DateSa, 0, 120)), ""},
		{encounter, reverse(performer, observation), ""},
		{encounter, store.Not{Cond: reverse(context, observation, amount(-2, -2))}, "ea"},
		{practitioner, reverse(performer, encounter, reverse(context, observation, tok(code, any(11)))), "p"},
		{patient, owned(observation, tok(code, any(11))), "a"},
		{patient, owned(observation, tok(code, any(12))), "a b"},
		{patient, owned(observation), "a b"},
		{patient, owned(practitioner), ""},
		{patient, owned(encounter, tok(code, any(11))), ""},
		{patient, owned(encounter, ref(performer, target(practitioner, "p"))), "a"},
		{patient, store.Not{Cond: owned(observation, tok(code, any(11)))}, "b"},
		{patient, owned(observation, chain(context, encounter, date(store.DateAp, 240, 241))), "b"},
		{patient, store.And{str(store.TextPrefix, "smith"), owned(observation, tok(code, any(12)))}, "a b"},
	}
	for i, c := range cases {
		// Alone, among others that hold, and within another condition.
		want := strings.Fields(c.want)
		name := fmt.Sprintf("case %d: type %d, %T %+v", i, c.typ, c.cond, c.cond)
		f.finds(name, &store.Plan{Type: c.typ, Where: []store.Cond{c.cond}}, want...)
		f.finds(name+", twice", &store.Plan{Type: c.typ, Where: []store.Cond{c.cond, store.And{c.cond}}}, want...)
		f.finds(name+", in or", &store.Plan{Type: c.typ, Where: []store.Cond{store.Or{c.cond, store.HashIs{}}}}, want...)
		f.finds(name+", not not", &store.Plan{Type: c.typ, Where: []store.Cond{store.Not{Cond: store.Not{Cond: c.cond}}}}, want...)
	}
	t.Logf("%d conditions, four ways each", len(cases))
}
