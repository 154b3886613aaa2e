package path

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"
)

// stringFunctions work on one string; positions count characters, not bytes.
var stringFunctions = map[string]*function{
	"indexOf": {min: 1, max: 1, eval: withString(func(m *machine, s, arg string, base int) error {
		return m.reply(base, IntegerOf(characters(s, strings.Index(s, arg))))
	})},
	"lastIndexOf": {min: 1, max: 1, eval: withString(func(m *machine, s, arg string, base int) error {
		return m.reply(base, IntegerOf(characters(s, strings.LastIndex(s, arg))))
	})},
	"substring": {min: 1, max: 2, eval: substring},
	"startsWith": {min: 1, max: 1, eval: withString(func(m *machine, s, arg string, base int) error {
		return m.replyBool(base, strings.HasPrefix(s, arg))
	})},
	"endsWith": {min: 1, max: 1, eval: withString(func(m *machine, s, arg string, base int) error {
		return m.replyBool(base, strings.HasSuffix(s, arg))
	})},
	"contains": {min: 1, max: 1, eval: withString(func(m *machine, s, arg string, base int) error {
		return m.replyBool(base, strings.Contains(s, arg))
	})},
	"upper": {eval: mapString(func(s string) (string, bool) { return strings.ToUpper(s), true })},
	"lower": {eval: mapString(func(s string) (string, bool) { return strings.ToLower(s), true })},
	"trim":  {eval: mapString(func(s string) (string, bool) { return strings.TrimSpace(s), true })},
	"replace": {min: 2, max: 2, eval: withStrings(2, func(m *machine, _ *call, s string, args []string, base int) error {
		if err := m.sized(len(s) + strings.Count(s, args[0])*len(args[1])); err != nil {
			return err
		}
		return m.reply(base, StringOf(strings.ReplaceAll(s, args[0], args[1])))
	})},
	"matches":        {min: 1, max: 1, prepare: compilePattern(false), eval: matches(false)},
	"matchesFull":    {min: 1, max: 1, prepare: compilePattern(true), eval: matches(true)},
	"replaceMatches": {min: 2, max: 2, prepare: compilePattern(false), eval: withStrings(2, replaceMatches)},
	"length": {eval: func(m *machine, _ *call, base int) error {
		s, ok, err := m.inputString(base)
		if err != nil || !ok {
			m.drop(base)
			return err
		}
		return m.reply(base, IntegerOf(int64(utf8.RuneCountInString(s))))
	}},
	"toChars": {eval: func(m *machine, _ *call, base int) error {
		s, ok, err := m.inputString(base)
		m.drop(base)
		if err != nil || !ok {
			return err
		}
		for i, r := range s {
			if err := m.push(StringOf(s[i : i+utf8.RuneLen(r)])); err != nil {
				return err
			}
		}
		return nil
	}},
	"split": {min: 1, max: 1, eval: withString(func(m *machine, s, arg string, base int) error {
		m.drop(base)
		for part := range strings.SplitSeq(s, arg) {
			if err := m.push(StringOf(part)); err != nil {
				return err
			}
		}
		return nil
	})},
	"join":     {max: 1, eval: join},
	"encode":   {min: 1, max: 1, eval: coded(encode)},
	"decode":   {min: 1, max: 1, eval: coded(decode)},
	"escape":   {min: 1, max: 1, eval: coded(escape)},
	"unescape": {min: 1, max: 1, eval: coded(unescapeText)},
}

// inputString is the one string that a function works on.
func (m *machine) inputString(base int) (string, bool, error) {
	v, ok, err := m.one(base, "this function works on one string")
	if err != nil || !ok {
		return "", false, err
	}
	s, isString := v.Str()
	if !isString {
		return "", false, failf("this function works on a String, not on a %s; use toString()", describe(v))
	}
	return s, true, nil
}

