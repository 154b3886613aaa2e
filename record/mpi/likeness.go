package mpi

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
)

// Person is what patients are compared by.
type Person struct {
	Identifier []fhir.Identifier   `fhir:"identifier"`
	Name       []fhir.HumanName    `fhir:"name"`
	Telecom    []fhir.ContactPoint `fhir:"telecom"`
	Gender     string              `fhir:"gender"`
	BirthDate  fhir.Date           `fhir:"birthDate"`
	Address    []fhir.Address      `fhir:"address"`
}

// Verdict tells how alike two descriptions of a person are.
type Verdict struct {
	Score int    // 0 to 100
	Grade Grade  // "" for somebody else
	Says  []Said // what each property says, in the order of Properties
}

// Grade is how sure a verdict is, as the match-grade extension of R4 codes it.
type Grade string

// The grades.
const (
	Certain  Grade = "certain"
	Probable Grade = "probable"
	Possible Grade = "possible"
)

// Said is what one property says.
type Said struct {
	Property string
	Agreement
}

// Agreement is how two values of one property stand to each other. What only one side knows says nothing.
type Agreement int8

// The agreements.
const (
	Unknown Agreement = iota
	Different
	Close // a typing error or a short form away
	Equal
)

// Properties are what is compared, in the order in which people read it.
var Properties = []string{"family", "given", "birth date", "gender", "telecom", "address", "identifier"}

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

// Likeness compares whom a caller describes with a patient of the record. Certain is only who has an identifier
// in common and nothing that speaks against it: two people of one name and birth date do exist.
func Likeness(want, have Person) Verdict {
	says := map[string]Agreement{
		"identifier": sameIdentifier(want.Identifier, have.Identifier),
		"birth date": sameDate(want.BirthDate.String(), have.BirthDate.String()),
		"family":     sameNames(want.Name, have.Name, func(n fhir.HumanName) []string { return []string{n.Family} }),
		"given":      sameNames(want.Name, have.Name, func(n fhir.HumanName) []string { return n.Given[:min(1, len(n.Given))] }),
		"gender":     sameWord(want.Gender, have.Gender),
		"telecom":    sameTelecom(want.Telecom, have.Telecom),
		"address":    sameAddress(want.Address, have.Address),
	}
	v := Verdict{}
	for _, name := range Properties {
		a, w := says[name], weights[name]
		v.Says = append(v.Says, Said{name, a})
		switch a {
		case Equal:
			v.Score += w[0]
		case Close:
			v.Score += w[1]
		case Different:
			v.Score += w[2]
		}
	}
	v.Score = max(0, min(100, v.Score))
	against := slices.ContainsFunc([]string{"birth date", "family", "given", "gender"}, func(p string) bool { return says[p] == Different })
	supported := says["birth date"] >= Close || says["family"] >= Close && says["given"] >= Close
	switch {
	case says["identifier"] == Equal && supported && !against:
		v.Grade, v.Score = Certain, max(v.Score, 95)
	case v.Score >= 60:
		v.Grade = Probable
	case v.Score >= 35:
		v.Grade = Possible
	}
	return v
}

// sameIdentifier finds an identifier in common. Others of the same system speak against it: a person has one
// number in one hospital.
func sameIdentifier(want, have []fhir.Identifier) Agreement {
	out := Unknown
	for _, w := range want {
		for _, h := range have {
			if w.Value == "" || h.Value == "" || w.System != h.System && w.System != "" {
				continue
			}
			if strings.EqualFold(w.Value, h.Value) {
				return Equal
			}
			if w.System != "" {
				out = Different
			}
		}
	}
	return out
}

func sameWord(want, have string) Agreement {
	switch {
	case want == "" || have == "" || want == "unknown" || have == "unknown":
		return Unknown
	case want == have:
		return Equal
	}
	return Different
}

// sameDate compares dates. Close are a date to the year or month that the other lies in, day and month exchanged,
// and one wrong digit.
func sameDate(want, have string) Agreement {
	switch {
	case want == "" || have == "":
		return Unknown
	case want == have:
		return Equal
	case strings.HasPrefix(want, have) || strings.HasPrefix(have, want):
		return Close
	case len(want) != len(have):
		return Different
	}
	if len(want) == 10 && want[:4] == have[:4] && want[5:7] == have[8:] && want[8:] == have[5:7] {
		return Close
	}
	wrong := 0
	for i := range len(want) {
		if want[i] != have[i] {
			wrong++
		}
	}
	if wrong == 1 {
		return Close
	}
	return Different
}

// sameNames compares a part of all names of two people and takes the best agreement: people marry, and go by
// several names.
func sameNames(want, have []fhir.HumanName, part func(fhir.HumanName) []string) Agreement {
	best := Unknown
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

func sameName(a, b string) Agreement {
	letters := strings.NewReplacer("-", " ", "'", "", ".", "")
	a, b = strings.TrimSpace(letters.Replace(a)), strings.TrimSpace(letters.Replace(b))
	switch {
	case a == "" || b == "":
		return Unknown
	case a == b:
		return Equal
	case strings.HasPrefix(a, b) || strings.HasPrefix(b, a): // an initial, a short form, one half of a double name
		return Close
	case oneEdit([]rune(a), []rune(b)) && min(len(a), len(b)) >= 3:
		return Close
	}
	return Different
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
func sameTelecom(want, have []fhir.ContactPoint) Agreement {
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
				return Equal
			}
		}
	}
	return Unknown
}

// sameAddress: equal are line and postal code, close is the postal code alone.
func sameAddress(want, have []fhir.Address) Agreement {
	best := Unknown
	for _, w := range want {
		for _, h := range have {
			if w.PostalCode == "" || h.PostalCode == "" || w.PostalCode[:min(5, len(w.PostalCode))] != h.PostalCode[:min(5, len(h.PostalCode))] {
				continue
			}
			best = max(best, Close)
			if len(w.Line) > 0 && len(h.Line) > 0 && search.Normalize(w.Line[0]) == search.Normalize(h.Line[0]) {
				return Equal
			}
		}
	}
	return best
}
