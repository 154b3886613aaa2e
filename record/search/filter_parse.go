package search

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The grammar of _filter (http://hl7.org/fhir/R4/search_filter.html):
//
//	filter    = term *( ("and" / "or") term )      from left to right: neither goes before the other
//	term      = "not" "(" filter ")" / "(" filter ")" / path operator value
//	path      = name [ "[" filter "]" ] [ "." path ]
//	value     = JSON string / any characters but white space, ")" and "]"

// filterExpr is a parsed filter: a comparison, or terms that are joined.
type filterExpr struct {
	join  string       // "and", "or" or "not"; "" = a comparison
	terms []filterExpr // of a join

	path  filterPath
	op    string
	value string
}

// filterPath leads to a parameter, through references.
type filterPath struct {
	name  string
	where *filterExpr // what must hold of the resource referred to; nil = nothing
	next  *filterPath // the parameter of the resource referred to; nil at the end
}

// Limits of a filter.
const (
	maxFilterLength = 8000
	maxFilterDepth  = 16
	maxFilterTerms  = 64
)

// filterOps are the comparisons.
var filterOps = map[string]bool{
	"eq": true, "ne": true, "co": true, "sw": true, "ew": true, "gt": true, "lt": true, "ge": true, "le": true, "ap": true, "sa": true, "eb": true,
	"pr": true, "po": true, "ss": true, "sb": true, "in": true, "ni": true, "re": true,
}

// filterParser reads a filter. at is the place in text, in bytes.
type filterParser struct {
	text  string
	at    int
	terms int
}

// parseFilter reads a filter, or tells with an *Error where it is wrong.
func parseFilter(text string) (*filterExpr, error) {
	p := &filterParser{text: text}
	if len(text) > maxFilterLength {
		return nil, wrong("_filter", "it is longer than %d characters", maxFilterLength)
	}
	if !utf8.ValidString(text) {
		return nil, wrong("_filter", "it is not written in UTF-8")
	}
	x, err := p.filter(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.at < len(p.text) {
		return nil, p.fail("the filter should end, or go on with and or or")
	}
	return x, nil
}

func (p *filterParser) fail(why string) error {
	rest := p.text[p.at:]
	if len(rest) > 20 {
		rest = strings.ToValidUTF8(rest[:20], "") + "…"
	}
	if rest == "" {
		return wrong("_filter", "at its end: %s", why)
	}
	return wrong("_filter", "at character %d, %q: %s", utf8.RuneCountInString(p.text[:p.at])+1, rest, why)
}

func (p *filterParser) space() {
	for p.at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		if !unicode.IsSpace(r) {
			return
		}
		p.at += n
	}
}

// take takes a character if it comes next.
func (p *filterParser) take(c byte) bool {
	if p.at < len(p.text) && p.text[p.at] == c {
		p.at++
		return true
	}
	return false
}

// name takes a name; "" if none comes next.
func (p *filterParser) name() string {
	from := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (p.at == from || c != '-' && (c < '0' || c > '9')) {
			break
		}
		p.at++
	}
	return p.text[from:p.at]
}

// filter reads terms that are joined.
func (p *filterParser) filter(depth int) (*filterExpr, error) {
	if depth > maxFilterDepth {
		return nil, p.fail("brackets are nested deeper than " + strconv.Itoa(maxFilterDepth) + " levels")
	}
	left, err := p.term(depth)
	if err != nil {
		return nil, err
	}
	for {
		p.space()
		from := p.at
		join := p.name()
		if join != "and" && join != "or" {
			p.at = from
			return left, nil
		}
		right, err := p.term(depth)
		if err != nil {
			return nil, err
		}
		if left.join == join {
			left.terms = append(left.terms, *right)
		} else {
			left = &filterExpr{join: join, terms: []filterExpr{*left, *right}}
		}
	}
}

func (p *filterParser) term(depth int) (*filterExpr, error) {
	if p.terms++; p.terms > maxFilterTerms {
		return nil, p.fail("the filter has more than " + strconv.Itoa(maxFilterTerms) + " comparisons")
	}
	p.space()
	if p.take('(') {
		return p.closed(depth, ')')
	}
	from := p.at
	if name := p.name(); name == "not" {
		p.space()
		if p.take('(') {
			x, err := p.closed(depth, ')')
			if err != nil {
				return nil, err
			}
			return &filterExpr{join: "not", terms: []filterExpr{*x}}, nil
		}
	}
	p.at = from
	return p.comparison(depth)
}

// closed reads a filter up to its closing bracket. A filter in brackets stays together.
func (p *filterParser) closed(depth int, bracket byte) (*filterExpr, error) {
	x, err := p.filter(depth + 1)
	if err != nil {
		return nil, err
	}
	if p.space(); !p.take(bracket) {
		return nil, p.fail("a closing bracket " + string(bracket) + " is missing")
	}
	if bracket == ')' && len(x.terms) > 1 {
		return &filterExpr{join: "and", terms: []filterExpr{*x}}, nil // so that what follows is not put into it
	}
	return x, nil
}

func (p *filterParser) comparison(depth int) (*filterExpr, error) {
	path, err := p.path(depth)
	if err != nil {
		return nil, err
	}
	x := &filterExpr{path: *path}
	before := p.at
	if p.space(); p.at == before {
		return nil, p.fail("a space and a comparison such as eq should follow the name of a parameter")
	}
	from := p.at
	if x.op = p.name(); !filterOps[x.op] {
		p.at = from
		return nil, p.fail("this is no comparison; eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni and re are")
	}
	before = p.at
	if p.space(); p.at == before {
		return nil, p.fail("a space and a value should follow the comparison")
	}
	x.value, err = p.value()
	return x, err
}

func (p *filterParser) path(depth int) (*filterPath, error) {
	out := &filterPath{name: p.name()}
	if out.name == "" {
		return nil, p.fail("the name of a search parameter should stand here")
	}
	if depth > maxFilterDepth {
		return nil, p.fail("the path is too long")
	}
	if p.take('[') {
		where, err := p.closed(depth, ']')
		if err != nil {
			return nil, err
		}
		out.where = where
		if p.at >= len(p.text) || p.text[p.at] != '.' {
			return nil, p.fail("a dot and a parameter should follow the bracket")
		}
	}
	if !p.take('.') {
		return out, nil
	}
	next, err := p.path(depth + 1)
	out.next = next
	return out, err
}

// value reads a JSON string, or what stands up to white space or a closing bracket.
func (p *filterParser) value() (string, error) {
	if p.at < len(p.text) && p.text[p.at] == '"' {
		end := p.at + 1
		for end < len(p.text) && p.text[end] != '"' {
			if p.text[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(p.text) {
			return "", p.fail("the quotation mark is not closed")
		}
		var s string
		if err := json.Unmarshal([]byte(p.text[p.at:end+1]), &s); err != nil {
			return "", p.fail("this is no JSON string")
		}
		if s == "" {
			return "", p.fail("the value is empty")
		}
		p.at = end + 1
		return s, nil
	}
	from := p.at
	for p.at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.text[p.at:])
		if unicode.IsSpace(r) || r == ')' || r == ']' {
			break
		}
		p.at += n
	}
	if p.at == from {
		return "", p.fail("a value should stand here")
	}
	return p.text[from:p.at], nil
}
