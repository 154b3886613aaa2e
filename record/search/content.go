package search

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// content is _text and _content: the documents are read and every word of an alternative must begin a word of
// the narrative, or of any text in the document. No index answers it, so it is a filter of what other parameters
// find, within the limit of how many documents a search may read.
func (c *compiler) content(name, modifier string, values []string, top bool) error {
	if modifier != "" {
		return unmodified(name, "the modifier %q is not known here", modifier)
	}
	if !top {
		return unsupported(name, "it cannot be searched inside a chain")
	}
	var alternatives [][]string
	for _, v := range values {
		words := strings.Fields(Normalize(unescape(v)))
		for i, w := range words {
			words[i] = " " + w
		}
		if len(words) > 0 {
			alternatives = append(alternatives, words)
		}
	}
	if alternatives == nil {
		return wrong(name, "write one or more words")
	}
	texts := narrative
	if strings.HasPrefix(name, "_content") {
		texts = allTexts
	}
	c.residual(func(r *fhir.Resource) bool {
		text := " " + words(texts(r))
		for _, all := range alternatives {
			holds := true
			for _, w := range all {
				holds = holds && strings.Contains(text, w)
			}
			if holds {
				return true
			}
		}
		return false
	})
	return nil
}

// narrative is the text of a resource for people, with its mark-up.
func narrative(r *fhir.Resource) string { return r.Get("text").Get("div").Text() }

// allTexts are the narrative and every other text.
func allTexts(r *fhir.Resource) string {
	var b strings.Builder
	for n := range r.Strings() {
		b.WriteString(n.Text())
		b.WriteByte(' ')
	}
	return b.String()
}

// words is a text as words with a space between them: without tags, punctuation, accents and capitals.
func words(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	tag := false
	for _, r := range text {
		switch {
		case r == '<':
			tag = true
			b.WriteByte(' ')
		case r == '>' && tag:
			tag = false
		case tag:
		case strings.ContainsRune(`.,;:!?"'()[]{}/\|`, r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return Normalize(b.String())
}
