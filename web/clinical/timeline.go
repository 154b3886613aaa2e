package clinical

import "github.com/osler-ehr/osler/web/ui"

// Visit is one entry of the timeline with what happened at it. A visit of its own holds results, medications and referrals; things
// that belong to no visit, such as a laboratory report, stand as a Visit of their own day.
type Visit struct {
	ID     string
	Date   string // 23-Nov-2026
	Sub    string // Today, 10:30 or Monday
	Now    bool   // today's visit: the dot is filled
	Title  string
	Href   string
	Meta   string // Dr P. Rao, signed 24-Aug-2026 11:02
	State  string // In room 3
	Text   string // at most two lines
	Facts  []Fact
	Action *ui.Button
	Items  []Entry
}

// Entry is one thing that happened at a visit, on a row of 28 px.
type Entry struct {
	Icon  string // flask-conical, pill, send
	Kind  string // what the icon means, for screen readers: Result, Medication
	Parts []Part
	End   string // Signed, Booked 04-Dec-2026
	Href  string
}

// Part is a run of an entry: text, perhaps strong, perhaps with a flag after it.
type Part struct {
	Text   string
	Strong bool
	Flag   Flag
}
