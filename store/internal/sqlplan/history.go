package sqlplan

import (
	"strings"

	"github.com/osler-ehr/osler/store"
)

// History writes the statement that returns (or counts) versions, newest first.
func History(d Dialect, h store.HistoryPlan, count bool) Statement {
	w := &builder{Dialect: d}
	if h.Hash == 0 && !count {
		w.alongLog(h)
		return Statement{SQL: w.b.String(), Args: w.args}
	}
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
		if table == "history" {
			w.notClosed(h)
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

// alongLog returns versions of many resources by walking the change log backwards: a page costs what it
// holds, however long the history is.
func (w *builder) alongLog(h store.HistoryPlan) {
	for i, table := range []string{"resource", "history"} {
		if i > 0 {
			w.str(" UNION ALL ")
		}
		w.str("SELECT ", strings.Replace(columns("r"), "r.change", "c.seq", 1), " FROM change c", w.Cross, table, " r WHERE r.hash = c.hash AND r.version = c.version")
		if h.Type != 0 {
			w.str(" AND ")
			w.typeIs("r", h.Type)
		}
		if h.Since != 0 {
			w.str(" AND c.at >= ")
			w.num(h.Since)
		}
		if h.Until != 0 {
			w.str(" AND c.at < ")
			w.num(h.Until)
		}
		if h.Before != 0 {
			w.str(" AND c.seq < ")
			w.num(h.Before)
		}
		w.allowed(h.Filter, h.Type, "r")
		if table == "history" {
			w.notClosed(h)
		}
	}
	w.str(" ORDER BY 9 DESC") // the change number
	w.limit(h.Limit)
}

// notClosed hides the superseded versions of what the caller may not see any more: of a result that was filed
// under a wrong patient and moved, that patient sees nothing.
func (w *builder) notClosed(h store.HistoryPlan) {
	if f := h.Filter; f.Patients == nil && len(f.OwnOnly) == 0 && f.Orgs == nil && f.DenyLabels == 0 && len(f.NeedTypes) == 0 {
		return // types do not change
	}
	w.str(" AND NOT EXISTS (SELECT 1 FROM resource n WHERE n.hash = r.hash AND NOT (1=1")
	w.allowed(h.Filter, h.Type, "n")
	w.str(")) AND NOT EXISTS (SELECT 1 FROM history n WHERE n.hash = r.hash AND n.version > r.version AND n.action = 3 AND NOT (1=1")
	w.allowed(h.Filter, h.Type, "n")
	w.str("))")
}
