package patients

import (
	"strings"
	"unicode/utf8"

	"github.com/osler-ehr/osler/web/format"
)

// Hit is one patient that a search found.
type Hit struct {
	ID       string
	Name     format.PersonName
	PhotoURL string
	Born     string // 14-Jul-1968 (58 y)
	Sex      string // female
	MRN      string // grouped for reading
	Deceased bool
	Note     string // Last visit, Next visit, Today 10:30
	NoteDate string // 19-May-2026, Room 3
	Href     string
}

// about is the line by which look-alikes are told apart.
func (h Hit) about() string {
	parts := []string{"Born " + h.Born}
	if h.Sex != "" {
		parts = append(parts, h.Sex)
	}
	if h.MRN != "" {
		parts = append(parts, "MRN "+h.MRN)
	}
	if h.Deceased {
		parts = append(parts, "deceased")
	}
	return strings.Join(parts, ", ")
}

// parts are the family name with its comma, and what follows after a space. A page may rely on white space between the two, and on none
// within either.
func (h Hit) parts() (family, rest string) {
	full := h.Name.Full()
	if upper := h.Name.FamilyUpper(); upper != "" {
		if rest, ok := strings.CutPrefix(full, upper+", "); ok {
			return upper + ",", rest
		}
	}
	return full, ""
}

// mark splits a name into what a query matched and the rest, to draw the match stronger. Both are byte-exact parts of the name.
func mark(name, query string) (hit, rest string) {
	word, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	word = strings.TrimRight(word, ",")
	if word == "" {
		return "", name
	}
	end := 0
	want := []rune(word)
	for i, r := range name {
		if len(want) == 0 {
			break
		}
		if !strings.EqualFold(string(r), string(want[0])) {
			return "", name
		}
		want = want[1:]
		end = i + utf8.RuneLen(r)
	}
	if len(want) > 0 {
		return "", name
	}
	return name[:end], name[end:]
}

// Alike reports whether two patients of a list can be mistaken for each other: the same family name, or names that begin alike.
func Alike(hits []Hit) bool {
	seen := map[string]bool{}
	for _, h := range hits {
		key := h.Name.FamilyUpper()
		if r := []rune(key); len(r) > 3 {
			key = string(r[:3])
		}
		if key != "" && seen[key] {
			return true
		}
		seen[key] = true
	}
	return false
}
