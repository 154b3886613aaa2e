package sqlplan

import (
	"github.com/osler-ehr/osler/store"
)

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
