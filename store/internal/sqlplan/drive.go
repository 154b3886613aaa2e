package sqlplan

import (
	"fmt"
	"strconv"

	"github.com/osler-ehr/osler/store"
)

// from writes "FROM ... WHERE ..." for the query with its resource under alias r, each resource once. It reports whether rows
// come ordered by key. after, when not nil, goes on behind that key.
func (w *builder) from(q *query, r string, after *store.Key) (ordered bool) {
	return w.fromRows(q, r, after, false)
}

// fromKeys is from where only r.key is used: r may then be an index row in place of the resource.
func (w *builder) fromKeys(q *query, r string) (ordered bool) {
	return w.fromRows(q, r, nil, q.bare())
}

func (w *builder) fromRows(q *query, r string, after *store.Key, bare bool) (ordered bool) {
	at := q.driver()
	ordered = true
	var done store.Cond // the condition that the driver has dealt with
	switch {
	case at < 0:
		w.str(" FROM resource ", r, " WHERE ")
		if q.rng != nil {
			w.between(r+".key", *q.rng)
		} else if q.typ != 0 {
			w.typeIs(r, q.typ)
		} else {
			w.str("1=1")
		}
	default:
		done = q.where[at]
		ordered = w.drive(q, done, r, after, bare)
	}
	if after != nil {
		w.str(" AND ", r, ".key > ")
		w.num(int64(*after))
	}
	if at >= 0 && q.typ != 0 && !typed(done) {
		w.str(" AND ")
		if !w.Numbered { // the sign keeps SQLite from reading everything of the type by its index, for the order
			w.str("+")
		}
		w.typeIs(r, q.typ)
	}
	for i, c := range q.where {
		if i == at {
			continue
		}
		w.str(" AND ")
		w.cond(c, q, r)
	}
	w.allowed(q.filter, q.typ, r)
	return ordered
}

// typed reports whether rows that satisfy the condition are of the query's type by construction: atoms
// belong to one type each, but those of all types share some.
func typed(c store.Cond) bool {
	_, owner := c.(store.OwnedBy)
	return owner
}

// drive writes FROM and WHERE with the driving condition.
func (w *builder) drive(q *query, c store.Cond, r string, after *store.Key, bare bool) (ordered bool) {
	// index begins with an index row: joined to its resource, or in place of it.
	index := func(table string) (d string) {
		if bare {
			w.str(" FROM ", table, " ", r, " WHERE ")
			return r
		}
		d = w.next("d")
		w.str(" FROM ", table, " ", d, w.Cross, "resource ", r, " WHERE ", r, ".key = ", d, ".key AND ")
		return d
	}
	switch c := c.(type) {
	case store.HashIs:
		w.str(" FROM resource ", r, " WHERE ")
		if len(c.Hashes) == 0 {
			w.str("1=0")
			return true
		}
		w.eq(r+".hash", c.Hashes)
		return len(c.Hashes) == 1
	case store.OwnedBy:
		w.str(" FROM resource ", r, " WHERE ")
		w.owned(c, q.typ, r)
		return len(c.Patients) == 1
	case store.TokenIs:
		if len(c.Atoms) == 1 && len(c.Values) == 1 && c.Values[0].HasCode {
			d := index("ix_token")
			v := c.Values[0]
			w.str(d, ".atom = ")
			w.num(c.Atoms[0])
			w.str(" AND ", d, ".code = ")
			w.num(v.Code)
			if v.HasSystem {
				w.str(" AND ", d, ".system = ")
				w.num(v.System)
			} else {
				w.str(" AND NOT EXISTS (SELECT 1 FROM ix_token e WHERE e.atom = ", d, ".atom AND e.code = ", d, ".code AND e.key = ", d, ".key AND e.system < ", d, ".system", w.Seek, ")")
			}
			w.scope(d, q, after)
			return true
		}
	case store.RefIs:
		if len(c.Atoms) == 1 && len(c.Targets) == 1 {
			d := index("ix_ref")
			w.str(d, ".atom = ")
			w.num(c.Atoms[0])
			w.str(" AND ", d, ".target = ")
			w.num(c.Targets[0])
			w.scope(d, q, after)
			return true
		}
	case store.Chain:
		if c.Owner {
			p := w.next("p")
			w.str(" FROM (SELECT DISTINCT ")
			t := w.next("t")
			w.str(t, ".key >> 32 AS no")
			w.fromKeys(newQuery(c.Type, c.Filter, c.Where), t)
			w.str(") ", p, w.Cross)
			if w.Lateral {
				w.str("LATERAL (SELECT * FROM ")
			}
			w.str("resource ", r, " WHERE ", r, ".key BETWEEN (", p, ".no << 32) | ")
			w.num(int64(q.typ) << typeShift)
			w.str(" AND (", p, ".no << 32) | ")
			if q.typ == 0 {
				w.num(1<<patientShift - 1)
			} else {
				w.num(int64(q.typ)<<typeShift | store.MaxSeq)
			}
			if w.Lateral {
				w.str(w.Seek, ") ", r, " WHERE 1=1")
			}
			return false
		}
	}
	if bare {
		w.str(" FROM (SELECT DISTINCT s.key FROM (")
		w.keys(c, q)
		w.str(") s) ", r, " WHERE 1=1")
		return false
	}
	d := w.next("d")
	w.str(" FROM (SELECT DISTINCT s.key FROM (")
	w.keys(c, q)
	w.str(") s) ", d, w.Cross, "resource ", r, " WHERE ", r, ".key = ", d, ".key")
	return false
}

