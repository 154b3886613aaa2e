package drugs

import (
	"cmp"
	"slices"
	"strings"
)

// Hit is an answer of the type-ahead: a product, or an ingredient of which this set has no product of that name.
type Hit struct {
	Product    *Product // nil for an ingredient alone
	Ingredient *Ingredient
	// Corrected is true when no name has the words as typed and this one differs by a letter or two.
	Corrected bool
}

// entry is what the type-ahead finds.
type entry struct {
	hit     Hit
	words   []string // of ingredients first, then of the brand, then of strength and form
	names   int      // how many of the words are names of ingredients
	brands  int      // how many after those are names of brands
	primary string   // by which equal answers are ordered
}

func (l *Library) buildIndex() {
	for _, p := range l.Products {
		e := entry{hit: Hit{Product: p, Ingredient: p.Parts[0].Ingredient}, primary: p.Generic()}
		for _, part := range p.Parts {
			e.words = append(e.words, phraseWords(part.Precise)...)
			e.words = append(e.words, phraseWords(part.Ingredient.Name)...)
			for _, other := range part.Ingredient.Others {
				e.words = append(e.words, phraseWords(other)...)
			}
		}
		e.names = len(e.words)
		if p.Brand != "" {
			e.words = append(e.words, phraseWords(p.Brand)...)
		} else if len(p.Parts) == 1 { // the generic answers to the brand too, and comes first
			for _, b := range p.Parts[0].Ingredient.Brands {
				e.words = append(e.words, phraseWords(b)...)
			}
		}
		e.brands = len(e.words) - e.names
		for _, part := range p.Parts {
			if part.Amount != nil {
				amount, unit := Readable(part.Amount, part.Unit)
				n := strings.ReplaceAll(Number(amount), ",", "")
				e.words = append(e.words, n, n+strings.ToLower(unit), strings.ToLower(unit))
			}
		}
		e.words = append(e.words, phraseWords(p.Form.Name)...)
		l.index = append(l.index, e)
	}
	for _, i := range l.Ingredients {
		e := entry{hit: Hit{Ingredient: i}, primary: i.Name, words: phraseWords(i.Name)}
		for _, other := range i.Others {
			e.words = append(e.words, phraseWords(other)...)
		}
		e.names = len(e.words)
		for _, b := range i.Brands {
			e.words = append(e.words, phraseWords(b)...)
		}
		e.brands = len(e.words) - e.names
		l.index = append(l.index, e)
	}
}

// Search gives what a person means who types the first letters of a medicine's names, of its strength and of its form, in any
// order, the best first, at most n. When nothing has the words as typed, names that differ by a slip of the keyboard answer.
func (l *Library) Search(text string, n int) []Hit {
	query := phraseWords(text)
	if len(query) == 0 || n <= 0 {
		return nil
	}
	hits := l.scan(query, func(q, word string) bool { return strings.HasPrefix(word, q) })
	if len(hits) == 0 {
		hits = l.scan(query, func(q, word string) bool { return strings.HasPrefix(word, q) || near(q, word) })
		for i := range hits {
			hits[i].Corrected = true
		}
	}
	return hits[:min(n, len(hits))]
}

func (l *Library) scan(query []string, fits func(q, word string) bool) []Hit {
	type scored struct {
		e     *entry
		score int
	}
	var found []scored
	for i := range l.index {
		e := &l.index[i]
		score := 0
		for _, q := range query {
			best := 0
			for at, word := range e.words {
				if !fits(q, word) {
					continue
				}
				s := 1
				switch {
				case at == 0:
					s = 5
				case at < e.names:
					s = 3
				case at < e.names+e.brands:
					s = 4
				}
				if len(word) == len(q) {
					s += 2
				}
				best = max(best, s)
			}
			if best == 0 {
				score = 0
				break
			}
			score += best
		}
		if score == 0 || !named(e, query, fits) {
			continue
		}
		if e.hit.Product != nil {
			score += 3 // it can be prescribed as it is
			if e.hit.Product.Brand != "" {
				score--
			}
			score -= len(e.hit.Product.Parts) - 1
		}
		found = append(found, scored{e, score})
	}
	slices.SortStableFunc(found, func(a, b scored) int {
		return cmp.Or(b.score-a.score, strings.Compare(a.e.primary, b.e.primary), compareForm(a.e.hit.Product, b.e.hit.Product))
	})
	out := make([]Hit, len(found))
	for i, f := range found {
		out[i] = f.e.hit
	}
	return out
}

// named reports whether a word of the query is part of a name: a strength or a form alone finds everything.
func named(e *entry, query []string, fits func(q, word string) bool) bool {
	return slices.ContainsFunc(query, func(q string) bool {
		return slices.ContainsFunc(e.words[:e.names+e.brands], func(w string) bool { return fits(q, w) })
	})
}

// compareForm orders products of the same ingredients by form, then by strength.
func compareForm(a, b *Product) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	if c := strings.Compare(a.Form.Name, b.Form.Name); c != 0 {
		return c
	}
	return a.Parts[0].Amount.Cmp(b.Parts[0].Amount)
}

// near reports whether the beginning of a word differs from what was typed by one letter, or by two in eight letters and more. The
// first letter is right: who mistypes that one sees nothing and types anew, and look-alikes of another letter are another drug.
func near(q, word string) bool {
	if len(q) < 4 || len(word) < 3 || q[0] != word[0] {
		return false
	}
	most := 1
	if len(q) >= 8 {
		most = 2
	}
	for n := max(1, len(q)-most); n <= min(len(word), len(q)+most); n++ {
		if distance(q, word[:n]) <= most {
			return true
		}
	}
	return false
}

// distance is the number of letters that are wrong, missing, too many, or exchanged with their neighbour (optimal string alignment).
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
