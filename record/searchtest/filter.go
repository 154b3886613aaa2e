package searchtest

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/fhir/path"
)

// holds tells whether a part of a filter holds of a resource.
type holds func(r *Resource) bool

// filterReader reads a filter as a list of tokens. What it cannot read is a mistake of the test.
type filterReader struct {
	w      *World
	tokens []string
}

var filterTokens = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[()\[\]]|[^\s()\[\]]+`)

// filter is the meaning of a _filter.
func (w *World) filter(text string) holds {
	f := &filterReader{w, filterTokens.FindAllString(text, -1)}
	out := f.filter()
	if len(f.tokens) > 0 {
		panic("the filter goes on: " + text)
	}
	return out
}

func (f *filterReader) next() string {
	t := f.tokens[0]
	f.tokens = f.tokens[1:]
	return t
}

func (f *filterReader) is(token string) bool {
	if len(f.tokens) > 0 && f.tokens[0] == token {
		f.tokens = f.tokens[1:]
		return true
	}
	return false
}

// filter: "logical expressions are evaluated left to right, with no precedence between and and or".
func (f *filterReader) filter() holds {
	left := f.term()
	for {
		l := left
		switch {
		case f.is("and"):
			r := f.term()
			left = func(x *Resource) bool { return l(x) && r(x) }
		case f.is("or"):
			r := f.term()
			left = func(x *Resource) bool { return l(x) || r(x) }
		default:
			return left
		}
	}
}

func (f *filterReader) term() holds {
	if f.is("(") {
		inner := f.filter()
		f.next()
		return inner
	}
	if f.tokens[0] == "not" && f.tokens[1] == "(" {
		f.tokens = f.tokens[2:]
		inner := f.filter()
		f.next()
		return func(r *Resource) bool { return !inner(r) }
	}
	return f.comparison(f.next())
}

// comparison reads what follows a path, or the first part of one.
func (f *filterReader) comparison(from string) holds {
	name, rest, chained := strings.Cut(from, ".")
	var where holds
	if f.is("[") {
		where = f.filter()
		f.next()
		rest, chained = strings.TrimPrefix(f.next(), "."), true
	}
	if !chained {
		op, value := f.next(), f.next()
		if value[0] == '"' {
			var s string
			if err := json.Unmarshal([]byte(value), &s); err != nil {
				panic(err)
			}
			value = s
		}
		return func(r *Resource) bool { return f.w.compares(r, name, op, value) }
	}
	inner := f.comparison(rest)
	next, _, _ := strings.Cut(rest, ".")
	return func(r *Resource) bool {
		sp, _ := param(r.Type, name)
		return slices.ContainsFunc(f.w.values(r, sp), func(v path.Value) bool {
			t, id, ok := local(reference(v))
			if !ok || sp.Targets != nil && !slices.Contains(sp.Targets, t) {
				return false
			}
			if _, known := param(t, next); !known {
				return false
			}
			target := f.w.byName[t+"/"+id]
			return target != nil && inner(target) && (where == nil || where(target))
		})
	}
}

// compares makes one comparison, by the table of operations.
func (w *World) compares(r *Resource, name, op, value string) bool {
	sp, ok := param(r.Type, name)
	if !ok {
		return false // one of several types that a reference can mean, which lacks it
	}
	switch {
	case name == "_id":
		return (r.ID == value) == (op == "eq")
	case name == "_lastUpdated":
		return dateMatches(spanOf(r.Updated), op+value)
	case op == "pr":
		return w.missing(r, sp) == (value == "false")
	}
	return slices.ContainsFunc(w.values(r, sp), func(v path.Value) bool {
		switch sp.Type {
		case "string":
			return slices.ContainsFunc(texts(v), func(s string) bool { return textCompares(fold(s), op, fold(value)) })
		case "token":
			if op == "ne" {
				return slices.ContainsFunc(codes(v), func(c coded) bool {
					return (c.code != "" || c.system != "") && !strings.EqualFold(c.code, value)
				})
			}
			return tokenMatches(v, "", value)
		case "date":
			s, ok := dateSpan(v)
			if op == "po" {
				op = "ap"
			}
			return ok && dateMatches(s, op+value)
		case "number", "quantity":
			return amountMatches(v, op+value)
		}
		return compare(sp, "", v, value)
	})
}

func textCompares(s, op, want string) bool {
	switch op {
	case "eq":
		return s == want
	case "ne":
		return s != "" && s != want
	case "co":
		return s != "" && strings.Contains(s, want)
	case "sw":
		return strings.HasPrefix(s, want)
	case "ew":
		return s != "" && strings.HasSuffix(s, want)
	}
	panic("operation " + op)
}

// filter draws a filter that a resource perhaps satisfies.
func (d *Drawer) filter(about *Resource) (string, bool) {
	var terms []string
	for range 1 + d.rng.IntN(3) {
		t, ok := d.comparison(about, d.Chains > 0)
		if !ok {
			continue
		}
		if d.chance(15) {
			t = "not (" + t + ")"
		}
		terms = append(terms, t)
	}
	if len(terms) == 0 {
		return "", false
	}
	out := terms[0]
	for _, t := range terms[1:] {
		if d.chance(20) {
			out = "(" + out + ")"
		}
		out += pick(d.rng, []string{" and ", " or "}) + t
	}
	return out, true
}

func (d *Drawer) comparison(about *Resource, chain bool) (string, bool) {
	var filled []definitions.SearchParameter
	for _, sp := range definitions.SearchParameters(about.Type) {
		if sp.Type != "special" && sp.Type != "composite" && sp.Expression != "" && len(d.w.values(about, sp)) > 0 {
			filled = append(filled, sp)
		}
	}
	if len(filled) == 0 {
		return "", false
	}
	sp := pick(d.rng, filled)
	values := d.w.values(about, sp)
	if sp.Name == "_id" || sp.Name == "_lastUpdated" {
		if sp.Name == "_id" {
			return "_id " + pick(d.rng, []string{"eq", "ne"}) + " " + about.ID, true
		}
		op, value := operation(d.dateText(spanOf(about.Updated)))
		return "_lastUpdated " + op + " " + value, true
	}
	if sp.Type == "reference" && chain && d.chance(35) {
		typ, id, ok := local(reference(pick(d.rng, values)))
		target := d.w.byName[typ+"/"+id]
		if !ok || target == nil || sp.Targets != nil && !slices.Contains(sp.Targets, typ) {
			return "", false
		}
		inner, ok := d.comparison(target, false)
		if !ok {
			return "", false
		}
		if where, ok := d.comparison(target, false); ok && d.chance(40) {
			return sp.Name + "[" + where + "]." + inner, true
		}
		return sp.Name + "." + inner, true
	}
	if d.chance(6) {
		return sp.Name + " pr " + pick(d.rng, []string{"true", "false"}), true
	}
	v := pick(d.rng, values)
	op, value, ok := d.operand(sp, v)
	if !ok || strings.ContainsAny(value, "\\\"\n") || strings.TrimSpace(value) == "" {
		return "", false
	}
	if strings.ContainsAny(value, " ()[]") || d.chance(50) {
		quoted, err := json.Marshal(value)
		if err != nil {
			return "", false
		}
		value = string(quoted)
	}
	return sp.Name + " " + op + " " + value, true
}

// operand draws an operation and its value.
func (d *Drawer) operand(sp definitions.SearchParameter, v path.Value) (op, value string, ok bool) {
	switch sp.Type {
	case "token":
		if t := v.TypeName(); (t == "CodeableConcept" || t == "Coding" || t == "code") && d.chance(20) {
			for _, c := range codes(v) {
				return "ne", c.code, c.code != "" && !strings.ContainsAny(c.code, "|,$")
			}
		}
		modifier, value, ok := d.token(v, false)
		return "eq", value, ok && modifier == ""
	case "string":
		all := texts(v)
		if len(all) == 0 {
			return "", "", false
		}
		s := strings.TrimSpace(pick(d.rng, all))
		if s == "" {
			return "", "", false
		}
		op = pick(d.rng, []string{"eq", "ne", "co", "sw", "ew"})
		return op, cut(d.rng, s, op), true
	case "date":
		s, ok := dateSpan(v)
		if !ok {
			return "", "", false
		}
		op, value = operation(d.dateText(s))
		if op == "ap" && d.chance(50) {
			op = "po"
		}
		return op, value, true
	case "number", "quantity":
		_, text, ok := d.amount(v, sp.Type == "quantity")
		op, value = operation(text)
		return op, value, ok
	case "reference":
		modifier, value, ok := d.reference(sp, v)
		return "re", value, ok && modifier == ""
	case "uri":
		modifier, value, ok := d.uri(v, false)
		return "eq", value, ok && modifier == ""
	}
	return "", "", false
}

// cut takes the part of a text that an operation compares.
func cut(rng *rand.Rand, s, op string) string {
	r := []rune(s)
	from, to := 0, len(r)
	if op == "co" || op == "ew" {
		from = rng.IntN(len(r))
	}
	if op == "co" || op == "sw" {
		to = from + 1 + rng.IntN(len(r)-from)
	}
	return strings.TrimSpace(string(r[from:to]))
}

// operation takes a prefix from a date or number.
func operation(s string) (op, value string) {
	if len(s) > 2 && s[0] >= 'a' && s[0] <= 'z' {
		return s[:2], s[2:]
	}
	return "eq", s
}
