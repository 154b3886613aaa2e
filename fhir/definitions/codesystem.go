package definitions

import (
	"strings"
	"sync"
)

// CodeSystem is a code system with its concepts.
type CodeSystem struct {
	URL, Version, Name string
	// Content is "complete", "fragment" or "example": only a complete system tells which codes do not exist.
	Content       string
	CaseSensitive bool
	Concepts      []Concept // in the order of the definition, which follows the hierarchy

	byCode map[string]int32
}

// Concept is one code of a code system.
type Concept struct {
	Code, Display string
	Abstract      bool // groups other codes and is not to be used itself
	Deprecated    bool // no longer to be used

	parents []int32
}

var codeSystemIndex = sync.OnceValue(func() *index[CodeSystem] { return newIndex[CodeSystem](codeSystemsTable, false) })

// LookupCodeSystem finds a code system by its URL. A "|version" counts only for the few tables of HL7 version 2 that have
// one code system for each version.
func LookupCodeSystem(url string) (*CodeSystem, bool) {
	r, ok := codeSystemIndex().records[url]
	if !ok {
		if r, ok = codeSystemIndex().records[withoutVersion(url)]; !ok {
			return nil, false
		}
	}
	return r.get(decodeCodeSystem), true
}

// CodeSystemURLs are the URLs of all code systems, sorted. A few end in "|version".
func CodeSystemURLs() []string { return codeSystemIndex().keys }

// Lookup finds a concept by its code, exactly.
func (s *CodeSystem) Lookup(code string) (*Concept, bool) {
	i, ok := s.byCode[code]
	if !ok {
		return nil, false
	}
	return &s.Concepts[i], true
}

// Complete is true when a code that is not here does not exist.
func (s *CodeSystem) Complete() bool { return s.Content == "complete" }

// Parents are the codes directly above a code; several in the version 3 vocabularies, none at the top.
func (s *CodeSystem) Parents(code string) []string {
	c, ok := s.Lookup(code)
	if !ok {
		return nil
	}
	codes := make([]string, len(c.parents))
	for i, p := range c.parents {
		codes[i] = s.Concepts[p].Code
	}
	return codes
}

// IsA is true when the code is the ancestor or stands below it.
func (s *CodeSystem) IsA(code, ancestor string) bool {
	i, ok := s.byCode[code]
	if !ok {
		return false
	}
	top, ok := s.byCode[ancestor]
	return ok && s.isA(i, top, 0)
}

// maxHierarchy bounds the walk upward, should a definition ever hold a circle.
const maxHierarchy = 64

func (s *CodeSystem) isA(i, top int32, depth int) bool {
	if i == top {
		return true
	}
	if depth == maxHierarchy {
		return false
	}
	for _, p := range s.Concepts[i].parents {
		if s.isA(p, top, depth+1) {
			return true
		}
	}
	return false
}

func decodeCodeSystem(text string) *CodeSystem {
	var f [5]string
	fields(line(text), f[:])
	s := &CodeSystem{URL: withoutVersion(f[0]), Version: f[1], Name: f[2], Content: f[3], CaseSensitive: f[4] == "C"}
	if s.Content == "" {
		s.Content = "complete"
	}
	count := strings.Count(text, "\n") - 1
	s.Concepts = make([]Concept, 0, count)
	s.byCode = make(map[string]int32, count)
	var way []int32 // the concepts from the top to the one before, by depth
	type link struct {
		parent   int32
		children string
	}
	var further []link
	for l := range body(text) {
		fields(l, f[:4])
		code := strings.TrimLeft(f[0], " ")
		depth := len(f[0]) - len(code) - 1
		i := int32(len(s.Concepts))
		c := Concept{Code: code, Display: f[1], Abstract: strings.Contains(f[2], "A"), Deprecated: strings.Contains(f[2], "D")}
		way = append(way[:depth], i)
		if depth > 0 {
			c.parents = way[depth-1 : depth : depth]
			c.parents = append([]int32(nil), c.parents...)
		}
		if f[3] != "" {
			further = append(further, link{i, f[3]})
		}
		s.Concepts = append(s.Concepts, c)
		if first, twice := s.byCode[code]; twice {
			// The same code a second time under another parent.
			s.Concepts[first].parents = append(s.Concepts[first].parents, c.parents...)
			s.Concepts = s.Concepts[:i]
			way[depth] = first
			continue
		}
		s.byCode[code] = i
	}
	for _, k := range further {
		for child := range strings.SplitSeq(k.children, ",") {
			if i, ok := s.byCode[child]; ok && i != k.parent && !containsIndex(s.Concepts[i].parents, k.parent) {
				s.Concepts[i].parents = append(s.Concepts[i].parents, k.parent)
			}
		}
	}
	return s
}

func containsIndex(list []int32, i int32) bool {
	for _, x := range list {
		if x == i {
			return true
		}
	}
	return false
}
