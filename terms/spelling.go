package terms

// correct replaces words that no word of the vocabulary begins with by the most frequent one that differs by a letter
// or two. ok is false if nothing was replaced, or a word has nothing like it.
func (s *System) correct(words []string) (better []string, ok bool) {
	for _, w := range words {
		if from, to := s.wordsLike(want{w, true}); from < to {
			better = append(better, w)
			continue
		}
		like := s.wordNear(w)
		if like == "" {
			return nil, false
		}
		better, ok = append(better, like), true
	}
	return better, ok
}

// wordNear is the word of the vocabulary that is nearest to one that was mistyped, of several the most frequent; "" if
// none is near.
func (s *System) wordNear(word string) string {
	limit := 1
	switch {
	case len(word) < 4:
		return ""
	case len(word) >= 8:
		limit = 2
	}
	best, bestSize := "", uint32(0)
	for i := range s.words.len() {
		size := s.words.size(i)
		if size < len(word)-limit {
			continue
		}
		// The word may be unfinished: compare with the beginning of a longer one.
		other := s.words.at(i)
		d := prefixDistance(word, other, limit)
		if d > limit {
			continue
		}
		if frequency := s.postings.offsets.at(i+1) - s.postings.offsets.at(i); d < limit || best == "" || frequency > bestSize {
			best, bestSize, limit = string(other), frequency, d
		}
	}
	return best
}

// prefixDistance is how many letters must be put in, left out, replaced or swapped with their neighbour to make word of
// the beginning of other that is most like it; more than limit if they are more.
func prefixDistance(word string, other []byte, limit int) int {
	const longest = 24
	if len(word) > longest {
		return limit + 1
	}
	n := min(len(other), len(word)+limit)
	var rows [3][longest + 1 + 2]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range n + 1 {
		last[j] = j
	}
	for i := 1; i <= len(word); i++ {
		row[0] = i
		least := i
		for j := 1; j <= n; j++ {
			cost := 1
			if word[i-1] == other[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && word[i-1] == other[j-2] && word[i-2] == other[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	best := limit + 1
	for j := max(len(word)-limit, 0); j <= n; j++ {
		best = min(best, last[j])
	}
	return best
}
