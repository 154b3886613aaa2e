package patch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// xmlStep is one step of a selector: the children that fit, or at the end an attribute.
type xmlStep struct {
	kind        xmlKind
	attribute   bool
	space, name string // "*" fits every name
	filters     []xmlFilter
}

// xmlFilter is what stands in brackets: a place among the fitting siblings, or a value that an attribute has: of
// the element itself, or of a child.
type xmlFilter struct {
	place        int // from 1; 0 = a value
	space, child string
	attribute    string
	value        string
}

// xmlPlace is what a selector leads to.
type xmlPlace struct {
	parent, node *xmlNode
	attr         int // index among the node's attributes; -1 = the node
}

const maxSelector = 1000

// parseSelector reads a path such as f:Patient/f:name[1]/f:given[@value='Ana']/@id.
func parseSelector(sel string, prefixes map[string]string) ([]xmlStep, error) {
	if len(sel) > maxSelector {
		return nil, fmt.Errorf("the path is longer than %d characters", maxSelector)
	}
	var steps []xmlStep
	for _, text := range outside(strings.TrimPrefix(sel, "/"), '/') {
		if len(steps) > 0 && steps[len(steps)-1].attribute {
			return nil, errors.New("nothing stands below an attribute")
		}
		s, err := parseStep(text, prefixes)
		if err != nil {
			return nil, err
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// outside splits at a separator that stands neither in brackets nor in quotes.
func outside(s string, sep byte) (parts []string) {
	from, depth := 0, 0
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == sep && depth == 0:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

func parseStep(text string, prefixes map[string]string) (s xmlStep, err error) {
	head, brackets := text, ""
	if i := strings.IndexByte(text, '['); i >= 0 {
		head, brackets = text[:i], text[i:]
	}
	switch {
	case head == "text()":
		s.kind = xmlText
	case head == "comment()":
		s.kind = xmlComment
	case strings.HasPrefix(head, "@"):
		s.attribute, s.name = true, head[1:]
		if s.name == "" || brackets != "" {
			return s, fmt.Errorf("%q is not the name of an attribute", text)
		}
		return s, nil
	case head == "*":
		s.name = "*"
	default:
		if s.space, s.name, err = qualified(head, prefixes); err != nil {
			return s, err
		}
	}
	for brackets != "" {
		end := strings.IndexByte(brackets, ']')
		if quote := strings.IndexAny(brackets, `'"`); quote >= 0 && quote < end {
			closing := strings.IndexByte(brackets[quote+1:], brackets[quote])
			if closing < 0 {
				return s, fmt.Errorf("a quote is not closed in %q", text)
			}
			end = quote + 1 + closing + 1
		}
		if brackets[0] != '[' || end < 0 || end >= len(brackets) || brackets[end] != ']' {
			return s, fmt.Errorf("the brackets of %q are not understood", text)
		}
		f, err := parseFilter(strings.TrimSpace(brackets[1:end]), prefixes)
		if err != nil {
			return s, err
		}
		s.filters = append(s.filters, f)
		brackets = brackets[end+1:]
	}
	return s, nil
}

func parseFilter(text string, prefixes map[string]string) (f xmlFilter, err error) {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return xmlFilter{place: n}, nil
	}
	name, value, ok := strings.Cut(text, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || len(value) < 2 || value[0] != '\'' && value[0] != '"' || value[len(value)-1] != value[0] {
		return f, fmt.Errorf("[%s] is not understood: write a number, or [@name='value'], or [f:child/@value='value']", text)
	}
	f.value = value[1 : len(value)-1]
	child, attribute, below := strings.Cut(name, "/")
	if !below {
		child, attribute = "", name
	} else if f.space, f.child, err = qualified(child, prefixes); err != nil {
		return f, err
	}
	if len(attribute) < 2 || attribute[0] != '@' {
		return f, fmt.Errorf("[%s] compares no attribute", text)
	}
	f.attribute = attribute[1:]
	return f, nil
}

func qualified(name string, prefixes map[string]string) (space, local string, err error) {
	prefix, local, ok := strings.Cut(name, ":")
	if !ok {
		prefix, local = "", name
	}
	space, known := prefixes[prefix]
	if !known {
		return "", "", fmt.Errorf("the prefix %s is not declared", prefix)
	}
	if local == "" || strings.ContainsAny(local, "()@*[] ") {
		return "", "", fmt.Errorf("%q is not understood: a path is made of names such as f:name, of @attribute, text() and comment()", name)
	}
	return space, local, nil
}

// selectXML gives all places to which the steps lead. The first step is the root.
func selectXML(root *xmlNode, steps []xmlStep) []xmlPlace {
	top := &xmlNode{children: []*xmlNode{root}}
	at := []xmlPlace{{node: top, attr: -1}}
	for _, s := range steps {
		var next []xmlPlace
		for _, p := range at {
			next = append(next, s.from(p.node)...)
		}
		at = next
	}
	for i := range at {
		if at[i].parent == top {
			at[i].parent = nil
		}
	}
	return at
}

func (s *xmlStep) from(n *xmlNode) (out []xmlPlace) {
	if s.attribute {
		for i, a := range n.attrs {
			if a.name == s.name {
				out = append(out, xmlPlace{node: n, attr: i})
			}
		}
		return out
	}
	var fitting []*xmlNode
	for _, c := range n.children {
		if c.kind == s.kind && (c.kind != xmlElement || s.name == "*" || c.name == s.name && c.space == s.space) {
			fitting = append(fitting, c)
		}
	}
	for _, f := range s.filters {
		fitting = f.keep(fitting)
	}
	for _, c := range fitting {
		out = append(out, xmlPlace{parent: n, node: c, attr: -1})
	}
	return out
}

func (f *xmlFilter) keep(nodes []*xmlNode) (out []*xmlNode) {
	if f.place > 0 {
		if f.place <= len(nodes) {
			out = nodes[f.place-1 : f.place]
		}
		return out
	}
	for _, n := range nodes {
		if f.child == "" && n.has(f.attribute, f.value) {
			out = append(out, n)
		}
		if f.child != "" {
			for _, c := range n.children {
				if c.kind == xmlElement && c.name == f.child && c.space == f.space && c.has(f.attribute, f.value) {
					out = append(out, n)
					break
				}
			}
		}
	}
	return out
}

func (n *xmlNode) has(attribute, value string) bool {
	for _, a := range n.attrs {
		if a.name == attribute && a.value == value {
			return true
		}
	}
	return false
}
