package search

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// Matches checks a condition against extracted rows, for what no index can answer: parts of a composite
// that must hold of the same element.
func (x *Index) Matches(c store.Cond, rows *store.Index) bool {
	switch c := c.(type) {
	case store.And:
		return !slices.ContainsFunc(c, func(c store.Cond) bool { return !x.Matches(c, rows) })
	case store.Or:
		return slices.ContainsFunc(c, func(c store.Cond) bool { return x.Matches(c, rows) })
	case store.Not:
		return !x.Matches(c.Cond, rows)
	case store.TokenIs:
		return slices.ContainsFunc(rows.Tokens, func(t store.Token) bool {
			return slices.Contains(c.Atoms, t.Atom) && slices.ContainsFunc(c.Values, func(v store.TokenValue) bool {
				return (!v.HasCode || v.Code == t.Code) && (!v.HasSystem || v.System == t.System)
			})
		})
	case store.RefIs:
		return slices.ContainsFunc(rows.Refs, func(r store.Ref) bool {
			return slices.Contains(c.Atoms, r.Atom) && slices.Contains(c.Targets, r.Target)
		})
	case store.DateIs:
		return slices.ContainsFunc(rows.Dates, func(d store.Date) bool { return slices.Contains(c.Atoms, d.Atom) && dateMatches(c, d) })
	case store.TextIs:
		return slices.ContainsFunc(rows.Texts, func(t store.Text) bool {
			return slices.Contains(c.Atoms, t.Atom) && slices.ContainsFunc(c.Values, func(v string) bool {
				switch c.Op {
				case store.TextEqual:
					return t.Value == v
				case store.TextContains:
					return strings.Contains(t.Value, v)
				}
				return strings.HasPrefix(t.Value, v)
			})
		})
	case store.Has:
		return hasRow(c, rows)
	case store.AmountIs:
		return slices.ContainsFunc(rows.Amounts, func(a store.Amount) bool {
			if !slices.Contains(c.Atoms, a.Atom) || c.Units != nil && !slices.Contains(c.Units, a.Unit) {
				return false
			}
			in := (a.Value > c.From || a.Value == c.From && !c.FromOpen) && (a.Value < c.To || a.Value == c.To && !c.ToOpen)
			return in != c.Outside
		})
	}
	return false
}

// hasRow reports whether there is a row of one of the atoms.
func hasRow(c store.Has, rows *store.Index) bool {
	of := func(atom int64) bool { return slices.Contains(c.Atoms, atom) }
	switch c.Kind {
	case store.Tokens:
		return slices.ContainsFunc(rows.Tokens, func(r store.Token) bool { return of(r.Atom) })
	case store.Refs:
		return slices.ContainsFunc(rows.Refs, func(r store.Ref) bool { return of(r.Atom) })
	case store.Dates:
		return slices.ContainsFunc(rows.Dates, func(r store.Date) bool { return of(r.Atom) })
	case store.Texts:
		return slices.ContainsFunc(rows.Texts, func(r store.Text) bool { return of(r.Atom) })
	}
	return slices.ContainsFunc(rows.Amounts, func(r store.Amount) bool { return of(r.Atom) })
}

func dateMatches(c store.DateIs, d store.Date) bool {
	within := d.Lo >= c.Lo && d.Lo < c.Hi && d.Hi <= c.Hi
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
	}
	return d.Lo < c.Hi && d.Hi > c.Lo
}
