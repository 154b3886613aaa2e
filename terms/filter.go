package terms

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// Filter selects concepts of a system by a property, as ValueSet.compose.include.filter does.
type Filter struct{ Property, Op, Value string }

// FilterError tells why a filter cannot be worked out here.
type FilterError struct {
	System string
	Filter Filter
	Reason string
}

func (e *FilterError) Error() string {
	return fmt.Sprintf("the filter %s %s %q on %s: %s", e.Filter.Property, e.Filter.Op, e.Filter.Value, e.System, e.Reason)
}

// setCache keeps the sets of filters that were asked for: a person who types asks for the same one at every keystroke.
type setCache struct {
	mu   sync.Mutex
	sets map[Filter]*Set
}

// maxCachedSets bounds the memory of a system's cache.
const maxCachedSets = 200

// Select are the concepts that a filter selects. The set is shared and must not be changed. The error is a
// *FilterError.
func (s *System) Select(f Filter) (*Set, error) {
	s.cache.mu.Lock()
	set := s.cache.sets[f]
	s.cache.mu.Unlock()
	if set != nil {
		return set, nil
	}
	set, reason := s.selects(f)
	if reason != "" {
		return nil, &FilterError{s.info.URL, f, reason}
	}
	s.cache.mu.Lock()
	if s.cache.sets == nil || len(s.cache.sets) >= maxCachedSets {
		s.cache.sets = map[Filter]*Set{}
	}
	s.cache.sets[f] = set
	s.cache.mu.Unlock()
	return set, nil
}

// selects works a filter out, or says why it cannot.
func (s *System) selects(f Filter) (set *Set, reason string) {
	if f.Property == "concept" || f.Property == "code" {
		return s.selectsConcepts(f)
	}
	test, reason := valueTest(f)
	if reason != "" {
		return nil, reason
	}
	out := newSet(s.Len())
	switch f.Property {
	case "display":
		for id := range ID(s.Len()) {
			if test.one(s.Display(id)) {
				out.add(id)
			}
		}
		return out, ""
	case "inactive", "notSelectable", "abstract":
		flag := byte(flagAbstract)
		if f.Property == "inactive" {
			flag = flagInactive
		}
		for id := range ID(s.Len()) {
			is := "false"
			if s.flags[id]&flag != 0 {
				is = "true"
			}
			if test.one(is) {
				out.add(id)
			}
		}
		return out, ""
	case "parent", "child":
		links := s.Parents
		if f.Property == "child" {
			links = s.Children
		}
		for id := range ID(s.Len()) {
			found := false
			for _, p := range links(id) {
				found = found || test.one(s.Code(p))
			}
			if test.holds(found) {
				out.add(id)
			}
		}
		return out, ""
	}
	return s.selectsProperty(f, test)
}

// selectsConcepts is for filters on the concept itself: its code and place in the hierarchy.
func (s *System) selectsConcepts(f Filter) (*Set, string) {
	switch f.Op {
	case "=", "in", "not-in":
		out := newSet(s.Len())
		for code := range strings.SplitSeq(f.Value, ",") {
			if id, ok := s.Find(strings.TrimSpace(code)); ok {
				out.add(id)
			}
		}
		if f.Op == "not-in" {
			return out.complement(s.Len()), ""
		}
		if f.Op == "in" { // SNOMED CT: the members of a reference set
			if p, ok := s.property(MemberOf); ok {
				s.eachWith(p, func(v string) bool { return v == f.Value }, func(id ID) { out.add(id) })
			}
		}
		return out, ""
	case "is-a", "descendent-of", "descendant-of", "is-not-a", "generalizes", "child-of":
		id, ok := s.Find(f.Value)
		if !ok {
			if f.Op == "is-not-a" {
				return full(s.Len()), ""
			}
			return newSet(s.Len()), ""
		}
		switch f.Op {
		case "is-a":
			return s.Below(id), ""
		case "is-not-a":
			return s.Below(id).complement(s.Len()), ""
		case "generalizes":
			return s.Above(id), ""
		case "child-of":
			out := newSet(s.Len())
			for _, c := range s.Children(id) {
				out.add(c)
			}
			return out, ""
		}
		out := s.Below(id)
		self := newSet(s.Len())
		self.add(id)
		out.without(self)
		return out, ""
	case "regex":
		test, reason := valueTest(f)
		if reason != "" {
			return nil, reason
		}
		out := newSet(s.Len())
		for id := range ID(s.Len()) {
			if test.one(s.Code(id)) {
				out.add(id)
			}
		}
		return out, ""
	}
	return nil, "this comparison is not supported"
}

// MemberOf is the property that tells in which reference sets of SNOMED CT a concept is.
const MemberOf = "memberOf"

func (s *System) selectsProperty(f Filter, test *valueCondition) (*Set, string) {
	p, ok := s.property(f.Property)
	if !ok {
		return nil, "its concepts have no property of this name here"
	}
	has := newSet(s.Len())
	s.eachWith(p, test.one, func(id ID) { has.add(id) })
	if !test.holds(false) {
		return has, ""
	}
	return has.complement(s.Len()), ""
}

// eachWith gives the concepts to f that have a property whose value satisfies test. A value is tested once.
func (s *System) eachWith(property int, test func(string) bool, f func(ID)) {
	known := make([]int8, s.values.len()) // 0 = not tested, 1 = yes, -1 = no
	for id := range ID(s.Len()) {
		s.eachProperty(id, func(p, v int) {
			if p != property {
				return
			}
			if known[v] == 0 {
				known[v] = -1
				if test(s.values.text(v)) {
					known[v] = 1
				}
			}
			if known[v] > 0 {
				f(id)
			}
		})
	}
}

// valueCondition tests the values of a property. one is asked of each value; a concept is selected if holds says so of
// whether any value passed.
type valueCondition struct {
	one   func(string) bool
	holds func(any bool) bool
}

func valueTest(f Filter) (c *valueCondition, reason string) {
	any := func(found bool) bool { return found }
	none := func(found bool) bool { return !found }
	among := func(v string) bool {
		for w := range strings.SplitSeq(f.Value, ",") {
			if strings.TrimSpace(w) == v {
				return true
			}
		}
		return false
	}
	switch f.Op {
	case "=":
		return &valueCondition{func(v string) bool { return v == f.Value }, any}, ""
	case "in":
		return &valueCondition{among, any}, ""
	case "not-in":
		return &valueCondition{among, none}, ""
	case "exists":
		always := func(string) bool { return true }
		if f.Value == "false" {
			return &valueCondition{always, none}, ""
		}
		return &valueCondition{always, any}, ""
	case "regex":
		if len(f.Value) > 1000 {
			return nil, "the expression is too long"
		}
		re, err := regexp.Compile(`^(?:` + f.Value + `)$`)
		if err != nil {
			return nil, "this is no regular expression that is understood here (RE2 syntax)"
		}
		return &valueCondition{re.MatchString, any}, ""
	}
	return nil, "this comparison is not supported"
}
