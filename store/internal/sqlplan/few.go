package sqlplan

import (
	"github.com/osler-ehr/osler/store"
)

// few is how many matches are looked up and sorted rather than waited for on a walk along the patient's dates: a lookup costs some
// five steps of the walk, and the walk for what was last found years ago goes over everything since.
const few = 256

// fewOfCode is the same for a search by a clinical code, which is rare enough to be looked up, but for what is measured at every visit.
const fewOfCode = 1024

// Probe writes, for a plan that Dated answers, the statement that counts what each condition on a token finds in the patient's record,
// in the order of the plan's conditions and no further than Seek needs to know. ok is false where there is no such condition.
//
// A walk by date that waits for a page of what the patient has little of goes over the whole record: twenty thousand results for two
// questionnaires. Counting reads a part of one index that the page would need anyway.
func Probe(d Dialect, p *store.Plan) (st Statement, ok bool) {
	q := newQuery(p.Type, p.Filter, p.Where)
	at := tokens(q)
	if len(at) == 0 {
		return st, false
	}
	w := &builder{Dialect: d}
	w.str("SELECT ")
	for i, t := range at {
		if i > 0 {
			w.str(", ")
		}
		w.str("(SELECT count(*) FROM (SELECT s.key FROM (")
		w.keys(q.where[t], q)
		w.str(") s")
		w.limit(most(q, p) + 1)
		w.str(") n)")
	}
	return Statement{SQL: w.b.String(), Args: w.args}, true
}

// Seek writes the statement that looks up what the rarest of the plan's tokens finds and sorts it, when Probe's counts say that it is
// little. It returns the rows that Dated and its rest return, in the same order.
func Seek(d Dialect, p *store.Plan, counts []int64) (st Statement, ok bool) {
	q := newQuery(p.Type, p.Filter, p.Where)
	rarest, limit := -1, int64(most(q, p))
	for i, t := range tokens(q) {
		if counts[i] <= limit && (rarest < 0 || counts[i] < counts[rarest]) {
			rarest, q.begin = i, t+1
		}
	}
	if rarest < 0 {
		return st, false
	}
	q.scan = false // the other conditions are looked up for each of the few
	w := &builder{Dialect: d}
	w.sorted(q, p)
	return Statement{SQL: w.b.String(), Args: w.args, Sorts: len(p.Sort)}, true
}

// most is how many matches are few for the plan. A page that they do not fill, or fill twice, is a walk over much of the record.
func most(q *query, p *store.Plan) int {
	if q.selective() {
		return max(fewOfCode, 2*p.Limit)
	}
	return max(few, 2*p.Limit)
}

// tokens are the places of the conditions on a token.
func tokens(q *query) (at []int) {
	for i, c := range q.where {
		if _, ok := c.(store.TokenIs); ok {
			at = append(at, i)
		}
	}
	return at
}
