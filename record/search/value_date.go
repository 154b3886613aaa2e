package search

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/store"
)

// prefixes of dates and numbers (R4 search, 3.1.1.5.4).
func prefix(v string) (op, rest string) {
	if len(v) > 2 {
		switch v[:2] {
		case "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap":
			return v[:2], v[2:]
		}
	}
	return "eq", v
}

var dateOps = map[string]store.DateOp{
	"eq": store.DateEq, "ne": store.DateNe, "gt": store.DateGt, "lt": store.DateLt, "ge": store.DateGe, "le": store.DateLe,
	"sa": store.DateSa, "eb": store.DateEb, "ap": store.DateAp,
}

func span(name, v string) (lo, hi int64, err error) {
	d, perr := fhir.ParseSearchDateTime(strings.ReplaceAll(v, " ", "+"))
	if perr != nil {
		return 0, 0, wrong(name, "%q is not a date; write 2026, 2026-11, 2026-11-24 or 2026-11-24T09:30:00Z", v)
	}
	from, to := d.Range(nil)
	hi = to.UnixMilli()
	if to.Nanosecond()%1e6 != 0 {
		hi++
	}
	return from.UnixMilli(), hi, nil
}

func (c *compiler) date(sp *Parameter, name, modifier string, values []string) (store.Cond, error) {
	if modifier != "" {
		return nil, unmodified(name, "the modifier %q is not known for a date", modifier)
	}
	var any store.Or
	for _, v := range values {
		op, rest := prefix(v)
		lo, hi, err := span(name, rest)
		if err != nil {
			return nil, err
		}
		any = append(any, store.DateIs{Atoms: numbers(sp.Atoms), Op: dateOps[op], Lo: lo, Hi: hi})
	}
	return one(any), nil
}

func (c *compiler) lastUpdated(name, modifier, value string) (store.Cond, error) {
	if modifier != "" {
		return nil, unmodified(name, "the modifier %q is not known for _lastUpdated", modifier)
	}
	values, err := split(name, value)
	if err != nil {
		return nil, err
	}
	var any store.Or
	for _, v := range values {
		op, rest := prefix(v)
		lo, hi, err := span(name, rest)
		if err != nil {
			return nil, err
		}
		switch op {
		case "eq", "ap":
			any = append(any, store.UpdatedIs{From: lo, To: hi})
		case "ne":
			any = append(any, store.Not{Cond: store.UpdatedIs{From: lo, To: hi}})
		case "gt", "sa":
			any = append(any, store.UpdatedIs{From: hi})
		case "ge":
			any = append(any, store.UpdatedIs{From: lo})
		case "lt", "eb":
			any = append(any, store.UpdatedIs{To: lo})
		case "le":
			any = append(any, store.UpdatedIs{To: hi})
		}
	}
	return one(any), nil
}
