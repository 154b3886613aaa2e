package sqlplan

import (
	"fmt"

	"github.com/osler-ehr/osler/store"
)

// cond writes a condition on the resource under alias r as a seek where one exists.
func (w *builder) cond(c store.Cond, q *query, r string) {
	if q.scan {
		switch c.(type) {
		case store.TokenIs, store.RefIs, store.DateIs, store.TextIs, store.AmountIs:
			w.str("(+", r, ".key IN (") // the sign keeps the key's own index out of it
			w.keys(c, q)
			w.str(")", w.Once, ")")
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
