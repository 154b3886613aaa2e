package ordering

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// history is what of a patient's past speaks for or against ordering the same again.
type history struct {
	orders []order
	done   []done
}

// done is something that was measured, reported or carried out.
type done struct {
	code  fhir.CodeableConcept
	at    fhir.DateTime
	value string // what was measured; "" for a report, a procedure, or several values
}

// within names the panels that hold all tests of another: who had one of them lately has had the other.
var within = map[string][]string{"cbc": {"cbcd"}, "bmp": {"bmps", "cmp"}, "bmps": {"bmp", "cmp"}, "lytes": {"bmp", "bmps", "cmp", "renal"}, "lipid": {"lipidd"}}

// wider are the panels that hold all tests of an order.
func (c *Catalogue) wider(key string) (out []Orderable) {
	for _, k := range within[key] {
		if o, ok := c.Get(k); ok {
			out = append(out, o)
		}
	}
	return out
}

// readHistory reads the orders of a patient, and when what is to be ordered was done before.
func (c *Catalogue) readHistory(ctx context.Context, s *record.Session, patient string, items []item) (h history, err error) {
	if len(items) == 0 {
		return h, nil
	}
	var codes []string
	for _, it := range items {
		for _, o := range append(c.wider(it.Key), it.Orderable) {
			for _, c := range o.Code.Coding {
				if c.Code != "" { // the codes of other systems' drafts are what they are
					codes = append(codes, search.Escape(c.System)+"|"+search.Escape(c.Code))
				}
			}
		}
	}
	var errs [4]error
	reads := []func(){
		func() {
			h.orders, errs[0] = facts.FindAll[order](ctx, s, "ServiceRequest", patient, facts.Params("_sort", "-authored", "_count", "200")...)
		},
	}
	var found [3][]done
	if len(codes) > 0 {
		any := strings.Join(codes, ",")
		reads = append(reads,
			func() { found[0], errs[1] = doneBefore(ctx, s, "Observation", patient, "-date", any, "effective[x]") },
			func() {
				found[1], errs[2] = doneBefore(ctx, s, "DiagnosticReport", patient, "-date", any, "effective[x]")
			},
			func() { found[2], errs[3] = doneBefore(ctx, s, "Procedure", patient, "-date", any, "performed[x]") },
		)
	}
	facts.Together(reads...)
	for _, e := range errs {
		if e != nil {
			return h, e
		}
	}
	for _, f := range found {
		h.done = append(h.done, f...)
	}
	return h, nil
}

func doneBefore(ctx context.Context, s *record.Session, typ, patient, sort, codes, when string) ([]done, error) {
	page, err := facts.Whole(ctx, s, facts.Of(typ, patient, facts.Params("code", codes, "_sort", sort, "_count", "100")...))
	if err != nil {
		return nil, err
	}
	var out []done
	for i := range page.Entries {
		v, err := fhir.View[struct {
			Status    string
			Code      fhir.CodeableConcept
			Effective fhir.Choice `fhir:"effective[x]"`
			Performed fhir.Choice `fhir:"performed[x]"`
			Value     fhir.Choice `fhir:"value[x]"`
		}](page.Entries[i].Resource())
		if err != nil || v.Status == "entered-in-error" || v.Status == "cancelled" || v.Status == "not-done" {
			continue
		}
		choice := v.Effective
		if when == "performed[x]" {
			choice = v.Performed
		}
		d := done{code: v.Code}
		if q, ok := fhir.ChoiceValue[fhir.Quantity](v.Value); ok {
			d.value = strings.TrimSpace(format.Comparator(q.Comparator, format.LabNumber(q.Value.String())) + " " + format.Unit(q.Unit))
		}
		switch t := choice.Value().(type) {
		case fhir.DateTime:
			d.at = t
		case fhir.Instant:
			d.at = t.DateTime()
		case fhir.Period:
			d.at = facts.When(t.End, t.Start)
		}
		if !d.at.IsZero() {
			out = append(out, d)
		}
	}
	return out, nil
}

// of says when the same was done last and what was found, and warns if it is ordered and not done yet, or was done within its
// interval: by itself, or as part of a panel that holds all of it.
func (h history) of(o Orderable, wider []Orderable, now time.Time) (last, warning string) {
	zone := now.Location()
	var newest time.Time
	for _, d := range h.done {
		at := d.at.Time(zone)
		if !at.After(newest) {
			continue
		}
		if same(o.Code, d.code) {
			newest, last = at, facts.Day(d.at, zone)
			if d.value != "" {
				last += ": " + d.value
			}
		} else if i := slices.IndexFunc(wider, func(w Orderable) bool { return same(w.Code, d.code) }); i >= 0 {
			newest, last = at, facts.Day(d.at, zone)+" as part of "+wider[i].Name
		}
	}
	if last != "" {
		if age := now.Sub(newest); o.Interval > 0 && age < time.Duration(o.Interval)*24*time.Hour {
			warning = "Done " + last + ", " + format.Elapsed(age) + " ago; mostly repeated after " + format.Count(o.Interval, "day", "days") + " at the earliest."
		}
	}
	for _, x := range h.orders {
		i := slices.IndexFunc(wider, func(w Orderable) bool { return same(w.Code, x.Code) })
		if !x.followed() || i < 0 && !same(o.Code, x.Code) {
			continue
		}
		text := "Already ordered"
		if !same(o.Code, x.Code) {
			text += " as part of " + wider[i].Name
		}
		if !x.Authored.IsZero() {
			text += " on " + facts.Day(x.Authored, zone)
		}
		if x.Requester.Display != "" {
			text += " by " + x.Requester.Display
		}
		return last, text + ", and not closed."
	}
	return last, warning
}
