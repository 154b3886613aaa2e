package validate

import (
	"slices"
	"strings"
	"sync"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// constraint is what a profile asks of one element: its definition, and below it that of its children and slices.
type constraint struct {
	in       *definitions.Set            // where what it names is looked up
	name     string                      // the element's name, without [x]
	choice   bool                        // the name ended in [x]
	slice    string                      // the slice's name, "" for the element as a whole
	element  *definitions.ProfileElement // nil when the profile asks something only of its children
	fixed    fhir.Node                   // Missing when nothing is fixed
	pattern  fhir.Node
	children []*constraint
	slices   []*constraint
}

// compiled holds the constraints of the profiles that have been used. It is a cache only.
var compiled sync.Map // *definitions.StructureProfile -> *constraint

// constraintsOf arranges a profile's elements as a tree.
func constraintsOf(p *definitions.StructureProfile) *constraint {
	if c, ok := compiled.Load(p); ok {
		return c.(*constraint)
	}
	root := &constraint{in: p.Definitions}
	for i := range p.Elements {
		e := &p.Elements[i]
		c := root
		for segment := range strings.SplitSeq(e.ID[len(p.Type)+1:], ".") {
			name, slice, _ := strings.Cut(segment, ":")
			c = c.child(name)
			if slice != "" {
				c = c.sliceNamed(slice)
			}
		}
		c.element = e
		c.fixed, c.pattern = jsonValue(e.Fixed), jsonValue(e.Pattern)
	}
	kept, _ := compiled.LoadOrStore(p, root)
	return kept.(*constraint)
}

// jsonValue reads a JSON value of the definitions.
func jsonValue(text string) fhir.Node {
	if text == "" {
		return fhir.Node{}
	}
	return fhir.Open([]byte(`{"value":` + text + `}`)).Root().Get("value")
}

// child finds or adds the constraint of a child element.
func (c *constraint) child(name string) *constraint {
	plain := strings.TrimSuffix(name, "[x]")
	for _, x := range c.children {
		if x.name == plain {
			return x
		}
	}
	x := &constraint{in: c.in, name: plain, choice: plain != name}
	c.children = append(c.children, x)
	return x
}

func (c *constraint) sliceNamed(slice string) *constraint {
	for _, x := range c.slices {
		if x.slice == slice {
			return x
		}
	}
	x := &constraint{in: c.in, name: c.name, choice: c.choice, slice: slice}
	c.slices = append(c.slices, x)
	return x
}

// find follows a path of element names below the constraint; nil when the profile asks nothing there.
func (c *constraint) find(path []string) *constraint {
	for _, name := range path {
		i := slices.IndexFunc(c.children, func(x *constraint) bool { return x.name == name })
		if i < 0 {
			return nil
		}
		c = c.children[i]
	}
	return c
}
