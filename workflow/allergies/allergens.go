package allergies

import (
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// allergen is something that people react to.
type allergen struct {
	code     string // names it in a form
	name     string
	category string // of R4's allergy-intolerance-category
	rxnorm   string // concept of RxNorm; "" for none
	also     string // other words by which it is found
}

func (a allergen) concept() fhir.CodeableConcept {
	c := fhir.CodeableConcept{Text: a.name}
	if a.rxnorm != "" {
		c.Coding = []fhir.Coding{{System: facts.RxNorm, Code: a.rxnorm, Display: strings.ToLower(a.name)}}
	}
	return c
}

// allergens finds them by words.
type allergens struct{ all []allergen }

// common are what is not a drug, and the families of drugs under which people know their allergies. They have no code of
// a terminology that may be shipped, so they are kept by their names.
var common = []allergen{
	{name: "Latex", category: "environment", also: "rubber gloves"},
	{name: "Peanut", category: "food"}, {name: "Tree nuts", category: "food", also: "almond cashew hazelnut pecan pistachio walnut"},
	{name: "Milk", category: "food", also: "dairy cow"}, {name: "Egg", category: "food"}, {name: "Wheat", category: "food", also: "gluten"},
	{name: "Soy", category: "food"}, {name: "Fish", category: "food"}, {name: "Shellfish", category: "food", also: "shrimp crab lobster crustacean"},
	{name: "Sesame", category: "food"}, {name: "Strawberry", category: "food"}, {name: "Kiwi", category: "food"}, {name: "Banana", category: "food"},
	{name: "Gelatin", category: "food"}, {name: "Red meat (alpha-gal)", category: "food", also: "galactose"}, {name: "Sulfites", category: "food"},
	{name: "Bee venom", category: "environment", also: "sting"}, {name: "Wasp venom", category: "environment", also: "sting yellow jacket hornet"},
	{name: "Fire ant", category: "environment", also: "sting"}, {name: "Pollen", category: "environment", also: "hay fever grass"}, {name: "Ragweed", category: "environment"},
	{name: "House dust mite", category: "environment"}, {name: "Mold", category: "environment"}, {name: "Cat dander", category: "environment"}, {name: "Dog dander", category: "environment"},
	{name: "Nickel", category: "environment", also: "metal jewelry"}, {name: "Adhesive tape", category: "environment", also: "bandage plaster"},
	{name: "Iodinated contrast media", category: "medication", also: "dye radiocontrast"}, {name: "Gadolinium contrast media", category: "medication", also: "dye mri"},
	{name: "Povidone-iodine", category: "medication", also: "betadine"}, {name: "Chlorhexidine", category: "medication"},
}

// collect joins what people react to: the drugs' families and ingredients, and the rest.
func collect(library *drugs.Library) *allergens {
	a := &allergens{}
	add := func(x allergen) {
		if !slices.ContainsFunc(a.all, func(other allergen) bool { return strings.EqualFold(other.name, x.name) }) {
			a.all = append(a.all, x)
		}
	}
	for _, i := range library.Ingredients {
		for _, class := range i.AllClasses() {
			if len(class.Allergens) > 0 {
				add(allergen{code: "class:" + class.ID, name: upperFirst(class.Allergens[0]), category: "medication", also: strings.Join(class.Allergens[1:], " ")})
			}
		}
	}
	for _, i := range library.Ingredients {
		add(allergen{code: "rxnorm:" + i.RxCUI, name: upperFirst(i.Name), category: "medication", rxnorm: i.RxCUI, also: strings.ToLower(strings.Join(append(slices.Clone(i.Others), i.Brands...), " "))})
	}
	for _, c := range common {
		c.code = strings.ToLower(c.name)
		add(c)
	}
	return a
}

func (l *allergens) find(code string) (allergen, bool) {
	i := slices.IndexFunc(l.all, func(a allergen) bool { return a.code == code })
	if code == "" || i < 0 {
		return allergen{}, false
	}
	return l.all[i], true
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// most is how many are offered at once.
const most = 10

// search finds those whose name, or another word for it, begins with what was typed; names that begin so come first.
func (l *allergens) search(text string) []allergen {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return nil
	}
	var first, second []allergen
	for _, a := range l.all {
		name := strings.ToLower(a.name)
		switch {
		case strings.HasPrefix(name, text):
			first = append(first, a)
		case strings.Contains(" "+name, " "+text), strings.Contains(" "+a.also, " "+text):
			second = append(second, a)
		}
	}
	shorter := func(a, b allergen) int { return len(a.name) - len(b.name) }
	slices.SortStableFunc(first, shorter)
	slices.SortStableFunc(second, shorter)
	return slices.Concat(first, second)
}

// options answers what was typed so far.
func (l *allergens) options(r *http.Request) (web.View, error) {
	var list []web.Option
	found := l.search(r.FormValue("q"))
	for _, a := range found[:min(most, len(found))] {
		list = append(list, web.Option{Value: a.code, Label: a.name, Note: a.category})
	}
	if len(found) > most {
		return web.FirstOptions(list, "More is called so: type more of the name."), nil
	}
	return web.Options(list, "Not in the list. It will be kept in your own words."), nil
}
