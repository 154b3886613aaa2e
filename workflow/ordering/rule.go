package ordering

import (
	"context"
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// rule is what the form says of every order, for the orders of other systems.
func (e *desk) rule(right slice.Right) slice.Rule {
	return slice.Rule{
		Name: "order-repeats", Title: "Orders that repeat",
		Description: "Says of tests, imaging, procedures and other services that are about to be ordered whether they are ordered already and not closed, or were done too lately to be repeated.",
		Right:       right, Check: e.checkOrders,
	}
}

// checkOrders looks at drafts of services. What names nothing that can be compared is said, so that silence is never taken for a check.
func (e *desk) checkOrders(ctx context.Context, s *record.Session, patient string, drafts []*fhir.Resource) ([]slice.Advice, error) {
	var items []item
	var out []slice.Advice
	own := map[string]bool{} // drafts that this record keeps already: they do not repeat themselves
	for _, d := range drafts {
		if d.Type() != "ServiceRequest" {
			continue
		}
		o, err := fhir.View[struct {
			order
			Never bool `fhir:"doNotPerform"`
		}](d)
		if err != nil {
			return nil, err
		}
		if o.Never {
			continue
		}
		if o.ID != "" {
			own[o.ID] = true
		}
		line, ok := e.catalogue.Of(o.Code)
		if !ok {
			line = Orderable{Name: o.name(), Code: o.Code}
		}
		if len(o.Code.Coding) == 0 && o.Code.Text == "" {
			out = append(out, slice.Advice{Summary: "An order could not be checked: it does not say what is ordered", Urgency: slice.Warning, Source: "Osler"})
			continue
		}
		if slices.ContainsFunc(items, func(x item) bool { return same(x.Code, line.Code) }) {
			out = append(out, slice.Advice{Summary: clipped(line.Name + ": ordered twice here"), Detail: line.Name + " stands twice among these orders.", Urgency: slice.Warning, Source: "Osler"})
			continue
		}
		items = append(items, item{Orderable: line})
	}
	past, err := e.catalogue.readHistory(ctx, s, patient, items)
	if err != nil {
		return nil, err
	}
	past.orders = slices.DeleteFunc(past.orders, func(o order) bool { return own[o.ID] })
	for _, it := range items {
		if _, warning := past.of(it.Orderable, e.catalogue.wider(it.Key), e.d.Shell.Clock()); warning != "" {
			out = append(out, slice.Advice{Summary: clipped(it.Name + ": " + warning), Detail: it.Name + ": " + warning, Urgency: slice.Warning, Source: "Osler", Href: base(patient)})
		}
	}
	return out, nil
}

// clipped keeps a summary as short as one may be; the whole stands in the detail.
func clipped(s string) string {
	if r := []rune(s); len(r) > 139 {
		return string(r[:138]) + "…"
	}
	return s
}
