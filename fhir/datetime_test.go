package fhir_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

func TestDateTimeRange(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zones on this machine: ", err)
	}
	for _, c := range []struct {
		in        string
		precision fhir.Precision
		from, to  string
	}{
		{"2026", fhir.Year, "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z"},
		{"2026-12", fhir.Month, "2026-12-01T05:00:00Z", "2027-01-01T05:00:00Z"},
		{"2026-11-01", fhir.Day, "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"}, // 25 hours: the clock goes back
		{"2024-02-29", fhir.Day, "2024-02-29T05:00:00Z", "2024-03-01T05:00:00Z"},
		{"2026-11-24T09:30", fhir.Minute, "2026-11-24T14:30:00Z", "2026-11-24T14:31:00Z"},
		{"2026-11-24T09:30Z", fhir.Minute, "2026-11-24T09:30:00Z", "2026-11-24T09:31:00Z"},
		{"2026-11-24T09:30:15", fhir.Second, "2026-11-24T14:30:15Z", "2026-11-24T14:30:16Z"},
		{"2026-11-24T09:30:15+05:30", fhir.Second, "2026-11-24T04:00:15Z", "2026-11-24T04:00:16Z"},
		{"2026-11-24T09:30:15.5Z", fhir.Fraction, "2026-11-24T09:30:15.5Z", "2026-11-24T09:30:15.6Z"},
		{"2026-11-24T09:30:15.123Z", fhir.Fraction, "2026-11-24T09:30:15.123Z", "2026-11-24T09:30:15.124Z"},
		{"2026-11-24T09:30:15.123456789123Z", fhir.Fraction, "2026-11-24T09:30:15.123456789Z", "2026-11-24T09:30:15.12345679Z"},
		{"2016-12-31T23:59:60Z", fhir.Second, "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z"},
	} {
		d, err := fhir.ParseSearchDateTime(c.in)
		if err != nil {
			t.Error(err)
			continue
		}
		from, to := d.Range(newYork)
		if got := from.UTC().Format(time.RFC3339Nano); got != c.from {
			t.Errorf("%s begins at %s, want %s", c.in, got, c.from)
		}
		if got := to.UTC().Format(time.RFC3339Nano); got != c.to {
			t.Errorf("%s ends at %s, want %s", c.in, got, c.to)
		}
		if d.Precision() != c.precision || d.String() != c.in {
			t.Errorf("%s: precision %s, text %s", c.in, d.Precision(), d)
		}
	}
}

func TestWhatTemporalTypesAccept(t *testing.T) {
	accepts := map[string]func(string) error{
		"date":     func(s string) error { _, err := fhir.ParseDate(s); return err },
		"dateTime": func(s string) error { _, err := fhir.ParseDateTime(s); return err },
		"instant":  func(s string) error { _, err := fhir.ParseInstant(s); return err },
		"search":   func(s string) error { _, err := fhir.ParseSearchDateTime(s); return err },
		"time":     func(s string) error { _, err := fhir.ParseTime(s); return err },
	}
	for _, c := range []struct {
		in    string
		types string
	}{
		{"2026", "date dateTime search"},
		{"2026-02", "date dateTime search"},
		{"2026-02-28", "date dateTime search"},
		{"2026-11-24T09:30:15Z", "dateTime instant search"},
		{"2026-11-24T09:30:15.000-14:00", "dateTime instant search"},
		{"2026-11-24T09:30:15", "search"},
		{"2026-11-24T09:30Z", "search"},
		{"2026-11-24T09:30", "search"},
		{"09:30:15", "time"}, {"23:59:60.5", "time"},
		{"09:30", ""}, {"24:00:00", ""}, {"09:60:00", ""}, {"09:30:15Z", ""},
		{"", ""}, {"26", ""}, {"0000", ""}, {"2026-", ""}, {"2026-13", ""}, {"2026-00", ""}, {"2026-1", ""},
		{"2026-02-29", ""}, {"1900-02-29", ""}, {"2026-04-31", ""}, {"2026-11-24T", ""}, {"2026-11-24 09:30:15Z", ""},
		{"2026-11-24T09", ""}, {"2026-11-24T24:00:00Z", ""}, {"2026-11-24T09:30:15.Z", ""}, {"2026-11-24T09:30:15+14:01", ""},
		{"2026-11-24T09:30:15+0530", ""}, {"2026-11-24T09:30:15z", ""}, {"2026-11-24Z", ""}, {"２０２６", ""}, {"2026-11-24T09:30:15Z ", ""},
	} {
		for name, accept := range accepts {
			want := slices.Contains(strings.Fields(c.types), name)
			if got := accept(c.in) == nil; got != want {
				t.Errorf("%q as %s: accepted is %v", c.in, name, got)
			}
		}
	}
}

