package patients

import (
	"strings"
	"unicode/utf8"

	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// near is the search for those who may be meant by a query with slips of the keyboard: names that begin
// alike. Who of them is near enough is decided by slips. It is nil when no word is long enough to be
// mistyped and still tell somebody.
func (q query) near() (out []search.Param) {
	if len(q.numbers) > 0 {
		return nil
	}
	long := false
	for _, w := range q.words {
		n := utf8.RuneCountInString(w)
		long = long || n >= 4
		begin := w
		if n >= 4 {
			begin = string([]rune(w)[:2])
		}
		out = append(out, facts.Params("name", search.Escape(begin))...)
	}
	if !long {
		return nil
	}
	for _, b := range q.births {
		out = append(out, facts.Params("birthdate", strings.Join(b, ","))...)
	}
	return out
}

// slips counts how far a patient's names are from the query's words: letters wrong, missing, too many or
// swapped. near is false when a word is too far from all names.
func (q query) slips(names []string) (total int, near bool) {
	for _, w := range q.words {
		w = fold(w)
		best := -1
		for _, n := range names {
			if d := distance(w, fold(n)); best < 0 || d < best {
				best = d
			}
		}
		if best < 0 || best > allowed(w) {
			return 0, false
		}
		total += best
	}
	return total, true
}

// allowed is how many slips a word may have.
func allowed(word string) int {
	switch n := utf8.RuneCountInString(word); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// fold makes names comparable, as the record's search does.
func fold(s string) string {
	return strings.Trim(search.Normalize(s), "'-. ")
}

// distance is how many slips lead from a name, or from its beginning, to a word: the optimal string
// alignment distance, where what is left of the name behind the word costs nothing.
func distance(word, name string) int {
	a, b := []rune(word), []rune(name)
	if len(b) > len(a)+2 {
		b = b[:len(a)+2]
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	best := last[len(b)]
	for j := max(0, len(a)-1); j <= len(b); j++ { // the name may go on
		best = min(best, last[j])
	}
	return best
}

// nameParts are all words of a patient's names.
func nameParts(p facts.Patient, shown format.PersonName) []string {
	parts := strings.Fields(shown.Family + " " + shown.Given + " " + shown.Preferred)
	for _, n := range p.Names {
		parts = append(parts, strings.Fields(n.Family)...)
		for _, g := range n.Given {
			parts = append(parts, strings.Fields(g)...)
		}
	}
	for _, p := range parts {
		if first, rest, ok := strings.Cut(p, "-"); ok {
			parts = append(parts, first, rest)
		}
	}
	return parts
}
