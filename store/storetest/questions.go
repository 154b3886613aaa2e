package storetest

import (
	"fmt"
	"math/rand/v2"

	"github.com/osler-ehr/osler/store"
)

// Question is a search that a practice asks all day.
type Question struct {
	Name string
	// Plan draws one over the records of as many patients that Fill has written.
	Plan func(rng *rand.Rand, patients int64) *store.Plan
}

// Questions are those that Benchmark measures.
var Questions = []Question{
	{"patient by identifier", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: patient, Limit: 20, Where: []store.Cond{code(30, 30, 1+rng.Int64N(patients), 0)}}
	}},
	{"patient by name", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: patient, Limit: 20, Where: []store.Cond{family(rng, patients)}}
	}},
	{"observations of a patient by code", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: observation, Limit: 20, Where: []store.Cond{somebody(rng, patients), code(1, 1, rng.Int64N(100), 1)}}
	}},
	{"observations by category and date, sorted", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: observation, Limit: 50, Where: []store.Cond{somebody(rng, patients),
			store.TokenIs{Rank: 2, Atoms: []int64{3}, Values: []store.TokenValue{{Code: rng.Int64N(4), HasCode: true}}},
			store.DateIs{Atoms: []int64{20}, Op: store.DateGe, Lo: 100 * day, Hi: 101 * day},
			store.DateIs{Atoms: []int64{20}, Op: store.DateLt, Lo: 900 * day, Hi: 901 * day}},
			Sort: []store.Sort{{Kind: store.Dates, Atoms: []int64{20}, Desc: true}}}
	}},
	{"newest of a patient by category", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: observation, Limit: 10, Where: []store.Cond{somebody(rng, patients),
			store.TokenIs{Rank: 2, Atoms: []int64{3}, Values: []store.TokenValue{{Code: rng.Int64N(4), HasCode: true}}}},
			Sort: []store.Sort{{Kind: store.Dates, Atoms: []int64{20}, Desc: true}}}
	}},
	{"what is in a patient's compartment, by category", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: observation, Limit: 20, Where: []store.Cond{
			store.TokenIs{Rank: 2, Atoms: []int64{3}, Values: []store.TokenValue{{Code: rng.Int64N(4), HasCode: true}}},
			store.Or{somebody(rng, patients), store.RefIs{Atoms: []int64{10}, Targets: []int64{rng.Int64N(patients)}}}}}
	}},
	{"chain to the patient's name", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: observation, Limit: 20, Where: []store.Cond{
			store.Chain{Owner: true, Type: patient, Where: []store.Cond{family(rng, patients)}}}}
	}},
	{"patients who have a code", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Type: patient, Limit: 20, Where: []store.Cond{
			store.Reverse{Owner: true, Type: observation, Where: []store.Cond{code(1, 1, rng.Int64N(100), 1)}}}}
	}},
	{"everything of a patient", func(rng *rand.Rand, patients int64) *store.Plan {
		return &store.Plan{Where: []store.Cond{somebody(rng, patients)}}
	}},
}

const day = 86_400_000 // milliseconds

func somebody(rng *rand.Rand, patients int64) store.Cond {
	return store.OwnedBy{Patients: []int64{1 + rng.Int64N(patients)}}
}

func family(rng *rand.Rand, patients int64) store.Cond {
	return store.TextIs{Atoms: []int64{31}, Op: store.TextPrefix, Values: []string{fmt.Sprint("family", (1+rng.Int64N(patients))%500)}}
}

func code(atom, system, code int64, rank int) store.Cond {
	return store.TokenIs{Rank: rank, Atoms: []int64{atom}, Values: []store.TokenValue{{Code: code, System: system, HasCode: true, HasSystem: true}}}
}
