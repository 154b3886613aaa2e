package definitions

import "slices"

// content is what a value set holds, as far as it is known here.
type content struct {
	codes   []Coding
	byCode  map[string]int32   // the first coding with a code
	others  map[[2]string]bool // system and code of further codings with a code that byCode has
	open    map[string]bool    // systems of which it may hold more codes than are here
	unknown bool               // it may hold codes of any system
}

func (c *content) has(system, code string) bool {
	i, ok := c.byCode[code]
	return ok && (c.codes[i].System == system || c.others[[2]string{system, code}])
}

func (c *content) add(x Coding) {
	if c.has(x.System, x.Code) {
		return
	}
	if _, taken := c.byCode[x.Code]; taken {
		if c.others == nil {
			c.others = map[[2]string]bool{}
		}
		c.others[[2]string{x.System, x.Code}] = true
	} else {
		c.byCode[x.Code] = int32(len(c.codes))
	}
	c.codes = append(c.codes, x)
}

func (c *content) leaveOpen(system string) {
	if system == "" {
		c.unknown = true
		return
	}
	if c.open == nil {
		c.open = map[string]bool{}
	}
	c.open[system] = true
}

// resolve works out a value set's content. way are the URLs of the sets that led here, so that a circle ends.
func resolve(v *ValueSet, way []string) content {
	way = append(way, v.URL)
	out := content{byCode: map[string]int32{}}
	for i := range v.include {
		part := v.include[i].resolve(v.in, way)
		for _, x := range part.codes {
			out.add(x)
		}
		for system := range part.open {
			out.leaveOpen(system)
		}
		out.unknown = out.unknown || part.unknown
	}
	if len(v.include) == 0 {
		out.unknown = true
	}
	for i := range v.exclude {
		out = out.without(v.exclude[i].resolve(v.in, way))
	}
	return out
}

// without is the content less what another holds. Codes that the other may hold are no longer certain.
func (c *content) without(other content) content {
	out := content{byCode: map[string]int32{}, open: c.open, unknown: c.unknown}
	for _, x := range c.codes {
		switch {
		case other.has(x.System, x.Code):
		case other.unknown || other.open[x.System]:
			out.leaveOpen(x.System)
		default:
			out.add(x)
		}
	}
	return out
}

func (s *conceptSet) resolve(in *Set, way []string) content {
	var out content
	if s.system != "" {
		out = s.ofSystem(in)
	}
	for i, url := range s.sets {
		other := content{unknown: true}
		if v, ok := in.ValueSet(url); ok && !slices.Contains(way, v.URL) {
			other = resolve(v, way)
		}
		if i == 0 && s.system == "" {
			out = other
		} else {
			out = out.intersect(other)
		}
	}
	return out
}

// intersect is what both hold for certain, and as open all that either leaves open.
func (c *content) intersect(other content) content {
	out := content{byCode: map[string]int32{}}
	for _, x := range c.codes {
		switch {
		case other.has(x.System, x.Code):
			out.add(x)
		case other.unknown || other.open[x.System]:
			out.leaveOpen(x.System)
		}
	}
	for system := range c.open {
		out.leaveOpen(system)
	}
	out.unknown = c.unknown && other.unknown
	return out
}

// ofSystem is the part of the code system that the include or exclude names.
func (s *conceptSet) ofSystem(in *Set) content {
	out := content{byCode: map[string]int32{}}
	system, held := in.CodeSystem(s.system)
	if s.missing {
		out.leaveOpen(s.system)
		return out
	}
	if len(s.codes) > 0 {
		for _, x := range s.codes {
			x.System = withoutVersion(x.System)
			if x.Display == "" && held {
				if c, ok := system.Lookup(x.Code); ok {
					x.Display = c.Display
				}
			}
			out.add(x)
		}
		return out
	}
	if !held || !s.filtersKnown() {
		out.leaveOpen(withoutVersion(s.system))
		return out
	}
	if !system.Complete() {
		out.leaveOpen(system.URL)
	}
	for i := range system.Concepts {
		if c := &system.Concepts[i]; s.selects(system, c.Code) {
			out.add(Coding{System: system.URL, Code: c.Code, Display: c.Display})
		}
	}
	return out
}

// filtersKnown is true when every filter asks for the hierarchy, the one property that the tables hold.
func (s *conceptSet) filtersKnown() bool {
	for _, f := range s.filters {
		if f.property != "concept" || f.op != "is-a" && f.op != "descendent-of" && f.op != "is-not-a" {
			return false
		}
	}
	return true
}

func (s *conceptSet) selects(system *CodeSystem, code string) bool {
	for _, f := range s.filters {
		below := system.IsA(code, f.value)
		switch f.op {
		case "is-a":
			if !below {
				return false
			}
		case "descendent-of":
			if !below || code == f.value {
				return false
			}
		case "is-not-a":
			if below {
				return false
			}
		}
	}
	return true
}
