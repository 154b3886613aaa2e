// Package sqlplan writes a store.Plan as one SQL statement over the tables that both engines share.
//
// A statement begins with its driver: the condition likely to leave the fewest rows, read from its index.
// Every other condition is checked row by row with a seek. The caller's filter stands on the returned
// resource and on every resource that a chain or reverse chain steps on, in the same statement.
//
// No text of a plan ever becomes SQL: values are always arguments.
package sqlplan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// Dialect is what differs between the engines.
type Dialect struct {
	Numbered bool   // $1, $2 instead of ?
	Cross    string // a join that keeps the written order where the engine allows it
	Collate  string // put behind text comparisons so that they go by bytes
	// Seek is put at the end of a subquery that is to be looked up once for each row, by its index, whatever
	// the engine's planner guesses.
	Seek string
	// Once is put behind an IN whose subquery is to be evaluated once and kept, likewise.
	Once string
	// Lateral: a subquery in FROM may use the tables before it.
	Lateral bool
}

// SQLite and Postgres are the two dialects.
var (
	SQLite   = Dialect{Cross: " CROSS JOIN "}
	Postgres = Dialect{Numbered: true, Cross: " CROSS JOIN ", Collate: ` COLLATE "C"`, Seek: " OFFSET 0", Once: " IS TRUE", Lateral: true}
)

// Statement is SQL text with its arguments: int64, float64 or string.
type Statement struct {
	SQL  string
	Args []any
	// Sorts is how many sort values follow the columns of the row.
	Sorts int
}

// Columns of a row, in the order that Search selects them.
const Columns = "key, hash, id, version, at, org, labels, action, change, body"

const patientShift = 32
const typeShift = 24

type builder struct {
	Dialect
	b     strings.Builder
	args  []any
	alias int
}

func (w *builder) str(parts ...string) {
	for _, p := range parts {
		w.b.WriteString(p)
	}
}

func (w *builder) arg(v any) {
	w.args = append(w.args, v)
	if w.Numbered {
		w.b.WriteString("$" + strconv.Itoa(len(w.args)))
		switch v.(type) {
		case int64:
			w.b.WriteString("::bigint")
		case float64:
			w.b.WriteString("::float8")
		case string:
			w.b.WriteString("::text")
		}
		return
	}
	w.b.WriteByte('?')
}

func (w *builder) num(v int64) { w.arg(v) }

func (w *builder) next(prefix string) string {
	w.alias++
	return prefix + strconv.Itoa(w.alias)
}

// eq writes "column = x" or "column IN (x, y)"; of no values none is equal.
func (w *builder) eq(column string, values []int64) {
	if len(values) == 0 {
		w.str("1=0")
		return
	}
	w.str(column)
	if len(values) == 1 {
		w.str(" = ")
		w.num(values[0])
		return
	}
	w.str(" IN (")
	for i, v := range values {
		if i > 0 {
			w.str(", ")
		}
		w.num(v)
	}
	w.str(")")
}

// between writes that column lies in the range.
func (w *builder) between(column string, r store.KeyRange) {
	w.str(column, " BETWEEN ")
	w.num(int64(r.From))
	w.str(" AND ")
	w.num(int64(r.To))
}

// query is a plan or the inner part of a chain.
type query struct {
	typ    int
	filter store.Filter
	where  []store.Cond
	rng    *store.KeyRange // everything lies in here
	// scan: the driver leaves much of one patient's record, so other conditions are cheaper answered by one
	// walk along their index within the record than by a seek for each row.
	scan bool
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
	}
	return 99
}

