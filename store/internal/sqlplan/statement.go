package sqlplan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// Search writes the statement that returns the plan's rows in its order: Columns, then one sort value for
// each sort key.
func Search(d Dialect, p *store.Plan) Statement {
	w := &builder{Dialect: d}
	q := newQuery(p.Type, p.Filter, p.Where)
	if len(p.Sort) == 0 {
		w.byKey(q, p)
	} else {
		w.sorted(q, p)
	}
	return Statement{SQL: w.b.String(), Args: w.args, Sorts: len(p.Sort)}
}

// Count writes the statement that counts the plan's rows.
func Count(d Dialect, p *store.Plan) Statement {
	w := &builder{Dialect: d}
	w.str("SELECT count(*)")
	w.fromKeys(newQuery(p.Type, p.Filter, p.Where), "r")
	return Statement{SQL: w.b.String(), Args: w.args}
}

func columns(r string) string { return r + "." + strings.ReplaceAll(Columns, ", ", ", "+r+".") }

// byKey returns rows in key order. Where the driver does not deliver them so, the page's keys are sorted
// first, and bodies are fetched for these alone.
func (w *builder) byKey(q *query, p *store.Plan) {
	var after *store.Key
	if p.After != nil {
		after = &p.After.Key
	}
	mark := w.b.Len()
	w.str("SELECT ", columns("r"))
	if w.from(q, "r", after) {
		w.str(" ORDER BY r.key")
		w.limit(p.Limit)
		return
	}
	text, n := w.b.String()[:mark], 0
	w.b.Reset()
	w.args = w.args[:n]
	w.str(text, "SELECT ", columns("b"), " FROM (SELECT r.key")
	w.alias = 0
	w.fromRows(q, "r", after, q.bare())
	w.str(" ORDER BY r.key")
	w.limit(p.Limit)
	w.str(") p", w.Cross, "resource b WHERE b.key = p.key ORDER BY b.key")
}

func (w *builder) limit(n int) {
	if n > 0 {
		w.str(" LIMIT ")
		w.num(int64(n))
	}
}

// timeline reports whether the plan asks for a part of one patient's record by date, in the order of that
// date: then one walk along the patient's dates finds, filters and sorts. It returns the date's atoms, the
// conditions on it, and the query without them.
func timeline(q *query, p *store.Plan) (atoms []int64, dates []store.DateIs, rest *query) {
	if q.rng == nil || len(p.Sort) != 1 || p.Sort[0].Kind != store.Dates || len(p.Sort[0].Atoms) == 0 {
		return nil, nil, nil
	}
	atoms = p.Sort[0].Atoms
	rest = &query{typ: q.typ, filter: q.filter, rng: q.rng, scan: true}
	for _, c := range q.where {
		d, ok := c.(store.DateIs)
		switch o, owned := c.(store.OwnedBy); {
		case ok && sameAtoms(d.Atoms, atoms):
			dates = append(dates, d)
		case owned && len(o.Patients) == 1 && o.Patients[0] == q.rng.From.Patient(): // the range says it
		default:
			rest.where = append(rest.where, c)
		}
	}
	return atoms, dates, rest
}

// sameAtoms reports whether two lists, without repetitions, hold the same atoms.
func sameAtoms(a, b []int64) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(n int64) bool { return !slices.Contains(b, n) })
}

// alongDates writes the inner part of a sorted statement for a timeline: key and s0. The dates of one atom lie in the order of
// their resources, so they are put together as they come and few of them are left to be looked at further. Those of several
// atoms must be sorted for that, so the other conditions come first.
func (w *builder) alongDates(q *query, p *store.Plan, atoms []int64, dates []store.DateIs) {
	agg := "min"
	if p.Sort[0].Desc {
		agg = "max"
	}
	row := q.filter.ByRow() || slices.ContainsFunc(q.where, needsRow)
	walk := func() {
		w.eq("d.atom", atoms)
		w.str(" AND ")
		w.between("d.key", *q.rng)
	}
	further := func(alias string) {
		for _, c := range q.where {
			w.str(" AND ")
			w.cond(c, q, alias)
		}
		w.allowed(q.filter, q.typ, alias)
	}
	w.str("SELECT ")
	if len(atoms) > 1 {
		alias := "d"
		w.str("d.key AS key, ", agg, "(d.lo) AS s0 FROM ix_date d")
		if row {
			alias = "t"
			w.str(w.Cross, "resource t WHERE t.key = d.key AND ")
		} else {
			w.str(" WHERE ")
		}
		walk()
		further(alias)
		w.group(dates)
		return
	}
	w.str("r.key AS key, r.s0 AS s0 FROM (SELECT d.key AS key, ", agg, "(d.lo) AS s0 FROM ix_date d WHERE ")
	walk()
	w.group(dates)
	w.str(") r")
	alias := "r"
	if row {
		alias = "t"
		w.str(w.Cross, "resource t WHERE t.key = r.key")
	} else {
		w.str(" WHERE 1=1")
	}
	further(alias)
}

