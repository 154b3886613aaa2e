package rest

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
)

// person is what patients are compared by.
type person struct {
	Identifier []fhir.Identifier   `fhir:"identifier"`
	Name       []fhir.HumanName    `fhir:"name"`
	Telecom    []fhir.ContactPoint `fhir:"telecom"`
	Gender     string              `fhir:"gender"`
	BirthDate  fhir.Date           `fhir:"birthDate"`
	Address    []fhir.Address      `fhir:"address"`
}

// verdict tells how alike two descriptions of a person are.
type verdict struct {
	score int    // 0 to 100
	grade string // certain, probable or possible; "" for somebody else
}

// agreement is what one property says. What only one side knows says nothing.
type agreement int8

const (
	unknown agreement = iota
	different
	close // a typing error or a short form away
	equal
)

// weights in hundredths: for an equal property, a close one, and a different one. What many people share counts
// little when equal and much when different (gender); what is a person's own, the other way round.
var weights = map[string][3]int{
	"identifier": {55, 0, -20},
	"birth date": {25, 12, -35},
	"family":     {18, 12, -15},
	"given":      {17, 10, -20},
	"gender":     {4, 0, -15},
	"telecom":    {15, 0, 0},
	"address":    {12, 5, 0},
}

// likeness compares whom a caller describes with a patient of the record. Certain is only who has an identifier
// in common and nothing that speaks against it: two people of one name and birth date do exist.
func likeness(want, have person) verdict {
	says := map[string]agreement{
		"identifier": sameIdentifier(want.Identifier, have.Identifier),
		"birth date": sameDate(want.BirthDate.String(), have.BirthDate.String()),
		"family":     sameNames(want.Name, have.Name, func(n fhir.HumanName) []string { return []string{n.Family} }),
		"given":      sameNames(want.Name, have.Name, func(n fhir.HumanName) []string { return n.Given[:min(1, len(n.Given))] }),
		"gender":     sameWord(want.Gender, have.Gender),
		"telecom":    sameTelecom(want.Telecom, have.Telecom),
		"address":    sameAddress(want.Address, have.Address),
	}
	v := verdict{}
	for name, a := range says {
		w := weights[name]
		switch a {
		case equal:
			v.score += w[0]
		case close:
			v.score += w[1]
		case different:
			v.score += w[2]
		}
	}
	v.score = max(0, min(100, v.score))
	against := slices.ContainsFunc([]string{"birth date", "family", "given", "gender"}, func(p string) bool { return says[p] == different })
	supported := says["birth date"] >= close || says["family"] >= close && says["given"] >= close
	switch {
	case says["identifier"] == equal && supported && !against:
		v.grade, v.score = "certain", max(v.score, 95)
	case v.score >= 60:
		v.grade = "probable"
	case v.score >= 35:
		v.grade = "possible"
	}
	return v
}

// sameIdentifier finds an identifier in common. Others of the same system speak against it: a person has one
// number in one hospital.
func sameIdentifier(want, have []fhir.Identifier) agreement {
	out := unknown
	for _, w := range want {
		for _, h := range have {
			if w.Value == "" || h.Value == "" || w.System != h.System && w.System != "" {
				continue
			}
			if strings.EqualFold(w.Value, h.Value) {
				return equal
			}
			if w.System != "" {
				out = different
			}
		}
	}
	return out
}

func sameWord(want, have string) agreement {
	switch {
	case want == "" || have == "" || want == "unknown" || have == "unknown":
		return unknown
	case want == have:
		return equal
	}
	return different
}

// sameDate compares dates. Close are a date to the year or month that the other lies in, day and month exchanged,
// and one wrong digit.
func sameDate(want, have string) agreement {
	switch {
	case want == "" || have == "":
		return unknown
	case want == have:
		return equal
	case strings.HasPrefix(want, have) || strings.HasPrefix(have, want):
		return close
	case len(want) != len(have):
		return different
	}
	if len(want) == 10 && want[:4] == have[:4] && want[5:7] == have[8:] && want[8:] == have[5:7] {
		return close
	}
	wrong := 0
	for i := range len(want) {
		if want[i] != have[i] {
			wrong++
		}
	}
	if wrong == 1 {
		return close
	}
	return different
}

// sameNames compares a part of all names of two people and takes the best agreement: people marry, and go by
// several names.
func sameNames(want, have []fhir.HumanName, part func(fhir.HumanName) []string) agreement {
	best := unknown
	for _, w := range want {
		for _, a := range part(w) {
			for _, h := range have {
				for _, b := range part(h) {
					best = max(best, sameName(search.Normalize(a), search.Normalize(b)))
				}
			}
		}
	}
	return best
}

func sameName(a, b string) agreement {
	letters := strings.NewReplacer("-", " ", "'", "", ".", "")
	a, b = strings.TrimSpace(letters.Replace(a)), strings.TrimSpace(letters.Replace(b))
	switch {
	case a == "" || b == "":
		return unknown
	case a == b:
		return equal
	case strings.HasPrefix(a, b) || strings.HasPrefix(b, a): // an initial, a short form, one half of a double name
		return close
	case oneEdit([]rune(a), []rune(b)) && min(len(a), len(b)) >= 3:
		return close
	}
	return different
}

// oneEdit reports whether one letter was changed, added, left out, or exchanged with its neighbour.
func oneEdit(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return slices.Equal(a[i:], b[i+1:])
	}
	if i == len(a) || slices.Equal(a[i+1:], b[i+1:]) {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && slices.Equal(a[i+2:], b[i+2:])
}

// sameTelecom finds a number or address in common. Having others says nothing: people have several, and change
// them.
func sameTelecom(want, have []fhir.ContactPoint) agreement {
	key := func(s string) string {
		if strings.Contains(s, "@") {
			return strings.ToLower(s)
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
		return digits[max(0, len(digits)-10):] // without the country
	}
	for _, w := range want {
		for _, h := range have {
			if k := key(w.Value); len(k) >= 7 && k == key(h.Value) {
				return equal
			}
		}
	}
	return unknown
}

// sameAddress: equal are line and postal code, close is the postal code alone.
func sameAddress(want, have []fhir.Address) agreement {
	best := unknown
	for _, w := range want {
		for _, h := range have {
			if w.PostalCode == "" || h.PostalCode == "" || w.PostalCode[:min(5, len(w.PostalCode))] != h.PostalCode[:min(5, len(h.PostalCode))] {
				continue
			}
			best = max(best, close)
			if len(w.Line) > 0 && len(h.Line) > 0 && search.Normalize(w.Line[0]) == search.Normalize(h.Line[0]) {
				return equal
			}
		}
	}
	return best
}
