package postgres

import (
	"github.com/jackc/pgx/v5"
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

func (c *indexColumns) add(key int64, x *store.Index) {
	for _, v := range x.Tokens {
		t := &c.tokens
		t.atom, t.code = append(t.atom, v.Atom), append(t.code, v.Code)
		t.key, t.system = append(t.key, key), append(t.system, v.System)
	}
	for _, v := range x.Refs {
		r := &c.refs
		r.atom, r.target, r.key = append(r.atom, v.Atom), append(r.target, v.Target), append(r.key, key)
	}
	for _, v := range x.Dates {
		d := &c.dates
		d.atom, d.key = append(d.atom, v.Atom), append(d.key, key)
		d.lo, d.hi = append(d.lo, v.Lo), append(d.hi, v.Hi)
	}
	for _, v := range x.Texts {
		t := &c.texts
		t.atom, t.key, t.value = append(t.atom, v.Atom), append(t.key, key), append(t.value, v.Value)
	}
	for _, v := range x.Amounts {
		a := &c.amounts
		a.atom, a.key = append(a.atom, v.Atom), append(a.key, key)
		a.value, a.unit = append(a.value, v.Value), append(a.unit, v.Unit)
	}
}

const (
	tokenArrays  = "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) u(atom, code, key, system)"
	refArrays    = "unnest($1::bigint[], $2::bigint[], $3::bigint[]) u(atom, target, key)"
	dateArrays   = "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) u(atom, key, lo, hi)"
	textArrays   = `unnest($1::bigint[], $2::bigint[], $3::text[]) u(atom, key, value)`
	amountArrays = "unnest($1::bigint[], $2::bigint[], $3::float8[], $4::bigint[]) u(atom, key, value, unit)"

	insertTokens  = "INSERT INTO ix_token (atom, code, key, system) SELECT * FROM " + tokenArrays + " ON CONFLICT DO NOTHING"
	insertRefs    = "INSERT INTO ix_ref (atom, target, key) SELECT * FROM " + refArrays + " ON CONFLICT DO NOTHING"
	insertDates   = "INSERT INTO ix_date (atom, key, lo, hi) SELECT * FROM " + dateArrays + " ON CONFLICT DO NOTHING"
	insertTexts   = "INSERT INTO ix_text (atom, key, value) SELECT * FROM " + textArrays + " ON CONFLICT DO NOTHING"
	insertAmounts = "INSERT INTO ix_amount (atom, key, value, unit) SELECT * FROM " + amountArrays + " ON CONFLICT DO NOTHING"

	deleteTokens = "DELETE FROM ix_token t USING " + tokenArrays +
		" WHERE t.atom = u.atom AND t.code = u.code AND t.key = u.key AND t.system = u.system"
	deleteRefs = "DELETE FROM ix_ref t USING " + refArrays +
		" WHERE t.atom = u.atom AND t.target = u.target AND t.key = u.key"
	deleteDates = "DELETE FROM ix_date t USING " + dateArrays +
		" WHERE t.atom = u.atom AND t.key = u.key AND t.lo = u.lo AND t.hi = u.hi"
	deleteTexts = "DELETE FROM ix_text t USING " + textArrays +
		` WHERE t.atom = u.atom AND t.key = u.key AND t.value = u.value COLLATE "C"`
	deleteAmounts = "DELETE FROM ix_amount t USING " + amountArrays +
		" WHERE t.atom = u.atom AND t.key = u.key AND t.value = u.value AND t.unit = u.unit"
)

func (c *indexColumns) insert(b *pgx.Batch) {
	c.queue(b, insertTokens, insertRefs, insertDates, insertTexts, insertAmounts)
}

func (c *indexColumns) remove(b *pgx.Batch) {
	c.queue(b, deleteTokens, deleteRefs, deleteDates, deleteTexts, deleteAmounts)
}

// queue puts a statement into the pipeline for each table that has rows.
func (c *indexColumns) queue(b *pgx.Batch, tokens, refs, dates, texts, amounts string) {
	if t := &c.tokens; len(t.key) > 0 {
		b.Queue(tokens, t.atom, t.code, t.key, t.system)
	}
	if r := &c.refs; len(r.key) > 0 {
		b.Queue(refs, r.atom, r.target, r.key)
	}
	if d := &c.dates; len(d.key) > 0 {
		b.Queue(dates, d.atom, d.key, d.lo, d.hi)
	}
	if t := &c.texts; len(t.key) > 0 {
		b.Queue(texts, t.atom, t.key, t.value)
	}
	if a := &c.amounts; len(a.key) > 0 {
		b.Queue(amounts, a.atom, a.key, a.value, a.unit)
	}
}
