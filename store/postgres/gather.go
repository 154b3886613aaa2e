package postgres

import (
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

// numbered notes the number of the first change of what was just sent.
func (g *gathered) numbered(seq int64) {
	for i, w := range g.writes[g.unsent:] {
		w.Row.Change = seq + int64(i)
	}
	g.unsent = g.places
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

// The statements of a write. Their arrays have the same order everywhere.
const (
	// The versions that are replaced move to the history, all of them or the transaction ends. Their rows
	// are locked in one order, so that bundles that meet do not wait for each other in a circle.
	retireRows = `WITH old AS (
			SELECT r.* FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) u(hash, version, key)
			JOIN resource r ON r.hash = u.hash
			WHERE r.version = u.version AND r.key = u.key ORDER BY r.hash FOR UPDATE OF r),
		kept AS (
			INSERT INTO history (hash, version, key, at, org, labels, change, action, id, body)
			SELECT hash, version, key, at, org, labels, change, action, id, body FROM old RETURNING 1)
		SELECT expect_rows((SELECT count(*) FROM kept), $4::bigint)`

	rowArrays = `unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
		$8::bigint[], $9::smallint[], $10::text[], $11::bytea[])
		u(key, hash, version, at, org, labels, place, action, id, body)`

	rowValues = `u.key, u.hash, u.version, u.at, u.org, u.labels, (SELECT ` + numberSQL + `) + u.place, u.action, u.id, u.body FROM ` + rowArrays

	insertRows    = `INSERT INTO resource (key, hash, version, at, org, labels, change, action, id, body) SELECT ` + rowValues
	insertHistory = `INSERT INTO history (key, hash, version, at, org, labels, change, action, id, body) SELECT ` + rowValues

	updateRows = `UPDATE resource r SET version = u.version, at = u.at, org = u.org, labels = u.labels,
		change = (SELECT ` + numberSQL + `) + u.place, action = u.action, id = u.id, body = u.body
		FROM ` + rowArrays + ` WHERE r.key = u.key AND r.hash = u.hash`

	deleteRows = `DELETE FROM resource WHERE key = ANY($1::bigint[])`

	insertChanges = `WITH log AS (
			INSERT INTO change (seq, key, hash, version, at, action)
			SELECT (SELECT ` + numberSQL + `) + u.place, u.key, u.hash, u.version, u.at, u.action
			FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::smallint[])
				u(key, hash, version, at, place, action) RETURNING seq)
		SELECT min(seq) FROM log`
)

func (c *rowColumns) args(base int64) []any {
	return []any{base, c.key, c.hash, c.version, c.at, c.org, c.labels, c.place, c.action, c.id, c.body}
}

// write puts the statements for everything that is gathered into a pipeline, and forgets it.
func (t *tx) write(b *pgx.Batch) error {
	g, base := &t.gathered, t.w.s.base
	if n := len(g.replaced.hash); n > 0 {
		b.Queue(retireRows, g.replaced.hash, g.replaced.version, g.replaced.key, n)
	}
	g.removed.remove(b)
	if len(g.gone) > 0 {
		b.Queue(deleteRows, g.gone)
	}
	if len(g.renewed.key) > 0 {
		b.Queue(updateRows, g.renewed.args(base)...)
	}
	if len(g.fresh.key) > 0 {
		b.Queue(insertRows, g.fresh.args(base)...)
	}
	if len(g.ended.key) > 0 {
		b.Queue(insertHistory, g.ended.args(base)...)
	}
	g.added.insert(b)
	if c := &g.changes; len(c.key) > 0 {
		b.Queue(insertChanges, base, c.key, c.hash, c.version, c.at, c.place, c.action)
	}
	for _, s := range g.others {
		b.Queue(s.sql, s.args...)
	}
	*g = gathered{hashes: map[int64]bool{}, writes: g.writes, places: g.places, unsent: g.unsent}
	return nil
}
