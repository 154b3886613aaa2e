package synthetic

// appointment is an entry of the schedule: past, today's or coming.
type appointment struct {
	id       string
	state    bookState
	title    string
	reason   *concept
	kind     *visitKind
	at       moment
	minutes  int
	by       *staff
	room     *place
	visit    *visit
	slot     string // id of its Slot; "" outside the days of the schedule
	made     moment
	comment  string
	cancel   *concept
	waitedAt moment // when the patient came in
}

var (
	cancelledByPatient = tho("appointment-cancellation-reason", "pat", "Patient")
	cancelledOnline    = tho("appointment-cancellation-reason", "pat-cpp", "Patient: Canceled via Patient Portal")
	cancelledByUs      = tho("appointment-cancellation-reason", "prov-pers", "Provider: Personal")
)

// purpose decides what a booked visit is for.
func (p *patient) purpose(b *booking, next plan) plan {
	d := &p.d
	next.on, next.booking = b.day, b
	if p.part != nil {
		return p.part.purpose(p, next)
	}
	age := p.age(b.day)
	established := false
	for _, c := range p.conditions {
		established = established || c.module != nil && c.active(b.day) && c.module.months > 0 && (c.recorded != 0 || c.onset < p.since)
	}
	switch {
	case b.video:
		next.kind = videoVisit
	case age < 18 && (b.minutes == 60 || d.chance(0.55)):
		next.kind = wellChildVisit
	case b.minutes == 60:
		next.kind = physicalVisit
		if len(p.visits) == 0 {
			next.kind = newPatientExam
		}
	case established && d.chance(0.7):
		next.kind = followUpVisit
	default:
		next.kind = sameDayVisit
	}
	if next.kind == sameDayVisit || next.kind == videoVisit && !established {
		next.kind = sameDayVisit
		if b.video {
			next.kind = videoVisit
		}
		next.sudden = p.likelySudden(b.day)
		next.title = next.sudden.name
	}
	return next
}

// likelySudden is an illness of the season that somebody of this age might come with.
func (p *patient) likelySudden(on day) *sudden {
	var list []*sudden
	var weights []float64
	age := p.age(on)
	for i := range suddenIllnesses {
		s := &suddenIllnesses[i]
		if s.where != nil || age < s.from || age > s.to || s.women && !p.female || s.months != "" && s.months[on.month()-1] != 'x' {
			continue
		}
		list = append(list, s)
		weights = append(weights, s.yearly)
	}
	if len(list) == 0 {
		return &suddenIllnesses[0]
	}
	return list[p.d.weighted(weights)]
}

// keepBooking is what has become of the patient's booking by now.
func (p *patient) keepBooking(next plan) {
	b := next.booking
	next = p.purpose(b, next)
	a := &appointment{kind: next.kind, at: b.day.at(b.minute), minutes: b.minutes, by: b.by, room: b.room(), slot: b.slotID(), state: p.bookingState(b)}
	a.made = (b.day - day(p.d.between(4, 80))).workday().at(9*60 + p.d.below(420))
	if next.kind == sameDayVisit && b.day == p.today {
		a.made = p.today.at(8*60 - p.d.below(50))
	}
	if a.made.after(a.at) || a.made.after(p.now) {
		a.made = (min(p.today, b.day) - 1).at(15 * 60)
	}
	p.booked = append(p.booked, a)
	finish := func(v *visit) {
		a.title, a.reason, a.visit = v.title, v.reason, v
		if v.sayFirst != "" {
			a.comment = v.sayFirst
		}
	}
	switch a.state {
	case left, leaving, withClinician, roomed, arrived:
		v := p.newVisit(next)
		v.admit()
		a.waitedAt = v.at.plus(-p.d.between(3, 16))
		switch a.state {
		case left:
			v.state = visitDone
			if p.d.chance(0.3) && p.part == nil || p.part != nil && p.part.unsigned {
				v.state = visitUnsigned
			}
		case leaving:
			v.state = visitUnsigned
		case withClinician:
			v.state = visitInProgress
		case roomed:
			v.state = visitRoomed
		default:
			v.state = visitArrived
		}
		v.sayFirst = next.sayFirst
		v.open(next)
		if v.state == visitDone || v.state == visitUnsigned {
			v.conclude(next)
		} else {
			v.leaveUnread()
		}
		finish(v)
	default:
		// Blood is drawn before the visit all the same.
		v := p.newVisit(next)
		v.sayFirst = next.sayFirst
		if next.sudden != nil {
			v.title, v.reason = next.sudden.name, words(next.sudden.name)
		}
		if next.kind.chronic && (a.state == stillBooked || a.state == confirmed) && b.day == p.today {
			v.wantChecks()
			v.drawAhead()
			v.leaveUnread()
		}
		v.name()
		finish(v)
		a.visit = nil
		if a.state == calledOff {
			a.cancel = pick(&p.d, []*concept{cancelledByPatient, cancelledOnline, cancelledByUs})
		}
	}
}

