package scheduling

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t rapid.TB, name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

var zones = []string{"America/New_York", "America/Los_Angeles", "America/Phoenix", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "Africa/Cairo", "UTC"}

// Whatever the zone and the day: each free time shows on the wall clock of the site within the hours of that weekday, and none overlaps what is taken.
func TestFreeTimesKeepTheWallClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, z).AddDate(0, 0, rapid.IntRange(0, 1500).Draw(t, "day"))
		from := 5 * rapid.IntRange(4*12, 20*12).Draw(t, "from")
		until := from + 5*rapid.IntRange(1, 36).Draw(t, "length")
		b := book{Zone: z, Week: []window{{day.Weekday(), from, until}}}
		minutes := rapid.SampledFrom([]int{15, 30, 45, 60}).Draw(t, "minutes")
		lunch := span{wall(day.Year(), day.Month(), day.Day(), (from+until)/2, z), wall(day.Year(), day.Month(), day.Day(), (from+until)/2+10, z)}
		for _, at := range b.free(day, minutes, []span{lunch}, time.Time{}) {
			visit := span{at, at.Add(time.Duration(minutes) * time.Minute)}
			local := at.In(z)
			clock := local.Hour()*60 + local.Minute()
			if local.YearDay() != day.YearDay() || clock < from || clock+minutes > until && local.Hour() > 4 {
				t.Fatalf("%s for %d minutes is not within %d to %d", local, minutes, from, until)
			}
			if visit.overlaps(lunch) {
				t.Fatalf("%s is taken", local)
			}
			if !b.works(visit) {
				t.Fatalf("%s is offered, and not within working hours", local)
			}
		}
	})
}

// The hour of work is the same by the wall clock on both sides of a change of the clocks.
func TestChangeOfTheClocks(t *testing.T) {
	z := zone(t, "America/New_York")
	b := book{Zone: z, Week: []window{{time.Saturday, 8 * 60, 9 * 60}, {time.Sunday, 8 * 60, 9 * 60}, {time.Monday, 8 * 60, 9 * 60}, {time.Sunday, 1 * 60, 4 * 60}}}
	for _, c := range []struct{ day, want string }{
		{"2027-03-13", "2027-03-13T13:00:00Z"}, {"2027-03-15", "2027-03-15T12:00:00Z"}, // spring forward on the 14th
		{"2027-11-06", "2027-11-06T12:00:00Z"}, {"2027-11-08", "2027-11-08T13:00:00Z"}, // back on the 7th
	} {
		day, err := time.ParseInLocation(time.DateOnly, c.day, z)
		if err != nil {
			t.Fatal(err)
		}
		times := b.free(day, 60, nil, time.Time{})
		if len(times) != 1 || times[0].UTC().Format(time.RFC3339) != c.want {
			t.Errorf("%s: %v, want %s", c.day, times, c.want)
		}
	}
	// The night in which an hour is missing has two hours from one to four, the other one four: all are real, and none comes twice.
	for day, want := range map[string]int{"2027-03-14": 2, "2027-11-07": 4} {
		d, err := time.ParseInLocation(time.DateOnly, day, z)
		if err != nil {
			t.Fatal(err)
		}
		hours := 0.0
		for _, s := range b.open(d.Year(), d.Month(), d.Day()) {
			if s.from.In(z).Hour() < 8 {
				hours += s.until.Sub(s.from).Hours()
			}
		}
		if int(hours) != want {
			t.Errorf("%s: %v hours of work from one to four, want %d", day, hours, want)
		}
	}
}

func TestFromWhen(t *testing.T) {
	now := time.Date(2026, 11, 30, 10, 22, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"": "2026-11-30", "asap": "2026-11-30", "3 months": "2027-02-28", "in 3 months": "2027-02-28", "3m": "2027-02-28", "6w": "2027-01-11", "in 10 days": "2026-12-10", "1 year": "2027-11-30", "+2 weeks": "2026-12-14",
		"tomorrow": "2026-12-01", "24-Feb-2027": "2027-02-24", "2/24/2027": "2027-02-24", "Feb 2027": "2027-02-01", "Nov 2026": "2026-11-30", "t+7": "2026-12-07",
		"yesterday": "", "whenever": "", "29 Nov 2026": "", "2028": "", "99 years": "",
	} {
		day, ok := fromWhen(text, now)
		got := ""
		if ok {
			got = day.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestTypedHours(t *testing.T) {
	for text, want := range map[string]string{"8-12, 13-17": "08:00-12:00, 13:00-17:00", "08:30–12:05": "08:30-12:05", "9 to 10": "09:00-10:00", "": "", "8-8": "no", "12-8": "no", "8-12, 11-13": "no", "8:01-9": "no", "8-25": "no", "8": "no"} {
		w, ok := typedHours(text, time.Monday)
		got := book{Week: w}.text(time.Monday)
		if !ok {
			got = "no"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
