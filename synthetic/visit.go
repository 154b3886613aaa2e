package synthetic

import (
	"fmt"
	"strings"
)

// visitState is how far a visit has come.
type visitState int

const (
	visitDone visitState = iota
	visitUnsigned
	visitInProgress // with the clinician
	visitRoomed     // vital signs taken, waiting for the clinician
	visitArrived    // in the waiting room
)

// visit is one encounter: what was found, thought and done.
type visit struct {
	*patient
	id       string
	kind     *visitKind
	at       moment
	minutes  int
	by       *staff
	nurse    *staff
	room     *place
	state    visitState
	title    string // "Diabetes follow-up"
	reason   *concept
	said     string // what the patient says
	sayFirst string // what the patient told the front desk
	previous *visit
	booking  *booking

	vitals      vitals
	addressed   []*condition
	assessments []assessment
	history     []string // sentences of the subjective part
	exam        [bodyParts]string
	wanted      []request
	samples     []*sample // results that the note speaks of
	scores      []*score
	given       []*dose
	followUp    string
	nextMonths  float64
	nextSet     bool
}

// assessment is one numbered item of the assessment and plan.
type assessment struct {
	c     *condition
	title string
	text  string
	plan  []string
}

// request is a panel wanted at a visit, and for which condition.
type request struct {
	panel *panel
	c     *condition
}

// want asks for a test, once. The comprehensive panel takes the place of the basic one.
func (v *visit) want(pn *panel, c *condition) {
	for i, r := range v.wanted {
		switch {
		case r.panel == pn, r.panel == fullPanel && pn == basicPanel:
			return
		case r.panel == basicPanel && pn == fullPanel:
			v.wanted[i].panel = fullPanel
			return
		}
	}
	v.wanted = append(v.wanted, request{pn, c})
}

// say adds a sentence to the history, chosen by the dice.
func (v *visit) say(choices ...string) { v.history = append(v.history, pick(&v.d, choices)) }

// assess writes an item of the assessment.
func (v *visit) assess(c *condition, state, text string, plan ...string) *assessment {
	title := c.code.text
	if c.code.code != "" {
		title += " (" + c.code.code + ")"
	}
	if state != "" {
		title += ", " + state
	}
	c.state = state
	v.address(c)
	v.assessments = append(v.assessments, assessment{c: c, title: title, text: text, plan: plan})
	return &v.assessments[len(v.assessments)-1]
}

// address notes that the visit dealt with a condition.
func (v *visit) address(c *condition) {
	for _, a := range v.addressed {
		if a == c {
			return
		}
	}
	v.addressed = append(v.addressed, c)
}

// planned adds lines to an item's plan.
func (a *assessment) planned(lines ...string) {
	for _, l := range lines {
		if l != "" {
			a.plan = append(a.plan, l)
		}
	}
}

// within asks to see the patient again; the soonest wish counts.
func (v *visit) within(months float64) {
	if !v.nextSet || months < v.nextMonths {
		v.nextMonths, v.nextSet = months, true
	}
}

// told is a measured signal in a note: "HbA1c 8.1 % on 20-Nov-2026, was 7.6 % on 24-Aug-2026".
func (v *visit) told(s signal) string {
	l, t := &v.levels[s], s.test()
	if l.seenOn == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", t.heading(), amount(l.seen, t))
	if l.seenOn != v.at.day {
		b.WriteString(" on " + l.seenOn.human())
	} else {
		b.WriteString(" today")
	}
	if l.beforeOn != 0 {
		fmt.Fprintf(&b, ", was %s on %s", amount(l.before, t), l.beforeOn.human())
	}
	return b.String()
}

// heading is the name of a test at the start of a sentence.
func (t *test) heading() string {
	if s := t.short; len(s) > 1 && s[1] >= 'a' {
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return t.short
}

// amount is a value with its unit, as people write it.
func amount(v float64, t *test) string {
	s := string(appendDecimal(nil, v, t.decimals))
	switch t.unit.human {
	case "", "{INR}":
		return s
	}
	return s + " " + t.unit.human
}

// value is what a signal was when last measured.
func (v *visit) value(s signal) float64 { return v.levels[s].seen }

// knows is true if a signal was measured for this visit, or within a few months before it.
func (v *visit) knows(s signal, months int) bool {
	on := v.levels[s].seenOn
	return on != 0 && v.at.day-on <= day(months*31)
}

// bodyPart is a line of the physical examination.
type bodyPart int

const (
	general bodyPart = iota
	headAndNeck
	ears
	throat
	lungs
	heart
	abdomen
	limbs
	joints
	skin
	nerves
	mood
	genital
	bodyParts
)

var bodyPartNames = [bodyParts]string{"General", "Head and neck", "Ears", "Throat", "Lungs", "Heart", "Abdomen", "Extremities", "Joints", "Skin", "Neurologic", "Psychiatric", "Genitourinary"}

// normalExam is what each kind of visit looks at, when all is well.
func (v *visit) normalExam() {
	set := func(part bodyPart, choices ...string) {
		if v.exam[part] == "" {
			v.exam[part] = pick(&v.d, choices)
		}
	}
	switch v.kind {
	case videoVisit:
		set(general, "Comfortable on video, speaking in full sentences.", "Well appearing on video.")
		set(mood, "Mood and affect appropriate.")
		return
	case nurseVisit:
		set(general, "Well appearing.", "Comfortable.")
		return
	}
	if v.age(v.at.day) < 3 {
		set(general, "Alert, active, well nourished.", "Playful, in no distress.", "Alert and interactive in parent's arms.")
	} else {
		set(general, "Well appearing, in no distress.", "Comfortable, appears stated age.", "In no acute distress.")
	}
	set(lungs, "Clear to auscultation, normal effort.", "Clear bilaterally, no wheeze or crackles.")
	set(heart, "Regular rate and rhythm, no murmur.", "Regular, no murmur, rub or gallop.")
	switch v.kind {
	case physicalVisit, newPatientExam, wellChildVisit:
		if v.age(v.at.day) < 2 {
			set(headAndNeck, "Anterior fontanelle soft and flat, neck supple.", "Head well shaped, fontanelle flat; red reflex in both eyes.")
			set(throat, "Palate intact, mucosa moist.")
			set(limbs, "Hips stable, moves all limbs equally.")
			set(nerves, "Normal tone, good head control for age.", "Tone and reflexes normal for age.")
		}
		set(headAndNeck, "Normocephalic; neck supple, no adenopathy, thyroid not enlarged.", "No adenopathy, thyroid normal.")
		set(ears, "Tympanic membranes clear.", "Canals and membranes normal.")
		set(throat, "Oropharynx clear, mucosa moist.", "Dentition good, oropharynx clear.")
		set(abdomen, "Soft, non-tender, no organomegaly.", "Soft, no masses.")
		set(limbs, "No edema, pulses full.", "Warm, no edema.")
		set(skin, "No suspicious lesions.", "Clear.")
		set(nerves, "Alert, gait steady, strength symmetric.", "No focal deficit.")
	case followUpVisit:
		set(limbs, "No edema.", "No edema, pedal pulses palpable.")
	}
}
