package postgres

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/osler-ehr/osler/store"
)

// statement is SQL with its arguments.
type statement struct {
	sql  string
	args []any
}

// gathered is what a transaction has yet to send, in columns: each statement takes whole columns as arrays,
// however many rows there are. A resource is in it once at most.
type gathered struct {
	hashes   map[int64]bool
	writes   []*store.Write // told their change numbers after the commit
	places   int64          // changes in this transaction so far, those sent before included
	unsent   int64          // the first place not sent yet
	replaced struct{ hash, version, key []int64 }
	gone     []int64 // keys of resources deleted or moved away
	fresh    rowColumns
	renewed  rowColumns
	ended    rowColumns
	changes  struct {
		key, hash, version, at, place []int64
		action                        []int16
	}
	added, removed indexColumns
	others         []statement
}

// rowColumns are rows of resource or history.
type rowColumns struct {
	key, hash, version, at, org, labels, place []int64
	action                                     []int16
	id                                         []string
	body                                       [][]byte
}

func newGathered() gathered { return gathered{hashes: map[int64]bool{}} }

func (g *gathered) has(hash int64) bool { return g.hashes[hash] }

func (g *gathered) empty() bool { return len(g.hashes) == 0 && len(g.others) == 0 }

func (g *gathered) created(w *store.Write) {
	place := g.log(w)
	g.fresh.add(&w.Row, place, slices.Clone(w.Row.Body))
	g.added.add(int64(w.Row.Key), &w.Add)
}

func (g *gathered) updated(w *store.Write) {
	g.replace(w, int64(w.Row.Key))
	place := g.log(w)
	g.renewed.add(&w.Row, place, slices.Clone(w.Row.Body))
	g.added.add(int64(w.Row.Key), &w.Add)
}

func (g *gathered) moved(w *store.Write) {
	g.replace(w, int64(w.OldKey))
	g.gone = append(g.gone, int64(w.OldKey))
	place := g.log(w)
	g.fresh.add(&w.Row, place, slices.Clone(w.Row.Body))
	g.added.add(int64(w.Row.Key), &w.Add)
}

func (g *gathered) deleted(w *store.Write) {
	g.replace(w, int64(w.Row.Key))
	g.gone = append(g.gone, int64(w.Row.Key))
	w.Row.Action = store.Deleted
	g.ended.add(&w.Row, g.log(w), nil)
}

// replace notes that the version that w expects moves to the history, and which index rows go.
func (g *gathered) replace(w *store.Write, oldKey int64) {
	r := &g.replaced
	r.hash = append(r.hash, w.Row.Hash)
	r.version = append(r.version, w.Expect)
	r.key = append(r.key, oldKey)
	g.removed.add(oldKey, &w.Remove)
}

// log notes the change and returns its place in the transaction.
func (g *gathered) log(w *store.Write) (place int64) {
	place = g.places
	g.places++
	g.hashes[w.Row.Hash] = true
	g.writes = append(g.writes, w)
	c := &g.changes
	c.key = append(c.key, int64(w.Row.Key))
	c.hash = append(c.hash, w.Row.Hash)
	c.version = append(c.version, w.Row.Version)
	c.at = append(c.at, w.Row.At)
	c.action = append(c.action, int16(w.Row.Action))
	c.place = append(c.place, place)
	return place
}

// numbered notes the number of the transaction's first change, for what was just sent.
func (g *gathered) numbered(first int64) {
	for ; g.unsent < g.places; g.unsent++ {
		g.writes[g.unsent].Row.Change = first + g.unsent
	}
}

func (c *rowColumns) add(r *store.Row, place int64, body []byte) {
	if body == nil {
		body = []byte{}
	}
	c.key = append(c.key, int64(r.Key))
	c.hash = append(c.hash, r.Hash)
	c.version = append(c.version, r.Version)
	c.at = append(c.at, r.At)
	c.org = append(c.org, r.Org)
	c.labels = append(c.labels, r.Labels)
	c.place = append(c.place, place)
	c.action = append(c.action, int16(r.Action))
	c.id = append(c.id, r.ID)
	c.body = append(c.body, body)
}

// A transaction's writes are two statements at most, however many rows and tables they touch: the first
// takes away, the second brings. Parts of one statement do not see each other's effects and run in no
// certain order; what one part of a write takes away, another may bring again.

