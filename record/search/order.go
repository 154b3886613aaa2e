package search

import (
	"cmp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// MaxOrdered is how many matches are put in an order that no index keeps.
const MaxOrdered = 5000

// Order is one key of an order that no index keeps, such as that of a code.
type Order struct {
	Desc bool
	// ByID sorts by the resource's id. Nothing needs to be read for that.
	ByID bool
	// of gives the value of a resource; of several the first in the order.
	of func(row *store.Row, r *fhir.Resource, rows *store.Index) store.SortValue
}

// SortValues are a row's values for the keys of an order. r may be nil when all keys are ByID.
func (x *Index) SortValues(order []Order, row *store.Row, r *fhir.Resource) []store.SortValue {
	var rows *store.Index
	if r != nil {
		rows = x.Extract(r, false)
	}
	out := make([]store.SortValue, len(order))
	for i := range order {
		out[i] = order[i].of(row, r, rows)
	}
	return out
}

// CompareSorted orders rows by their sort values, those without a value last, then by key.
func CompareSorted(order []Order, a, b *store.Cursor) int {
	for i := range order {
		x, y := &a.Values[i], &b.Values[i]
		switch {
		case x.Missing && y.Missing:
			continue
		case x.Missing:
			return 1
		case y.Missing:
			return -1
		}
		c := cmp.Or(cmp.Compare(x.Number, y.Number), strings.Compare(x.Text, y.Text))
		if order[i].Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(a.Key, b.Key)
}

// sort reads _sort. What the store can sort by is left to it; as soon as one key is of another kind, all keys
// become an Order.
func (c *compiler) sort(typ string, p Param) error {
	for _, name := range strings.Split(p.Value, ",") {
		name = strings.TrimSpace(name)
		if name == "" {
			continue
		}
		if len(c.order) == maxKeys {
			return wrong(p.Name, "more than %d keys to sort by", maxKeys)
		}
		desc := strings.HasPrefix(name, "-")
		name = strings.TrimPrefix(name, "-")
		switch name {
		case "_lastUpdated":
			c.out.Plan.Sort = append(c.out.Plan.Sort, store.Sort{Desc: desc})
			c.order = append(c.order, Order{Desc: desc, of: func(row *store.Row, _ *fhir.Resource, _ *store.Index) store.SortValue {
				return store.SortValue{Number: float64(row.At)}
			}})
			continue
		case "_id":
			c.unindexed = true
			c.order = append(c.order, Order{Desc: desc, ByID: true, of: func(row *store.Row, _ *fhir.Resource, _ *store.Index) store.SortValue {
				return store.SortValue{Text: row.ID}
			}})
			continue
		}
		sp, ok := c.Param(typ, name)
		if !ok {
			return unsupported(p.Name, "%s has no search parameter %q to sort by%s", or(typ, "a search over all types"), name, c.suggest(typ, name))
		}
		if err := built(p.Name, sp); err != nil {
			return err
		}
		atoms := numbers(sp.Atoms)
		o := Order{Desc: desc}
		switch sp.Type {
		case "date":
			c.out.Plan.Sort = append(c.out.Plan.Sort, store.Sort{Kind: store.Dates, Atoms: atoms, Desc: desc})
			o.of = func(_ *store.Row, _ *fhir.Resource, rows *store.Index) store.SortValue {
				return extreme(rows.Dates, desc, func(d store.Date) (store.SortValue, bool) {
					return store.SortValue{Number: float64(d.Lo)}, slices.Contains(atoms, d.Atom)
				})
			}
		case "string":
			c.out.Plan.Sort = append(c.out.Plan.Sort, store.Sort{Kind: store.Texts, Atoms: atoms, Desc: desc})
			o.of = func(_ *store.Row, _ *fhir.Resource, rows *store.Index) store.SortValue {
				return extreme(rows.Texts, desc, func(t store.Text) (store.SortValue, bool) {
					return store.SortValue{Text: t.Value}, slices.Contains(atoms, t.Atom)
				})
			}
		case "number", "quantity":
			c.out.Plan.Sort = append(c.out.Plan.Sort, store.Sort{Kind: store.Amounts, Atoms: atoms, Desc: desc})
			o.of = func(_ *store.Row, _ *fhir.Resource, rows *store.Index) store.SortValue {
				return extreme(rows.Amounts, desc, func(a store.Amount) (store.SortValue, bool) {
					return store.SortValue{Number: a.Value}, slices.Contains(atoms, a.Atom)
				})
			}
		case "token", "reference", "uri":
			if sp.extract == nil && sp.expr == nil {
				return unsupported(p.Name, "sorting by %q is not supported", name)
			}
			c.unindexed = true
			o.of = func(_ *store.Row, r *fhir.Resource, _ *store.Index) store.SortValue {
				return extreme(sp.nodes(r), desc, func(n fhir.Node) (store.SortValue, bool) {
					text := sortText(n)
					return store.SortValue{Text: text}, text != ""
				})
			}
		default:
			return unsupported(p.Name, "sorting by %q is not supported because it is a %s", name, sp.Type)
		}
		c.order = append(c.order, o)
	}
	return nil
}

// extreme is the first of several values in the order.
func extreme[T any](all []T, desc bool, value func(T) (store.SortValue, bool)) store.SortValue {
	best := store.SortValue{Missing: true}
	for _, one := range all {
		v, ok := value(one)
		if !ok {
			continue
		}
		c := cmp.Or(cmp.Compare(v.Number, best.Number), strings.Compare(v.Text, best.Text))
		if best.Missing || !desc && c < 0 || desc && c > 0 {
			best = v
		}
	}
	return best
}

// sortText is what a code, reference or address is sorted by: the code, in lower case, then its system; the
// reference as it stands, or what it displays.
func sortText(n fhir.Node) string {
	if n.Kind() != fhir.Object {
		return n.Text()
	}
	first := n
	if n.Get("coding").Exists() {
		first = n.Get("coding").First()
	}
	for _, key := range []string{"code", "value", "reference"} {
		if v := first.Get(key).Text(); v != "" {
			if key == "reference" {
				return v
			}
			return strings.ToLower(v) + "\x00" + first.Get("system").Text()
		}
	}
	if v := n.Get("text").Text(); v != "" {
		return Normalize(v)
	}
	return Normalize(n.Get("display").Text())
}
