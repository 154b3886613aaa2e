package home

import (
	"fmt"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

// View is what the home page shows. Times are in the practice's own zone.
type View struct {
	Greeting    string // Good morning, Priya
	Now         time.Time
	Day         *Day // nil for people without appointments of their own
	Next        *Next
	NoNext      string   // says when the next day starts, where nobody is left
	Everyone    []Clinic // today's appointments of all clinicians, for those who have none of their own
	EveryoneErr bool     // they could not be read
	NoTasks     bool     // tasks never wait for this person
	Act         []Task   // must be acted on: severity first, then age
	ActMore     int      // more than are listed
	Failed      []string // what could not be read, in sentences
	Checked     time.Time
	InboxURL    string
	Info        []Tally // for information
	InfoSum     int
	InfoDo      string // Sign 6 normal results; with InfoURL
	InfoURL     string
	Owed        []List
	Notices     []Notice
	Recent      []Recent
}

// Day is the strip of one clinician's day.
type Day struct {
	Start, End int // whole hours
	Slots      []Slot
	Summary    string // 12 patients, 3 seen, 2 open slots
}

// SlotState is where an appointment stands. It is also written in the block.
type SlotState string

// The states.
const (
	Booked  SlotState = ""
	Seen    SlotState = "slot-seen"
	InRoom  SlotState = "slot-room"
	Arrived SlotState = "slot-arrived"
	Open    SlotState = "slot-open"
	Break   SlotState = "slot-break"
)

// Slot is one block of the day, to the nearest five minutes.
type Slot struct {
	Start   time.Time
	Minutes int
	State   SlotState
	Who     string // OKAFOR
	What    string // Room 3, Arrived, Well child
	Href    string
}

// Next is the patient who comes next, with what to know before.
type Next struct {
	When     string // Next, 10:30 in room 3
	Name     format.PersonName
	PhotoURL string
	About    string // 58 y, she/her
	Born     string // 14-Jul-1968
	Why      string
	Know     []Finding
	ChartURL string
	NoteURL  string
}

// Clinic is the day of one clinician, as a list.
type Clinic struct {
	Name string
	Rows []Visit
}

// Visit is one appointment of that list.
type Visit struct {
	At, Who, Born, What, State string
	Now                        bool // in a room or waiting
	Href                       string
}

// Finding is one thing to know, with its flag.
type Finding struct {
	Text string
	Flag clinical.Flag
}

// Task is one thing that must be acted on.
type Task struct {
	Flag   clinical.Flag
	Icon   string // where there is no flag
	Kind   string // Result, Message, Refill: the icon in words
	Who    string // LEE, Daniel
	Born   string // 02-Mar-1951 (75 y)
	What   string
	More   string // joins What in lighter type: and 2 more
	Detail string
	Do     string // Review, Reply, Decide
	Href   string
	Age    string // 41 min
}

// Tally counts things that need no action.
type Tally struct {
	Count int
	Label string
	Href  string
}

// List is work owed: unsigned notes, overdue orders.
type List struct {
	ID, Title string
	End       string
	EndHref   string
	Rows      []Owed
}

// Owed is one row of such a list.
type Owed struct {
	Strong, Soft string
	Href         string
	Since        string
	Late         bool
}

// Notice is a line of practice news.
type Notice struct{ Lead, Text string }

// Recent is a patient whose chart was opened lately.
type Recent struct {
	Name, Born, Href, When string
}

// column places a slot on the strip.
func (d Day) column(s Slot) string {
	at := (s.Start.Hour()-d.Start)*12 + s.Start.Minute()/5
	return fmt.Sprintf("c%d w%d", max(at, 0), max((s.Minutes+4)/5, 1))
}

func (d Day) hours() []int {
	var out []int
	for h := d.Start; h < d.End; h++ {
		out = append(out, h)
	}
	return out
}

// span is the class that says how many hours the strip has.
func (d Day) span() string { return "hours" + strconv.Itoa(d.End-d.Start) }

// now is where the present moment lies on the strip in thousandths; ok is false outside of the day.
func (d Day) now(t time.Time) (at int, ok bool) {
	minutes := (t.Hour()-d.Start)*60 + t.Minute()
	total := (d.End - d.Start) * 60
	return minutes * 1000 / max(total, 1), minutes >= 0 && minutes <= total
}
