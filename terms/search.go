package terms

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Query is what a person has typed, and what may answer it.
type Query struct {
	// Text is words, the last of them perhaps unfinished, in any order; or the beginning of a code. Empty text finds
	// everything, in the order of the definition.
	Text string
	// Within limits the answer to these concepts; nil = all.
	Within *Set
	// Selectable leaves out concepts that are not to be used: abstract and inactive ones.
	Selectable bool
	// Preferred codes come before others that answer as well: those that the practice has used lately, say.
	Preferred []string
	// Offset skips as many hits; Count is how many to give, 0 = none: only Total is wanted.
	Offset, Count int
}

// Answer is what a search found.
type Answer struct {
	Hits []Hit
	// Total is how many concepts answer the query.
	Total int
	// Corrected is true when no concept has the words as typed, and these have words that differ by a letter or two.
	Corrected bool
}

// Hit is a concept that answers a query. Scores compare hits of all systems: a higher one is better.
type Hit struct {
	ID    ID
	Score int
}

// What makes a hit better, and what worse. The larger decide first.
const (
	scoreExactCode = 1 << 22 // the text is the code
	scoreCode      = 1 << 21 // the code begins with the text
	scorePreferred = 1 << 20
	scoreInactive  = 1 << 19 // taken away
	scoreWhole     = 1 << 12 // for every word that is whole
	scoreDisplay   = 1 << 11 // for every word of the display, in contrast to synonyms
	scoreFirst     = 1 << 11 // for a word that begins a name
	scoreRank      = 16      // for every step of rank, taken away
	maxLength      = 1023    // of a display, in bytes, each of which takes 1 away

	maxQueryWords = 16
)

// Search finds concepts by words and codes.
func (s *System) Search(q Query) Answer {
	words := appendWords(nil, q.Text)
	if len(words) == 0 {
		if strings.TrimSpace(q.Text) == "" {
			return s.list(q)
		}
		return s.byCodeAlone(q)
	}
	words = words[:min(len(words), maxQueryWords)]
	t := s.scratch.Get().(*tally)
	defer s.scratch.Put(t)
	defer t.clear()
	s.match(t, wantsOf(words))
	if other, ok := spelledOut(words); ok {
		s.match(t, wantsOf(other))
	}
	s.matchCodes(t, q.Text)
	corrected := false
	if len(t.found) == 0 {
		if better, ok := s.correct(words); ok {
			corrected = true
			s.match(t, wantsOf(better))
		}
	}
	for _, code := range q.Preferred {
		if id, ok := s.Find(code); ok && t.score[id] > 0 {
			t.score[id] += scorePreferred
		}
	}
	a := s.best(t, q)
	a.Corrected = corrected
	return a
}

// list answers a query without text.
func (s *System) list(q Query) (a Answer) {
	each := func(id ID) {
		if q.Selectable && s.flags[id] != 0 {
			return
		}
		if a.Total >= q.Offset && len(a.Hits) < q.Count {
			a.Hits = append(a.Hits, Hit{ID: id})
		}
		a.Total++
	}
	if q.Within != nil {
		for id := range q.Within.All() {
			each(id)
		}
		return a
	}
	for id := range ID(s.Len()) {
		each(id)
	}
	return a
}

// byCodeAlone answers a text without letters and digits, such as "<" of a system of comparators.
func (s *System) byCodeAlone(q Query) (a Answer) {
	if id, ok := s.Find(strings.TrimSpace(q.Text)); ok && (q.Within == nil || q.Within.Has(id)) && !(q.Selectable && s.flags[id] != 0) {
		a.Total = 1
		if q.Offset == 0 && q.Count > 0 {
			a.Hits = []Hit{{id, scoreExactCode}}
		}
	}
	return a
}

// want is one word of a query.
type want struct {
	word   string
	prefix bool // longer words count too
}

// wantsOf are the words to look for. Each may be the beginning of a longer one: people type "diab neph". Fillers
// are not insisted on, if there are other words.
func wantsOf(words []string) []want {
	var wants, fill []want
	for i, w := range words {
		if slices.Contains(words[:i], w) {
			continue
		}
		if fillers[w] {
			fill = append(fill, want{w, true})
		} else {
			wants = append(wants, want{w, true})
		}
	}
	if len(wants) == 0 {
		return fill
	}
	return wants
}

