package charting

import (
	"html"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/osler-ehr/osler/web/format"
)

// The text of a section as it is kept while it is written is plain text with two marks:
//
//	@[8.1 % H, 20-Nov-2026](result/loinc|4548-4)   a live link: what the chart says now, and where it is looked up
//	~[Works shifts.](2026-08-24/abc)               carried forward: the text, and the date and document it comes from
//
// and *** for a blank (blanks.go).
var mark = regexp.MustCompile(`([@~])\[([^\[\]]*)\]\(([^()\s]*)\)`)

// blank stands where something must still be filled in.
const blank = "***"

// maxSection is how long the text of one section may be, in bytes.
const maxSection = 200_000

// clean takes out of typed text what no note holds: other line ends, characters that nobody can see. (FHIR R4, 2.24.0.1: string.)
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\u00a0':
			return ' '
		case unicode.IsControl(r), r == '\u200b', r == '\ufeff', r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimRight(s, " \t\n")
}

// link is a live link as the text holds it.
func link(value, key string) string { return "@[" + unbracket(value) + "](" + key + ")" }

// carry marks text as carried forward from a document of a day.
func carry(text, day, document string) string {
	return "~[" + unbracket(text) + "](" + day + "/" + document + ")"
}

func unbracket(s string) string { return strings.NewReplacer("[", "(", "]", ")").Replace(s) }

// links are the keys of the live links of a text.
func links(text string) (keys []string) {
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		if m[1] == "@" {
			keys = append(keys, m[3])
		}
	}
	return keys
}

// relink writes into the live links what now says of their keys; what it does not know stays.
func relink(text string, now map[string]string) string {
	return mark.ReplaceAllStringFunc(text, func(s string) string {
		m := mark.FindStringSubmatch(s)
		if value, ok := now[m[3]]; ok && m[1] == "@" {
			return link(value, m[3])
		}
		return s
	})
}

// freeze makes plain text of a section: links become what they show, carried text says where it comes from.
func freeze(text string) string {
	return mark.ReplaceAllStringFunc(text, func(s string) string {
		m := mark.FindStringSubmatch(s)
		if m[1] == "@" {
			return m[2]
		}
		day, _, _ := strings.Cut(m[3], "/")
		return m[2] + " (from " + format.FHIRDate(day, time.UTC) + ")"
	})
}

// plain is what a person has before them: the text without marks.
func plain(text string) string { return mark.ReplaceAllString(text, "$2") }

// words counts the words of a section.
func words(text string) int { return len(strings.Fields(plain(text))) }

// blanks counts what must still be filled in.
func blanks(text string) int { return strings.Count(text, blank) }

// begins is the beginning of a section for its closed heading.
func begins(text string) string {
	s := strings.Join(strings.Fields(plain(text)), " ")
	if r := []rune(s); len(r) > 90 {
		return strings.TrimSpace(string(r[:90])) + " …"
	}
	return s
}

// narrative is text as XHTML.
func narrative(text string) string {
	var b strings.Builder
	b.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml">`)
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if strings.TrimSpace(paragraph) != "" {
			b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(strings.Trim(paragraph, "\n")), "\n", "<br/>") + "</p>")
		}
	}
	return b.String() + "</div>"
}

// shingle is how many words in a row are compared to find duplicate text.
const shingle = 6

// shingles are hashes of all runs of six words: FNV-1a, 32 bits, over UTF-16 units, as the page's script computes them too.
func shingles(text string) []uint32 {
	list := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	var out []uint32
	for i := 0; i+shingle <= len(list); i++ {
		h := uint32(2166136261)
		for _, u := range utf16.Encode([]rune(strings.Join(list[i:i+shingle], " "))) {
			h = (h ^ uint32(u)) * 16777619
		}
		out = append(out, h)
	}
	return out
}
