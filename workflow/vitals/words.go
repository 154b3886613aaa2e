package vitals

import (
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/web/format"
)

// lowered is a label inside of a sentence.
func lowered(label string) string { return strings.ToLower(label[:1]) + label[1:] }

// unitName is a unit as people read it.
func unitName(u unit) string {
	if s := format.Unit(u.ucum); s != "" {
		return s
	}
	return u.ucum
}

// unitNames are the units in which a sign may be entered: kg, lb or g.
func unitNames(s *sign) string {
	var names []string
	for _, u := range s.units {
		if n := format.Unit(u.ucum); n != "" && len(u.words) > 0 {
			names = append(names, n)
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// example is an entry that the sign takes.
func example(s *sign) string {
	return map[string]string{bloodPressure: "128/82", pulse: "72", temperature: "37.1 or 98.8 F", respiration: "16", saturation: "98, or 95 on 2 L", weight: "81.5 kg or 180 lb",
		height: "178 cm or 5'10", length: "62.5 cm", head: "42.5 cm", pain: "3"}[s.name]
}

// trim writes a number with as many digits as it has.
func trim(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
