package terms

import "encoding/binary"

// tally holds the scores of one search. All lists but the last two have an element for every concept.
type tally struct {
	step  []uint8 // how many words of the query the concept has so far
	sum   []int32 // what its words before the current one are worth
	word  []int32 // what the best of its words that answer the current one is worth
	score []int32 // the result: 0 = not found
	begun []ID    // concepts whose step is not 0
	found []ID    // concepts whose score is not 0
}

func newTally(n int) *tally {
	return &tally{step: make([]uint8, n), sum: make([]int32, n), word: make([]int32, n), score: make([]int32, n)}
}

// clear makes the tally ready for another search.
func (t *tally) clear() {
	for _, id := range t.found {
		t.score[id] = 0
	}
	for _, id := range t.begun {
		t.step[id] = 0
	}
	t.found, t.begun = t.found[:0], t.begun[:0]
}

// tally counts the postings of one word of the vocabulary, which answers word number step of the query. Concepts that
// lack an earlier word of the query are passed over.
func (t *tally) tally(step uint8, postings []byte, worth int32) {
	id := ID(0)
	for len(postings) > 0 {
		v, n := uint64(postings[0]), 1
		if v >= 0x80 {
			if v, n = binary.Uvarint(postings); n <= 0 {
				return // damaged
			}
		}
		postings = postings[n:]
		id += ID(v >> postingBits)
		if int(id) >= len(t.step) {
			return // damaged
		}
		has := t.step[id]
		if has != step && has != step+1 {
			continue
		}
		w := worth
		if v&synonymOnly == 0 {
			w += scoreDisplay
		}
		if v&firstWord != 0 {
			w += scoreFirst
		}
		switch {
		case has == step+1: // another word that begins alike
			t.word[id] = max(t.word[id], w)
		case step == 0:
			t.begun = append(t.begun, id)
			t.step[id], t.sum[id], t.word[id] = 1, 0, w
		default:
			t.step[id], t.sum[id], t.word[id] = step+1, t.sum[id]+t.word[id], w
		}
	}
}

// finish notes the concepts that have all words of the query, and makes ready for another wording of it.
func (t *tally) finish(words uint8) {
	for _, id := range t.begun {
		if t.step[id] == words {
			t.note(id, t.sum[id]+t.word[id])
		}
		t.step[id] = 0
	}
	t.begun = t.begun[:0]
}

// note gives a concept a score, if it has no better one.
func (t *tally) note(id ID, score int32) {
	if t.score[id] == 0 {
		t.found = append(t.found, id)
	}
	t.score[id] = max(t.score[id], score)
}
