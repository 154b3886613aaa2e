package storetest

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// model keeps rows in memory and answers plans by looking at every row, as package store documents them.
// It shares no code with any engine.
type model struct {
	rows    map[int64]*modelRow // current, by hash
	history map[int64][]store.Row
	order   []store.Change // without numbers
}

type modelRow struct {
	store.Row
	index store.Index
}

func newModel() *model {
	return &model{rows: map[int64]*modelRow{}, history: map[int64][]store.Row{}}
}

// put makes a version current.
func (m *model) put(row store.Row, x store.Index) {
	m.rows[row.Hash] = &modelRow{row, x}
	m.record(row)
}

func (m *model) delete(row store.Row) {
	delete(m.rows, row.Hash)
	m.record(row)
}

func (m *model) record(row store.Row) {
	m.history[row.Hash] = append(m.history[row.Hash], row)
	m.order = append(m.order, store.Change{Key: row.Key, Hash: row.Hash, Version: row.Version, Action: row.Action, At: row.At, ID: row.ID})
}

// search answers a plan.
func (m *model) search(p *store.Plan) []store.Hit {
	var hits []store.Hit
	for _, r := range m.rows {
		if m.matches(r, p.Type, &p.Filter, p.Where) {
			hit := store.Hit{Row: r.Row}
			for _, s := range p.Sort {
				hit.Sort = append(hit.Sort, r.sortValue(s))
			}
			hits = append(hits, hit)
		}
	}
	slices.SortFunc(hits, func(a, b store.Hit) int { return compareHits(p.Sort, a, b) })
	if p.After != nil {
		last := store.Hit{Row: store.Row{Key: p.After.Key}, Sort: p.After.Values}
		hits = slices.DeleteFunc(hits, func(h store.Hit) bool { return compareHits(p.Sort, h, last) <= 0 })
	}
	if p.Limit > 0 && len(hits) > p.Limit {
		hits = hits[:p.Limit]
	}
	return hits
}

func (m *model) matches(r *modelRow, typ int, f *store.Filter, where []store.Cond) bool {
	return (typ == 0 || r.Key.Type() == typ) && visible(r, f) && m.holds(store.And(where), r)
}

func visible(r *modelRow, f *store.Filter) bool {
	owner := r.Key.Patient()
	return !f.Nothing &&
		(f.Patients == nil || owner == 0 || slices.Contains(f.Patients, owner)) &&
		(owner != 0 || !slices.Contains(f.OwnOnly, r.Key.Type())) &&
		(f.Orgs == nil || slices.Contains(f.Orgs, r.Org)) &&
		r.Labels&f.DenyLabels == 0 &&
		(r.Labels&f.NeedLabels != 0 || !slices.Contains(f.NeedTypes, r.Key.Type())) &&
		!slices.Contains(f.DenyTypes, r.Key.Type())
}

func (m *model) holds(c store.Cond, r *modelRow) bool {
	switch c := c.(type) {
	case store.And:
		return !slices.ContainsFunc(c, func(c store.Cond) bool { return !m.holds(c, r) })
	case store.Or:
		return slices.ContainsFunc(c, func(c store.Cond) bool { return m.holds(c, r) })
	case store.Not:
		return !m.holds(c.Cond, r)
	case store.TokenIs:
		return slices.ContainsFunc(r.index.Tokens, func(t store.Token) bool {
			return slices.Contains(c.Atoms, t.Atom) && slices.ContainsFunc(c.Values, func(v store.TokenValue) bool {
				return (!v.HasCode || v.Code == t.Code) && (!v.HasSystem || v.System == t.System)
			})
		})
	case store.RefIs:
		return r.refers(c.Atoms, func(target int64) bool { return slices.Contains(c.Targets, target) })
	case store.OwnedBy:
		return slices.Contains(c.Patients, r.Key.Patient())
	case store.DateIs:
		return slices.ContainsFunc(r.index.Dates, func(d store.Date) bool {
			return slices.Contains(c.Atoms, d.Atom) && dateHolds(c, d)
		})
	case store.TextIs:
		return slices.ContainsFunc(r.index.Texts, func(t store.Text) bool {
			return slices.Contains(c.Atoms, t.Atom) && slices.ContainsFunc(c.Values, func(v string) bool {
				switch c.Op {
				case store.TextPrefix:
					return strings.HasPrefix(t.Value, v)
				case store.TextEqual:
					return t.Value == v
				default:
					return strings.Contains(t.Value, v)
				}
			})
		})
	case store.AmountIs:
		return slices.ContainsFunc(r.index.Amounts, func(a store.Amount) bool {
			above := a.Value > c.From || a.Value == c.From && !c.FromOpen
			below := a.Value < c.To || a.Value == c.To && !c.ToOpen
			return slices.Contains(c.Atoms, a.Atom) && (c.Units == nil || slices.Contains(c.Units, a.Unit)) &&
				(above && below) != c.Outside
		})
	case store.Has:
		return r.has(c)
	case store.HashIs:
		return slices.Contains(c.Hashes, r.Hash)
	case store.UpdatedIs:
		return (c.From == 0 || r.At >= c.From) && (c.To == 0 || r.At < c.To)
	case store.Chain:
		if c.Owner {
			return r.Key.Patient() != 0 && m.any(func(t *modelRow) bool {
				return t.Key.Patient() == r.Key.Patient() && m.matches(t, c.Type, &c.Filter, c.Where)
			})
		}
		return r.refers(c.Atoms, func(target int64) bool {
			t := m.rows[target]
			return t != nil && m.matches(t, c.Type, &c.Filter, c.Where)
		})
	case store.Reverse:
		return m.any(func(t *modelRow) bool {
			if !m.matches(t, c.Type, &c.Filter, c.Where) {
				return false
			}
			if c.Owner {
				return r.Key == store.MakeKey(t.Key.Patient(), store.PatientType, 0)
			}
			return t.refers(c.Atoms, func(target int64) bool { return target == r.Hash })
		})
	}
	panic(fmt.Sprintf("storetest: unknown condition %T", c))
}