// argString evaluates an argument that must be a string.
func (m *machine) argString(n node) (string, bool, error) {
	v, ok, err := m.single(n)
	if err != nil || !ok {
		return "", false, err
	}
	s, isString := v.Str()
	if !isString {
		return "", false, failf("the argument is a String, not a %s", describe(v))
	}
	return s, true, nil
}

// withStrings makes a function of a string and count string arguments; nothing in, nothing out.
func withStrings(count int, f func(m *machine, c *call, s string, args []string, base int) error) func(*machine, *call, int) error {
	return func(m *machine, c *call, base int) error {
		s, ok, err := m.inputString(base)
		if err != nil || !ok {
			m.drop(base)
			return err
		}
		var args [2]string
		for i := range count {
			if args[i], ok, err = m.argString(c.args[i]); err != nil || !ok {
				m.drop(base)
				return err
			}
		}
		return f(m, c, s, args[:count], base)
	}
}

func withString(f func(m *machine, s, arg string, base int) error) func(*machine, *call, int) error {
	return withStrings(1, func(m *machine, _ *call, s string, args []string, base int) error {
		return f(m, s, args[0], base)
	})
}

func mapString(f func(string) (string, bool)) func(*machine, *call, int) error {
	return withStrings(0, func(m *machine, _ *call, s string, _ []string, base int) error {
		out, ok := f(s)
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, StringOf(out))
	})
}

// characters turns a byte offset into one in characters.
func characters(s string, offset int) int64 {
	if offset < 0 {
		return -1
	}
	return int64(utf8.RuneCountInString(s[:offset]))
}

func substring(m *machine, c *call, base int) error {
	s, ok, err := m.inputString(base)
	if err != nil || !ok {
		m.drop(base)
		return err
	}
	var bounds [2]int64
	bounds[1] = int64(len(s))
	for i, arg := range c.args {
		v, given, err := m.single(arg)
		if err != nil {
			return err
		}
		n, isInt := v.Int()
		switch {
		case given && !isInt:
			return failf("substring() takes Integers, not a %s", describe(v))
		case !given && i == 0:
			return m.replyEmpty(base)
		case given:
			bounds[i] = n
		}
	}
	if err := m.spend(len(s) / 64); err != nil {
		return err
	}
	runes := []rune(s)
	from := bounds[0]
	if from < 0 || from >= int64(len(runes)) {
		return m.replyEmpty(base)
	}
	to := min(int64(len(runes)), from+max(0, min(bounds[1], int64(len(runes)))))
	return m.reply(base, StringOf(string(runes[from:to])))
}

// maxPattern bounds a regular expression; the engine is linear, so the text need not be bounded too.
const maxPattern = 4096

