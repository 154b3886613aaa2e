package forecast

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDatePlusSpan(t *testing.T) {
	for _, c := range []struct{ from, span, want string }{
		{"2025-09-06", "2 months", "2025-11-06"},
		{"2025-01-31", "1 month", "2025-03-01"}, // February has no 31st: the first of the next month
		{"2024-02-29", "1 year", "2025-03-01"},
		{"2024-02-29", "4 years", "2028-02-29"},
		{"2025-12-31", "2 months", "2026-03-01"},
		{"2025-08-31", "6 months - 4 days", "2026-02-25"},
		{"2025-01-01", "12 months - 4 days", "2025-12-28"},
		{"2025-01-01", "5 months + 4 weeks", "2025-06-29"},
		{"2025-01-01", "0 days", "2025-01-01"},
		{"2025-01-01", "", ""},
		{"", "1 year", ""},
	} {
		var from Date
		if c.from != "" {
			from, _ = ParseDate(c.from)
		}
		span, err := parseSpan(c.span)
		if err != nil {
			t.Fatal(err)
		}
		if got := from.plus(span).String(); got != c.want {
			t.Errorf("%s plus %q is %q, want %q", c.from, c.span, got, c.want)
		}
	}
}

func TestSpanThatIsNone(t *testing.T) {
	for _, s := range []string{"5", "x days", "5 moons", "5 months 3", "99999999 days"} {
		if got, err := parseSpan(s); err == nil {
			t.Errorf("%q reads as %v", s, got)
		}
	}
}

func TestSpanWords(t *testing.T) {
	for s, want := range map[string]string{"6 weeks": "6 weeks", "1 year": "1 year", "6 weeks - 4 days": "6 weeks less 4 days", "12 months - 4 days": "12 months less 4 days", "28 days": "4 weeks", "21 days": "3 weeks", "0 days": "0 days",
		"15 months + 4 weeks": "15 months 4 weeks", "": "", "10 days": "10 days", "24 days": "24 days"} {
		span, err := parseSpan(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := span.String(); got != want && !(s == "24 days" && got == "4 weeks less 4 days") {
			t.Errorf("%q in words is %q, want %q", s, got, want)
		}
	}
}

func TestDateIsTheCalendars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 60000).Draw(t, "days"))
		d := DateOf(day)
		if !d.Time().Equal(day) {
			t.Fatalf("%v became %v", day, d.Time())
		}
		back, err := ParseDate(d.String())
		if err != nil || back != d || DateOf(day.AddDate(0, 0, 1)) != d+1 {
			t.Fatalf("%v: %v, %v", d, back, err)
		}
	})
}