// scope narrows an index row to the query's range and cursor.
func (w *builder) scope(d string, q *query, after *store.Key) {
	if q.rng != nil {
		w.str(" AND ")
		w.between(d+".key", *q.rng)
	}
	if after != nil {
		w.str(" AND ", d, ".key > ")
		w.num(int64(*after))
	}
}

// keys writes a SELECT of the keys (as key) that satisfy an indexed condition, duplicates allowed.
func (w *builder) keys(c store.Cond, q *query) {
	switch c := c.(type) {
	case store.TokenIs:
		if len(c.Values) == 0 {
			w.str("SELECT key FROM ix_token WHERE 1=0")
			return
		}
		for i, g := range groupBySystem(c.Values) {
			if i > 0 {
				w.str(" UNION ALL ")
			}
			d := w.next("d")
			w.str("SELECT ", d, ".key FROM ix_token ", d, " WHERE ")
			w.eq(d+".atom", c.Atoms)
			if len(g.codes) > 0 {
				w.str(" AND ")
				w.eq(d+".code", g.codes)
			}
			if g.hasSystem {
				w.str(" AND ", d, ".system = ")
				w.num(g.system)
			}
			w.scope(d, q, nil)
		}
	case store.RefIs:
		d := w.next("d")
		w.str("SELECT ", d, ".key FROM ix_ref ", d, " WHERE ")
		w.eq(d+".atom", c.Atoms)
		w.str(" AND ")
		if len(c.Targets) == 0 {
			w.str("1=0")
		} else {
			w.eq(d+".target", c.Targets)
		}
		w.scope(d, q, nil)
	case store.DateIs:
		d := w.next("d")
		w.str("SELECT ", d, ".key FROM ix_date ", d, " WHERE ")
		w.eq(d+".atom", c.Atoms)
		w.str(" AND ")
		w.date(c, d)
		w.scope(d, q, nil)
	case store.TextIs:
		if len(c.Values) == 0 {
			w.str("SELECT key FROM ix_text WHERE 1=0")
		}
		for i, v := range c.Values {
			if i > 0 {
				w.str(" UNION ALL ")
			}
			d := w.next("d")
			w.str("SELECT ", d, ".key FROM ix_text ", d, " WHERE ")
			w.eq(d+".atom", c.Atoms)
			w.str(" AND ")
			w.text(c.Op, v, d)
			w.scope(d, q, nil)
		}
	case store.AmountIs:
		d := w.next("d")
		w.str("SELECT ", d, ".key FROM ix_amount ", d, " WHERE ")
		w.eq(d+".atom", c.Atoms)
		w.str(" AND ")
		w.amount(c, d)
		w.scope(d, q, nil)
	case store.Has:
		d := w.next("d")
		w.str("SELECT ", d, ".key FROM ", table(c.Kind), " ", d, " WHERE ")
		w.eq(d+".atom", c.Atoms)
		w.scope(d, q, nil)
	case store.Chain:
		t, x := w.next("t"), w.next("x")
		if c.Owner {
			// As a condition the caller compares patients instead; see cond.
			panic("sqlplan: an owner chain has no key source of its own")
		}
		w.str("SELECT ", x, ".key FROM (SELECT ", t, ".hash AS hash")
		w.from(newQuery(c.Type, c.Filter, c.Where), t, nil)
		w.str(") h", x, w.Cross, "ix_ref ", x, " WHERE ")
		w.eq(x+".atom", c.Atoms)
		w.str(" AND ", x, ".target = h", x, ".hash")
		w.scope(x, q, nil)
	case store.Reverse:
		w.reverse(c)
	case store.OwnedBy, store.HashIs:
		d := w.next("d")
		w.str("SELECT ", d, ".key FROM resource ", d, " WHERE ")
		w.cond(c, q, d)
	case store.Or:
		for i, branch := range c {
			if i > 0 {
				w.str(" UNION ALL ")
			}
			w.keys(branch, q)
		}
	default:
		panic(fmt.Sprintf("sqlplan: %T cannot drive", c))
	}
}

// reverse writes a SELECT of the keys that resources of another type refer to.
func (w *builder) reverse(c store.Reverse) {
	o := w.next("o")
	inner := newQuery(c.Type, c.Filter, c.Where)
	if c.Owner {
		// A patient's own resource stands at sequence 0 of its type, which the caller's filter checks.
		if len(inner.where) == 1 && trivial(c.Filter, c.Type) {
			switch only := inner.where[0].(type) {
			case store.TokenIs, store.RefIs, store.DateIs, store.AmountIs, store.TextIs:
				w.str("SELECT (", o, ".key >> 32 << 32) | ")
				w.num(store.PatientType << typeShift)
				w.str(" AS key FROM (")
				w.keys(only, inner)
				w.str(") ", o, " WHERE ((", o, ".key >> 24) & 255) = ", strconv.Itoa(c.Type))
				return
			}
		}
		w.str("SELECT (", o, ".key >> 32 << 32) | ")
		w.num(store.PatientType << typeShift)
		w.str(" AS key")
		w.fromKeys(inner, o)
		return
	}
	x, r := w.next("x"), w.next("r")
	w.str("SELECT ", r, ".key FROM (SELECT ", o, ".key AS key")
	w.fromKeys(inner, o)
	w.str(") k", o, w.Cross, "ix_ref ", x, w.Cross, "resource ", r, " WHERE ", x, ".key = k", o, ".key AND ")
	w.eq(x+".atom", c.Atoms)
	w.str(" AND ", r, ".hash = ", x, ".target")
}
