package charting

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/osler-ehr/osler/fhir"
)

//go:embed templates/*.json phrases.txt
var shipped embed.FS

// Template is how a kind of note begins. A change of a template changes no note that was begun with it.
type Template struct {
	ID        string    `json:"id"`
	Order     int       `json:"order"`
	Name      string    `json:"name"`      // as it is chosen: Acute visit
	Specialty string    `json:"specialty"` // in whose group it is offered; "" for general practice
	Type      coded     `json:"type"`      // of the note, LOINC
	Class     string    `json:"class"`     // of the visit, v3 ActCode: AMB, VR
	Visit     coded     `json:"visit"`     // type of the visit, SNOMED CT
	From      int       `json:"from"`      // months of age from which it is for a patient
	Below     int       `json:"below"`     // and below which; 0 = without end
	Sections  []Section `json:"sections"`  // in the order in which they stand
	Addition  bool      `json:"addition"`  // adds to a signed note and is not chosen for a visit
	Keywords  []string  `json:"keywords"`  // words of an appointment that choose it
	Essential string    `json:"essential"` // code of the section that must not be empty
}

type coded struct{ Code, Display string }

// Section is one part of a note.
type Section struct {
	Code    string `json:"code"` // LOINC
	Display string `json:"display"`
	Title   string `json:"title"`
	Open    bool   `json:"open"`
	Text    string `json:"text"` // what stands there at first
	// Ages are what stands there at first for a patient younger than so many months, instead of Text; the youngest first.
	Ages []struct {
		Below int    `json:"below"`
		Text  string `json:"text"`
	} `json:"ages"`
	// Required are the beginnings of the sentences of Text that must be filled in, or taken out, before the note is signed.
	Required []string `json:"required"`
}

// textAt is what stands in a section at first, for an age in months; below 0 if it is not known.
func (s Section) textAt(months int) string {
	for _, a := range s.Ages {
		if months >= 0 && months < a.Below {
			return a.Text
		}
	}
	return s.Text
}

// texts are all that may stand in a section at first.
func (s Section) texts() []string {
	out := []string{s.Text}
	for _, a := range s.Ages {
		out = append(out, a.Text)
	}
	return out
}

func (s Section) concept() fhir.CodeableConcept { return fhir.Concept(loinc, s.Code, s.Display) }

const (
	loinc  = "http://loinc.org"
	snomed = "http://snomed.info/sct"
)

// readTemplates reads the templates that come with the program, in the order in which they are offered.
func readTemplates() ([]Template, error) {
	files, err := shipped.ReadDir("templates")
	if err != nil {
		return nil, err
	}
	var all []Template
	for _, f := range files {
		b, err := shipped.ReadFile("templates/" + f.Name())
		if err != nil {
			return nil, err
		}
		var t Template
		if err := json.Unmarshal(b, &t); err != nil {
			return nil, fmt.Errorf("template %s: %w", f.Name(), err)
		}
		if t.ID == "" || t.Name == "" || t.Type.Code == "" || len(t.Sections) == 0 || t.section(t.Essential) == nil {
			return nil, fmt.Errorf("template %s needs id, name, type, sections, and one of them as essential", f.Name())
		}
		for _, s := range t.Sections {
			for _, begin := range s.Required {
				if !slices.ContainsFunc(s.texts(), func(text string) bool { return strings.Contains(text, begin) }) {
					return nil, fmt.Errorf("template %s requires %q in %s, where it does not stand", f.Name(), begin, s.Title)
				}
			}
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Template) int { return a.Order - b.Order })
	return all, nil
}

// section is the section with a code; nil if there is none.
func (t Template) section(code string) *Section {
	i := slices.IndexFunc(t.Sections, func(s Section) bool { return s.Code == code })
	if i < 0 {
		return nil
	}
	return &t.Sections[i]
}

// fits is how well the words of an appointment speak of this kind of visit: the length of the longest keyword that stands in them as whole
// words; 0 if none does.
func (t Template) fits(words string) int {
	words, longest := wordsOnly(words), 0
	for _, k := range t.Keywords {
		if k = wordsOnly(k); strings.Contains(words, k) {
			longest = max(longest, len(k))
		}
	}
	return longest
}

// wordsOnly is a text in small letters with one space before and behind each word.
func wordsOnly(s string) string {
	return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ") + " "
}

// suited is the template that the words of an appointment speak of most precisely; of two that do so alike the one that is offered first. It is
// the first of all if they speak of none.
func (n *notes) suited(words string) string {
	best, length := "", 0
	for _, t := range n.templates {
		if t.Addition {
			continue
		}
		if l := t.fits(words); best == "" || l > length {
			best, length = t.ID, l
		}
	}
	return best
}

// phrase is a text that a word after a dot stands for.
type phrase struct{ name, text string }

// readPhrases reads the dot phrases that come with the program: a line ".name", then its text up to the next.
func readPhrases() ([]phrase, error) {
	b, err := shipped.ReadFile("phrases.txt")
	if err != nil {
		return nil, err
	}
	var all []phrase
	for line := range strings.Lines(string(b)) {
		switch {
		case strings.HasPrefix(line, "."):
			all = append(all, phrase{name: strings.TrimSpace(line[1:])})
		case len(all) > 0:
			all[len(all)-1].text += line
		}
	}
	for i := range all {
		if all[i].text = strings.TrimSpace(all[i].text); all[i].text == "" {
			return nil, fmt.Errorf("the phrase .%s has no text", all[i].name)
		}
	}
	return all, nil
}
