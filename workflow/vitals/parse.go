package vitals

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// entry is one vital sign as it was typed: number and unit are kept as they are.
type entry struct {
	sign   *sign
	value  amount
	second amount // the diastolic pressure
	oxygen amount // the flow of oxygen at which a saturation was measured, in L/min
}

// String is the entry as it is read: 128/82 mmHg, 97 % on 2 L/min.
func (e entry) String() string {
	s := e.value.String()
	if !e.second.isZero() {
		s = amount{e.value.number + "/" + e.second.number, e.value.unit}.String()
	}
	if !e.oxygen.isZero() {
		s += " on " + e.oxygen.String()
	}
	return s
}

// maxTyped bounds what one line or field may hold, in bytes.
const maxTyped = 400

// parseLine reads vital signs as they are said: "bp 128/82 p 72 t 37.1 w 81.5kg h 178cm". A sign is a word, then its number, then its
// unit unless it is the usual one; in any order, with commas, colons and line ends between them or not. A pressure needs no word. The
// error says what was not understood, in words for the person who typed it; nothing is guessed.
func parseLine(line string, in system) ([]entry, error) {
	if len(line) > maxTyped {
		return nil, fmt.Errorf("this is longer than a line of vital signs; write each sign once, such as bp 128/82 p 72")
	}
	var out []entry
	rest := line
	for {
		rest = strings.TrimLeft(rest, " \t\r\n,;.")
		if rest == "" {
			return out, nil
		}
		s, after := word(rest)
		if s == nil {
			if n, _ := number(rest); n == "" {
				return nil, fmt.Errorf("“%s” is no vital sign; write bp, p, t, r, spo2, w, h, l, hc or pain before the number", head1(rest))
			}
			// Only a pressure can be told by its form.
			if _, _, err := take(signOf(bloodPressure), rest, in); err != nil {
				n, _ := number(rest)
				return nil, fmt.Errorf("what is %s? Write the sign before the number, such as p %s", n, n)
			}
			s, after = signOf(bloodPressure), rest
		}
		after = strings.TrimLeft(after, " \t:=")
		if slices.ContainsFunc(out, func(e entry) bool { return e.sign == s }) {
			return nil, fmt.Errorf("%s stands there twice; leave one", lowered(s.label))
		}
		e, left, err := take(s, after, in)
		if err != nil {
			return nil, err
		}
		out, rest = append(out, e), left
	}
}

// parseField reads what was typed into the field of one sign.
func parseField(s *sign, text string, in system) (entry, error) {
	if len(text) > maxTyped {
		return entry{}, fmt.Errorf("this is too long for one number")
	}
	e, left, err := take(s, strings.TrimSpace(text), in)
	if err != nil {
		return entry{}, err
	}
	if left = strings.Trim(left, " \t."); left != "" {
		return entry{}, fmt.Errorf("“%s” was not understood; write it as %s", clip(left), example(s))
	}
	return e, nil
}

// word is the sign that text begins with the name of: the longest name that is followed by no further letter.
func word(text string) (*sign, string) {
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // letters whose small form has another length are in no name
		return nil, text
	}
	var found *sign
	best := 0
	for i := range signs {
		for _, w := range signs[i].words {
			if len(w) > best && strings.HasPrefix(lower, w) && !lettersFollow(text[len(w):]) {
				found, best = &signs[i], len(w)
			}
		}
	}
	return found, text[best:]
}

func lettersFollow(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsLetter(r)
}

// take reads the value of a sign at the start of text, and returns what stands behind it.
func take(s *sign, text string, in system) (entry, string, error) {
	n, left := number(text)
	if n == "" {
		return entry{}, text, fmt.Errorf("%s needs a number, such as %s", lowered(s.label), example(s))
	}
	if strings.HasPrefix(left, ",") && len(left) > 1 && left[1] >= '0' && left[1] <= '9' {
		return entry{}, text, fmt.Errorf("%s: write the decimals behind a point, such as 37.1, not behind a comma", lowered(s.label))
	}
	e := entry{sign: s}
	if s.name == bloodPressure {
		return takePressure(e, n, left, text)
	}
	if s.units[0].ucum == "cm" {
		if inches, after, ok := feet(n, left); ok {
			e.value = amount{inches, inch.ucum}
			return e, after, nil
		}
	}
	u, after, named := unitAt(s, left)
	if !named {
		u = in.defaultUnit(s)
	}
	e.value = amount{n, u.ucum}
	if s.name == weight && u.ucum == pound.ucum && named {
		if pounds, behind, ok := ounces(n, after); ok {
			e.value, after = amount{pounds, pound.ucum}, behind
		}
	}
	if s.name == saturation {
		e.oxygen, after = oxygenAt(after)
	}
	if lettersFollow(after) && !named {
		if w, _ := word(after); w == nil {
			return entry{}, text, fmt.Errorf("“%s” is no unit of %s; write %s", clip(letters(after)), lowered(s.label), unitNames(s))
		}
	}
	return e, after, nil
}

// takePressure reads the second number of a pressure.
func takePressure(e entry, n, left, text string) (entry, string, error) {
	between := strings.TrimLeft(left, " \t")
	slash := strings.HasPrefix(between, "/")
	if !slash {
		if low := strings.ToLower(between); strings.HasPrefix(low, "over ") {
			between, slash = between[len("over"):], true
		}
	}
	second := ""
	if slash {
		second, left = number(strings.TrimLeft(strings.TrimPrefix(between, "/"), " \t"))
	}
	if second == "" {
		return entry{}, text, fmt.Errorf("blood pressure is two numbers, such as 128/82")
	}
	if _, after, ok := unitAt(e.sign, left); ok {
		left = after
	}
	e.value, e.second = amount{n, mercury.ucum}, amount{second, mercury.ucum}
	return e, left, nil
}

