package format

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func day(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		if t, err = time.Parse("2006-01-02", s); err != nil {
			panic(err)
		}
	}
	return t
}

func TestDates(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no time zone data on this machine")
	}
	for _, c := range []struct{ in, date, dateTime string }{
		{"1968-07-14", "14-Jul-1968", "14-Jul-1968"},
		{"1968-07", "Jul-1968", "Jul-1968"},
		{"1968", "1968", "1968"},
		{"2026-11-20T13:12:00Z", "20-Nov-2026", "20-Nov-2026, 08:12"},
		{"2026-11-21T03:30:00Z", "20-Nov-2026", "20-Nov-2026, 22:30"}, // the patient's own evening, not the next day
		{"2026-11-20T08:12:00.250-05:00", "20-Nov-2026", "20-Nov-2026, 08:12"},
		{"", "Not known", "Not known"},
		{"spring 1968", "spring 1968", "spring 1968"},
		{"1968-13-40", "1968-13-40", "1968-13-40"},
	} {
		if got := FHIRDate(c.in, ny); got != c.date {
			t.Errorf("FHIRDate(%q) = %q, want %q", c.in, got, c.date)
		}
		if got := FHIRDateTime(c.in, ny); got != c.dateTime {
			t.Errorf("FHIRDateTime(%q) = %q, want %q", c.in, got, c.dateTime)
		}
	}
	if got := LongDate(day("1968-07-04")); got != "4 July 1968" {
		t.Errorf("LongDate = %q", got)
	}
	if got := Time(day("2026-01-01 09:05")); got != "09:05" {
		t.Errorf("Time = %q", got)
	}
}

func TestAge(t *testing.T) {
	for _, c := range []struct{ born, now, full, short string }{
		{"2026-11-23 09:25", "2026-11-23 10:00", "35 min", "35 min"},
		{"2026-11-23 09:25", "2026-11-23 11:24", "119 min", "119 min"},
		{"2026-11-23 09:25", "2026-11-23 11:25", "2 h", "2 h"},
		{"2026-11-22 03:00", "2026-11-23 10:00", "31 h", "31 h"},
		{"2026-11-21 10:00", "2026-11-23 10:00", "2 d", "2 d"},
		{"2026-11-02", "2026-11-23", "21 d", "21 d"},
		{"2026-10-27", "2026-11-23", "27 d", "27 d"},
		{"2026-10-26", "2026-11-23", "4 w", "4 w"},
		{"2026-10-01", "2026-11-23", "7 w 4 d", "7 w"},
		{"2025-11-24", "2026-11-23", "52 w", "52 w"},
		{"2025-11-23", "2026-11-23", "12 m", "12 m"},
		{"2025-08-11", "2026-11-23", "15 m 12 d", "15 m"},
		{"2024-11-24", "2026-11-23", "23 m 30 d", "23 m"},
		{"2024-11-23", "2026-11-23", "2 y", "2 y"},
		{"2019-06-11", "2026-11-23", "7 y 5 m", "7 y"},
		{"2008-11-24", "2026-11-23", "17 y 11 m", "17 y"},
		{"2008-11-23", "2026-11-23", "18 y", "18 y"},
		{"1968-07-14", "2026-11-23", "58 y", "58 y"},
		{"1968-11-24", "2026-11-23", "57 y", "57 y"},
		{"2004-02-29", "2026-02-28", "21 y", "21 y"},
		{"2004-02-29", "2026-03-01", "22 y", "22 y"},
		{"2027-01-01", "2026-11-23", "Not known", "Not known"},
	} {
		if got := Age(day(c.born), day(c.now)); got != c.full {
			t.Errorf("Age(%s, %s) = %q, want %q", c.born, c.now, got, c.full)
		}
		if got := AgeShort(day(c.born), day(c.now)); got != c.short {
			t.Errorf("AgeShort(%s, %s) = %q, want %q", c.born, c.now, got, c.short)
		}
	}
}

func TestPartialAge(t *testing.T) {
	now := day("2026-11-23 10:22")
	for _, c := range []struct{ born, want string }{
		{"1968-07-14", "58 y"},
		{"1968-07", "58 y"},
		{"1968-11", "57 or 58 y"},
		{"1968", "57 or 58 y"},
		{"2026-11-23", "0 d"},
		{"2026-11-22", "1 d"}, // a day of birth cannot tell hours
		{"2025-08-11", "15 m 12 d"},
		{"2025", "46 w to 22 m"},
		{"2026", "newborn to 46 w"},
	} {
		p, ok := Parse(c.born, time.UTC)
		if !ok {
			t.Fatalf("Parse(%q) failed", c.born)
		}
		if got := PartialAge(p, now); got != c.want {
			t.Errorf("PartialAge(%s) = %q, want %q", c.born, got, c.want)
		}
	}
	p, _ := Parse("1938-01-12", time.UTC)
	if got := AgeAtDeath(p, day("2026-11-03")); got != "88 y at death" {
		t.Errorf("AgeAtDeath = %q", got)
	}
	if got := PartialAge(Partial{}, now); got != NotKnown {
		t.Errorf("PartialAge of no date = %q", got)
	}
}