// match scores the concepts that have every word.
func (s *System) match(t *tally, wants []want) {
	type span struct {
		want
		from, to int // of the vocabulary
		size     int // bytes of postings
	}
	spans := make([]span, len(wants))
	for i, w := range wants {
		from, to := s.wordsLike(w)
		if from == to {
			return
		}
		spans[i] = span{w, from, to, int(s.postings.offsets.at(to) - s.postings.offsets.at(from))}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(a.size, b.size) }) // the rarest first
	for i, sp := range spans {
		for w := sp.from; w < sp.to; w++ {
			worth := int32(1)
			if s.words.size(w) == len(sp.word) {
				worth += scoreWhole
			}
			t.tally(uint8(i), s.postings.at(w), worth)
		}
	}
	t.finish(uint8(len(spans)))
}

// wordsLike are the words of the vocabulary that a want means: from included, to not.
func (s *System) wordsLike(w want) (from, to int) {
	from = s.firstWord(w.word)
	if !w.prefix {
		if from < s.words.len() && string(s.words.at(from)) == w.word {
			return from, from + 1
		}
		return from, from
	}
	prefix := []byte(w.word)
	lo, hi := from, s.words.len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if bytes.HasPrefix(s.words.at(mid), prefix) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return from, lo
}

// firstWord is the place of the first word of the vocabulary that is not before the one given.
func (s *System) firstWord(word string) int {
	lo, hi := 0, s.words.len()
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if string(s.words.at(mid)) < word {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// matchCodes scores the concepts whose code begins with the text. A text with a space inside is no code.
func (s *System) matchCodes(t *tally, text string) {
	text = strings.TrimSpace(text)
	key := foldCode(nil, text)
	if len(key) == 0 || strings.ContainsRune(text, ' ') {
		return
	}
	var b [64]byte
	for i := s.lowerBound(key); i < s.byCode.len(); i++ {
		id := ID(s.byCode.at(i))
		own := foldCode(b[:0], s.codes.at(int(id)))
		if !bytes.HasPrefix(own, key) {
			return
		}
		worth := int32(scoreCode)
		if len(own) == len(key) {
			worth = scoreExactCode
		}
		t.note(id, worth)
	}
}

// best gives the page that is asked for out of everything that was found.
func (s *System) best(t *tally, q Query) Answer {
	var a Answer
	keep := q.Offset + q.Count
	hits := make([]Hit, 0, min(keep, len(t.found)))
	for _, id := range t.found {
		if q.Within != nil && !q.Within.Has(id) || q.Selectable && s.flags[id] != 0 {
			continue
		}
		a.Total++
		if keep == 0 {
			continue
		}
		h := Hit{id, int(t.score[id]) - int(s.ranks[id])*scoreRank - min(s.displays.size(int(id)), maxLength)}
		if s.flags[id]&flagInactive != 0 {
			h.Score -= scoreInactive
		}
		hits = pushHit(hits, h, keep)
	}
	slices.SortFunc(hits, compareHits)
	if q.Offset < len(hits) {
		a.Hits = hits[q.Offset:]
	}
	return a
}

// compareHits orders the better hit first.
func compareHits(a, b Hit) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) }

// pushHit keeps the best hits in a heap whose root is the worst of them.
func pushHit(heap []Hit, h Hit, keep int) []Hit {
	if len(heap) < keep {
		heap = append(heap, h)
		for i := len(heap) - 1; i > 0; {
			up := (i - 1) / 2
			if compareHits(heap[i], heap[up]) <= 0 {
				break
			}
			heap[i], heap[up] = heap[up], heap[i]
			i = up
		}
		return heap
	}
	if compareHits(h, heap[0]) >= 0 {
		return heap
	}
	heap[0] = h
	for i := 0; ; {
		worst := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < len(heap) && compareHits(heap[c], heap[worst]) > 0 {
				worst = c
			}
		}
		if worst == i {
			return heap
		}
		heap[i], heap[worst] = heap[worst], heap[i]
		i = worst
	}
}