// number is the decimal number that text begins with, as it stands; "" if there is none. A number without digits before its point is
// none: .5 may be a 1.5 whose first digit was not struck.
func number(text string) (n, rest string) {
	i := 0
	digits := func() int {
		from := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		return i - from
	}
	if whole := digits(); whole == 0 || whole > 6 {
		return "", text
	}
	if i+1 < len(text) && text[i] == '.' && text[i+1] >= '0' && text[i+1] <= '9' {
		i++
		if digits() > 6 {
			return "", text
		}
	}
	n = strings.TrimLeft(text[:i], "0")
	if n == "" || n[0] == '.' {
		n = "0" + n
	}
	return n, text[i:]
}

// unitAt is the unit of a sign that text begins with; the longest name that is followed by no further letter.
func unitAt(s *sign, text string) (unit, string, bool) {
	trimmed := strings.TrimLeft(text, " \t")
	lower := strings.ToLower(trimmed)
	if len(lower) != len(trimmed) {
		return unit{}, text, false
	}
	var found unit
	best := 0
	for _, u := range s.units {
		for _, w := range u.words {
			if len(w) > best && strings.HasPrefix(lower, w) && !lettersFollow(trimmed[len(w):]) {
				found, best = u, len(w)
			}
		}
	}
	if best == 0 {
		return unit{}, text, false
	}
	return found, trimmed[best:], true
}

// feet reads 5'10", 5 ft 10 in and 5'10 as inches, exactly.
func feet(n, left string) (inches, rest string, ok bool) {
	after, ok := marked(left, "'", "′", "’", "ft", "feet", "foot")
	if !ok || strings.Contains(n, ".") {
		return "", "", false
	}
	total := scaled(n, 12)
	more, behind := number(strings.TrimLeft(after, " \t"))
	if more == "" {
		return total.RatString(), after, true
	}
	extra, okay := new(big.Rat).SetString(more)
	if !okay || extra.Cmp(big.NewRat(12, 1)) >= 0 {
		return "", "", false // 5'72 is no height; and a number behind 5 ft may belong to something else
	}
	if done, ok := marked(behind, "\"", "″", "”", "in", "inches", "inch", "''"); ok {
		behind = done
	}
	return exact(total.Add(total, extra)), behind, true
}

// ounces reads the ounces behind pounds: 19 lb 3 oz is 19.1875 lb, exactly.
func ounces(n, left string) (pounds, rest string, ok bool) {
	more, behind := number(strings.TrimLeft(left, " \t"))
	if more == "" || strings.Contains(n, ".") {
		return "", "", false
	}
	behind, ok = marked(behind, "oz", "ounces", "ounce")
	if !ok {
		return "", "", false
	}
	extra, okay := new(big.Rat).SetString(more)
	if !okay || extra.Cmp(big.NewRat(16, 1)) >= 0 {
		return "", "", false
	}
	total := scaled(n, 1)
	return exact(total.Add(total, extra.Quo(extra, big.NewRat(16, 1)))), behind, true
}

// oxygenAt reads the flow of oxygen behind a saturation: on 2 L, 2L/min. "on air" is read and says nothing more.
func oxygenAt(left string) (amount, string) {
	text := strings.TrimLeft(left, " \t")
	if after, ok := marked(text, "on"); ok {
		text = strings.TrimLeft(after, " \t")
	}
	for _, air := range []string{"room air", "air", "ra"} {
		if after, ok := marked(text, air); ok {
			return amount{}, after
		}
	}
	n, after := number(text)
	if n == "" {
		return amount{}, left
	}
	if behind, ok := marked(after, "l/min", "lpm", "l", "liters", "litres"); ok {
		return amount{n, "L/min"}, behind
	}
	return amount{}, left
}

// marked is what stands behind one of the marks at the start of text; the longest counts, and no letter may follow one that is a word.
func marked(text string, marks ...string) (string, bool) {
	trimmed := strings.TrimLeft(text, " \t")
	lower := strings.ToLower(trimmed)
	if len(lower) != len(trimmed) {
		return text, false
	}
	best := 0
	for _, m := range marks {
		isWord := unicode.IsLetter(rune(m[len(m)-1])) && m[len(m)-1] < utf8.RuneSelf
		if len(m) > best && strings.HasPrefix(lower, m) && !(isWord && lettersFollow(trimmed[len(m):])) {
			best = len(m)
		}
	}
	return trimmed[best:], best > 0
}

func scaled(n string, by int64) *big.Rat {
	r, _ := new(big.Rat).SetString(n) // n comes from number, which reads decimals alone
	return r.Mul(r, big.NewRat(by, 1))
}

// exact writes a number that has finitely many decimals with all of them and no more.
func exact(r *big.Rat) string {
	s := r.FloatString(10)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// head1 is the first word of text, for a message.
func head1(text string) string {
	if i := strings.IndexAny(text, " \t\r\n,;"); i > 0 {
		text = text[:i]
	}
	return clip(text)
}

// letters are the letters that text begins with, after spaces.
func letters(text string) string {
	text = strings.TrimLeft(text, " \t")
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		return text[:i]
	}
	return text
}