func TestTemporalCompare(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		order int
		known bool
	}{
		{"2026", "2027", -1, true},
		{"2026-11", "2026", 0, false},
		{"2026-11-24", "2026-11-23", 1, true},
		{"2026-11-24", "2026-11-24", 0, true},
		{"2026-11-24T09:00:00Z", "2026-11-24T10:00:00+01:00", 0, true},
		{"2026-11-24T09:00:00Z", "2026-11-24", 0, false},
		{"2026-11-24T09:00:00.5Z", "2026-11-24T09:00:00.500Z", 0, false},
		{"2026-11-24T09:00:00Z", "2026-11-23", 1, true},
	} {
		a, _ := fhir.ParseDateTime(c.a)
		b, _ := fhir.ParseDateTime(c.b)
		if order, known := a.Compare(b, nil); order != c.order || known != c.known {
			t.Errorf("%s against %s: %d, %v", c.a, c.b, order, known)
		}
	}
	if _, known := (fhir.Date{}).Compare(fhir.NewDate(2026, 1, 1)); known {
		t.Error("an absent date was compared")
	}
}

func TestTemporalMaking(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 30, 15, 123e6, time.FixedZone("", -5*3600))
	for got, want := range map[string]string{
		fhir.DateOf(at).String():                                   "2026-11-24",
		fhir.NewDate(2026, 12, 32).String():                        "2027-01-01",
		fhir.DateTimeOf(at, fhir.Year).String():                    "2026",
		fhir.DateTimeOf(at, fhir.Month).String():                   "2026-11",
		fhir.DateTimeOf(at, fhir.Day).String():                     "2026-11-24",
		fhir.DateTimeOf(at, fhir.Second).String():                  "2026-11-24T09:30:15-05:00",
		fhir.DateTimeOf(at, fhir.Fraction).String():                "2026-11-24T09:30:15.123-05:00",
		fhir.InstantOf(at).String():                                "2026-11-24T14:30:15.123Z",
		fhir.InstantOf(at).DateTime().Date().String():              "2026-11-24",
		fhir.NewTime(7, 5, 0).String():                             "07:05:00",
		fhir.NewTime(7, 5, 0).On(fhir.DateOf(at), nil).String():    "2026-11-24 07:05:00 +0000 UTC",
		fhir.NewTime(7, 5, 1).SinceMidnight().String():             "7h5m1s",
		fhir.DateTimeOf(at, fhir.NoPrecision).Precision().String(): "none",
		fhir.NewDate(2026, 1, 2).DateTime().Precision().String():   "day",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestPeriod(t *testing.T) {
	day, _ := fhir.ParseDateTime("2026-11-24")
	at := func(s string) time.Time { v, _ := time.Parse(time.RFC3339, s); return v }
	p := fhir.Period{Start: day, End: day}
	if !p.Contains(at("2026-11-24T23:59:59Z"), nil) || p.Contains(at("2026-11-25T00:00:00Z"), nil) || p.Contains(at("2026-11-23T23:59:59Z"), nil) {
		t.Error("an end of a day includes that day and no more")
	}
	if open := (fhir.Period{Start: day}); !open.Contains(at("2090-01-01T00:00:00Z"), nil) {
		t.Error("a missing end is open")
	}
	if open := (fhir.Period{End: day}); !open.Contains(at("1900-01-01T00:00:00Z"), nil) {
		t.Error("a missing start is open")
	}
}
