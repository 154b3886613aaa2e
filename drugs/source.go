package drugs

import "time"

// Source tells where a fact comes from and how old it is. It is shown beside everything that is derived from the fact.
type Source struct {
	ID      string // stable, such as "onc-2012"
	Title   string // as it is shown: ONC high-priority list
	Version string
	Date    time.Time // of the version; the zero time is not known
}

// Age is how many whole days old the version is at now; -1 if its date is not known.
func (s Source) Age(now time.Time) int {
	if s.Date.IsZero() {
		return -1
	}
	return int(now.Sub(s.Date).Hours() / 24)
}
