package drugs

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Library is a set of knowledge about medicines. It never changes and may be used by any number of goroutines.
type Library struct {
	Ingredients []*Ingredient // by name
	Products    []*Product    // by name
	Rules       Rules
	Added       []Added  // what a practice loaded beside what ships
	Broken      []Broken // what it loaded that cannot be read: its rules are missing

	classes    map[string]*Class
	named      map[string]*Ingredient // by name and other names
	ingredient map[string]*Ingredient // by RxNorm code
	product    map[string]*Product    // by RxNorm code
	phrases    map[string]meaning     // every name that a person may write, in lower case
	codes      map[string]meaning     // RxNorm codes that stand for several ingredients, or a class
	longest    int                    // words of the longest phrase
	index      []entry                // of the type-ahead
}

// meaning is what a name stands for.
type meaning struct {
	ingredients []*Ingredient
	classes     []*Class
}

// RxNormSource is where names and codes come from. The version is that of our set: sample records do not say which release of RxNorm they use.
var RxNormSource = Source{ID: "rxnorm", Title: "RxNorm starter set", Version: "Osler set of 24-Nov-2026", Date: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}

var (
	//go:embed tables/classes.txt
	classTable string
	//go:embed tables/ingredients.txt
	ingredientTable string
	//go:embed tables/combinations.txt
	combinationTable string
	//go:embed tables/products.txt
	productTable string
)

// Builtin is the set that ships with the program. The error tells which line of a table is wrong, and cannot happen in a program
// that has passed its tests.
var Builtin = sync.OnceValues(func() (*Library, error) { return build(nil) })

// build makes a library of what ships and what was added.
func build(added []*Added) (*Library, error) {
	l := &Library{classes: map[string]*Class{}, named: map[string]*Ingredient{}, ingredient: map[string]*Ingredient{}, product: map[string]*Product{}, phrases: map[string]meaning{}, codes: map[string]meaning{}}
	for _, step := range []struct {
		table string
		text  string
		n     int
		read  func([]string) error
	}{
		{"classes", classTable, 5, l.addClass}, {"ingredients", ingredientTable, 5, l.addIngredient}, {"combinations", combinationTable, 3, l.addCombination}, {"products", productTable, 2, l.addProduct},
	} {
		if err := rows(step.text, step.n, step.read); err != nil {
			return nil, fmt.Errorf("table %s: %w", step.table, err)
		}
	}
	if err := l.addNames(added); err != nil {
		return nil, err
	}
	for _, c := range l.sortedClasses() {
		for _, name := range c.Allergens {
			l.phrase(name, meaning{classes: []*Class{c}})
		}
	}
	slices.SortFunc(l.Products, func(a, b *Product) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	var err error
	if l.Rules, err = l.readRules(added); err != nil {
		return nil, err
	}
	l.buildIndex()
	for _, a := range added {
		l.Added = append(l.Added, *a)
	}
	return l, nil
}

// rows reads a table: a line for each row, fields between |, lines that begin with # left out.
func rows(table string, n int, read func([]string) error) error {
	number := 0
	for line := range strings.Lines(table) {
		number++
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "|")
		if len(f) != n {
			return fmt.Errorf("line %d has %d fields, not %d", number, len(f), n)
		}
		if err := read(f); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	return nil
}

// list takes apart what stands between semicolons.
func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ";")
}

func (l *Library) class(id string) *Class {
	c, ok := l.classes[id]
	if !ok {
		c = &Class{ID: id}
		l.classes[id] = c
	}
	return c
}

func (l *Library) addClass(f []string) error {
	c := l.class(f[0]) // which a class below may have named before
	if c.Name != "" {
		return fmt.Errorf("class %s stands here twice", f[0])
	}
	c.Name, c.Duplicate, c.Allergens = f[1], f[3] == "yes", list(f[4])
	if f[2] != "" {
		c.Parent = l.class(f[2])
	}
	return nil
}

