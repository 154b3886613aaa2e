package sig

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// sentence is the first sentence that [Sig.Words] writes, without its full stop; the verb may be missing where a person typed it. most is
// the second.
var (
	sentence = regexp.MustCompile(`^(?:[A-Z][a-z]+ )?(half an?|a quarter of an?|[0-9][0-9.,]*)(?: to ([0-9][0-9.,]*))? ([A-Za-z]+)(?: \([^)]*\))? (` + routePattern() + `)(?: (.*?))??(?: as needed(?: for (.+?))??)?(?: for ([0-9]{1,4}) days?)?$`)
	most     = regexp.MustCompile(`^No more than ([0-9][0-9.,]*) ([A-Za-z]+) in 24 hours\.?(?: (.*))?$`)
)

func routePattern() string {
	var words []string
	for _, r := range routes {
		if !slices.Contains(words, r.words) {
			words = append(words, regexp.QuoteMeta(r.words))
		}
	}
	slices.Sort(words)
	return strings.Join(words, "|")
}

// Parse reads the words of a label back. It takes what [Sig.Words] writes, and the same without verb: "1 tablet by mouth twice daily".
func Parse(words string) (Sig, error) {
	head, rest, _ := strings.Cut(strings.Join(strings.Fields(words), " "), ". ")
	m := sentence.FindStringSubmatch(strings.TrimSuffix(head, "."))
	if m == nil {
		return Sig{}, fmt.Errorf("%q cannot be read; write such as 1 tablet by mouth twice daily", words)
	}
	var s Sig
	var err error
	switch {
	case strings.HasPrefix(m[1], "half"):
		s.Low = big.NewRat(1, 2)
	case strings.HasPrefix(m[1], "a quarter"):
		s.Low = big.NewRat(1, 4)
	default:
		if s.Low, err = ParseAmount(m[1]); err != nil {
			return Sig{}, err
		}
	}
	if m[2] != "" {
		if s.High, err = ParseAmount(m[2]); err != nil {
			return Sig{}, err
		}
	}
	if s.Unit = unitNamed(m[3]); s.Unit == "" {
		return Sig{}, fmt.Errorf("%q is no unit for a dose", m[3])
	}
	s.Route = routeNamed(strings.SplitN(words, " ", 2)[0], m[4])
	if m[5] != "" {
		if s.Frequency, err = ParseFrequency(m[5]); err != nil {
			return Sig{}, err
		}
	}
	s.AsNeeded, s.Reason = strings.Contains(head, " as needed"), m[6]
	if m[7] != "" {
		if s.Days, err = strconv.Atoi(m[7]); err != nil {
			return Sig{}, err
		}
	}
	if limit := most.FindStringSubmatch(rest); limit != nil {
		if s.MaxPerDay, err = ParseAmount(limit[1]); err != nil {
			return Sig{}, err
		}
		if unitNamed(limit[2]) != s.Unit {
			return Sig{}, fmt.Errorf("the most in 24 hours is in %s, and the dose in %s", limit[2], s.Unit)
		}
		rest = limit[3]
	}
	if s.Note = strings.TrimSuffix(rest, "."); s.Note != "" {
		s.Note = first(s.Note, unicode.ToLower)
	}
	return s, s.Check()
}

// routeNamed tells routes of the same words apart by the verb: what is inhaled goes by mouth too.
func routeNamed(verb, words string) string {
	found := ""
	for _, r := range Routes() {
		if routes[r[0]].words != words {
			continue
		}
		if found == "" || routes[r[0]].verb == verb {
			found = r[0]
		}
	}
	return found
}

func unitNamed(s string) string {
	for key, u := range units {
		if strings.EqualFold(s, u.one) || strings.EqualFold(s, u.many) || s == key {
			return key
		}
	}
	return typedUnits[strings.ToLower(s)]
}

// typedUnits are units as clinicians type them.
var typedUnits = map[string]string{"tab": "tablet", "tabs": "tablet", "cap": "capsule", "caps": "capsule", "ml": "mL", "mcg": "micrograms", "ug": "micrograms", "microgram": "micrograms", "milligrams": "mg", "gram": "g", "grams": "g", "gtt": "drop", "meq": "mEq"}

var plainNumber = regexp.MustCompile(`^[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$|^[0-9]+(?:\.[0-9]+)?$|^[0-9]+/[1-9][0-9]*$`)

// ParseAmount reads a number as a person types it: 0.5, 1,000 or 1/2. A number that begins with its point is refused, since .5 is
// easily read as 5.
func ParseAmount(s string) (*big.Rat, error) {
	s = strings.TrimSpace(s)
	if !plainNumber.MatchString(s) || len(s) > 20 {
		if strings.HasPrefix(s, ".") {
			return nil, fmt.Errorf("write 0%s, with a zero before the point", s)
		}
		return nil, fmt.Errorf("%q is no amount; write such as 0.5 or 1,000", s)
	}
	r, ok := new(big.Rat).SetString(strings.ReplaceAll(s, ",", ""))
	if !ok {
		return nil, fmt.Errorf("%q is no amount; write such as 0.5 or 1,000", s)
	}
	return r, nil
}

// ParseDose reads an amount with its unit: 100 mg, 1 tablet, 1 to 2 puffs.
func ParseDose(s string) (low, high *big.Rat, unit string, err error) {
	m := dose.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return nil, nil, "", fmt.Errorf("%q is no dose; write such as 1 tablet or 100 mg", s)
	}
	if low, err = ParseAmount(m[1]); err != nil {
		return nil, nil, "", err
	}
	if m[2] != "" {
		if high, err = ParseAmount(m[2]); err != nil {
			return nil, nil, "", err
		}
	}
	if unit = unitNamed(m[3]); unit == "" {
		return nil, nil, "", fmt.Errorf("%q is no unit for a dose; write such as tablet, mL or mg", m[3])
	}
	return low, high, unit, nil
}

var dose = regexp.MustCompile(`^([0-9.,/]+)(?: ?(?:to|-) ?([0-9.,/]+))? ?([A-Za-z]+)$`)