func (m *model) any(f func(*modelRow) bool) bool {
	for _, r := range m.rows {
		if f(r) {
			return true
		}
	}
	return false
}

func (r *modelRow) refers(atoms []int64, to func(target int64) bool) bool {
	return slices.ContainsFunc(r.index.Refs, func(ref store.Ref) bool {
		return slices.Contains(atoms, ref.Atom) && to(ref.Target)
	})
}

func (r *modelRow) has(c store.Has) bool {
	in := func(atom int64) bool { return slices.Contains(c.Atoms, atom) }
	switch c.Kind {
	case store.Tokens:
		return slices.ContainsFunc(r.index.Tokens, func(x store.Token) bool { return in(x.Atom) })
	case store.Refs:
		return slices.ContainsFunc(r.index.Refs, func(x store.Ref) bool { return in(x.Atom) })
	case store.Dates:
		return slices.ContainsFunc(r.index.Dates, func(x store.Date) bool { return in(x.Atom) })
	case store.Texts:
		return slices.ContainsFunc(r.index.Texts, func(x store.Text) bool { return in(x.Atom) })
	default:
		return slices.ContainsFunc(r.index.Amounts, func(x store.Amount) bool { return in(x.Atom) })
	}
}

func dateHolds(c store.DateIs, d store.Date) bool {
	within := d.Lo >= c.Lo && d.Hi <= c.Hi
	switch c.Op {
	case store.DateEq:
		return within
	case store.DateNe:
		return !within
	case store.DateGt:
		return d.Hi > c.Hi
	case store.DateLt:
		return d.Lo < c.Lo
	case store.DateGe:
		return d.Hi > c.Hi || within
	case store.DateLe:
		return d.Lo < c.Lo || within
	case store.DateSa:
		return d.Lo >= c.Hi
	case store.DateEb:
		return d.Hi <= c.Lo
	default:
		return d.Lo < c.Hi && d.Hi > c.Lo
	}
}

// sortValue is the least of the row's values, or the greatest when the order is descending.
func (r *modelRow) sortValue(s store.Sort) store.SortValue {
	var values []store.SortValue
	switch s.Kind {
	case 0:
		values = append(values, store.SortValue{Number: float64(r.At)})
	case store.Dates:
		for _, d := range r.index.Dates {
			if slices.Contains(s.Atoms, d.Atom) {
				values = append(values, store.SortValue{Number: float64(d.Lo)})
			}
		}
	case store.Texts:
		for _, t := range r.index.Texts {
			if slices.Contains(s.Atoms, t.Atom) {
				values = append(values, store.SortValue{Text: t.Value})
			}
		}
	case store.Amounts:
		for _, a := range r.index.Amounts {
			if slices.Contains(s.Atoms, a.Atom) {
				values = append(values, store.SortValue{Number: a.Value})
			}
		}
	}
	if len(values) == 0 {
		return store.SortValue{Missing: true}
	}
	if s.Desc {
		return slices.MaxFunc(values, compareValues)
	}
	return slices.MinFunc(values, compareValues)
}

func compareValues(a, b store.SortValue) int {
	return cmp.Or(cmp.Compare(a.Number, b.Number), bytes.Compare([]byte(a.Text), []byte(b.Text)))
}

// compareHits orders by sort keys, rows without a value last, then by key.
func compareHits(sorts []store.Sort, a, b store.Hit) int {
	for i, s := range sorts {
		x, y := a.Sort[i], b.Sort[i]
		switch {
		case x.Missing && y.Missing:
			continue
		case x.Missing:
			return 1
		case y.Missing:
			return -1
		}
		if c := compareValues(x, y); c != 0 {
			if s.Desc {
				return -c
			}
			return c
		}
	}
	return cmp.Compare(a.Key, b.Key)
}