func pattern(expression string, full bool) (*regexp.Regexp, error) {
	if len(expression) > maxPattern {
		return nil, failf("the regular expression has more than %d characters", maxPattern)
	}
	if full {
		expression = "^(?:" + expression + ")$"
	}
	re, err := regexp.Compile("(?s)" + expression) // the language reads . as any character, line ends too
	if err != nil {
		return nil, failf("the regular expression cannot be read: %v", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// compilePattern compiles a pattern that stands literally in the expression, once.
func compilePattern(full bool) func(*call) error {
	return func(c *call) error {
		lit, ok := c.args[0].(*constant)
		if !ok || len(lit.values) != 1 {
			return nil
		}
		s, ok := lit.values[0].Str()
		if !ok {
			return nil
		}
		re, err := pattern(s, full)
		if err != nil {
			return err
		}
		c.data = re
		return nil
	}
}

// patternOf is the compiled pattern of a call.
func (m *machine) patternOf(c *call, expression string, full bool) (*regexp.Regexp, error) {
	if re, ok := c.data.(*regexp.Regexp); ok {
		return re, nil
	}
	if err := m.spend(len(expression)); err != nil {
		return nil, err
	}
	return pattern(expression, full)
}

func matches(full bool) func(*machine, *call, int) error {
	return withStrings(1, func(m *machine, c *call, s string, args []string, base int) error {
		re, err := m.patternOf(c, args[0], full)
		if err != nil {
			return err
		}
		if err := m.spend(len(s) / 16); err != nil {
			return err
		}
		return m.replyBool(base, re.MatchString(s))
	})
}

func replaceMatches(m *machine, c *call, s string, args []string, base int) error {
	if args[0] == "" {
		return m.reply(base, StringOf(s))
	}
	re, err := m.patternOf(c, args[0], false)
	if err != nil {
		return err
	}
	if err := m.sized(len(s) + len(re.FindAllStringIndex(s, -1))*(len(args[1])+strings.Count(args[1], "$")*len(s))); err != nil {
		return err
	}
	return m.reply(base, StringOf(re.ReplaceAllString(s, braces.ReplaceAllString(args[1], "$${$1}"))))
}

// braces finds $1 and $name in a replacement, which Go would read on to the next non-letter.
var braces = regexp.MustCompile(`\$(\d+|[A-Za-z]\w*)`)

func join(m *machine, c *call, base int) error {
	separator := ""
	if len(c.args) > 0 {
		s, _, err := m.argString(c.args[0])
		if err != nil {
			return err
		}
		separator = s
	}
	if len(m.stack) == base {
		return nil
	}
	parts := make([]string, 0, len(m.stack)-base)
	total := 0
	for _, v := range m.from(base) {
		s, ok := v.Str()
		if !ok && v.HasValue() {
			return failf("join() joins Strings, not a %s", describe(v))
		}
		if ok {
			parts = append(parts, s)
			total += len(s) + len(separator)
		}
	}
	if err := m.sized(total); err != nil {
		return err
	}
	return m.reply(base, StringOf(strings.Join(parts, separator)))
}

// coded makes a function whose argument names a format.
func coded(f func(s, format string) (string, bool)) func(*machine, *call, int) error {
	return withString(func(m *machine, s, format string, base int) error {
		if err := m.sized(6 * len(s)); err != nil { // the most that escaping adds
			return err
		}
		out, ok := f(s, format)
		if !ok {
			return m.replyEmpty(base)
		}
		return m.reply(base, StringOf(out))
	})
}

func encode(s, format string) (string, bool) {
	switch format {
	case "hex":
		return hex.EncodeToString([]byte(s)), true
	case "base64":
		return base64.StdEncoding.EncodeToString([]byte(s)), true
	case "urlbase64":
		return base64.URLEncoding.EncodeToString([]byte(s)), true
	}
	return "", false
}

func decode(s, format string) (string, bool) {
	var b []byte
	var err error
	switch format {
	case "hex":
		b, err = hex.DecodeString(s)
	case "base64":
		b, err = base64.StdEncoding.DecodeString(s)
	case "urlbase64":
		b, err = base64.URLEncoding.DecodeString(s)
	default:
		return "", false
	}
	return string(b), err == nil && utf8.Valid(b)
}

func escape(s, format string) (string, bool) {
	switch format {
	case "html":
		return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(s), true
	case "json":
		var b strings.Builder
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(s) != nil {
			return "", false
		}
		quoted := strings.TrimSuffix(b.String(), "\n")
		return quoted[1 : len(quoted)-1], true
	}
	return "", false
}

func unescapeText(s, format string) (string, bool) {
	switch format {
	case "html":
		return html.UnescapeString(s), true
	case "json":
		var out string
		// A bare quote is taken as it is, so that text which was never escaped comes through.
		err := json.Unmarshal([]byte(`"`+bareQuote.ReplaceAllString(s, `$1\"`)+`"`), &out)
		return out, err == nil
	}
	return "", false
}

// bareQuote is a double quote that no odd backslash precedes.
var bareQuote = regexp.MustCompile(`((?:^|[^\\])(?:\\\\)*)"`)
