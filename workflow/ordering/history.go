package ordering

import (
	"context"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
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
	code fhir.CodeableConcept
	at   fhir.DateTime
}

// readHistory reads the orders of a patient, and when what is to be ordered was done before.
func readHistory(ctx context.Context, s *record.Session, patient string, items []item) (h history, err error) {
	if len(items) == 0 {
		return h, nil
	}
	var codes []string
	for _, it := range items {
		for _, c := range it.Code.Coding {
			codes = append(codes, c.System+"|"+c.Code)
		}
	}
	var errs [4]error
	reads := []func(){
		func() {
			h.orders, errs[0] = facts.Find[order](ctx, s, "ServiceRequest", patient, facts.Params("_sort", "-authored", "_count", "200")...)
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
	page, err := s.Search(ctx, facts.Of(typ, patient, facts.Params("code", codes, "_sort", sort, "_count", "100")...))
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
		}](page.Entries[i].Resource())
		if err != nil || v.Status == "entered-in-error" || v.Status == "cancelled" || v.Status == "not-done" {
			continue
		}
		choice := v.Effective
		if when == "performed[x]" {
			choice = v.Performed
		}
		d := done{code: v.Code}
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

// of says when the same was done last, and warns if it is ordered and not done yet, or was done within its interval.
func (h history) of(o Orderable, now time.Time) (last, warning string) {
	zone := now.Location()
	var newest time.Time
	for _, d := range h.done {
		if at := d.at.Time(zone); same(o.Code, d.code) && at.After(newest) {
			newest, last = at, facts.Day(d.at, zone)
		}
	}
	if last != "" {
		if age := now.Sub(newest); o.Interval > 0 && age < time.Duration(o.Interval)*24*time.Hour {
			warning = "Done " + last + ", " + format.Elapsed(age) + " ago; mostly repeated after " + format.Count(o.Interval, "day", "days") + " at the earliest."
		}
	}
	for _, x := range h.orders {
		if !x.followed() || !same(o.Code, x.Code) {
			continue
		}
		text := "Already ordered"
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
