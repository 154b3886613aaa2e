package sqlplan

import (
	"strconv"

	"github.com/osler-ehr/osler/store"
)

// Dated writes, for a plan that asks for a page of one patient's record in the order of a date, the statement that walks the
// patient's dates in that order and stops when the page is full. ok is false for plans of other kinds, which Search answers.
//
// What has no date comes behind all that has one, and is not in that index. When the statement returns fewer rows than the plan
// wants, undated is the plan of those that follow, in their order.
func Dated(d Dialect, p *store.Plan) (st Statement, undated store.Plan, ok bool) {
	q := newQuery(p.Type, p.Filter, p.Where)
	if !datable(q, p) || !q.scan && !d.Probes {
		return st, undated, false
	}
	w := &builder{Dialect: d}
	w.str("SELECT ", columns("b"), ", p.s0 FROM (")
	atoms := p.Sort[0].Atoms
	for i, atom := range atoms {
		if i > 0 {
			w.str(" UNION ALL ")
		}
		a := "a" + strconv.Itoa(i)
		w.str("SELECT ", a, ".key AS key, ", a, ".s0 AS s0 FROM (")
		w.alongOne(q, p, atom)
		w.str(") ", a)
	}
	if len(atoms) > 1 {
		w.str(" ORDER BY s0", direction(p.Sort[0]), ", key")
		w.limit(p.Limit)
	}
	w.str(") p", w.Cross, "resource b WHERE b.key = p.key ORDER BY p.s0", direction(p.Sort[0]), ", p.key")

	undated = *p
	undated.Sort, undated.After = nil, nil
	undated.Where = append(append([]store.Cond{}, p.Where...), store.Not{Cond: store.Has{Atoms: atoms, Kind: store.Dates}})
	return Statement{SQL: w.b.String(), Args: w.args, Sorts: 1}, undated, true
}

// datable reports whether a walk along the patient's dates can find a plan's page: conditions are few and cheap to check for each row.
// Whether one of them leaves only a handful of the record's rows is for Probe to find out, or for the condition's rank to guess.
func datable(q *query, p *store.Plan) bool {
	if q.rng == nil || q.typ == 0 || p.Limit <= 0 || len(p.Sort) != 1 || p.Sort[0].Kind != store.Dates || len(p.Sort[0].Atoms) == 0 {
		return false
	}
	if p.After != nil && p.After.Values[0].Missing {
		return false
	}
	owners := 0
	for _, c := range q.where {
		switch c := c.(type) {
		case store.OwnedBy:
			if len(c.Patients) != 1 {
				return false
			}
			owners++
		case store.TokenIs:
			for _, v := range c.Values {
				if !v.HasCode { // no seek by key exists
					return false
				}
			}
		default:
			return false
		}
	}
	return owners == 1
}

func direction(s store.Sort) string {
	if s.Desc {
		return " DESC"
	}
	return ""
}

// alongOne writes the page of what one atom dates: key and s0. A resource with several dates stands at the one that counts, so its
// other rows are passed over.
func (w *builder) alongOne(q *query, p *store.Plan, atom int64) {
	beyond := " < "
	if p.Sort[0].Desc {
		beyond = " > "
	}
	order := " ORDER BY d.lo" + direction(p.Sort[0]) + ", d.key"
	row := q.filter.ByRow()
	alias := "d"
	walkJoin := ""
	walk := func() {
		w.str("ix_date d", walkJoin, " WHERE d.atom = ")
		w.num(atom)
		w.str(" AND (d.key >> 32) = ")
		w.num(q.rng.From.Patient())
		w.str(" AND ")
		w.typeIs("d", q.typ)
		if p.After != nil {
			w.behindDate(p)
		}
	}
	w.str("SELECT d.key AS key, d.lo AS s0 FROM ")
	if row {
		alias = "t"
	}
	if w.Seek == "" {
		if row { // a cross join is read in the order in which it is written
			walkJoin = w.Cross + "resource t"
		}
		walk()
	} else { // in order first, so that the rest is looked up for no more rows than the page needs
		w.str("(SELECT d.key, d.lo, d.hi, d.atom FROM ")
		walk()
		w.str(order, w.Seek, ") d")
		if row {
			w.str(w.Cross, "resource t")
		}
		w.str(" WHERE 1=1")
	}
	if row {
		w.str(" AND t.key = d.key")
	}
	seeks := *q
	seeks.scan = false
	for _, c := range q.where {
		if _, owned := c.(store.OwnedBy); !owned {
			w.str(" AND ")
			w.cond(c, &seeks, alias)
		}
	}
	w.allowed(q.filter, q.typ, alias)
	e := w.next("o")
	w.str(" AND NOT EXISTS (SELECT 1 FROM ix_date ", e, " WHERE ")
	w.eq(e+".atom", p.Sort[0].Atoms)
	w.str(" AND ", e, ".key = d.key AND (", e, ".lo", beyond, "d.lo OR (", e, ".lo = d.lo AND (", e, ".atom < d.atom OR (", e, ".atom = d.atom AND ", e, ".hi < d.hi))))", w.Seek, ")")
	w.str(order)
	w.limit(p.Limit)
}

// behindDate writes that a date stands behind the cursor, with a bound on which a walk can begin.
func (w *builder) behindDate(p *store.Plan) {
	lo := int64(p.After.Values[0].Number)
	op := " >= "
	if p.Sort[0].Desc {
		op = " <= "
	}
	w.str(" AND d.lo", op)
	w.num(lo)
	w.str(" AND (d.lo <> ")
	w.num(lo)
	w.str(" OR d.key > ")
	w.num(int64(p.After.Key))
	w.str(")")
}
