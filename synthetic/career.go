package synthetic

import (
	"slices"
)

// plan is a visit that is meant to happen.
type plan struct {
	on       day
	kind     *visitKind
	title    string
	c        *condition // the new illness that brings the patient
	sudden   *sudden    // or a sudden one
	pregnant *pregnancy
	booking  *booking
	soft     bool // may give way to another visit near it
	reason   *concept
	errand   *condition // what a nurse visit is for
	recheck  *sudden    // the sudden illness after which the patient is seen again
	sayFirst string     // what the patient told the front desk
	scene    bool       // of a script: it is held on its day
	unsigned bool
}

// live holds all the visits of a life, in order.
func (p *patient) live() {
	p.fallIll()
	p.inherit()
	p.planLife()
	for len(p.plans) > 0 {
		first := 0
		for i := range p.plans {
			if p.plans[i].on < p.plans[first].on {
				first = i
			}
		}
		next := p.plans[first]
		p.plans = append(p.plans[:first], p.plans[first+1:]...)
		switch {
		case next.booking != nil:
			p.keepBooking(next)
		case !next.scene && p.yields(next):
		case next.on >= p.today || next.on > p.last:
			p.comeLater(next)
		default:
			p.hold(next)
		}
	}
	p.afterwards()
}

// yields is true for a plan that another visit makes needless.
func (p *patient) yields(next plan) bool {
	if b := p.booking; b != nil && next.on < b.day+30 {
		near := b.day - 60
		if next.on-p.birth < 500 {
			near = b.day - 12
		}
		if next.soft && next.on > b.day-35 || (next.kind == wellChildVisit || next.kind == physicalVisit) && next.on > near {
			return true
		}
	}
	if next.title == fluShot {
		return p.fluGiven(next.on)
	}
	if next.errand != nil {
		return next.errand.warfarin() && p.taking(warfarin5) == nil
	}
	if next.kind != followUpVisit && next.kind != videoVisit {
		return false
	}
	return slices.ContainsFunc(p.plans, func(o plan) bool {
		return o.kind == physicalVisit && o.on >= next.on && o.on-next.on < 50
	})
}

// planLife plans what can be known ahead: check-ups, new illnesses, sudden ones, pregnancies, and the booking.
func (p *patient) planLife() {
	if p.booking != nil {
		p.plans = append(p.plans, plan{on: p.booking.day, booking: p.booking})
	}
	if p.part != nil && p.part.planned(p) {
		return
	}
	if p.twin >= 0 {
		p.plans = append(p.plans, plan{on: p.since, kind: sameDayVisit, sudden: &suddenIllnesses[0]})
		return
	}
	p.planCheckups()
	for _, c := range p.conditions {
		if c.onset >= p.since && c.module.complaint != "" {
			p.plans = append(p.plans, plan{on: c.onset + day(p.d.between(1, 9)), kind: sameDayVisit, title: c.module.complaint, c: c})
		}
	}
	p.planSudden()
	p.planPregnancies()
	p.planVaccines()
}

// wellChildDays are the ages of the well child visits until three years, in days.
var wellChildDays = []int{4, 14, 31, 62, 124, 186, 276, 367, 459, 551, 734, 915, 1100}

func (p *patient) planCheckups() {
	d := &p.d
	if p.child(p.since) {
		for _, age := range wellChildDays {
			on := p.birth + day(age+d.between(0, 6))
			if on >= p.since && !d.chance(0.06) {
				p.plans = append(p.plans, plan{on: on, kind: wellChildVisit})
			}
		}
		for y := 4; y < 18; y++ {
			on := p.birth + day(y*36525/100+d.between(2, 60))
			if on >= p.since && (y < 7 || d.chance(0.8)) {
				p.plans = append(p.plans, plan{on: on, kind: wellChildVisit})
			}
		}
	}
	from := max(p.since, p.birth+18*365+30)
	if !p.child(p.since) {
		p.plans = append(p.plans, plan{on: p.since, kind: physicalVisit})
		from = p.since + day(d.between(340, 420))
	}
	// Whoever comes once a year comes about the same time of the year.
	for on := from + day(d.below(60)); on < p.last+200; on += day(d.between(345, 410)) {
		if d.chance(p.checkupChance(p.age(on))) {
			p.plans = append(p.plans, plan{on: on, kind: physicalVisit})
		}
	}
}

func (p *patient) checkupChance(age int) float64 {
	chance := 0.4
	switch {
	case age >= 65:
		chance = 0.9
	case age >= 50:
		chance = 0.8
	case age >= 35:
		chance = 0.6
	}
	if p.female && age < 50 {
		chance += 0.15
	}
	return chance
}

