package patients

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
)

// query is what a person typed into the one box, taken apart: words of a name in any order, a birth date in
// whatever form, and numbers.
type query struct {
	words []string
	// births are the dates that were typed, each as all the dates that it may mean: 3/4/68 is March or April.
	births [][]string
	// numbers are digits that may be a record number, a telephone number or an identifier.
	numbers []string
}

// maxWords bounds a query: nobody has more names than that.
const maxWords = 8

// read takes a query apart.
func read(text string, now time.Time) (q query) {
	tokens := strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",;()\"", r) })
	if len(tokens) > maxWords {
		tokens = tokens[:maxWords]
	}
	for i := 0; i < len(tokens); {
		if births, n := birth(tokens[i:], now); n > 0 {
			q.births = append(q.births, births)
			i += n
			continue
		}
		if digits, n := number(tokens[i:]); n > 0 {
			q.numbers = append(q.numbers, digits)
			i += n
			continue
		}
		q.words = append(q.words, tokens[i])
		i++
	}
	return q
}

// number reads digits that people write in groups: 100 482 771, (555) 010-0142, +1 555.010.0142.
func number(tokens []string) (digits string, n int) {
	for _, t := range tokens {
		group := strings.Map(func(r rune) rune {
			if r == '-' || r == '.' || r == '+' || r == '/' {
				return -1
			}
			return r
		}, t)
		if group == "" || strings.ContainsFunc(group, func(r rune) bool { return r < '0' || r > '9' }) {
			break
		}
		digits += group
		n++
	}
	if len(digits) < 4 {
		return "", 0
	}
	return digits, n
}

// birth reads a date at the beginning of the tokens: in one token or, with the month's name, in up to three.
// It returns the FHIR dates that may be meant and how many tokens they took.
func birth(tokens []string, now time.Time) (dates []string, n int) {
	for n = min(3, len(tokens)); n > 1; n-- {
		if dates = named(tokens[:n], now); dates != nil {
			return dates, n
		}
	}
	t := strings.TrimRight(tokens[0], ".")
	for _, sep := range []string{"-", "/", "."} {
		if parts := strings.Split(t, sep); len(parts) == 3 || len(parts) == 2 && sep == "-" {
			if dates = numeric(parts, now); dates != nil {
				return dates, 1
			}
			if dates = named(parts, now); dates != nil {
				return dates, 1
			}
		}
	}
	if len(t) == 8 { // 19680714 or 07141968
		if dates = day(t[:4], t[4:6], t[6:]); dates != nil && t[:2] >= "18" && t[:2] <= "20" {
			return dates, 1
		}
		if dates = day(t[4:], t[:2], t[2:4]); dates != nil && t[4:6] >= "18" && t[4:6] <= "20" {
			return dates, 1
		}
	}
	if y, err := strconv.Atoi(t); err == nil && len(t) == 4 && y >= 1890 && y <= now.Year() {
		return []string{t}, 1
	}
	return nil, 0
}

// numeric reads year, month and day as numbers, in the orders that people use.
func numeric(parts []string, now time.Time) (out []string) {
	if len(parts) == 2 { // 1968-07
		if y, m := parts[0], parts[1]; len(y) == 4 && day(y, m, "1") != nil {
			return []string{y + "-" + pad(m)}
		}
		return nil
	}
	if len(parts[0]) == 4 {
		return day(parts[0], parts[1], parts[2])
	}
	for _, y := range years(parts[2], now) {
		for _, d := range append(day(y, parts[0], parts[1]), day(y, parts[1], parts[0])...) {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

var months = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// named reads a date with the month's name: 14 July 1968, July 14 1968, 14-Jul-1968, July 1968.
func named(parts []string, now time.Time) (out []string) {
	month, rest := "", []string(nil)
	for _, p := range parts {
		p = strings.ToLower(strings.TrimRight(p, ".,"))
		i := slices.IndexFunc(months, func(m string) bool {
			return len(p) >= 3 && (strings.HasPrefix(m, p) || p == "sept" && m == "september")
		})
		if i >= 0 && month == "" {
			month = strconv.Itoa(i + 1)
			continue
		}
		p = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(p, "th"), "st"), "nd"), "rd")
		if _, err := strconv.Atoi(p); err != nil {
			return nil
		}
		rest = append(rest, p)
	}
	switch {
	case month == "":
		return nil
	case len(rest) == 1 && len(rest[0]) == 4:
		return []string{rest[0] + "-" + pad(month)}
	case len(rest) == 2 && len(rest[0]) == 4:
		rest[0], rest[1] = rest[1], rest[0]
	case len(rest) != 2:
		return nil
	}
	for _, y := range years(rest[1], now) {
		out = append(out, day(y, month, rest[0])...)
	}
	return out
}

// years are the full years that may be meant: 68 is 1968; 12 may be a child or somebody very old.
func years(y string, now time.Time) []string {
	n, err := strconv.Atoi(y)
	switch {
	case err != nil:
		return nil
	case len(y) == 4:
		return []string{y}
	case len(y) != 2:
		return nil
	case 2000+n > now.Year():
		return []string{strconv.Itoa(1900 + n)}
	}
	return []string{strconv.Itoa(2000 + n), strconv.Itoa(1900 + n)}
}

// day is a date if there is such a day, in FHIR's form.
func day(y, m, d string) []string {
	s := y + "-" + pad(m) + "-" + pad(d)
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return nil
	}
	return []string{s}
}

func pad(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}

// searches are the FHIR searches that answer the query, best first: a number may be of a record or of a
// telephone. nil where there is nothing to search for.
func (q query) searches() (out [][]search.Param) {
	var base []search.Param
	for _, b := range q.births {
		base = append(base, facts.Params("birthdate", strings.Join(b, ","))...)
	}
	for _, w := range q.words {
		base = append(base, facts.Params("name", search.Escape(w))...)
	}
	if len(q.numbers) == 0 {
		if len(base) == 0 {
			return nil
		}
		return [][]search.Param{base}
	}
	for _, name := range []string{"identifier", "phone"} {
		p := slices.Clone(base)
		for _, n := range q.numbers {
			if name == "phone" && len(n) == 11 && n[0] == '1' { // the record keeps North American numbers without their country code
				n = n[1:]
			}
			p = append(p, facts.Params(name, n)...)
		}
		out = append(out, p)
	}
	return out
}