// A day later nobody is younger, and months never run past the day they count to.
func TestAgeCountsForwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		birth := day("1990-01-01").AddDate(0, 0, rapid.IntRange(0, 12000).Draw(t, "birth"))
		now := birth.AddDate(0, 0, rapid.IntRange(0, 12000).Draw(t, "lived"))
		if months(birth, now) > months(birth, now.AddDate(0, 0, 1)) {
			t.Fatalf("younger a day later: born %v at %v", birth, now)
		}
		if y := years(birth, now); y >= 1 && y < 2 {
			if d := daysBetween(addMonths(birth, months(birth, now)), now); d < 0 || d > 31 {
				t.Fatalf("%d days beyond whole months: born %v at %v", d, birth, now)
			}
		}
	})
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name               PersonName
		full, short, initl string
	}{
		{PersonName{Family: "Okafor", Given: "Adaeze", Preferred: "Ada"}, "OKAFOR, Adaeze (Ada)", "OKAFOR, A", "AO"},
		{PersonName{Family: "Lee", Given: "Daniel", Preferred: "Daniel"}, "LEE, Daniel", "LEE, D", "DL"},
		{PersonName{Family: "Groß", Given: "élise"}, "GROSS, élise", "GROSS, É", "ÉG"},
		{PersonName{Family: "Suharto"}, "SUHARTO", "SUHARTO", "S"},
		{PersonName{Given: "Teller"}, "Teller", "Teller", "T"},
		{PersonName{}, "Name not known", "Name not known", ""},
	} {
		if got := c.name.Full(); got != c.full {
			t.Errorf("Full = %q, want %q", got, c.full)
		}
		if got := c.name.Short(); got != c.short {
			t.Errorf("Short = %q, want %q", got, c.short)
		}
		if got := c.name.Initials(); got != c.initl {
			t.Errorf("Initials = %q, want %q", got, c.initl)
		}
	}
}

func TestRecordNumber(t *testing.T) {
	for in, want := range map[string]string{
		"100482771": "100 482 771", "1004827714": "100 482 7714", "10048277142": "100 482 771 42", "482771": "482771",
		"MRN-100482": "MRN-100482", "": "", "0ca1d0a7-98ce": "0ca1d0a7-98ce",
	} {
		if got := RecordNumber(in); got != want {
			t.Errorf("RecordNumber(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDose(t *testing.T) {
	for _, c := range []struct{ number, unit, want string }{
		{"1000", "mg", "1,000 mg"},
		{"1000.00", "mg", "1,000 mg"},
		{".5", "mg", "0.5 mg"},
		{"5.0", "mg", "5 mg"},
		{"0.50", "mL", "0.5 mL"},
		{"75", "mcg", "75 micrograms"},
		{"75", "ug", "75 micrograms"},
		{"10", "U", "10 units"},
		{"400", "[iU]", "400 international units"},
		{"100", "mg", "100 mg"},
		{"10", "", "10"},
		{"1234567.8900", "units", "1,234,567.89 units"},
		{"1-2", "{tbl}", "1-2 tablet"}, // not a number: as received
		{"half", "tablet", "half tablet"},
	} {
		if got := Dose(c.number, c.unit); got != c.want {
			t.Errorf("Dose(%q, %q) = %q, want %q", c.number, c.unit, got, c.want)
		}
	}
}

// A dose number keeps its value and never shows a form that the do-not-use list bars.
func TestDoseNumberIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[0-9]{0,7}\.[0-9]{1,4}`).Draw(t, "number")
		got := DoseNumber(in)
		if got[0] == '.' || (got[len(got)-1] == '0' && contains(got, '.')) || got[len(got)-1] == '.' {
			t.Fatalf("DoseNumber(%q) = %q", in, got)
		}
		if a, b := ratOf(in), ratOf(got); a.Cmp(b) != 0 {
			t.Fatalf("DoseNumber(%q) = %q changes the value", in, got)
		}
	})
}

func TestQuantity(t *testing.T) {
	for _, c := range []struct{ number, unit, want string }{
		{"1.50", "mmol/L", "1.50 mmol/L"}, // a laboratory's trailing zero is information
		{"98", "%", "98 %"},
		{"78.4", "kg", "78.4 kg"},
		{"148", "mm[Hg]", "148 mmHg"},
		{"52", "mL/min/{1.73_m2}", "52 mL/min/1.73 m²"},
		{"36.7", "Cel", "36.7 °C"},
		{"-2.5", "", "−2.5"},
		{"12500", "/uL", "12,500 /µL"},
		{"4", "{score}", "4"},
		{"3", "{cigarettes}/d", "3 {cigarettes}/d"},
	} {
		if got := Quantity(c.number, c.unit); got != c.want {
			t.Errorf("Quantity(%q, %q) = %q, want %q", c.number, c.unit, got, c.want)
		}
	}
}

func TestChangeRangeComparator(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"4.9", "5.6", "+0.7"}, {"11.7", "10.9", "−0.8"}, {"58", "52", "−6"}, {"5", "5.60", "+0.60"}, {"7", "7.0", "no change"}, {"1000", "2500", "+1,500"},
	} {
		if got, ok := Change(c.from, c.to); !ok || got != c.want {
			t.Errorf("Change(%s, %s) = %q %v, want %q", c.from, c.to, got, ok, c.want)
		}
	}
	if _, ok := Change("negative", "1"); ok {
		t.Error("Change of a word reported a number")
	}
	for _, c := range []struct{ low, high, want string }{
		{"3.5", "5.1", "3.5–5.1"}, {"60", "", "60 or more"}, {"", "100", "100 or less"}, {"", "", ""},
	} {
		if got := Range(c.low, c.high); got != c.want {
			t.Errorf("Range(%q, %q) = %q, want %q", c.low, c.high, got, c.want)
		}
	}
	if got := Comparator("<", "5"); got != "below 5" {
		t.Errorf("Comparator = %q", got)
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		20 * time.Second: "now", 41 * time.Minute: "41 min", 119 * time.Minute: "1 h", 23 * time.Hour: "23 h", 24 * time.Hour: "1 day", 300 * time.Hour: "12 days",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("Elapsed(%v) = %q, want %q", d, got, want)
		}
	}
}