// retire is the part that moves the versions which are replaced to the history, all of them or the
// transaction ends. Their rows are locked in one order, so that bundles that meet do not wait in a circle.
const retire = `old AS (
	SELECT r.* FROM %s JOIN resource r ON r.hash = u.hash
	WHERE r.version = u.version AND r.key = u.key ORDER BY r.hash FOR UPDATE OF r),
kept AS (
	INSERT INTO history (hash, version, key, at, org, labels, change, action, id, body)
	SELECT hash, version, key, at, org, labels, change, action, id, body FROM old RETURNING 1)`

// takeAway is the first statement.
func (g *gathered) takeAway() (statement, bool) {
	c := composer{}
	if len(g.replaced.hash) > 0 {
		c.part(fmt.Sprintf(retire, c.unnest("hash bigint, version bigint, key bigint", g.replaced.hash, g.replaced.version, g.replaced.key)))
	}
	if len(g.gone) > 0 {
		c.part("gone AS (DELETE FROM resource r USING old WHERE r.key = old.key AND r.key = ANY(" + c.arg(g.gone, "bigint[]") + "))")
	}
	g.removed.remove(&c)
	if len(g.replaced.hash) == 0 {
		return c.with("SELECT 0")
	}
	return c.with("SELECT expect_rows((SELECT count(*) FROM kept), " + c.arg(int64(len(g.replaced.hash)), "bigint") + ")")
}

const rowColumnList = "(key, hash, version, at, org, labels, change, action, id, body)"

// bring is the second statement. Its one row is the number of the transaction's first change.
func (g *gathered) bring(base int64, audit []any) (statement, bool) {
	c := composer{}
	if len(g.hashes) > 0 || len(audit) > 0 {
		c.part("n AS MATERIALIZED (SELECT " + numberSQL(c.arg(base, "bigint")) + " AS first)")
	}
	if len(g.renewed.key) > 0 {
		c.part(`renewed AS (UPDATE resource r SET version = u.version, at = u.at, org = u.org, labels = u.labels,
			change = n.first + u.place, action = u.action, id = u.id, body = u.body
			FROM n, ` + g.renewed.unnest(&c) + ` WHERE r.key = u.key AND r.hash = u.hash)`)
	}
	if len(g.fresh.key) > 0 {
		c.part("fresh AS (INSERT INTO resource " + rowColumnList + g.fresh.values(&c) + ")")
	}
	if len(g.ended.key) > 0 {
		c.part("ended AS (INSERT INTO history " + rowColumnList + g.ended.values(&c) + ")")
	}
	g.added.insert(&c, len(g.renewed.key) == 0)
	if l := &g.changes; len(l.key) > 0 {
		c.part(`log AS (INSERT INTO change (seq, key, hash, version, at, action)
			SELECT n.first + u.place, u.key, u.hash, u.version, u.at, u.action FROM n, ` +
			c.unnest("key bigint, hash bigint, version bigint, at bigint, place bigint, action smallint", l.key, l.hash, l.version, l.at, l.place, l.action) + ")")
	}
	if len(audit) > 0 {
		c.part("chunk AS (INSERT INTO audit (lane, seq, at, prev, hash, body) VALUES (" + c.args(audit, "bigint", "bigint", "bigint", "bytea", "bytea", "bytea") + "))")
	}
	return c.with("SELECT first FROM n")
}

func (r *rowColumns) unnest(c *composer) string {
	return c.unnest("key bigint, hash bigint, version bigint, at bigint, org bigint, labels bigint, place bigint, action smallint, id text, body bytea",
		r.key, r.hash, r.version, r.at, r.org, r.labels, r.place, r.action, r.id, r.body)
}

func (r *rowColumns) values(c *composer) string {
	return " SELECT u.key, u.hash, u.version, u.at, u.org, u.labels, n.first + u.place, u.action, u.id, u.body FROM n, " + r.unnest(c)
}

// write puts the statements for everything that is gathered into a pipeline, and forgets it. audit is the
// row of an audit chunk that goes along.
func (t *tx) write(b *pgx.Batch, audit []any) {
	g := &t.gathered
	if s, any := g.takeAway(); any {
		b.Queue(s.sql, s.args...)
	}
	if s, any := g.bring(t.w.s.base, audit); any {
		b.Queue(s.sql, s.args...).QueryRow(func(row pgx.Row) error {
			var first int64
			err := row.Scan(&first)
			if err == nil {
				t.numbered(first)
			}
			return err
		})
	}
	for _, s := range g.others {
		b.Queue(s.sql, s.args...)
	}
	*g = gathered{hashes: map[int64]bool{}, writes: g.writes, places: g.places, unsent: g.unsent}
}
