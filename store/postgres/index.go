package postgres

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// indexColumns are index rows of many resources.
type indexColumns struct {
	tokens struct{ atom, code, key, system []int64 }
	refs   struct{ atom, target, key []int64 }
	dates  struct{ atom, key, lo, hi []int64 }
	texts  struct {
		atom, key []int64
		value     []string
	}
	amounts struct {
		atom, key, unit []int64
		value           []float64
	}
}

// add adds the rows of one resource, each once.
func (c *indexColumns) add(key int64, x *store.Index) {
	for _, v := range distinct(x.Tokens) {
		t := &c.tokens
		t.atom, t.code = append(t.atom, v.Atom), append(t.code, v.Code)
		t.key, t.system = append(t.key, key), append(t.system, v.System)
	}
	for _, v := range distinct(x.Refs) {
		r := &c.refs
		r.atom, r.target, r.key = append(r.atom, v.Atom), append(r.target, v.Target), append(r.key, key)
	}
	for _, v := range distinct(x.Dates) {
		d := &c.dates
		d.atom, d.key = append(d.atom, v.Atom), append(d.key, key)
		d.lo, d.hi = append(d.lo, v.Lo), append(d.hi, v.Hi)
	}
	for _, v := range distinct(x.Texts) {
		t := &c.texts
		t.atom, t.key, t.value = append(t.atom, v.Atom), append(t.key, key), append(t.value, storable(v.Value))
	}
	for _, v := range distinct(x.Amounts) {
		a := &c.amounts
		a.atom, a.key = append(a.atom, v.Atom), append(a.key, key)
		a.value, a.unit = append(a.value, v.Value), append(a.unit, v.Unit)
	}
}

// distinct returns the rows, each once. Most resources have a handful, and none of them twice.
func distinct[T comparable](rows []T) []T {
	if len(rows) <= 32 {
		twice := false
		for i, r := range rows {
			twice = twice || slices.Contains(rows[:i], r)
		}
		if !twice {
			return rows
		}
	}
	seen := make(map[T]bool, len(rows))
	var out []T
	for _, r := range rows {
		if !seen[r] {
			out = append(out, r)
		}
		seen[r] = true
	}
	return out
}

// Each index table: its name, its columns, and how a row is found again.
const (
	tokenColumns  = "atom bigint, code bigint, key bigint, system bigint"
	refColumns    = "atom bigint, target bigint, key bigint"
	dateColumns   = "atom bigint, key bigint, lo bigint, hi bigint"
	textColumns   = "atom bigint, key bigint, value text"
	amountColumns = "atom bigint, key bigint, value float8, unit bigint"
)

// insert adds the parts that bring the rows. Resources that are not new may have some of them already, which
// stay as they are; for new ones looking first would only cost.
func (x *indexColumns) insert(c *composer, new bool) {
	conflict := " ON CONFLICT DO NOTHING"
	if new {
		conflict = ""
	}
	x.parts(c, func(table, columns, rows string) string {
		return "INSERT INTO " + table + " (" + columns + ") SELECT " + columns + " FROM " + rows + conflict
	})
}

// remove adds the parts that take the rows away.
func (x *indexColumns) remove(c *composer) {
	x.parts(c, func(table, columns, rows string) string {
		where := " WHERE true"
		for column := range strings.SplitSeq(columns, ", ") {
			where += " AND t." + column + " = u." + column
		}
		if table == "ix_text" {
			where += ` COLLATE "C"` // of the value, as its index has it
		}
		return "DELETE FROM " + table + " t USING " + rows + where
	})
}

// parts adds a part for each table that has rows.
func (x *indexColumns) parts(c *composer, write func(table, columns, rows string) string) {
	if t := &x.tokens; len(t.key) > 0 {
		c.part("tokens AS (" + write("ix_token", "atom, code, key, system", c.unnest(tokenColumns, t.atom, t.code, t.key, t.system)) + ")")
	}
	if r := &x.refs; len(r.key) > 0 {
		c.part("refs AS (" + write("ix_ref", "atom, target, key", c.unnest(refColumns, r.atom, r.target, r.key)) + ")")
	}
	if d := &x.dates; len(d.key) > 0 {
		c.part("dates AS (" + write("ix_date", "atom, key, lo, hi", c.unnest(dateColumns, d.atom, d.key, d.lo, d.hi)) + ")")
	}
	if t := &x.texts; len(t.key) > 0 {
		c.part("texts AS (" + write("ix_text", "atom, key, value", c.unnest(textColumns, t.atom, t.key, t.value)) + ")")
	}
	if a := &x.amounts; len(a.key) > 0 {
		c.part("amounts AS (" + write("ix_amount", "atom, key, value, unit", c.unnest(amountColumns, a.atom, a.key, a.value, a.unit)) + ")")
	}
}
