package sqlplan

import (
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/store"
)

func trivial(f store.Filter, typ int) bool {
	for _, t := range f.DenyTypes {
		if t == typ {
			return false
		}
	}
	return f.Patients == nil && len(f.OwnOnly) == 0 && !f.ByRow()
}

// allowed writes the caller's filter on the resource under alias r.
func (w *builder) allowed(f store.Filter, typ int, r string) {
	if f.Nothing {
		w.str(" AND 1=0")
		return
	}
	for _, t := range f.DenyTypes {
		if typ == 0 {
			w.str(" AND NOT ")
			w.typeIs(r, t)
		} else if t == typ {
			w.str(" AND 1=0")
		}
	}
	if f.Patients != nil {
		w.str(" AND ")
		w.eq("("+r+".key >> 32)", append([]int64{0}, f.Patients...))
	}
	switch {
	case typ != 0 && slices.Contains(f.OwnOnly, typ):
		w.str(" AND (", r, ".key >> 32) <> 0")
	case typ == 0 && len(f.OwnOnly) > 0:
		w.str(" AND NOT ((", r, ".key >> 32) = 0 AND ((", r, ".key >> 24) & 255) IN (")
		for i, t := range f.OwnOnly {
			if i > 0 {
				w.str(",")
			}
			w.str(strconv.Itoa(t))
		}
		w.str("))")
	}
	if f.Orgs != nil {
		w.str(" AND ")
		if len(f.Orgs) == 0 {
			w.str("1=0")
		} else {
			w.eq(r+".org", f.Orgs)
		}
	}
	if f.DenyLabels != 0 {
		w.str(" AND (", r, ".labels & ")
		w.num(f.DenyLabels)
		w.str(") = 0")
	}
	switch {
	case typ != 0 && slices.Contains(f.NeedTypes, typ):
		w.str(" AND (", r, ".labels & ")
		w.num(f.NeedLabels)
		w.str(") <> 0")
	case typ == 0 && len(f.NeedTypes) > 0:
		w.str(" AND (((", r, ".key >> 24) & 255) NOT IN (")
		for i, t := range f.NeedTypes {
			if i > 0 {
				w.str(",")
			}
			w.str(strconv.Itoa(t))
		}
		w.str(") OR (", r, ".labels & ")
		w.num(f.NeedLabels)
		w.str(") <> 0)")
	}
}