func (l *Library) addIngredient(f []string) error {
	i := &Ingredient{Name: f[0], RxCUI: f[1], Brands: list(f[3]), Others: list(f[4])}
	for _, id := range list(f[2]) {
		c, ok := l.classes[id]
		if !ok || c.Name == "" {
			return fmt.Errorf("%s: class %q is not in the table of classes", i.Name, id)
		}
		i.Classes = append(i.Classes, c)
	}
	for _, c := range i.AllClasses() {
		c.Members = append(c.Members, i)
	}
	l.Ingredients = append(l.Ingredients, i)
	for _, name := range append([]string{i.Name}, i.Others...) {
		if _, taken := l.named[name]; taken {
			return fmt.Errorf("%q names two ingredients", name)
		}
		l.named[name] = i
		l.phrase(name, meaning{ingredients: []*Ingredient{i}})
	}
	for _, b := range i.Brands {
		l.phrase(strings.ToLower(b), meaning{ingredients: []*Ingredient{i}})
	}
	if i.RxCUI == "" {
		return nil
	}
	if _, taken := l.ingredient[i.RxCUI]; taken {
		return fmt.Errorf("RxNorm code %s stands for two ingredients", i.RxCUI)
	}
	l.ingredient[i.RxCUI] = i
	return nil
}

func (l *Library) addCombination(f []string) error {
	var m meaning
	for _, name := range list(f[2]) {
		if id, ok := strings.CutPrefix(name, "@"); ok {
			c, ok := l.classes[id]
			if !ok {
				return fmt.Errorf("%s: class %q is not in the table of classes", f[0], id)
			}
			m.classes = append(m.classes, c)
			continue
		}
		i, ok := l.named[name]
		if !ok {
			return fmt.Errorf("%s: ingredient %q is not in the table of ingredients", f[0], name)
		}
		m.ingredients = append(m.ingredients, i)
	}
	l.phrase(f[0], m)
	if f[1] != "" {
		l.codes[f[1]] = m
	}
	return nil
}

func (l *Library) addProduct(f []string) error {
	p, unknown, ok := l.Spell(f[1])
	if !ok || len(unknown) > 0 {
		return fmt.Errorf("%q cannot be taken apart (unknown: %q)", f[1], unknown)
	}
	p.RxCUI = f[0]
	if _, taken := l.product[p.RxCUI]; taken {
		return fmt.Errorf("RxNorm code %s stands for two products", p.RxCUI)
	}
	l.product[p.RxCUI] = p
	l.Products = append(l.Products, p)
	return nil
}

// phrase notes what a name stands for. The ingredients of a combination go before a single one; classes of one name add up.
func (l *Library) phrase(name string, m meaning) {
	words := phraseWords(name)
	key := strings.Join(words, " ")
	l.longest = max(l.longest, len(words))
	before := l.phrases[key]
	if m.ingredients == nil {
		m.ingredients = before.ingredients
	}
	for _, c := range before.classes {
		if !slices.Contains(m.classes, c) {
			m.classes = append(m.classes, c)
		}
	}
	l.phrases[key] = m
}

// ByRxCUI finds a product.
func (l *Library) ByRxCUI(code string) (*Product, bool) {
	p, ok := l.product[code]
	return p, ok
}

// Ingredient finds an ingredient by its name or another name of it, in any case.
func (l *Library) Ingredient(name string) (*Ingredient, bool) {
	i, ok := l.named[strings.ToLower(strings.TrimSpace(name))]
	return i, ok
}

// Class finds a class.
func (l *Library) Class(id string) (*Class, bool) {
	c, ok := l.classes[id]
	return c, ok
}

// Of are the products that have an ingredient, in the order of their names.
func (l *Library) Of(i *Ingredient) []*Product {
	var out []*Product
	for _, p := range l.Products {
		if slices.ContainsFunc(p.Parts, func(part Part) bool { return part.Ingredient == i }) {
			out = append(out, p)
		}
	}
	return out
}

// Siblings are the products that have the same ingredients and form as p, p among them: its legal strengths.
func (l *Library) Siblings(p *Product) []*Product {
	var out []*Product
	for _, q := range l.Products {
		if q.Form == p.Form && len(q.Parts) == len(p.Parts) && q.Brand == p.Brand && slices.EqualFunc(q.Parts, p.Parts, func(a, b Part) bool { return a.Ingredient == b.Ingredient && a.Precise == b.Precise }) {
			out = append(out, q)
		}
	}
	slices.SortStableFunc(out, func(a, b *Product) int { return a.Parts[0].Amount.Cmp(b.Parts[0].Amount) })
	return out
}

// sortedClasses are the classes by their names, so that the same tables always make the same library.
func (l *Library) sortedClasses() []*Class {
	var out []*Class
	for _, c := range l.classes {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b *Class) int { return strings.Compare(a.ID, b.ID) })
	return out
}
