package terms

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/osler-ehr/osler/terms/ucum"
)

// Expander works out what value sets hold.
type Expander struct {
	Source Source
	// Versions of code systems to use where the definition names none: URL to version.
	Versions map[string]string
}

// Limits of one value set.
const (
	maxNesting = 20      // value sets within value sets
	maxListed  = 500_000 // codes listed one by one, in all value sets that it draws on
)

// Content works out what a value set holds. What cannot be worked out leaves it open and is named in
// [Content.Missing]. The error is the source's own, or tells that the definition is beyond the limits.
func (e *Expander) Content(ctx context.Context, v *ValueSet) (*Content, error) {
	return (&expansion{Expander: e, ctx: ctx}).content(v)
}

// expansion is the work on one value set.
type expansion struct {
	*Expander
	ctx    context.Context
	way    []*ValueSet // that led here, so that a circle ends
	urls   []string
	listed int
}

func (x *expansion) content(v *ValueSet) (*Content, error) {
	if len(x.way) == maxNesting {
		return nil, fmt.Errorf("value sets are nested more than %d deep", maxNesting)
	}
	x.way, x.urls = append(x.way, v), append(x.urls, v.URL)
	defer func() { x.way, x.urls = x.way[:len(x.way)-1], x.urls[:len(x.urls)-1] }()
	out := &Content{}
	if len(v.Include) == 0 && v.Expansion == nil {
		out.unknown = true
		out.missing = append(out.missing, "the value set "+v.URL+" does not say what it includes")
	}
	for i := range v.Include {
		part, err := x.set(&v.Include[i])
		if err != nil {
			return nil, err
		}
		out.unite(part)
	}
	for i := range v.Exclude {
		part, err := x.set(&v.Exclude[i])
		if err != nil {
			return nil, err
		}
		out.remove(part)
	}
	if v.Expansion != nil && (len(v.Include) == 0 || out.unknown || slices.ContainsFunc(out.members, func(m *member) bool { return m.open })) {
		return x.stated(v)
	}
	return out, nil
}

// stated is the content as the author of the value set has worked it out.
func (x *expansion) stated(v *ValueSet) (*Content, error) {
	out := &Content{}
	if err := x.count(len(v.Expansion)); err != nil {
		return nil, err
	}
	for _, c := range v.Expansion {
		m, err := x.memberOf(out, c.System, c.Version)
		if err != nil {
			return nil, err
		}
		m.list(c)
	}
	if v.Partial {
		out.unknown = true
		out.missing = append(out.missing, "the expansion of the value set "+v.URL+" is not the whole of it")
	}
	return out, nil
}

func (x *expansion) count(n int) error {
	if x.listed += n; x.listed > maxListed {
		return fmt.Errorf("the value sets list more than %d codes", maxListed)
	}
	return nil
}

