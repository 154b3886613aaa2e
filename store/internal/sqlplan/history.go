package sqlplan

import "github.com/osler-ehr/osler/store"

// History writes the statement that returns (or counts) versions, newest first.
func History(d Dialect, h store.HistoryPlan, count bool) Statement {
	w := &builder{Dialect: d}
	if count {
		w.str("SELECT count(*) FROM (")
	} else {
		w.str("SELECT * FROM (")
	}
	for i, table := range []string{"resource", "history"} {
		if i > 0 {
			w.str(" UNION ALL ")
		}
		w.str("SELECT * FROM (SELECT ", columns("r"), " FROM ", table, " r WHERE 1=1")
		if h.Hash != 0 {
			w.str(" AND r.hash = ")
			w.num(h.Hash)
		}
		if h.Type != 0 {
			w.str(" AND ")
			w.typeIs("r", h.Type)
		}
		if h.Since != 0 {
			w.str(" AND r.at >= ")
			w.num(h.Since)
		}
		if h.Until != 0 {
			w.str(" AND r.at < ")
			w.num(h.Until)
		}
		if h.Before != 0 && !count {
			w.str(" AND r.change < ")
			w.num(h.Before)
		}
		w.allowed(h.Filter, h.Type, "r")
		if h.Hash == 0 && !count {
			w.str(" ORDER BY r.change DESC")
			w.limit(h.Limit)
		}
		w.str(") v", table)
	}
	w.str(") v")
	if !count {
		w.str(" ORDER BY change DESC")
		w.limit(h.Limit)
	}
	return Statement{SQL: w.b.String(), Args: w.args}
}
