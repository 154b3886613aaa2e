package patients

import (
	"regexp"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
)

var (
	recordNumber = regexp.MustCompile(`^[0-9][0-9 -]{3,}$`)
	dateForms    = []string{"2006-01-02", "02-Jan-2006", "2-Jan-2006", "2 Jan 2006", "1/2/2006", "01/02/2006", "1-2-2006", "2.1.2006", "Jan 2 2006"}
)

// params turns what a person types into search parameters: words of the name in any order, a birth date, a record number, together or
// alone. ok is false where there is nothing to search for.
//
// Slashes are read as month/day/year, as people in the United States write; names of months leave no doubt and are what pages show.
func params(query string, now time.Time) (out []search.Param, ok bool) {
	query = strings.Join(strings.Fields(query), " ")
	if d, ok := date(query, now); ok {
		return facts.Params("birthdate", d), true
	}
	if recordNumber.MatchString(query) {
		return facts.Params("identifier", strings.NewReplacer(" ", "", "-", "").Replace(query)), true
	}
	for _, word := range strings.FieldsFunc(query, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '(' || r == ')' }) {
		if d, ok := date(word, now); ok {
			out = append(out, facts.Params("birthdate", d)...)
			continue
		}
		if recordNumber.MatchString(word) {
			out = append(out, facts.Params("identifier", word)...)
			continue
		}
		out = append(out, facts.Params("name", escape(word))...)
	}
	return out, len(out) > 0
}

// date reads a birth date as people write it. A year of two digits is taken for the past hundred years.
func date(s string, now time.Time) (string, bool) {
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format("2006-01-02"), true
		}
	}
	for _, form := range []string{"1/2/06", "2-Jan-06"} {
		if t, err := time.Parse(form, s); err == nil {
			if t.After(now) {
				t = t.AddDate(-100, 0, 0)
			}
			return t.Format("2006-01-02"), true
		}
	}
	return "", false
}

// escape keeps the characters that FHIR's search gives a meaning.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `,`, `\,`, `$`, `\$`, `|`, `\|`).Replace(s)
}