// driver picks the condition to begin with; -1 when the table itself must be read.
func (q *query) driver() int {
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
	if at < 0 || q.filter.Orgs != nil || q.filter.DenyLabels != 0 || q.filter.Nothing {
		return false
	}
	switch c := q.where[at].(type) {
	case store.TokenIs:
		if len(c.Atoms) != 1 || len(c.Values) != 1 || !c.Values[0].HasCode {
			return false
		}
	case store.RefIs:
		if len(c.Atoms) != 1 || len(c.Targets) != 1 {
			return false
		}
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

// unique reports whether the driver gives each resource once.
func (q *query) unique() bool {
	at := q.driver()
	if at < 0 {
		return true
	}
	switch c := q.where[at].(type) {
	case store.HashIs:
		return true
	case store.OwnedBy:
		return true
	case store.TokenIs:
		return len(c.Atoms) == 1 && len(c.Values) == 1 && c.Values[0].HasCode
	case store.RefIs:
		return len(c.Atoms) == 1 && len(c.Targets) == 1
	}
	return false
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

// from writes "FROM ... WHERE ..." for the query with its resource under alias r. It reports whether rows
// come ordered by key without duplicates. after, when not nil, goes on behind that key.
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

func (w *builder) typeIs(r string, typ int) {
	w.str("((", r, ".key >> 24) & 255) = ", strconv.Itoa(typ))
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

func (w *builder) owned(c store.OwnedBy, typ int, r string) {
	if len(c.Patients) == 0 {
		w.str("1=0")
		return
	}
	w.str("(")
	for i, p := range c.Patients {
		if i > 0 {
			w.str(" OR ")
		}
		rng := store.PatientRange(p)
		if typ != 0 {
			rng = store.TypeRange(p, typ)
		}
		w.between(r+".key", rng)
	}
	w.str(")")
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

// cond writes a condition on the resource under alias r as a seek where one exists.
func (w *builder) cond(c store.Cond, q *query, r string) {
	if q.scan {
		switch c.(type) {
		case store.TokenIs, store.RefIs, store.DateIs, store.TextIs, store.AmountIs:
			w.str("+", r, ".key IN (") // the sign keeps the key's own index out of it
			w.keys(c, q)
			w.str(")")
			return
		}
	}
	switch c := c.(type) {
	case store.And:
		w.list(c, q, r, " AND ", "1=1")
	case store.Or:
		w.list(c, q, r, " OR ", "1=0")
	case store.Not:
		w.str("NOT ")
		w.cond(c.Cond, q, r)
	case store.HashIs:
		if len(c.Hashes) == 0 {
			w.str("1=0")
			return
		}
		w.eq(r+".hash", c.Hashes)
	case store.OwnedBy:
		w.owned(c, q.typ, r)
	case store.UpdatedIs:
		w.str("(1=1")
		if c.From != 0 {
			w.str(" AND ", r, ".at >= ")
			w.num(c.From)
		}
		if c.To != 0 {
			w.str(" AND ", r, ".at < ")
			w.num(c.To)
		}
		w.str(")")
	case store.TokenIs:
		w.tokenSeek(c, q, r)
	case store.RefIs:
		d := w.next("e")
		w.str("EXISTS (SELECT 1 FROM ix_ref ", d, " WHERE ")
		w.eq(d+".atom", c.Atoms)
		w.str(" AND ")
		if len(c.Targets) == 0 {
			w.str("1=0")
		} else {
			w.eq(d+".target", c.Targets)
		}
		w.str(" AND ", d, ".key = ", r, ".key", w.Seek, ")")
	case store.DateIs:
		d := w.seek("ix_date", c.Atoms, r)
		w.date(c, d)
		w.str(w.Seek, ")")
	case store.TextIs:
		d := w.seek("ix_text", c.Atoms, r)
		w.str("(")
		for i, v := range c.Values {
			if i > 0 {
				w.str(" OR ")
			}
			w.text(c.Op, v, d)
		}
		if len(c.Values) == 0 {
			w.str("1=0")
		}
		w.str(")", w.Seek, ")")
	case store.AmountIs:
		d := w.seek("ix_amount", c.Atoms, r)
		w.amount(c, d)
		w.str(w.Seek, ")")
	case store.Has:
		switch c.Kind {
		case store.Tokens, store.Refs:
			w.str("(", r, ".key IN (")
			w.keys(c, q)
			w.str(")", w.Once, ")")
		default:
			w.seek(table(c.Kind), c.Atoms, r)
			w.str("1=1", w.Seek, ")")
		}
	case store.Chain:
		if c.Owner {
			t := w.next("t")
			w.str("((", r, ".key >> 32) IN (SELECT ", t, ".key >> 32")
			w.fromKeys(newQuery(c.Type, c.Filter, c.Where), t)
			w.str(")", w.Once, ")")
			return
		}
		w.str("(", r, ".key IN (")
		w.keys(c, q)
		w.str(")", w.Once, ")")
	case store.Reverse:
		w.str("(", r, ".key IN (")
		w.reverse(c)
		w.str(")", w.Once, ")")
	default:
		panic(fmt.Sprintf("sqlplan: unknown condition %T", c))
	}
}

func (w *builder) list(conds []store.Cond, q *query, r, glue, empty string) {
	w.str("(")
	for i, c := range conds {
		if i > 0 {
			w.str(glue)
		}
		w.cond(c, q, r)
	}
	if len(conds) == 0 {
		w.str(empty)
	}
	w.str(")")
}

func (w *builder) seek(table string, atoms []int64, r string) string {
	d := w.next("e")
	w.str("EXISTS (SELECT 1 FROM ", table, " ", d, " WHERE ")
	w.eq(d+".atom", atoms)
	w.str(" AND ", d, ".key = ", r, ".key AND ")
	return d
}

func (w *builder) tokenSeek(c store.TokenIs, q *query, r string) {
	groups := groupBySystem(c.Values)
	if len(groups) == 0 {
		w.str("1=0")
		return
	}
	w.str("(")
	for i, g := range groups {
		if i > 0 {
			w.str(" OR ")
		}
		if len(g.codes) == 0 { // any code of a system: no seek by key exists
			d := w.next("d")
			w.str("(", r, ".key IN (SELECT ", d, ".key FROM ix_token ", d, " WHERE ")
			w.eq(d+".atom", c.Atoms)
			w.str(" AND ", d, ".system = ")
			w.num(g.system)
			w.scope(d, q, nil)
			w.str(")", w.Once, ")")
			continue
		}
		d := w.next("e")
		w.str("EXISTS (SELECT 1 FROM ix_token ", d, " WHERE ")
		w.eq(d+".atom", c.Atoms)
		w.str(" AND ")
		w.eq(d+".code", g.codes)
		w.str(" AND ", d, ".key = ", r, ".key")
		if g.hasSystem {
			w.str(" AND ", d, ".system = ")
			w.num(g.system)
		}
		w.str(w.Seek, ")")
	}
	w.str(")")
}

type tokenGroup struct {
	codes     []int64
	system    int64
	hasSystem bool
}

func groupBySystem(values []store.TokenValue) []tokenGroup {
	var out []tokenGroup
next:
	for _, v := range values {
		if !v.HasCode {
			out = append(out, tokenGroup{system: v.System, hasSystem: true})
			continue
		}
		for i := range out {
			if g := &out[i]; len(g.codes) > 0 && g.hasSystem == v.HasSystem && (!v.HasSystem || g.system == v.System) {
				g.codes = append(g.codes, v.Code)
				continue next
			}
		}
		out = append(out, tokenGroup{codes: []int64{v.Code}, system: v.System, hasSystem: v.HasSystem})
	}
	return out
}

func (w *builder) date(c store.DateIs, d string) {
	cmp := func(column, op string, v int64) {
		w.str(d, ".", column, " ", op, " ")
		w.num(v)
	}
	within := func() {
		w.str("(")
		cmp("lo", ">=", c.Lo)
		w.str(" AND ")
		cmp("lo", "<", c.Hi)
		w.str(" AND ")
		cmp("hi", "<=", c.Hi)
		w.str(")")
	}
	switch c.Op {
	case store.DateEq:
		within()
	case store.DateNe:
		w.str("NOT ")
		within()
	case store.DateGt:
		cmp("hi", ">", c.Hi)
	case store.DateLt:
		cmp("lo", "<", c.Lo)
	case store.DateGe:
		w.str("(")
		cmp("hi", ">", c.Hi)
		w.str(" OR ")
		within()
		w.str(")")
	case store.DateLe:
		w.str("(")
		cmp("lo", "<", c.Lo)
		w.str(" OR ")
		within()
		w.str(")")
	case store.DateSa:
		cmp("lo", ">=", c.Hi)
	case store.DateEb:
		cmp("hi", "<=", c.Lo)
	case store.DateAp:
		w.str("(")
		cmp("lo", "<", c.Hi)
		w.str(" AND ")
		cmp("hi", ">", c.Lo)
		w.str(")")
	}
}

// highText is above every character that normalised text begins with, so that [v, v+highText) holds the
// texts that begin with v.
const highText = "\U0010FFFF"

func (w *builder) text(op store.TextOp, v, d string) {
	col := d + ".value" + w.Collate
	switch op {
	case store.TextEqual:
		w.str(col, " = ")
		w.arg(v)
	case store.TextPrefix:
		w.str("(", col, " >= ")
		w.arg(v)
		w.str(" AND ", col, " < ")
		w.arg(v + highText)
		w.str(")")
	case store.TextContains:
		if w.Numbered {
			w.str("strpos(", d, ".value, ")
		} else {
			w.str("instr(", d, ".value, ")
		}
		w.arg(v)
		w.str(") > 0")
	}
}

func (w *builder) amount(c store.AmountIs, d string) {
	if c.Outside {
		w.str("NOT ")
	}
	w.str("(", d, ".value ")
	if c.FromOpen {
		w.str("> ")
	} else {
		w.str(">= ")
	}
	w.arg(c.From)
	w.str(" AND ", d, ".value ")
	if c.ToOpen {
		w.str("< ")
	} else {
		w.str("<= ")
	}
	w.arg(c.To)
	w.str(")")
	if c.Units != nil {
		w.str(" AND ")
		w.eq(d+".unit", c.Units)
	}
}

func table(k store.IndexKind) string {
	return [...]string{store.Tokens: "ix_token", store.Refs: "ix_ref", store.Dates: "ix_date", store.Texts: "ix_text", store.Amounts: "ix_amount"}[k]
}

func trivial(f store.Filter, typ int) bool {
	for _, t := range f.DenyTypes {
		if t == typ {
			return false
		}
	}
	return f.Patients == nil && len(f.OwnOnly) == 0 && f.Orgs == nil && f.DenyLabels == 0 && !f.Nothing
}

// allowed writes the caller's filter on the resource under alias r.
func (w *builder) allowed(f store.Filter, typ int, r string) {
	if f.Nothing {
		w.str(" AND 1=0")
		return
	}
	for _, t := range f.DenyTypes {
		if typ == 0 {
			w.str(" AND NOT ")
			w.typeIs(r, t)
		} else if t == typ {
			w.str(" AND 1=0")
		}
	}
	if f.Patients != nil {
		w.str(" AND ")
		w.eq("("+r+".key >> 32)", append([]int64{0}, f.Patients...))
	}
	switch {
	case typ != 0 && slices.Contains(f.OwnOnly, typ):
		w.str(" AND (", r, ".key >> 32) <> 0")
	case typ == 0 && len(f.OwnOnly) > 0:
		w.str(" AND NOT ((", r, ".key >> 32) = 0 AND ((", r, ".key >> 24) & 255) IN (")
		for i, t := range f.OwnOnly {
			if i > 0 {
				w.str(",")
			}
			w.str(strconv.Itoa(t))
		}
		w.str("))")
	}
	if f.Orgs != nil {
		w.str(" AND ")
		if len(f.Orgs) == 0 {
			w.str("1=0")
		} else {
			w.eq(r+".org", f.Orgs)
		}
	}
	if f.DenyLabels != 0 {
		w.str(" AND (", r, ".labels & ")
		w.num(f.DenyLabels)
		w.str(") = 0")
	}
}
