package search

import "slices"

// careParams are the parameters that tell when care was given, asked for or planned, best first.
var careParams = []string{"date", "period", "authoredon", "authored", "onset-date", "recorded-date", "effective-time", "whenhandedover", "occurrence", "sent", "started", "when-given", "created"}

// CareDates are the atoms that tell when what a resource is about took place: for each type the dates of one
// parameter, or of none.
func (x *Index) CareDates() (out []int64) {
	for _, typ := range x.Names() {
		if typ == "Patient" || !x.Owned(typ) {
			continue
		}
		for _, name := range careParams {
			if sp, ok := x.Param(typ, name); ok && sp.Type == "date" && len(sp.Atoms) > 0 {
				for _, n := range numbers(sp.Atoms) {
					if !slices.Contains(out, n) {
						out = append(out, n)
					}
				}
				break
			}
		}
	}
	return out
}
