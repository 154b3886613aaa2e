package synthetic

// template is one half-day line of a clinician's day: when a visit starts, and how long it may take.
type template struct {
	minute, minutes int
	open            bool // kept free
	video           bool
}

// templates are the days of the four clinicians. The first is the day of the pictures.
var templates = [clinicians][]template{
	{{480, 30, false, false}, {510, 30, false, false}, {540, 60, false, false}, {600, 30, true, false}, {630, 30, false, false}, {660, 30, false, false}, {690, 30, false, false},
		{780, 30, false, false}, {810, 30, false, false}, {840, 30, false, false}, {870, 60, false, false}, {930, 30, true, false}, {960, 30, false, true}, {990, 30, false, false}},
	{{480, 60, false, false}, {540, 30, false, false}, {570, 30, false, false}, {600, 30, false, false}, {630, 30, false, false}, {660, 30, false, false}, {690, 30, true, false},
		{780, 30, true, false}, {810, 30, false, false}, {840, 30, false, false}, {870, 30, false, false}, {900, 60, false, false}, {960, 30, false, false}, {990, 30, true, false}},
	{{540, 30, false, false}, {570, 30, false, false}, {600, 30, false, false}, {630, 30, false, false}, {660, 30, true, false}, {690, 30, false, true},
		{780, 60, false, false}, {840, 30, true, false}, {870, 30, false, false}, {900, 30, false, false}, {930, 30, false, false}, {960, 30, true, false}},
	{{480, 30, false, false}, {510, 30, true, false}, {540, 30, false, false}, {570, 30, false, false}, {600, 60, false, false}, {660, 30, false, false}, {690, 30, false, false},
		{780, 30, false, false}, {810, 30, true, false}, {840, 60, false, false}, {900, 30, false, false}, {930, 30, false, false}, {960, 30, false, false}, {990, 30, false, false}},
}

// daysAhead is for how many working days after today the book is filled.
const daysAhead = 7

// booking is a visit in a clinician's schedule, today or on one of the next days. Which patient holds which booking follows from
// their numbers alone.
type booking struct {
	day     day
	minute  int
	minutes int
	by      *staff
	column  int // of the clinician
	video   bool
	number  int
}

func (b *booking) slotID() string { return slotID(b.by, b.day, b.minute) }

func slotID(by *staff, on day, minute int) string {
	y, m, d := on.date()
	return by.id + "-" + itoa(y*10000+m*100+d) + "-" + itoa(10000 + minute/60*100 + minute%60)[1:]
}

// room is where the visit is held: each clinician has two rooms.
func (b *booking) room() *place {
	if b.video {
		return videoRoom
	}
	pair := [clinicians][2]int{{0, 2}, {1, 3}, {4, 5}, {0, 1}}[b.column]
	return rooms[b.by.site][pair[b.number%2]]
}

// scheduleDays are today and the next working days. The practice is open today whatever day it is.
func (w *practice) scheduleDays() []day {
	days := []day{w.today}
	for on := w.today + 1; len(days) <= daysAhead; on++ {
		if !on.weekend() {
			days = append(days, on)
		}
	}
	return days
}

// castBookings are the visits of the first clinician's day, in order: the cast's.
func (w *practice) castBookings() []*booking {
	var list []*booking
	for _, t := range templates[0] {
		if !t.open {
			list = append(list, &booking{day: w.today, minute: t.minute, minutes: t.minutes, by: &employees[0], video: t.video, number: len(list)})
		}
	}
	return list
}

// otherBookings are all the other visits: today's first, so that a small practice has a living day too.
func (w *practice) otherBookings() []*booking {
	var list []*booking
	for i, on := range w.scheduleDays() {
		for c := range clinicians {
			if i == 0 && c == 0 && w.castSize() > 0 {
				continue
			}
			for n, t := range templates[c] {
				if !t.open {
					list = append(list, &booking{day: on, minute: t.minute, minutes: t.minutes, by: &employees[c], column: c, video: t.video, number: n})
				}
			}
		}
	}
	return list
}

// bookingOf is the patient's booking; nil for most in a large practice.
func (w *practice) bookingOf(p *patient) *booking {
	if p.death != never || p.twin >= 0 {
		return nil
	}
	return w.bookingAt(p.k)
}

func (w *practice) bookingAt(k int) *booking {
	if scripted := w.castSize(); k >= scripted {
		k -= scripted
		if k < len(w.rest) {
			return w.rest[k]
		}
	} else if k >= 0 && cast[k].slot >= 0 {
		return w.firstDay[cast[k].slot]
	}
	return nil
}

// bookState is what has become of a booking by now.
type bookState int

const (
	stillBooked bookState = iota
	confirmed
	arrived
	roomed
	withClinician
	leaving
	left
	notCome
	calledOff
)

// bookingState follows from the clock. The day stays as it is at half past three, so that the board is not empty in the evening.
func (p *patient) bookingState(b *booking) bookState {
	if b.day > p.today {
		if p.d.chance(0.4) {
			return confirmed
		}
		return stillBooked
	}
	now := min(p.now.minute, 15*60+35)
	start, end := b.minute, b.minute+b.minutes
	luck := p.d.unit()
	if p.part != nil {
		luck = 0.5
	}
	switch {
	case end+10 <= now && (luck < 0.05 || b.column == 1 && b.number == 1):
		return notCome
	case luck > 0.97 && p.part == nil || b.column == 3 && b.number == 3:
		return calledOff
	case end+15 <= now:
		return left
	case end-3 <= now:
		return leaving
	case start+12 <= now:
		return withClinician
	case start-12 <= now:
		return roomed
	case start-40 <= now && start-5 > now && luck < 0.7:
		return arrived
	case luck < 0.75:
		return confirmed
	}
	return stillBooked
}
