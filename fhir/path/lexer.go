package path

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd      tokenKind = iota
	tokIdent              // name, or a name in backticks (text is the name itself)
	tokString             // text is the value, escapes resolved
	tokNumber             // text is the digits
	tokTemporal           // @2015-01-01, @2015T, @T10:00; text includes the @
	tokSymbol             // punctuation and operators; text is the symbol
	tokVariable           // $this, $index, $total; text includes the $
	tokExternal           // %name; text is the name
)

type token struct {
	kind      tokenKind
	text      string
	at        int  // offset in the expression
	end       int  // offset behind it
	delimited bool // an identifier in backticks: never a keyword
}

// is reports whether the token is the symbol or bare word given.
func (t token) is(s string) bool {
	return t.text == s && (t.kind == tokSymbol || t.kind == tokIdent && !t.delimited)
}

func (t token) describe() string {
	switch t.kind {
	case tokEnd:
		return "the end of the expression"
	case tokString:
		return "a string"
	}
	return fmt.Sprintf("%q", t.text)
}

// lex cuts the expression into tokens; the last one is tokEnd.
func lex(src string) ([]token, error) {
	var out []token
	for i := 0; ; {
		next, err := skip(src, i)
		if err != nil {
			return nil, err
		}
		i = next
		if i >= len(src) {
			return append(out, token{kind: tokEnd, at: len(src), end: len(src)}), nil
		}
		t, err := scan(src, i)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		i = t.end
	}
}

// skip passes white space and comments.
func skip(src string, i int) (int, error) {
	for i < len(src) {
		switch {
		case src[i] == ' ' || src[i] == '\t' || src[i] == '\n' || src[i] == '\r':
			i++
		case strings.HasPrefix(src[i:], "\u00a0"): // non-breaking spaces come from web pages
			i += 2
		case strings.HasPrefix(src[i:], "//"):
			end := strings.IndexByte(src[i:], '\n')
			if end < 0 {
				return len(src), nil
			}
			i += end
		case strings.HasPrefix(src[i:], "/*"):
			end := strings.Index(src[i+2:], "*/")
			if end < 0 {
				return i, &Error{src, i, "this comment is never closed; end it with */"}
			}
			i += end + 4
		default:
			return i, nil
		}
	}
	return i, nil
}

