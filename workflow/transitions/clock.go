package transitions

import (
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

// Step is one of the three things that a discharge asks for.
type Step string

// The steps, in their order.
const (
	Contact   Step = "contact"
	Medicines Step = "reconciliation"
	Visit     Step = "visit"
)

var steps = []Step{Contact, Medicines, Visit}

func (s Step) words() string {
	switch s {
	case Contact:
		return "Patient reached"
	case Medicines:
		return "Medicines reconciled"
	}
	return "Patient seen"
}

// notDone is the kind of output that says why a step is not done and will not be.
func (s Step) notDone() string { return "no " + string(s) }

// contactBy is the end of the second business day after a discharge: Saturdays and Sundays do not count.
func contactBy(discharged time.Time) time.Time {
	day := midnight(discharged)
	for n := 0; n < 2; {
		day = day.AddDate(0, 0, 1)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			n++
		}
	}
	return day
}

// visitBy is the seventh day after a discharge.
func visitBy(discharged time.Time) time.Time { return midnight(discharged).AddDate(0, 0, 7) }

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

// by is the last day for a step. Medicines are reconciled no later than the visit.
func (s Step) by(discharged time.Time) time.Time {
	if s == Contact {
		return contactBy(discharged)
	}
	return visitBy(discharged)
}

// settled reports whether a step is done or ruled out.
func settled(t facts.Task, s Step) bool {
	return len(t.Made(string(s))) > 0 || len(t.Made(s.notDone())) > 0
}

// next is the step that is due next; "" when all are settled.
func next(t facts.Task, discharged time.Time) (Step, time.Time) {
	for _, s := range steps {
		if !settled(t, s) {
			return s, s.by(discharged)
		}
	}
	return "", time.Time{}
}

// dueNext writes the last day of the next step into the Task, by which every list knows when it is late.
func dueNext(t *facts.Task, discharged time.Time) {
	if _, by := next(*t, discharged); !by.IsZero() {
		t.Restriction.Period.End = fhir.DateTimeOf(by, fhir.Day)
	}
}
