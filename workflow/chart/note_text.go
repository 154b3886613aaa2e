package chart

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	sectionHead = regexp.MustCompile(`(?m)^\s*(?:#+\s*)?(?:\*\*)?(?:ASSESSMENT|Assessment)[^\n]*$`)
	otherHead   = regexp.MustCompile(`(?m)^[A-Z][A-Z &/]{5,}$`)
	numbering   = regexp.MustCompile(`(?m)^\s*(?:[0-9]+[.)]|[-*•])\s+`)
	codeInText  = regexp.MustCompile(` \([A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?\)`)
)

// assessment is the part of a plain-text note that says what was thought and done: what follows the heading "Assessment", else the
// whole note without its first line. Diagnosis codes are left out.
func assessment(note string) string {
	text := note
	if at := sectionHead.FindStringIndex(note); at != nil {
		text = note[at[1]:]
		if end := otherHead.FindStringIndex(text); end != nil {
			text = text[:end[0]]
		}
	} else if _, rest, ok := strings.Cut(note, "\n"); ok {
		text = rest
	}
	text = numbering.ReplaceAllString(text, "")
	text = codeInText.ReplaceAllString(text, "")
	return strings.Join(strings.Fields(text), " ")
}

// brief cuts a text at a word so that it fills at most two lines, and says that it goes on.
func brief(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)[:most]
	cut := string(runes)
	if at := strings.LastIndexByte(cut, ' '); at > most/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,;:.") + " …"
}

// lowerName puts the name of a test into a sentence, but leaves abbreviations as they are: potassium, HbA1c, LDL cholesterol.
func lowerName(s string) string {
	if len(s) > 1 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'a' && s[1] <= 'z' && !strings.ContainsAny(s[1:min(len(s), 5)], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
