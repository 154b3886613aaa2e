// Package sqlplan writes a store.Plan as one SQL statement over the tables that both engines share.
//
// A statement begins with its driver: the condition likely to leave the fewest rows, read from its index.
// Every other condition is checked row by row with a seek. The caller's filter stands on the returned
// resource and on every resource that a chain or reverse chain steps on, in the same statement.
//
// No text of a plan ever becomes SQL: values are always arguments.
package sqlplan

import (
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
	// Probes: the engine counts by Probe what a plan's tokens find before it walks along dates.
	Probes bool
}

// SQLite and Postgres are the two dialects.
var (
	SQLite   = Dialect{Cross: " CROSS JOIN ", Probes: true}
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

func (w *builder) typeIs(r string, typ int) {
	w.str("((", r, ".key >> 24) & 255) = ", strconv.Itoa(typ))
}

func table(k store.IndexKind) string {
	return [...]string{store.Tokens: "ix_token", store.Refs: "ix_ref", store.Dates: "ix_date", store.Texts: "ix_text", store.Amounts: "ix_amount"}[k]
}
