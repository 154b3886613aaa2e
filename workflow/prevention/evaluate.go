package prevention

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/format"
)

// Person is what of a patient decides which recommendations suit.
type Person struct {
	Birth    time.Time // first day that it may be
	Known    bool      // the birth date is
	Sex      string    // "female", "male"; anything else leaves out what is for one sex alone
	Has      map[condition]bool
	Unsure   map[condition]string // what is missing to tell whether a condition holds
	Deceased bool
}

// Done is a test that was done.
type Done struct {
	Test string
	On   time.Time
}

// Decision is a choice not to do what is recommended.
type Decision struct {
	ID     string // of the ServiceRequest
	Reason string
	Until  time.Time // zero = for good
}

// State is where a patient stands with a recommendation.
type State int

// The states, in the order in which they are shown.
const (
	Overdue State = iota
	Due
	Soon // within two months
	UpToDate
	LeftOut
)

// soon is how long before its date a test is shown as coming up.
const soon = 2 // months

// Standing is one recommendation for one patient.
type Standing struct {
	*Recommendation
	State State
	On    time.Time // when it is or was due; zero = now, because it was never done
	Last  *Done     // the newest test that counts
	Why   string    // why it applies: "Women 40 to 74"
	Ask   string    // what must be asked before: "20 pack-years or more"
	Left  *Decision
}

// Due says when, as the chart shows it: "overdue 02-Sep-2026", "due 14-Dec-2026", "due now".
func (s Standing) Due() string {
	switch {
	case s.State == LeftOut && s.Left.Until.IsZero():
		return "left out"
	case s.State == LeftOut:
		return "left out until " + format.Date(s.Left.Until)
	case s.State == UpToDate && s.On.IsZero():
		return "done"
	case s.State == UpToDate, s.State == Soon:
		return "due " + format.Date(s.On)
	case s.State == Overdue:
		return "overdue " + format.Date(s.On)
	}
	return "due now"
}

// age in whole years on a day; someone born on 29 February has the birthday on 1 March of other years.
func age(birth, now time.Time) int {
	years := now.Year() - birth.Year()
	if now.Month() < birth.Month() || now.Month() == birth.Month() && now.Day() < birth.Day() {
		years--
	}
	return years
}

// suits reports whether a recommendation applies to a person, and why.
func (r *Recommendation) suits(p Person, now time.Time) (why, ask string, ok bool) {
	if p.Deceased || r.Sex != "" && r.Sex != p.Sex {
		return "", "", false
	}
	if r.From > 0 || r.To > 0 {
		if !p.Known {
			return "", "", false
		}
		if years := age(p.Birth, now); years < r.From || r.To > 0 && years > r.To {
			return "", "", false
		}
		why = map[string]string{"": "Ages", "female": "Women", "male": "Men"}[r.Sex] + " " + strconv.Itoa(r.From)
		if r.To > 0 {
			why += " to " + strconv.Itoa(r.To)
		} else {
			why += " and older"
		}
	}
	asks := []string{}
	for _, c := range r.If {
		switch missing := p.Unsure[c]; {
		case missing != "":
			asks = append(asks, missing)
		case c == noDiabetes && !p.Has[diabetes]:
		case !p.Has[c]:
			return "", "", false
		}
		if c == noDiabetes {
			continue
		}
		if why != "" {
			why += ", "
		}
		why += words[c]
	}
	if r.Ask != "" {
		asks = append(asks, r.Ask)
	}
	return strings.ToUpper(why[:1]) + why[1:], strings.Join(asks, "; "), true
}

// Evaluate tells where a patient stands: what suits, by urgency. done gives the tests that were done for a recommendation,
// newest first; left what was decided.
func Evaluate(p Person, done map[string][]Done, left map[string]Decision, now time.Time) []Standing {
	var out []Standing
	for i := range recommendations {
		r := &recommendations[i]
		why, ask, ok := r.suits(p, now)
		if !ok {
			continue
		}
		s := Standing{Recommendation: r, Why: why, Ask: ask}
		s.place(done[r.ID], p, now)
		if d, ok := left[r.ID]; ok && (d.Until.IsZero() || d.Until.After(now)) {
			s.State, s.Left = LeftOut, &d
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b Standing) int {
		return cmp.Or(cmp.Compare(a.State, b.State), a.On.Compare(b.On))
	})
	return out
}

// place finds the test that lasts longest, and from it the state.
func (s *Standing) place(done []Done, p Person, now time.Time) {
	s.State = Due
	lasts := func(d Done) (until time.Time, forLife, counts bool) {
		for _, t := range s.Tests {
			if t.Name == d.Test && (t.From == 0 || p.Known && age(p.Birth, d.On) >= t.From) {
				return d.On.AddDate(0, t.Months, 0), t.Months == 0, true
			}
		}
		return time.Time{}, false, false
	}
	for _, d := range done {
		until, forLife, counts := lasts(d)
		if !counts || d.On.After(now) {
			continue
		}
		if forLife {
			s.State, s.On, s.Last = UpToDate, time.Time{}, &d
			return
		}
		if s.Last == nil || until.After(s.On) {
			s.On, s.Last = until, &d
		}
	}
	switch {
	case s.Last == nil:
	case s.On.After(now.AddDate(0, soon, 0)):
		s.State = UpToDate
	case s.On.After(now):
		s.State = Soon
	default:
		s.State = Overdue
	}
}
