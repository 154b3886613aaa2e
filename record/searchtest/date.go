package searchtest

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
)

// span is an interval of time: from included, to not. A zero end is open.
type span struct{ from, to time.Time }

func spanOf(t time.Time) span { return span{t, t.Add(time.Millisecond)} }

// layouts of dates, with what each states.
var layouts = []struct {
	layout string
	next   func(time.Time) time.Time
}{
	{"2006", func(t time.Time) time.Time { return t.AddDate(1, 0, 0) }},
	{"2006-01", func(t time.Time) time.Time { return t.AddDate(0, 1, 0) }},
	{"2006-01-02", func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }},
	{"2006-01-02T15:04", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02T15:04Z07:00", func(t time.Time) time.Time { return t.Add(time.Minute) }},
	{"2006-01-02T15:04:05", nil},
	{"2006-01-02T15:04:05Z07:00", nil},
}

// parseDate gives the interval that a date states to its precision. Without a zone it is in UTC, the zone of
// the server.
func parseDate(s string) (span, bool) {
	for _, l := range layouts {
		t, err := time.Parse(l.layout, s)
		if err != nil {
			continue
		}
		if l.next != nil {
			return span{t, l.next(t)}, true
		}
		unit := time.Second
		if _, fraction, ok := strings.Cut(s, "."); ok {
			digits := strings.IndexFunc(fraction, func(r rune) bool { return r < '0' || r > '9' })
			if digits < 0 {
				digits = len(fraction)
			}
			for range digits {
				unit /= 10
			}
		}
		return span{t, t.Add(max(unit, 1))}, true
	}
	return span{}, false
}

func parseNode(n fhir.Node) (span, bool) { return parseDate(n.Text()) }

// dateSpan is the interval of a value, by the chapter's table of the types that dates can be.
func dateSpan(v path.Value) (span, bool) {
	n := v.Node()
	switch v.TypeName() {
	case "Period":
		return period(n)
	case "Timing":
		// "The specified scheduling details are ignored and only the outer limits matter."
		var out span
		found := false
		for e := range n.Get("event").Values() {
			if s, ok := parseNode(e); ok {
				if !found || s.from.Before(out.from) {
					out.from = s.from
				}
				if !found || s.to.After(out.to) {
					out.to = s.to
				}
				found = true
			}
		}
		if found {
			return out, true
		}
		return period(n.Get("repeat").Get("boundsPeriod"))
	}
	if v.Kind() == path.Complex {
		return span{}, false
	}
	return parseDate(v.Text())
}

// period: "a missing lower boundary is less than any actual date; a missing upper boundary greater".
func period(n fhir.Node) (s span, ok bool) {
	if from, is := parseNode(n.Get("start")); is {
		s.from, ok = from.from, true
	}
	if to, is := parseNode(n.Get("end")); is {
		s.to, ok = to.to, true
	}
	return s, ok
}

// prefixed takes the comparison off a value.
func prefixed(s string) (op, rest string) {
	if len(s) > 2 && strings.Contains(" eq ne gt lt ge le sa eb ap ", " "+s[:2]+" ") {
		return s[:2], s[2:]
	}
	return "eq", s
}

// dateMatches compares by the chapter's table of prefixes: v is the target's range, the search's is s.
func dateMatches(v span, want string) bool {
	op, rest := prefixed(want)
	s, ok := parseDate(rest)
	if !ok {
		panic("not a date: " + want)
	}
	contained := !v.from.IsZero() && !v.to.IsZero() && !v.from.Before(s.from) && !v.to.After(s.to)
	above := v.to.IsZero() || v.to.After(s.to)        // the range above s overlaps v
	below := v.from.IsZero() || v.from.Before(s.from) // the range below s overlaps v
	after := !v.from.IsZero() && !v.from.Before(s.to) // the range above s contains v
	before := !v.to.IsZero() && !v.to.After(s.from)   // the range below s contains v
	overlap := !after && !before
	switch op {
	case "eq":
		return contained
	case "ne":
		return !contained
	case "gt":
		return above
	case "lt":
		return below
	case "ge":
		return above || contained
	case "le":
		return below || contained
	case "sa":
		return after
	case "eb":
		return before
	}
	return overlap // ap: the width of the approximation is the server's choice; here there is none
}
