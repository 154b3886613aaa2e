package ordering

import (
	"bufio"
	"cmp"
	_ "embed" // the catalogue
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

//go:embed catalogue.tsv
var catalogueFile string

//go:embed sets.tsv
var setsFile string

// Kind is what sort of thing is ordered.
type Kind string

// The kinds of order.
const (
	Lab       Kind = "lab"
	Imaging   Kind = "imaging"
	Procedure Kind = "procedure"
	Referral  Kind = "referral"
	Nursing   Kind = "nursing"
	Other     Kind = "other" // in own words
)

// Orderable is one line of the catalogue.
type Orderable struct {
	Key      string
	Kind     Kind
	Name     string
	Words    []string // by which it is found besides its name
	Code     fhir.CodeableConcept
	Specimen string // what is collected, and into what
	Due      string // "1 week": until when it is expected
	Interval int    // days within which a repeat is questioned; 0 = never
}

// Set is several orders that are often given together.
type Set struct {
	Name  string
	Words []string
	Keys  []string
}

// Catalogue is what can be ordered by name.
type Catalogue struct {
	all   []Orderable
	byKey map[string]int
	sets  []Set
}

// LoadCatalogue reads the catalogue that ships with the program.
func LoadCatalogue() (*Catalogue, error) { return readCatalogue(catalogueFile, setsFile) }

func readCatalogue(orders, sets string) (*Catalogue, error) {
	c := &Catalogue{byKey: map[string]int{}}
	err := eachLine(orders, 10, func(f []string) error {
		days, err := strconv.Atoi(f[9])
		if err != nil {
			return fmt.Errorf("%q: the days within which a repeat is questioned are no number: %q", f[0], f[9])
		}
		if _, ok := c.byKey[f[0]]; ok {
			return fmt.Errorf("%q stands there twice", f[0])
		}
		o := Orderable{Key: f[0], Kind: Kind(f[1]), Name: f[2], Words: words(f[3]), Code: fhir.CodeableConcept{Text: f[2]}, Specimen: f[7], Due: f[8], Interval: days}
		if f[5] != "" {
			o.Code = fhir.Concept(f[4], f[5], f[6])
			o.Code.Text = f[2]
		}
		c.byKey[o.Key] = len(c.all)
		c.all = append(c.all, o)
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("order catalogue: %w", err)
	}
	err = eachLine(sets, 3, func(f []string) error {
		s := Set{Name: f[0], Words: words(f[1]), Keys: strings.Split(f[2], ",")}
		for _, key := range s.Keys {
			if _, ok := c.byKey[key]; !ok {
				return fmt.Errorf("%q: there is no %q in the catalogue", s.Name, key)
			}
		}
		c.sets = append(c.sets, s)
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("order sets: %w", err)
	}
	return c, nil
}

// eachLine gives the fields of each line that is no comment.
func eachLine(text string, fields int, f func([]string) error) error {
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != fields {
			return fmt.Errorf("line %d has %d fields, want %d", n, len(parts), fields)
		}
		if err := f(parts); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return lines.Err()
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

// Get is the line of a key.
func (c *Catalogue) Get(key string) (Orderable, bool) {
	i, ok := c.byKey[key]
	if !ok {
		return Orderable{}, false
	}
	return c.all[i], true
}

// Set is the order set of a name.
func (c *Catalogue) Set(name string) (Set, bool) {
	for _, s := range c.sets {
		if s.Name == name {
			return s, true
		}
	}
	return Set{}, false
}

// Named is the line that is called exactly so, by its name, key or another word.
func (c *Catalogue) Named(text string) (Orderable, bool) {
	for _, o := range c.all {
		if o.called(strings.ToLower(text)) {
			return o, true
		}
	}
	return Orderable{}, false
}

// Of is the line that an order was made from, by its code or else its text.
func (c *Catalogue) Of(code fhir.CodeableConcept) (Orderable, bool) {
	for _, o := range c.all {
		if same(o.Code, code) {
			return o, true
		}
	}
	return Orderable{}, false
}

// same reports whether two concepts name the same thing: a code in common or, where either has none, the same words.
func same(a, b fhir.CodeableConcept) bool {
	if len(a.Coding) == 0 || len(b.Coding) == 0 {
		return strings.EqualFold(facts.Concept(a), facts.Concept(b)) && facts.Concept(a) != ""
	}
	for _, x := range a.Coding {
		if slices.ContainsFunc(b.Coding, func(y fhir.Coding) bool { return x.System == y.System && x.Code == y.Code && x.Code != "" }) {
			return true
		}
	}
	return false
}

func (o Orderable) called(text string) bool {
	return strings.ToLower(o.Name) == text || o.Key == text || slices.Contains(o.Words, text)
}

// Find lists at most n lines whose words begin as what was typed. usual counts how often somebody ordered each key:
// what is called exactly so comes first, then the usual, then names that begin so, then the rest in the order of the file.
func (c *Catalogue) Find(typed string, usual map[string]int, n int) []Orderable {
	typed = strings.ToLower(strings.TrimSpace(typed))
	parts := strings.Fields(typed)
	var found []Orderable
	for _, o := range c.all {
		if len(parts) == 0 && usual[o.Key] == 0 {
			continue
		}
		if matches(parts, append([]string{o.Name, o.Key}, o.Words...)) {
			found = append(found, o)
		}
	}
	rank := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(a, b Orderable) int {
		return cmp.Or(rank(a.called(typed))-rank(b.called(typed)), usual[b.Key]-usual[a.Key],
			rank(strings.HasPrefix(strings.ToLower(a.Name), typed))-rank(strings.HasPrefix(strings.ToLower(b.Name), typed)))
	})
	return found[:min(n, len(found))]
}

// FindSets lists the order sets whose words begin so.
func (c *Catalogue) FindSets(typed string) (found []Set) {
	parts := strings.Fields(strings.ToLower(typed))
	for _, s := range c.sets {
		if len(parts) > 0 && matches(parts, append([]string{s.Name}, s.Words...)) {
			found = append(found, s)
		}
	}
	return found
}

// matches reports whether each part begins a word of the names.
func matches(parts, names []string) bool {
	for _, p := range parts {
		if !slices.ContainsFunc(names, func(name string) bool {
			name = strings.ToLower(name)
			return strings.HasPrefix(name, p) || slices.ContainsFunc(strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' || r == '(' || r == '-' || r == '/' }),
				func(word string) bool { return strings.HasPrefix(word, p) })
		}) {
			return false
		}
	}
	return true
}
