package ucum

import "strings"

// Symbol is the unit as a person writes it, as far as UCUM knows one: µg for ug, °C for Cel, lb for [lb_av]. Annotations
// without a unit stand for themselves: {beats}/min is beats/min. What is no unit comes back as it is.
func Symbol(code string) string {
	if Validate(code) != nil {
		return code
	}
	t := load()
	var b strings.Builder
	p := parser{table: t, rest: code}
	for p.rest != "" {
		switch c := p.rest[0]; c {
		case '.':
			b.WriteString("·")
			p.rest = p.rest[1:]
		case '/', '(', ')':
			b.WriteByte(c)
			p.rest = p.rest[1:]
		case '{':
			end := strings.IndexByte(p.rest, '}')
			if b.Len() == 0 || strings.HasSuffix(b.String(), "/") || strings.HasSuffix(b.String(), "·") {
				b.WriteString(p.rest[1:end])
			}
			p.rest = p.rest[end+1:]
		default:
			b.WriteString(t.symbol(p.symbol()))
		}
	}
	return b.String()
}

// symbol is the printed form of a symbol with its exponent.
func (t *table) symbol(s string) string {
	n := len(s)
	for n > 0 && isDigit(s[n-1]) {
		n--
	}
	if n > 0 && n < len(s) && (s[n-1] == '-' || s[n-1] == '+') {
		n--
	}
	if n == 0 {
		return s
	}
	exponent := superscript.Replace(s[n:])
	s = s[:n]
	if a := t.atoms[s]; a != nil {
		return printed(a.symbol, a.code) + exponent
	}
	for n := min(2, len(s)-1); n > 0; n-- {
		if pre, a := t.prefixes[s[:n]], t.atoms[s[n:]]; pre != nil && a != nil && a.metric {
			return printed(pre.symbol, pre.code) + printed(a.symbol, a.code) + exponent
		}
	}
	return s + exponent
}

func printed(symbol, code string) string {
	switch {
	case symbol == "":
		return code
	case symbol == "μ":
		return "µ" // the sign that keyboards have
	case code == "l" || code == "L":
		return "L" // a small l is too easily read as 1
	case code == "[iU]" || code == "[IU]":
		return "IU" // UCUM has i.U.
	}
	return strings.ReplaceAll(symbol, " ", "") // UCUM has m Hg, which nobody writes
}

var superscript = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹", "-", "⁻", "+", "")

// Known is a unit of UCUM's table.
type Known struct {
	Code, Name, Symbol string
	Property           string // what it measures
}

// Table lists UCUM's units, without prefixes, in UCUM's order.
func Table() []Known {
	t := load()
	out := make([]Known, len(t.order))
	for i, a := range t.order {
		out[i] = Known{a.code, a.name, a.symbol, a.property}
	}
	return out
}