// newVisit begins an encounter on a day, or at its booked time.
func (p *patient) newVisit(next plan) *visit {
	d := &p.d
	v := &visit{patient: p, kind: next.kind, title: next.title, reason: next.reason, booking: next.booking}
	on := next.on
	v.minutes = v.kind.minutes
	if v.kind.elsewhere() {
		v.at = on.at(d.below(24 * 60))
		if v.kind == hospitalStay {
			v.minutes = d.between(2, 5)*24*60 + d.below(300)
			if next.pregnant != nil {
				v.minutes = d.between(40, 56) * 60
			}
		}
	} else {
		on = on.workday()
		if on >= p.today {
			on = p.today - 1
		}
		v.at = on.at((8*4+d.below(31))*15 + 0)
		if v.at.minute >= 12*60 && v.at.minute < 13*60 {
			v.at.minute += 60
		}
	}
	if b := next.booking; b != nil {
		v.at, v.minutes = b.day.at(b.minute), b.minutes
	}
	v.by = p.pcp
	switch {
	case v.kind == nurseVisit:
		v.by = &employees[4+d.below(2)]
	case next.sudden != nil && d.chance(0.3) && next.booking == nil:
		v.by = &employees[d.below(3)]
	}
	v.nurse = &employees[4+d.below(3)]
	site := v.by.site
	if site == 1 {
		v.nurse = &employees[7]
	}
	v.room = rooms[site][d.below(3)+site]
	switch {
	case next.booking != nil:
		v.room = next.booking.room()
	case v.kind == videoVisit:
		v.room = videoRoom
	case v.kind.elsewhere():
		v.room = hospitalSite
	}
	if v.kind == videoVisit {
		v.room = videoRoom
	}
	if len(p.visits) > 0 {
		v.previous = p.visits[len(p.visits)-1]
	}
	return v
}

// admit takes the visit into the chart.
func (v *visit) admit() {
	v.id = v.newID("enc")
	v.visits = append(v.visits, v)
}

// hold holds a visit from beginning to end.
func (p *patient) hold(next plan) *visit {
	v := p.newVisit(next)
	if len(p.visits) > 0 && v.at.day <= p.visits[len(p.visits)-1].at.day {
		v.at.day = p.visits[len(p.visits)-1].at.day + 1
		if !v.kind.elsewhere() {
			v.at.day = v.at.day.workday()
		}
		if v.at.day >= p.today || v.at.day > p.last {
			return nil
		}
	}
	v.admit()
	v.open(next)
	v.conclude(next)
	if next.unsigned {
		v.state = visitUnsigned
	}
	return v
}

// open is what happens before the clinician comes in: the list is brought up to date, vital signs are taken, blood is drawn.
func (v *visit) open(next plan) {
	v.recordOld()
	if next.c != nil {
		next.c.recorded = v.at.day
		v.start(next.c)
		if v.title == "" {
			v.title = titleOf(next.c)
		}
		v.said = next.c.module.complaint
		v.wantAllChecks(next.c)
	}
	if next.sudden != nil {
		v.fallSuddenlyIll(next.sudden)
	}
	if v.kind.vitals && v.state != visitArrived {
		v.takeVitals()
	}
	if v.kind.chronic {
		v.wantChecks()
		v.wantPrevention()
	}
	if next.pregnant != nil {
		v.wantPrenatal(next.pregnant)
	}
	if next.errand != nil {
		v.want(inrTest, next.errand)
	}
	if v.state == visitArrived {
		v.drawAhead()
	} else {
		v.draw()
	}
	if v.kind.chronic && v.state != visitArrived {
		v.askScreens()
	}
	v.name()
}

var treatmentOver = icd("Z09", "Encounter for follow-up examination after completed treatment for conditions other than malignant neoplasm", "Follow-up after treatment")

// conclude is what the clinician does.
func (v *visit) conclude(next plan) {
	if next.c != nil {
		v.review(next.c)
	}
	if next.sudden != nil {
		v.treatSudden(next.sudden)
	}
	if next.recheck != nil {
		v.recheck(next.recheck)
	}
	if next.pregnant != nil {
		v.reviewPregnancy(next.pregnant)
	}
	if next.errand != nil {
		v.checkINR(next.errand)
	}
	if next.title == fluShot {
		c := &condition{code: vaccineVisit, onset: v.at.day, resolved: v.at.day + 1, acute: true, visit: v, recorded: v.at.day}
		v.conditions = append(v.conditions, c)
		v.say("No fever, no reaction to earlier vaccines.", "Feels well today.")
		v.assess(c, "", "Screening questions answered, none positive.", "Watched for 15 minutes, no reaction.")
	}
	if v.kind.chronic {
		for _, c := range v.conditions {
			if c != next.c && c.module != nil && c.known(v.at.day) && c.active(v.at.day) {
				v.review(c)
			}
		}
		v.prevent()
		v.renew()
	}
	if v.kind == followUpVisit && len(v.assessments) == 0 {
		c := &condition{code: treatmentOver, onset: v.at.day, resolved: v.at.day + 1, acute: true, visit: v, recorded: v.at.day}
		v.conditions = append(v.conditions, c)
		v.say("Feels well, no complaints.", "No symptoms since the last visit.")
		v.assess(c, "", "No open problem.", "Next visit for the yearly check-up.")
	}
	v.vaccinate()
	v.normalExam()
	v.planNext()
}