// drawAhead draws only what was ordered at the last visit.
func (v *visit) drawAhead() {
	if v.previous == nil {
		v.wanted = nil
	}
	kept := v.wanted[:0]
	for _, r := range v.wanted {
		if !r.panel.point {
			kept = append(kept, r)
		}
	}
	v.wanted = kept
	if len(v.wanted) > 0 && v.previous != nil && v.at.day-v.previous.at.day > 20 {
		v.draw()
	}
}

// leaveUnread puts the visit's results into the clinician's inbox.
func (v *visit) leaveUnread() {
	for _, s := range v.samples {
		if !s.pending && len(s.results) > 0 {
			s.unread = true
		}
	}
}

// comeLater books the patient's next visit, if it is near enough.
func (p *patient) comeLater(next plan) {
	if p.death != never || next.on > p.today+240 || next.on <= p.today || next.sudden != nil || next.c != nil {
		return
	}
	coming := 0
	for _, a := range p.booked {
		if a.at.day > p.today {
			coming++
		}
	}
	if coming >= 2 || next.kind.elsewhere() && next.pregnant != nil {
		return
	}
	beyond := p.w.lastScheduled() + 1
	on := next.on.workday()
	if on < beyond {
		on = (beyond + day(p.k%24)).workday()
	}
	if p.d.chance(0.3) && next.kind == physicalVisit {
		return // not yet booked
	}
	a := &appointment{kind: next.kind, state: stillBooked, by: p.pcp, minutes: next.kind.minutes, title: next.title, reason: next.reason}
	if next.kind == nurseVisit {
		a.by = &employees[4]
	}
	t := templates[p.k%clinicians]
	s := t[(p.k/clinicians)%len(t)]
	a.at = on.at(s.minute)
	a.room = rooms[a.by.site][p.k%2+a.by.site]
	if next.kind == videoVisit {
		a.room = videoRoom
	}
	if a.title == "" {
		a.title = next.kind.kind.text
		if next.kind == followUpVisit || next.kind == videoVisit {
			a.title = p.followUpTitle()
		}
	}
	if a.reason == nil {
		a.reason = words(a.title)
	}
	a.made = p.today.at(7 * 60)
	if n := len(p.visits); n > 0 {
		a.made = p.visits[n-1].at.plus(p.visits[n-1].minutes)
		if p.visits[n-1].kind.elsewhere() {
			a.made.minute = 10 * 60
		}
	}
	if a.made.after(p.now) {
		a.made = (p.today - 1).at(14 * 60)
	}
	p.booked = append(p.booked, a)
}

// lastScheduled is the last day for which the schedule is laid out.
func (w *practice) lastScheduled() day {
	days := w.scheduleDays()
	return days[len(days)-1]
}

// recallAppointments writes the appointments of the last half year's visits, and the ones that did not happen.
func (p *patient) recallAppointments() {
	var past []*appointment
	for _, v := range p.visits {
		if v.kind.elsewhere() || v.booking != nil || v.at.day < p.today-190 {
			continue
		}
		a := &appointment{kind: v.kind, state: left, at: v.at, minutes: v.minutes, by: v.by, room: v.room, title: v.title, reason: v.reason, visit: v}
		a.made = (v.at.day - day(p.d.between(0, 60))).at(9*60 + p.d.below(60))
		if a.made.after(v.at) || a.made.day.weekend() {
			a.made = (v.at.day - 3).at(10 * 60)
		}
		past = append(past, a)
		if p.d.chance(0.08) && p.part == nil {
			missed := *a
			missed.visit, missed.state = nil, notCome
			if p.d.chance(0.5) {
				missed.state, missed.cancel = calledOff, pick(&p.d, []*concept{cancelledByPatient, cancelledOnline, cancelledByUs})
			}
			missed.at.day = (a.at.day - day(p.d.between(3, 20))).workday()
			if missed.made = (missed.at.day - 9).at(600); missed.at.day < a.at.day && missed.at.day > p.birth {
				past = append(past, &missed)
			}
		}
	}
	p.booked = append(past, p.booked...)
}
