package path

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error tells what is wrong with an expression, or why it could not be evaluated.
// It never holds values from the document.
type Error struct {
	Expr   string // the whole expression
	Offset int    // byte offset in Expr; negative where no one place is to blame
	Reason string // what is wrong and what to do, in words
}

func (e *Error) Error() string {
	if e.Offset < 0 || e.Offset > len(e.Expr) {
		return "FHIRPath: " + e.Reason
	}
	line, column := 1, 1
	for _, r := range e.Expr[:e.Offset] {
		column++
		if r == '\n' {
			line, column = line+1, 1
		}
	}
	place := fmt.Sprintf("column %d", column)
	if line > 1 || strings.Contains(e.Expr, "\n") {
		place = fmt.Sprintf("line %d, column %d", line, column)
	}
	return fmt.Sprintf("FHIRPath, %s (%s): %s", place, excerpt(e.Expr, e.Offset), e.Reason)
}

// excerpt quotes the expression around offset, so that the place is seen at once.
func excerpt(s string, offset int) string {
	const before, after = 20, 30
	from, to := max(0, offset-before), min(len(s), offset+after)
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	out := s[from:offset] + "⟶" + s[offset:to]
	if from > 0 {
		out = "…" + out
	}
	if to < len(s) {
		out += "…"
	}
	return strings.Join(strings.Fields(out), " ")
}

// failf makes an evaluation error; the call that it comes from adds the place.
func failf(format string, args ...any) error {
	return &Error{Offset: -1, Reason: fmt.Sprintf(format, args...)}
}
