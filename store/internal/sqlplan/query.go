package sqlplan

import (
	"slices"

	"github.com/osler-ehr/osler/store"
)

// query is a plan or the inner part of a chain.
type query struct {
	typ    int
	filter store.Filter
	where  []store.Cond
	rng    *store.KeyRange // everything lies in here
	// scan: the driver leaves much of one patient's record, so other conditions are cheaper answered by one
	// walk along their index within the record than by a seek for each row.
	scan bool
	// begin, when not 0, is one more than the place of the condition to begin with.
	begin int
}

func newQuery(typ int, filter store.Filter, where []store.Cond) *query {
	q := &query{typ: typ, filter: filter, where: flatten(nil, where)}
	for _, c := range q.where {
		if o, ok := c.(store.OwnedBy); ok && len(o.Patients) == 1 {
			r := store.PatientRange(o.Patients[0])
			if typ != 0 {
				r = store.TypeRange(o.Patients[0], typ)
			}
			q.rng = &r
		}
	}
	q.scan = q.rng != nil && !q.selective()
	return q
}

// selective reports whether the driver leaves few rows of a patient's record.
func (q *query) selective() bool {
	at := q.driver()
	if at < 0 {
		return false
	}
	switch c := q.where[at].(type) {
	case store.TokenIs:
		return c.Rank < 2
	case store.RefIs, store.HashIs:
		return true
	}
	return false
}

func flatten(out []store.Cond, conds []store.Cond) []store.Cond {
	for _, c := range conds {
		if and, ok := c.(store.And); ok {
			out = flatten(out, and)
		} else {
			out = append(out, c)
		}
	}
	return out
}

// cost ranks a condition as a driver, lowest first; 99 = cannot drive.
func cost(c store.Cond, inRange bool) int {
	switch c := c.(type) {
	case store.HashIs:
		return 0
	case store.OwnedBy:
		if len(c.Patients) == 1 {
			return 30
		}
		return 35
	case store.RefIs:
		return 10
	case store.TokenIs:
		for _, v := range c.Values {
			if !v.HasCode {
				return 70
			}
		}
		switch {
		case c.Rank == 0:
			return 5
		case inRange:
			return 20 + c.Rank
		case c.Rank == 1:
			return 40
		}
		return 60
	case store.TextIs:
		if inRange {
			return 99
		}
		switch c.Op {
		case store.TextEqual:
			return 14
		case store.TextPrefix:
			return 16
		}
		return 80
	case store.Chain:
		if inRange {
			return 99
		}
		return 38
	case store.Reverse:
		if inRange {
			return 99
		}
		return 45
	case store.DateIs:
		if inRange {
			return 99
		}
		switch c.Op {
		case store.DateEq, store.DateAp:
			return 50
		case store.DateNe:
			return 99
		}
		return 65
	case store.AmountIs:
		if inRange || c.Outside {
			return 99
		}
		return 55
	case store.Or:
		if inRange || !union(c) {
			return 99
		}
		return 36
	}
	return 99
}

// union reports whether the rows of each branch are found by an index, so that all of them together can drive: such as a compartment,
// which is what belongs to a patient's record or refers to the patient in another way.
func union(c store.Or) bool {
	for _, branch := range c {
		switch branch.(type) {
		case store.OwnedBy, store.RefIs, store.HashIs:
		default:
			return false
		}
	}
	return len(c) > 0
}

// driver picks the condition to begin with; -1 when the table itself must be read.
func (q *query) driver() int {
	if q.begin > 0 {
		return q.begin - 1
	}
	best, at := 98, -1
	for i, c := range q.where {
		if k := cost(c, q.rng != nil); k < best {
			best, at = k, i
		}
	}
	return at
}

// bare reports whether the query can be answered from index rows alone: nothing but the key of its resource
// is looked at.
func (q *query) bare() bool {
	at := q.driver()
	if at < 0 || q.filter.ByRow() {
		return false
	}
	switch q.where[at].(type) {
	case store.TokenIs, store.RefIs:
	default:
		return false
	}
	for _, c := range q.where {
		if needsRow(c) {
			return false
		}
	}
	return true
}

// needsRow reports whether a condition looks at more of its resource than the key.
func needsRow(c store.Cond) bool {
	switch c := c.(type) {
	case store.HashIs, store.UpdatedIs:
		return true
	case store.Not:
		return needsRow(c.Cond)
	case store.And:
		return slices.ContainsFunc(c, needsRow)
	case store.Or:
		return slices.ContainsFunc(c, needsRow)
	}
	return false
}