// memberOf is the member of a content for a version of a code system, with the system if it is here.
func (x *expansion) memberOf(c *Content, url, version string) (*member, error) {
	if version == "" {
		version = x.Versions[url]
	}
	sys, err := x.Source.System(x.ctx, url, version)
	if errors.Is(err, ErrUnknown) {
		sys, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if sys != nil {
		version = sys.info.Version
	}
	return c.member(url, version, sys), nil
}

// set works out one include or exclude.
func (x *expansion) set(s *ConceptSet) (*Content, error) {
	out := &Content{}
	if s.System != "" {
		if err := x.ofSystem(out, s); err != nil {
			return nil, err
		}
	}
	for i, canonical := range s.ValueSets {
		other, err := x.named(canonical)
		if err != nil {
			return nil, err
		}
		if i == 0 && s.System == "" {
			out = other
		} else {
			out.intersect(other)
		}
	}
	return out, nil
}

// named works out a value set that is named in another.
func (x *expansion) named(canonical string) (*Content, error) {
	url, version := splitCanonical(canonical)
	if slices.Contains(x.urls, url) {
		return &Content{unknown: true, missing: []string{"the value set " + url + " draws on itself"}}, nil
	}
	v, err := x.Source.ValueSet(x.ctx, url, version)
	if errors.Is(err, ErrUnknown) {
		return &Content{unknown: true, missing: []string{"the value set " + canonical + " is not here"}}, nil
	}
	if err != nil {
		return nil, err
	}
	return x.content(v)
}

// ofSystem adds the part of a code system that an include or exclude names.
func (x *expansion) ofSystem(out *Content, s *ConceptSet) error {
	m, err := x.memberOf(out, s.System, s.Version)
	if err != nil {
		return err
	}
	lacks := func(format string, args ...any) {
		m.open = true
		out.missing = append(out.missing, fmt.Sprintf(format, args...))
	}
	switch {
	case s.Withheld:
		lacks("codes of %s that the value set lists are not part of the program, because their owner licenses them; load the value set itself", s.System)
	case len(s.Codes) > 0:
		if err := x.count(len(s.Codes)); err != nil {
			return err
		}
		for _, c := range s.Codes {
			m.list(c)
		}
	case m.sys == nil && s.System == ucumSystem && len(s.Filters) == 0:
		m.units = true
	case m.sys == nil:
		version := ""
		if s.Version != "" {
			version = ", version " + s.Version + ","
		}
		lacks("the code system %s%s is not here; load it with `osler terminology add`", s.System, version)
	default:
		if !m.sys.Complete() {
			lacks("of the code system %s only a part is here", s.System)
		}
		in := full(m.sys.Len())
		for _, f := range s.Filters {
			set, err := m.sys.Select(f)
			if err != nil {
				lacks("%v", err)
				in = newSet(m.sys.Len())
				break
			}
			in.and(set)
		}
		m.in.or(in)
	}
	return nil
}

// unite adds what another content holds.
func (c *Content) unite(o *Content) {
	c.unknown = c.unknown || o.unknown
	c.missing = append(c.missing, o.missing...)
	for _, n := range o.members {
		m := c.member(n.url, n.version, n.sys)
		m.open, m.units = m.open || n.open, m.units || n.units
		if n.sys != nil {
			for _, id := range n.listed {
				if n.in.Has(id) && m.in.add(id) {
					m.listed = append(m.listed, id)
				}
			}
			m.in.or(n.in)
		}
		for id, name := range n.names {
			if m.names == nil {
				m.names = map[ID]string{}
			}
			if _, named := m.names[id]; !named {
				m.names[id] = name
			}
		}
		for _, x := range n.others {
			m.other(x)
		}
	}
}

// remove takes away what another content holds. Codes that the other may hold are no longer certain.
func (c *Content) remove(o *Content) {
	for _, m := range c.members {
		uncertain := o.unknown
		for _, n := range o.members {
			if n.url != m.url {
				continue
			}
			uncertain = uncertain || n.open
			if m.sys != nil && n.sys == m.sys {
				m.in.without(n.in)
			} else if m.sys != nil {
				m.keep(func(code string) bool { return !n.has(code) })
			}
			m.keepOthers(func(code string) bool { return !n.has(code) })
			if m.units && !n.units {
				m.open, m.units = true, false // all but a few: not a set that is held here
				c.missing = append(c.missing, "single units are excluded from the units of UCUM")
			} else if m.units {
				m.units = false
			}
		}
		if uncertain {
			m.forget()
		}
	}
	if len(o.missing) > 0 {
		c.missing = append(c.missing, o.missing...)
	}
}

// keep drops the concepts whose code does not pass.
func (m *member) keep(pass func(code string) bool) {
	out := newSet(m.sys.Len())
	for id := range m.in.All() {
		if pass(m.sys.Code(id)) {
			out.add(id)
		}
	}
	m.in = out
}

func (m *member) keepOthers(pass func(code string) bool) {
	list := m.others
	m.others, m.byCode = nil, nil
	for _, x := range list {
		if pass(x.Code) {
			m.other(x)
		}
	}
}

// forget makes every code uncertain.
func (m *member) forget() {
	m.open, m.units, m.others, m.byCode = true, false, nil, nil
	if m.sys != nil {
		m.in = newSet(m.sys.Len())
	}
}

// intersect leaves what both hold for certain, and as open what either leaves open.
func (c *Content) intersect(o *Content) {
	members := c.members
	c.members = nil
	for _, m := range members {
		open := m.open && (o.unknown || o.about(m.url, func(n *member) bool { return true }))
		certain := func(code string) bool { return o.about(m.url, func(n *member) bool { return n.has(code) }) }
		maybe := func(code string) bool {
			return o.unknown || o.about(m.url, func(n *member) bool { return n.open && !n.has(code) })
		}
		if m.sys != nil {
			in := newSet(m.sys.Len())
			for id := range m.in.All() {
				if code := m.sys.Code(id); certain(code) {
					in.add(id)
				} else if maybe(code) {
					open = true
				}
			}
			m.in = in
		}
		m.keepOthers(func(code string) bool {
			if !certain(code) && maybe(code) {
				open = true
			}
			return certain(code)
		})
		if m.units { // of all units those that the other lists
			m.units = o.about(m.url, func(n *member) bool { return n.units })
			for _, n := range o.members {
				if n.url == m.url {
					open = open || n.open
					for _, x := range n.others {
						if ucum.Validate(x.Code) == nil {
							m.other(x)
						}
					}
				}
			}
		}
		m.open = open
		c.members = append(c.members, m)
	}
	if c.unknown { // everything that the other holds may be in
		for _, n := range o.members {
			m := c.member(n.url, n.version, n.sys)
			m.open = true
		}
		c.unknown = o.unknown
	}
	c.missing = append(c.missing, o.missing...)
}

func (c *Content) about(url string, f func(*member) bool) bool {
	return slices.ContainsFunc(c.members, func(m *member) bool { return m.url == url && f(m) })
}
