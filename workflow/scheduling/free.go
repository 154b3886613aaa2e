package scheduling

import (
	"context"
	"slices"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// step is the grid on which visits begin, counted from the beginning of the working time.
const step = 15 * time.Minute

// How far the search for free times goes: that many days are read at once, and that often.
const (
	daysAtOnce = 28
	readings   = 8
)

// taken reads when a provider is not free between two moments: visits, and times kept by a Slot. Appointments that somebody else made, without
// a Slot, count as well.
func taken(ctx context.Context, s *record.Session, who string, from, until time.Time) ([]span, error) {
	// A visit that begins before the time may reach into it.
	since, before := stamp(from.Add(-12*time.Hour)), stamp(until)
	var slots, visits *record.Page
	var err, visitErr error
	facts.Together(
		func() {
			slots, err = facts.Whole(ctx, s, record.Query{Type: "Slot", Strict: true, Params: facts.Params("schedule.actor", who, "status", "busy,busy-unavailable,busy-tentative", "start", "ge"+since, "start", "lt"+before, "_count", "1000")})
		},
		func() {
			visits, visitErr = facts.Whole(ctx, s, record.Query{Type: "Appointment", Strict: true, Params: facts.Params("actor", who, "status", liveStates, "date", "ge"+since, "date", "lt"+before, "_count", "1000")})
		},
	)
	if err != nil {
		return nil, err
	}
	if visitErr != nil {
		return nil, visitErr
	}
	var out []span
	for _, page := range []*record.Page{slots, visits} {
		for i := range page.Entries {
			v, err := fhir.View[struct {
				Identifier []fhir.Identifier
				Start, End fhir.Instant
				Minutes    int `fhir:"minutesDuration"`
			}](page.Entries[i].Resource())
			if err != nil {
				return nil, err
			}
			if covered(v.Identifier) {
				continue
			}
			s := span{v.Start.Time(), v.End.Time()}
			if v.End.IsZero() {
				s.until = s.from.Add(time.Duration(max(v.Minutes, 5)) * time.Minute)
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// liveStates are the states of an appointment that take the provider's time.
const liveStates = "proposed,pending,booked,arrived,fulfilled,checked-in,waitlist"

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// free are the times on one day at which a visit of so many minutes may begin: within working hours, not taken, not past.
func (b book) free(day time.Time, minutes int, taken []span, now time.Time) (out []time.Time) {
	for _, o := range b.open(day.Year(), day.Month(), day.Day()) {
		for at := o.from; !at.Add(time.Duration(minutes) * time.Minute).After(o.until); at = at.Add(step) {
			visit := span{at, at.Add(time.Duration(minutes) * time.Minute)}
			if at.After(now) && !slices.ContainsFunc(taken, visit.overlaps) {
				out = append(out, at)
			}
		}
	}
	return out
}

// next finds the next days with free times from a day on, at most so many days.
func (b book) next(ctx context.Context, s *record.Session, day time.Time, minutes, days int, now time.Time) (out [][]time.Time, err error) {
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, b.Zone)
	for range readings {
		end := at.AddDate(0, 0, daysAtOnce)
		busy, err := taken(ctx, s, b.Who.Reference, at, end)
		if err != nil {
			return nil, err
		}
		for d := at; d.Before(end); d = d.AddDate(0, 0, 1) {
			if times := b.free(d, minutes, busy, now); len(times) > 0 {
				if out = append(out, times); len(out) == days {
					return out, nil
				}
			}
		}
		at = end
	}
	return out, nil
}

// works reports whether a visit at a time lies within working hours.
func (b book) works(visit span) bool {
	local := visit.from.In(b.Zone)
	return slices.ContainsFunc(b.open(local.Year(), local.Month(), local.Day()), func(o span) bool {
		return !visit.from.Before(o.from) && !visit.until.After(o.until)
	})
}
