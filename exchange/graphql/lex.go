package graphql

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	punctToken
	numberToken
	stringToken
)

type token struct {
	kind tokenKind
	text string
	at   int
}

func (t token) String() string {
	if t.kind == endToken {
		return "the end of the query"
	}
	return strconv.Quote(t.text)
}

// lex takes a query apart. (section 2.1)
func lex(src string) (out []token, err error) {
	if !utf8.ValidString(src) {
		return nil, wrong(-1, "the query is not UTF-8")
	}
	src = strings.TrimPrefix(src, "\ufeff")
	for i := 0; i < len(src); {
		c := src[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',':
			i++
		case c == '#':
			for i < len(src) && src[i] != '\n' && src[i] != '\r' {
				i++
			}
		case letter(c):
			end := i
			for end < len(src) && (letter(src[end]) || digit(src[end])) {
				end++
			}
			out = append(out, token{nameToken, src[i:end], i})
			i = end
		case c == '.' && strings.HasPrefix(src[i:], "..."):
			out = append(out, token{punctToken, "...", i})
			i += 3
		case strings.IndexByte("!$&()[]{}:=@|", c) >= 0:
			out = append(out, token{punctToken, src[i : i+1], i})
			i++
		case c == '-' || digit(c):
			end := number(src, i)
			if end < 0 {
				return nil, wrong(i, "this is not a number")
			}
			out = append(out, token{numberToken, src[i:end], i})
			i = end
		case c == '"':
			text, end, ok := quoted(src, i)
			if !ok {
				return nil, wrong(i, "this text does not end, or has an escape that is none")
			}
			out = append(out, token{stringToken, text, i})
			i = end
		default:
			return nil, wrong(i, "a query cannot have %q here", src[i:i+1])
		}
	}
	return append(out, token{at: len(src)}), nil
}

func letter(c byte) bool { return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }

// number is the end of the number that begins at i; -1 if it is none.
func number(src string, i int) int {
	digits := func() bool {
		from := i
		for i < len(src) && digit(src[i]) {
			i++
		}
		return i > from
	}
	if src[i] == '-' {
		i++
	}
	from := i
	if !digits() || i-from > 1 && src[from] == '0' {
		return -1
	}
	if i < len(src) && src[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(src) && (src[i] == 'e' || src[i] == 'E') {
		if i++; i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	if i < len(src) && (letter(src[i]) || src[i] == '.') {
		return -1
	}
	return i
}

// quoted reads a string, or a block string, and gives where it ends.
func quoted(src string, i int) (text string, end int, ok bool) {
	if strings.HasPrefix(src[i:], `"""`) {
		var b strings.Builder
		for i += 3; i < len(src); {
			switch {
			case strings.HasPrefix(src[i:], `\"""`):
				b.WriteString(`"""`)
				i += 4
			case strings.HasPrefix(src[i:], `"""`):
				return outdented(b.String()), i + 3, true
			default:
				b.WriteByte(src[i])
				i++
			}
		}
		return "", 0, false
	}
	end = i + 1
	for end < len(src) && src[end] != '"' {
		if src[end] == '\n' || src[end] == '\r' {
			return "", 0, false
		}
		if src[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(src) {
		return "", 0, false
	}
	// The escapes are those of JSON, which knows a tab as an escape alone.
	if err := json.Unmarshal([]byte(strings.ReplaceAll(src[i:end+1], "\t", `\t`)), &text); err != nil {
		return "", 0, false
	}
	return text, end + 1, true
}

// outdented is the value of a block string: without the indent that its lines have in common, and without blank lines
// around it. (section 2.9.4)
func outdented(raw string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(raw, "\r\n", "\n"), "\r", "\n"), "\n")
	common := -1
	blank := func(s string) bool { return strings.Trim(s, " \t") == "" }
	for _, l := range lines[1:] {
		if indent := len(l) - len(strings.TrimLeft(l, " \t")); !blank(l) && (common < 0 || indent < common) {
			common = indent
		}
	}
	for i, l := range lines[1:] {
		lines[i+1] = l[min(max(common, 0), len(l)):]
	}
	for len(lines) > 0 && blank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && blank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}
