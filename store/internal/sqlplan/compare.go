package sqlplan

import (
	"github.com/osler-ehr/osler/store"
)

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
