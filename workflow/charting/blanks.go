package charting

import (
	"slices"
	"strings"
)

// What a template asks and nobody answered is no part of a signed note: a sentence of the template that still is as the template gave it is
// left out. A sentence that was begun, and one that the template requires, keeps the note from being signed while a blank is in it, as does
// every blank that comes from elsewhere, such as a phrase.

// pieces are the sentences of a line, each with what separates it from the next.
func pieces(line string) []string { return strings.SplitAfter(line, ". ") }

// optional are the sentences with blanks that may be left out, of every age.
func (s Section) optional() (out []string) {
	for _, text := range s.texts() {
		for line := range strings.SplitSeq(text, "\n") {
			for _, p := range pieces(line) {
				p = strings.TrimSpace(p)
				if strings.Contains(p, blank) && !s.requires(p) && !slices.Contains(out, p) {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// requires reports whether the template wants a sentence of its own to be filled in.
func (s Section) requires(sentence string) bool {
	return slices.ContainsFunc(s.Required, func(begin string) bool { return strings.HasPrefix(sentence, begin) })
}

// begins reports whether a sentence begins as one of the template does. What does not may be the answer to the question before it, which then
// must stay: "Falls: ***. Two last month."
func (s Section) begins(sentence string) bool {
	if strings.TrimSpace(sentence) == "" {
		return true
	}
	for _, text := range s.texts() {
		for line := range strings.SplitSeq(text, "\n") {
			for _, p := range pieces(line) {
				if label, _, ok := strings.Cut(p, blank); ok && label != "" && strings.HasPrefix(sentence, label) {
					return true
				}
			}
		}
	}
	return false
}

// answered is the text of a section without the sentences that nobody answered. The page's script computes
// nearly the same (note_blanks.ts).
func (s Section) answered(text string) string {
	skip := s.optional()
	var out []string
	dropped := false
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.Contains(line, blank) {
			out = append(out, line)
			continue
		}
		kept, all := strings.Builder{}, pieces(line)
		for i, p := range all {
			if slices.Contains(skip, strings.TrimSpace(p)) && (i+1 == len(all) || s.begins(all[i+1])) {
				dropped = true
			} else {
				kept.WriteString(p)
			}
		}
		if left := strings.TrimRight(kept.String(), " "); left != "" {
			out = append(out, left)
		}
	}
	if !dropped {
		return text
	}
	out = slices.CompactFunc(out, func(a, b string) bool { return strings.TrimSpace(a) == "" && strings.TrimSpace(b) == "" })
	return strings.Trim(strings.Join(out, "\n"), "\n")
}
