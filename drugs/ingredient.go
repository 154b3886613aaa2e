package drugs

import "slices"

// Ingredient is an active substance, the salt left aside.
type Ingredient struct {
	Name    string   // as RxNorm has it, in lower case: metformin
	RxCUI   string   // RxNorm's code of the ingredient; "" where this set does not have it
	Classes []*Class // directly; see [Ingredient.Is] for those above
	Brands  []string // as labels write them: Glucophage
	Others  []string // other names in use, in lower case
}

// Is reports whether the ingredient belongs to a class, directly or by a class above.
func (i *Ingredient) Is(class string) bool {
	return slices.ContainsFunc(i.Classes, func(c *Class) bool { return c.Within(class) })
}

// AllClasses are the classes of the ingredient with those above them, each once, the nearest first.
func (i *Ingredient) AllClasses() []*Class {
	var out []*Class
	for _, c := range i.Classes {
		for ; c != nil; c = c.Parent {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Class is a group of ingredients that act alike.
type Class struct {
	ID     string
	Name   string // one of them: ACE inhibitor
	Parent *Class // nil at the top
	// Duplicate is true when two of the class together are one too many.
	Duplicate bool
	// Allergens are the names under which allergies to the class are recorded, in lower case.
	Allergens []string
	Members   []*Ingredient // those of classes below too
}

// Within reports whether the class is the one named, or below it.
func (c *Class) Within(class string) bool {
	for ; c != nil; c = c.Parent {
		if c.ID == class {
			return true
		}
	}
	return false
}
