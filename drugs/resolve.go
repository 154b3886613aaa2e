package drugs

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

// Match is what a code or a name turned out to be.
type Match struct {
	Product     *Product // nil if it is no single product that is known
	Ingredients []*Ingredient
	Classes     []*Class // for allergies to a whole class
	Form        Form     // zero if not known
	// ByName is true when only the words were recognised, not a code.
	ByName bool
	// Unknown are the parts of the name that this set does not know.
	Unknown []string
	// Conflict is true when code and name mean different medicines. Ingredients then holds those of both.
	Conflict bool
}

// Found reports whether anything was recognised.
func (m Match) Found() bool { return len(m.Ingredients) > 0 || len(m.Classes) > 0 }

// Resolve recognises a medicine by its codes and by what it is called. Codes go first; the names are read all the same, so that a code
// that was mistyped does not hide what a person meant.
func (l *Library) Resolve(c fhir.CodeableConcept) Match {
	return l.resolve(c, false)
}

// Allergen recognises what somebody is allergic to: an ingredient, a product or a class.
func (l *Library) Allergen(c fhir.CodeableConcept) Match {
	return l.resolve(c, true)
}

func (l *Library) resolve(c fhir.CodeableConcept, classes bool) Match {
	var byCode, byName Match
	for _, k := range c.Coding {
		if k.System == terms.RxNorm || k.System == "urn:oid:2.16.840.1.113883.6.88" {
			l.code(k.Code, &byCode)
		}
	}
	names := []string{c.Text}
	for _, k := range c.Coding {
		names = append(names, k.Display)
	}
	for _, name := range names {
		if name != "" {
			l.name(name, classes, &byName)
		}
	}
	if !byCode.Found() {
		byName.ByName = byName.Found()
		return byName
	}
	out := byCode
	out.Unknown = byName.Unknown
	if out.Form == (Form{}) {
		out.Form = byName.Form
	}
	for _, i := range byName.Ingredients {
		if !slices.Contains(byCode.Ingredients, i) && !slices.ContainsFunc(byCode.Classes, func(k *Class) bool { return i.Is(k.ID) }) {
			out.Conflict = true
			out.Ingredients = append(out.Ingredients, i)
		}
	}
	for _, k := range byName.Classes {
		if !slices.Contains(out.Classes, k) {
			out.Classes = append(out.Classes, k)
		}
	}
	return out
}

func (l *Library) code(code string, m *Match) {
	if p, ok := l.product[code]; ok {
		m.Product, m.Form = p, p.Form
		for _, part := range p.Parts {
			m.add(part.Ingredient)
		}
	}
	if i, ok := l.ingredient[code]; ok {
		m.add(i)
	}
	if means, ok := l.codes[code]; ok {
		m.addMeaning(means, true)
	}
}

func (m *Match) add(list ...*Ingredient) {
	for _, i := range list {
		if !slices.Contains(m.Ingredients, i) {
			m.Ingredients = append(m.Ingredients, i)
		}
	}
}

func (m *Match) addMeaning(means meaning, classes bool) {
	m.add(means.ingredients...)
	if !classes {
		return
	}
	for _, c := range means.classes {
		if !slices.Contains(m.Classes, c) {
			m.Classes = append(m.Classes, c)
		}
	}
}

// name reads a name by the pattern of RxNorm, else word by word.
func (l *Library) name(name string, classes bool, m *Match) {
	if p, unknown, ok := l.Spell(name); ok {
		m.Form = p.Form
		for _, part := range p.Parts {
			m.add(part.Ingredient)
		}
		for _, u := range unknown {
			if !slices.Contains(m.Unknown, u) {
				m.Unknown = append(m.Unknown, u)
			}
		}
		return
	}
	words := phraseWords(name)
	for at := 0; at < len(words); {
		n := min(l.longest, len(words)-at)
		for ; n > 0; n-- {
			means, ok := l.phrases[strings.Join(words[at:at+n], " ")]
			if ok && (classes || len(means.ingredients) > 0) {
				m.addMeaning(means, classes)
				break
			}
		}
		at += max(n, 1)
	}
	if m.Form == (Form{}) {
		m.Form = formWithin(name)
	}
}

// formWithin is the dose form whose name of RxNorm stands at the end of a name.
func formWithin(name string) Form {
	words := strings.Fields(strings.ToLower(brandAtEnd.ReplaceAllString(name, "")))
	for n := min(4, len(words)); n > 0; n-- {
		if f, ok := forms[strings.Join(words[len(words)-n:], " ")]; ok {
			return f
		}
	}
	return Form{}
}

// Spell takes a name apart that follows RxNorm's pattern of clinical drugs. unknown are the ingredients that this set does not
// have; they are no parts of the product. ok is false for a name of another pattern, or one of which nothing is known.
func (l *Library) Spell(name string) (p *Product, unknown []string, ok bool) {
	s, ok := spell(name)
	if !ok {
		return nil, nil, false
	}
	p = &Product{Name: strings.TrimSpace(name), Brand: s.brand, Form: s.form}
	for _, part := range s.parts {
		var found *Ingredient
		for _, step := range bare(part.name) {
			if i, known := l.named[step]; known {
				found = i
				break
			}
			if means, known := l.phrases[step]; known && len(means.ingredients) == 1 { // by a brand: Mirena 52 MG
				found = means.ingredients[0]
				break
			}
		}
		if found == nil {
			unknown = append(unknown, part.name)
			continue
		}
		p.Parts = append(p.Parts, Part{found, part.name, part.amount, part.unit, part.per})
	}
	return p, unknown, len(p.Parts) > 0
}

// ByNDC finds what a package code stands for, by the map that a loaded release of RxNorm brings along. ok is false without such
// a release, and for a code that it does not have.
func (l *Library) ByNDC(ctx context.Context, loaded terms.Source, mapURL, ndc string) (Match, bool) {
	m, err := loaded.Map(ctx, mapURL, "")
	if err != nil {
		return Match{}, false
	}
	for _, line := range m.Translate(terms.NDC, ndc) {
		t := line.Target
		found := l.Resolve(fhir.Concept(terms.RxNorm, t.Code, t.Display))
		return found, found.Found()
	}
	return Match{}, false
}

// phraseWords are the words of a name in lower case, without punctuation but for what stands within a word.
func phraseWords(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '\'' && r != '.'
	})
	for i, w := range words {
		words[i] = strings.Trim(w, "-'.")
	}
	return slices.DeleteFunc(words, func(s string) bool { return s == "" })
}