func (v *visit) review(c *condition) {
	if c.module.review != nil {
		c.module.review(v, c)
	}
}

func titleOf(c *condition) string {
	if c.module.complaint != "" {
		return c.module.complaint
	}
	return c.module.title
}

// recordOld writes onto the problem list what is older than the records.
func (v *visit) recordOld() {
	for _, c := range v.conditions {
		if c.module == nil || c.recorded != 0 || c.onset > v.at.day {
			continue
		}
		if c.onset < v.since {
			c.recorded = v.at.day
			v.establish(c)
		} else if c.module.complaint == "" && v.kind.chronic {
			c.recorded = v.at.day
			v.start(c)
		}
	}
}

// want3 asks for the tests of a new illness.
func (v *visit) wantAllChecks(c *condition) {
	for _, k := range c.module.checks {
		v.want(k.panel, c)
	}
	for _, pn := range c.module.first {
		v.want(pn, c)
	}
}

// wantChecks asks for the tests that standing conditions have due.
func (v *visit) wantChecks() {
	if v.part != nil && v.booking != nil {
		for _, pn := range v.part.panels {
			v.want(pn, v.firstChronic())
		}
	}
	for _, c := range v.conditions {
		if c.module == nil || !c.known(v.at.day) || !c.active(v.at.day) {
			continue
		}
		for _, k := range c.module.checks {
			if last, ok := v.done[k.panel]; !ok || int(v.at.day-last) >= k.months*30-12 {
				v.want(k.panel, c)
			}
		}
	}
}

// firstChronic is the first condition on the problem list; nil if there is none.
func (p *patient) firstChronic() *condition {
	for _, c := range p.conditions {
		if c.module != nil && c.recorded != 0 && c.resolved == 0 {
			return c
		}
	}
	return nil
}

func (v *visit) askScreens() {
	for _, c := range v.conditions {
		if c.module == nil || !c.known(v.at.day) || !c.active(v.at.day) {
			continue
		}
		for _, s := range c.module.screens {
			v.ask(s)
		}
	}
}

// name gives the visit its title and reason.
func (v *visit) name() {
	if v.title == "" {
		switch v.kind {
		case followUpVisit, videoVisit:
			v.title = v.followUpTitle()
		default:
			v.title = v.kind.kind.text
		}
	}
	if v.reason == nil {
		v.reason = words(v.title)
	}
}

// followUpTitle names the visit after the condition that needs it most.
func (p *patient) followUpTitle() string {
	for _, c := range p.conditions {
		if c.module != nil && c.recorded != 0 && c.resolved == 0 && c.module.title != "" && c.module.months > 0 && c.state != "at goal" && c.state != "stable" {
			return c.module.title
		}
	}
	for _, c := range p.conditions {
		if c.module != nil && c.recorded != 0 && c.resolved == 0 && c.module.title != "" && c.module.months > 0 {
			return c.module.title
		}
	}
	return "Follow-up"
}

// planNext plans the next follow-up visit.
func (v *visit) planNext() {
	if v.kind.elsewhere() || v.kind == nurseVisit || v.kind == prenatalVisit {
		return
	}
	scripted := v.part != nil && len(v.part.scenes) > 0
	months := 0.0
	for _, c := range v.conditions {
		if c.module != nil && c.known(v.at.day) && c.active(v.at.day) && c.module.months > 0 {
			if m := float64(c.module.months); months == 0 || m < months {
				months = m
			}
		}
	}
	if v.nextSet && (months == 0 || v.nextMonths < months) {
		months = v.nextMonths
	}
	if months > 0 {
		v.followUp = "in " + spellMonths(months)
	}
	if months == 0 || scripted && v.at.day < v.today {
		return
	}
	kept := v.plans[:0]
	for _, o := range v.plans {
		if !(o.soft && (o.kind == followUpVisit || o.kind == videoVisit)) {
			kept = append(kept, o)
		}
	}
	v.plans = kept
	on := v.at.day + day(months*30.4) + day(v.d.between(-4, 9))
	kind := followUpVisit
	if v.d.chance(0.1) && v.age(on) >= 18 {
		kind = videoVisit
	}
	v.plans = append(v.plans, plan{on: on, kind: kind, soft: true})
}

func spellMonths(months float64) string {
	switch {
	case months == 0:
		return ""
	case months < 1:
		weeks := max(1, int(months*4.3+0.5))
		if weeks == 1 {
			return "1 week"
		}
		return itoa(weeks) + " weeks"
	case months < 1.6:
		return "1 month"
	}
	return itoa(int(months+0.5)) + " months"
}

// afterwards is what a chart has besides visits: messages, work that waits, papers, appointments.
func (p *patient) afterwards() {
	p.correspond()
	p.filePapers()
	p.recallAppointments()
}