// group puts the dates of each resource together and leaves those that meet every condition by one of their dates.
func (w *builder) group(dates []store.DateIs) {
	any := "max"
	if w.Numbered {
		any = "bool_or"
	}
	w.str(" GROUP BY d.key HAVING ")
	for i, c := range dates {
		if i > 0 {
			w.str(" AND ")
		}
		w.str(any, "(")
		w.date(c, "d")
		w.str(")")
	}
}

// sorted returns rows by their sort values, those without a value last, then by key.
func (w *builder) sorted(q *query, p *store.Plan) {
	w.str("SELECT ", columns("b"))
	for i := range p.Sort {
		w.str(", p.s", strconv.Itoa(i))
	}
	byTime := slices.ContainsFunc(p.Sort, func(s store.Sort) bool { return s.Kind == 0 })
	w.str(" FROM (SELECT q.* FROM (")
	if atoms, dates, rest := timeline(q, p); len(dates) > 0 {
		w.alongDates(rest, p, atoms, dates)
	} else {
		w.str("SELECT r.key AS key")
		for i, s := range p.Sort {
			w.str(", ")
			w.sortValue(s)
			w.str(" AS s", strconv.Itoa(i))
		}
		w.fromRows(q, "r", nil, !byTime && q.bare())
	}
	w.str(") q")
	if p.After != nil {
		w.str(" WHERE ")
		w.behind(p)
	}
	w.order(p, "q")
	w.limit(p.Limit)
	w.str(") p", w.Cross, "resource b WHERE b.key = p.key")
	w.order(p, "p")
}

func (w *builder) sortValue(s store.Sort) {
	if s.Kind == 0 {
		w.str("r.at")
		return
	}
	agg := "min"
	if s.Desc {
		agg = "max"
	}
	column := map[store.IndexKind]string{store.Dates: "lo", store.Texts: "value", store.Amounts: "value"}[s.Kind]
	d := w.next("s")
	w.str("(SELECT ", agg, "(", d, ".", column)
	if s.Kind == store.Texts {
		w.str(w.Collate)
	}
	w.str(") FROM ", table(s.Kind), " ", d, " WHERE ")
	w.eq(d+".atom", s.Atoms)
	w.str(" AND ", d, ".key = r.key)")
}

func (w *builder) order(p *store.Plan, q string) {
	w.str(" ORDER BY ")
	for i, s := range p.Sort {
		c := q + ".s" + strconv.Itoa(i)
		w.str("(CASE WHEN ", c, " IS NULL THEN 1 ELSE 0 END), ", c)
		if s.Kind == store.Texts {
			w.str(w.Collate)
		}
		if s.Desc {
			w.str(" DESC")
		}
		w.str(", ")
	}
	w.str(q, ".key")
}

// behind writes that a row stands behind the cursor in the plan's order.
func (w *builder) behind(p *store.Plan) {
	for i := range p.Sort {
		w.str("(")
		w.after(p, i)
		w.str(" OR (")
		w.same(p, i)
		w.str(" AND ")
	}
	w.str("q.key > ")
	w.num(int64(p.After.Key))
	for range p.Sort {
		w.str("))")
	}
}

func (w *builder) after(p *store.Plan, i int) {
	c, v := "q.s"+strconv.Itoa(i), p.After.Values[i]
	if v.Missing {
		w.str("1=0") // nothing comes behind missing values
		return
	}
	op := " > "
	if p.Sort[i].Desc {
		op = " < "
	}
	w.str("(", c, " IS NULL OR ", c)
	w.sortArg(p.Sort[i], op, v)
	w.str(")")
}

func (w *builder) same(p *store.Plan, i int) {
	c, v := "q.s"+strconv.Itoa(i), p.After.Values[i]
	if v.Missing {
		w.str(c, " IS NULL")
		return
	}
	w.str(c)
	w.sortArg(p.Sort[i], " = ", v)
}

func (w *builder) sortArg(s store.Sort, op string, v store.SortValue) {
	switch s.Kind {
	case store.Texts:
		w.str(w.Collate, op)
		w.arg(v.Text)
	case store.Amounts:
		w.str(op)
		w.arg(v.Number)
	default:
		w.str(op)
		w.num(int64(v.Number))
	}
}
