package synthetic

import (
	"runtime"
	"time"
)

// Options say which practice to invent. The zero value is a practice without patients on a fixed day.
type Options struct {
	// Patients is how many patients there are, the cast among them.
	Patients int

	// Seed chooses the practice. The cast's story is the same in all, its incidental figures are not.
	Seed uint64

	// Today is now, in the practice's own time zone: nothing but appointments lies after it. The hour matters: the visits of the
	// day before it are over, those after it are booked. Midnight means no
	// hour, and is taken as 10:22. The zero value is Monday 23 November 2026, 10:22, UTC-5.
	Today time.Time

	// Years is how far back the practice's own records of an adult go; children's go back to birth. Zero means 5, which gives an
	// average adult about 320 resources.
	Years int

	// NoCast leaves out the scripted patients.
	NoCast bool

	// Heavy adds one more patient, id "heavy": about 1,000 encounters and 20,000 observations, to measure slow charts with.
	Heavy bool

	// Provenance adds one Provenance for each encounter, naming the author and all that was written at it.
	Provenance bool

	// Workers is how many patients are made at once. Zero means one for each CPU. It changes no byte.
	Workers int
}

// defaultToday is the day of the pictures in the manual.
var defaultToday = time.Date(2026, time.November, 23, 10, 22, 0, 0, time.FixedZone("", -5*60*60))

func (o Options) withDefaults() Options {
	if o.Today.IsZero() {
		o.Today = defaultToday
	}
	if h, m, s := o.Today.Clock(); h+m+s+o.Today.Nanosecond() == 0 {
		o.Today = o.Today.Add(10*time.Hour + 22*time.Minute)
	}
	if o.Years <= 0 {
		o.Years = 5
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Patients = max(o.Patients, 0)
	return o
}
