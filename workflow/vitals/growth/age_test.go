package growth

import (
	"testing"
	"time"
)

func TestDays(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		d, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2026-03-07 23:00", "2026-03-08 01:00", 1}, {"2026-03-08 00:30", "2026-03-09 00:10", 1}, // the night of 23 hours
		{"2026-11-01 00:30", "2026-11-02 23:50", 1}, {"2025-08-11 00:00", "2026-11-23 10:08", 469}, {"2026-01-02 00:00", "2026-01-01 23:59", -1},
	} {
		if got := Days(at(c.from), at(c.to)); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

func TestCorrection(t *testing.T) {
	for _, c := range []struct{ gestation, want int }{
		{0, 0}, {39 * 7, 0}, {37 * 7, 0}, {37*7 - 1, 22}, {28*7 + 3, 81}, {100, 0}, {19 * 7, 0},
	} {
		if got := Correction(c.gestation); got != c.want {
			t.Errorf("%d days of pregnancy: %d, want %d", c.gestation, got, c.want)
		}
	}
	for _, c := range []struct {
		days, correction, want int
		ok                     bool
	}{
		{100, 0, 100, true}, {100, 84, 16, true}, {83, 84, -1, false}, {84, 84, 0, true}, {-1, 0, -1, false},
		{730, 84, 646, true}, {731, 84, 731, true}, // 24 months
	} {
		got, ok := Corrected(c.days, c.correction)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%d days less %d: %d %t, want %d %t", c.days, c.correction, got, ok, c.want, c.ok)
		}
	}
}
