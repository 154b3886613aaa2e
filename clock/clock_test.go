package clock

import (
	"testing"
	"time"
)

func TestFixedMovesOnlyWhenTold(t *testing.T) {
	start := time.Date(2024, 2, 29, 7, 0, 0, 0, time.UTC)
	c := At(start)
	if got := c.Now(); !got.Equal(start) {
		t.Errorf("stands at %v", got)
	}
	c.Advance(90 * time.Minute)
	if got := c.Now(); !got.Equal(start.Add(90 * time.Minute)) {
		t.Errorf("after an advance: %v", got)
	}
	c.Set(start.Add(-time.Hour))
	if got := c.Now(); !got.Equal(start.Add(-time.Hour)) {
		t.Errorf("after being set: %v", got)
	}
}

func TestSystemIsInUTC(t *testing.T) {
	got := System{}.Now()
	if got.Location() != time.UTC || time.Since(got).Abs() > time.Minute {
		t.Errorf("got %v", got)
	}
}