func scan(src string, i int) (token, error) {
	c := src[i]
	switch {
	case isLetter(c):
		j := i + 1
		for j < len(src) && (isLetter(src[j]) || isDigit(src[j])) {
			j++
		}
		return token{kind: tokIdent, text: src[i:j], at: i, end: j}, nil
	case isDigit(c):
		j := digits(src, i)
		if j+1 < len(src) && src[j] == '.' && isDigit(src[j+1]) {
			j = digits(src, j+1)
		}
		return token{kind: tokNumber, text: src[i:j], at: i, end: j}, nil
	case c == '\'':
		return quoted(src, i, tokString)
	case c == '`':
		t, err := quoted(src, i, tokIdent)
		t.delimited = true
		return t, err
	case c == '@':
		j, err := scanTemporal(src, i)
		return token{kind: tokTemporal, text: src[i:j], at: i, end: j}, err
	case c == '$':
		j := i + 1
		for j < len(src) && isLetter(src[j]) {
			j++
		}
		switch src[i:j] {
		case "$this", "$index", "$total":
			return token{kind: tokVariable, text: src[i:j], at: i, end: j}, nil
		}
		return token{}, &Error{src, i, "an unknown variable; there are $this, $index and $total (others begin with %)"}
	case c == '%':
		return scanExternal(src, i)
	}
	for _, s := range [...]string{"!=", "!~", "<=", ">=", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "=", "~", "<", ">"} {
		if strings.HasPrefix(src[i:], s) {
			return token{kind: tokSymbol, text: s, at: i, end: i + len(s)}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(src[i:])
	if c == '"' {
		return token{}, &Error{src, i, "strings stand in single quotes; names with special characters in backticks"}
	}
	return token{}, &Error{src, i, fmt.Sprintf("the character %q has no meaning here", r)}
}

func scanExternal(src string, i int) (token, error) {
	j := i + 1
	if j < len(src) && (src[j] == '`' || src[j] == '\'' || src[j] == '"') {
		t, err := quoted(src, j, tokExternal)
		t.at = i
		return t, err
	}
	for j < len(src) && (isLetter(src[j]) || isDigit(src[j]) || src[j] == '-' && j+1 < len(src) && isLetter(src[j+1]) && isNamedSet(src[i+1:j])) {
		j++
	}
	if j == i+1 {
		return token{}, &Error{src, i, "after % the name of a variable must stand, such as %resource"}
	}
	return token{kind: tokExternal, text: src[i+1 : j], at: i, end: j}, nil
}

// isNamedSet allows the dashes of %vs-name and %ext-name, which old expressions write without backticks.
func isNamedSet(name string) bool {
	return name == "vs" || name == "ext" || strings.HasPrefix(name, "vs-") || strings.HasPrefix(name, "ext-")
}

// quoted reads a string, or a name in backticks, whose opening quote stands at i.
func quoted(src string, i int, kind tokenKind) (token, error) {
	quote := src[i]
	var b strings.Builder
	for j := i + 1; j < len(src); {
		c := src[j]
		switch {
		case c == quote:
			return token{kind: kind, text: b.String(), at: i, end: j + 1}, nil
		case c != '\\':
			b.WriteByte(c)
			j++
		case j+1 >= len(src):
			return token{}, &Error{src, i, "this string is never closed"}
		default:
			j++
			switch e := src[j]; e {
			case 'f':
				b.WriteByte('\f')
			case 'n':
				b.WriteByte('\n')
			case 'r':
				b.WriteByte('\r')
			case 't':
				b.WriteByte('\t')
			case '\\', '/', '\'', '"', '`':
				b.WriteByte(e)
			case 'u':
				r, ok := hexRune(src, j+1)
				if !ok {
					return token{}, &Error{src, j - 1, `after \u four hexadecimal digits must stand`}
				}
				b.WriteRune(r)
				j += 4
			default:
				return token{}, &Error{src, j - 1, `an unknown escape; there are \' \" \` + "`" + ` \\ \/ \f \n \r \t and \u with four hexadecimal digits`}
			}
			j++
		}
	}
	return token{}, &Error{src, i, "this string is never closed"}
}

func hexRune(src string, i int) (rune, bool) {
	if i+4 > len(src) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(src[i : i+4]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// scanTemporal finds the end of the date, dateTime or time literal at i. The parser judges its parts.
func scanTemporal(src string, i int) (int, error) {
	j := i + 1
	if j < len(src) && src[j] == 'T' {
		return scanClock(src, j+1), nil
	}
	j = digits(src, j)
	for range 2 {
		if j+1 < len(src) && src[j] == '-' && isDigit(src[j+1]) {
			j = digits(src, j+1)
		}
	}
	if j < len(src) && src[j] == 'T' {
		j = scanClock(src, j+1)
		if j < len(src) && src[j] == 'Z' {
			return j + 1, nil
		}
		if j+1 < len(src) && (src[j] == '+' || src[j] == '-') && isDigit(src[j+1]) {
			if k := digits(src, j+1); k == j+3 && k+1 < len(src) && src[k] == ':' && isDigit(src[k+1]) {
				j = digits(src, k+1)
			}
		}
	}
	if j == i+1 {
		return i, &Error{src, i, "after @ a date or time must stand, such as @2024-05-01, @2024-05-01T10:30:00Z or @T10:30"}
	}
	return j, nil
}

// scanClock passes hh:mm:ss.fff as far as it stands there.
func scanClock(src string, j int) int {
	j = digits(src, j)
	for range 2 {
		if j+1 < len(src) && src[j] == ':' && isDigit(src[j+1]) {
			j = digits(src, j+1)
		}
	}
	if j+1 < len(src) && src[j] == '.' && isDigit(src[j+1]) {
		j = digits(src, j+1)
	}
	return j
}

func digits(src string, i int) int {
	for i < len(src) && isDigit(src[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
