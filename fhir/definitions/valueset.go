package definitions

import (
	"strings"
	"sync"
)

// ValueSet is a set of codes. Its content is worked out when first asked for.
type ValueSet struct {
	URL, Version, Name string

	in               *Set // where other value sets and code systems are looked up
	include, exclude []conceptSet
	once             sync.Once
	content          content
}

// Coding is a code of a code system.
type Coding struct {
	System, Code, Display string
}

// conceptSet is one include or exclude of a value set's definition.
type conceptSet struct {
	system  string
	codes   []Coding // the listed codes, if any
	missing bool     // codes are listed that may not be handed on
	filters []filter
	sets    []string // URLs of value sets to intersect
}

type filter struct{ property, op, value string }

var valueSetIndex = sync.OnceValue(func() *index[ValueSet] { return newIndex[ValueSet](valueSetsTable, false) })

// LookupValueSet finds a value set by its URL; a "|version" is ignored.
func LookupValueSet(url string) (*ValueSet, bool) {
	r, ok := valueSetIndex().records[withoutVersion(url)]
	if !ok {
		return nil, false
	}
	return r.get(decodeValueSet), true
}

// ValueSetURLs are the URLs of all value sets, sorted.
func ValueSetURLs() []string { return valueSetIndex().keys }

// Contains tells whether a code is in the set. known is false when the answer depends on codes that are not here, such
// as SNOMED CT or a value set of VSAC; then in is false too. An empty system asks for the code in any system, as for
// elements of type code.
func (v *ValueSet) Contains(system, code string) (in, known bool) {
	c := v.resolved()
	if system == "" {
		if _, ok := c.byCode[code]; ok {
			return true, true
		}
		return false, !c.unknown && len(c.open) == 0
	}
	if c.has(system, code) {
		return true, true
	}
	return false, !c.unknown && !c.open[system]
}

// Expansion are the codes of the set that are here. complete is false when there are others.
func (v *ValueSet) Expansion() (codes []Coding, complete bool) {
	c := v.resolved()
	return c.codes, !c.unknown && len(c.open) == 0
}

func (v *ValueSet) resolved() *content {
	v.once.Do(func() { v.content = resolve(v, nil) })
	return &v.content
}

func decodeValueSet(text string) *ValueSet {
	var f [3]string
	fields(line(text), f[:])
	v := &ValueSet{URL: f[0], Version: f[1], Name: f[2]}
	var at *conceptSet
	for l := range body(text) {
		fields(l, f[:])
		key := f[0][1:]
		switch f[0][0] {
		case '+':
			v.include = append(v.include, conceptSet{system: key, missing: f[1] == "~"})
			at = &v.include[len(v.include)-1]
		case '-':
			v.exclude = append(v.exclude, conceptSet{system: key, missing: f[1] == "~"})
			at = &v.exclude[len(v.exclude)-1]
		case ' ':
			at.codes = append(at.codes, Coding{System: at.system, Code: strings.TrimLeft(key, " "), Display: f[1]})
		case '?':
			at.filters = append(at.filters, filter{key, f[1], f[2]})
		case '^':
			at.sets = append(at.sets, key)
		}
	}
	return v
}
