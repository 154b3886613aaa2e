package synthetic

import "fmt"

// pregnancy is one pregnancy, from the last period to the birth.
type pregnancy struct {
	lastPeriod day
	due        day
	birth      day
	c          *condition
	visits     int
	first      bool
	diabetic   bool
}

var (
	pregnancyFirst = icd("Z34.01", "Encounter for supervision of normal first pregnancy, first trimester", "Supervision of first pregnancy")
	pregnancyAgain = icd("Z34.81", "Encounter for supervision of other normal pregnancy, first trimester", "Supervision of pregnancy")
	gestational    = icd("O24.410", "Gestational diabetes mellitus in pregnancy, diet controlled", "Gestational diabetes, diet controlled")
	delivery       = icd("O80", "Encounter for full-term uncomplicated delivery", "Full-term delivery")
	lactationCheck = icd("Z39.2", "Encounter for routine postpartum follow-up", "Postpartum check")
	deliveryProc   = coded(icd10pcs, "10E0XZZ", "Delivery of Products of Conception, External Approach", "Vaginal delivery")
)

// weeks is the gestation on a day.
func (g *pregnancy) weeks(on day) float64 { return float64(on-g.lastPeriod) / 7 }

// gain is the weight gained on a day, kg; some of it stays for half a year.
func (g *pregnancy) gain(on day) float64 {
	w := g.weeks(on)
	switch {
	case w < 0 || w > 66:
		return 0
	case on >= g.birth:
		return 6 * (1 - (w-40)/26)
	}
	return max(0, (w-8)/32) * 12.5
}

// planPregnancies plans the pregnancies of the years that the records cover, with their visits.
func (p *patient) planPregnancies() {
	d := &p.d
	if !p.female || p.age(p.last) < 19 || p.age(p.since) > 40 {
		return
	}
	for on := max(p.since+60, p.birth+19*365); on < p.last-50; on += day(d.between(500, 1300)) {
		age := p.age(on)
		chance := 0.30
		if age > 35 || age < 24 {
			chance = 0.12
		}
		if age > 41 || !d.chance(chance) || len(p.births) >= 3 {
			continue
		}
		g := &pregnancy{lastPeriod: on, first: len(p.births) == 0 && d.chance(0.6)}
		g.due = on + 280
		g.birth = g.due + day(d.between(-12, 5))
		g.diabetic = d.chance(0.06 + max(0, p.body.bmi-27)*0.01)
		p.births = append(p.births, g.birth)
		p.pregnancy = g
		for _, w := range []int{8, 12, 16, 20, 24, 28, 31, 34, 36, 38, 39} {
			at := on + day(w*7+d.between(-3, 3))
			if at < g.birth-2 {
				p.plans = append(p.plans, plan{on: at, kind: prenatalVisit, title: "Pregnancy " + itoa(w) + " weeks", pregnant: g})
			}
		}
		p.plans = append(p.plans,
			plan{on: g.birth, kind: hospitalStay, title: "Delivery", pregnant: g},
			plan{on: g.birth + day(d.between(38, 48)), kind: postpartum, title: "Postpartum check", pregnant: g})
		on = g.birth
	}
	p.pregnancy = nil
}

func (v *visit) wantPrenatal(g *pregnancy) {
	v.pregnancy = g
	if v.kind != prenatalVisit {
		if v.kind == hospitalStay {
			v.want(bloodCount, nil)
		}
		return
	}
	w := g.weeks(v.at.day)
	g.visits++
	if g.visits == 1 {
		for _, pn := range []*panel{pregnancyTest, bloodCount, bloodGroup, tshTest, hepatitisC} {
			v.want(pn, nil)
		}
	}
	if w > 23 && w < 29 && v.at.day-v.done[challengeTest] > 100 {
		if g.diabetic {
			v.aim(glucoseChallenge, 165)
		}
		v.want(challengeTest, nil)
		v.want(bloodCount, nil)
	}
	v.want(dipstick, nil)
	v.shift(hemoglobin, -0.12)
}

// reviewPregnancy is the clinician's part of a prenatal visit, the delivery and the check afterwards.
func (v *visit) reviewPregnancy(g *pregnancy) {
	switch v.kind {
	case hospitalStay:
		v.deliver(g)
		return
	case postpartum:
		v.afterDelivery(g)
		return
	}
	w := g.weeks(v.at.day)
	if g.c == nil {
		code := pregnancyAgain
		if g.first {
			code = pregnancyFirst
		}
		g.c = &condition{code: code, onset: g.lastPeriod, recorded: v.at.day, acute: false}
		if g.birth <= v.last {
			g.c.resolved = g.birth
		}
		v.conditions = append(v.conditions, g.c)
		for i := range v.samples {
			v.samples[i].finding(pregnancyTest, 0, "Positive")
			v.samples[i].finding(bloodGroup, 0, pick(&v.d, []string{"O Rh positive", "A Rh positive", "B Rh positive", "O Rh negative", "AB Rh positive"}))
		}
	}
	v.reason = g.c.code
	if w < 14 {
		v.say("Some nausea in the morning, no vomiting, no bleeding.", "Tired, breast tenderness, no cramping or bleeding.")
	} else {
		v.say("Feels the baby move, no bleeding, no contractions, no headache.", "Doing well, active baby. No leaking, no swelling.", "Some heartburn at night; baby active. No bleeding or contractions.")
	}
	fetal := ""
	if w >= 11 {
		fetal = fmt.Sprintf("fetal heart rate %d/min", v.d.between(132, 156))
	}
	if w >= 20 {
		fetal = fmt.Sprintf("fundal height %d cm, ", int(w+0.5)+v.d.between(-1, 1)) + fetal
	}
	if fetal != "" {
		v.exam[abdomen] = upperFirst(fetal) + "."
	}
	a := v.assess(g.c, "", fmt.Sprintf("%d weeks %d days, due %s. Dates and growth agree.", int(v.at.day-g.lastPeriod)/7, int(v.at.day-g.lastPeriod)%7, g.due.human()))
	switch {
	case g.visits == 1:
		_, text := v.begin(g.c, prenatalVitamin, daily)
		a.planned(text, "Prenatal laboratory panel today. Genetic screening offered.")
	case w > 18 && w < 22:
		v.order(fetalScan, g.c, 0.97)
		a.planned("Anatomy ultrasound ordered.")
	case w > 23 && w < 29 && v.done[challengeTest] == v.at.day:
		a.planned("One-hour glucose challenge and blood count.")
		if g.diabetic && v.value(glucoseChallenge) > 139 {
			c := &condition{code: gestational, onset: v.at.day, recorded: v.at.day}
			if g.birth <= v.last {
				c.resolved = g.birth
			}
			v.conditions = append(v.conditions, c)
			v.assess(c, "new", v.told(glucoseChallenge)+".", "Home glucose log, nutrition counseling, growth scan at 32 weeks.")
			v.order(nutrition, c, 0.9)
		}
		v.give(tdap, 0, 0)
	case w > 35:
		a.planned("Labor signs and kick counts reviewed.")
	default:
		a.planned("Routine prenatal care. Warning signs reviewed.")
	}
	if v.levels[hemoglobin].seen > 0 && v.levels[hemoglobin].seen < 10.8 && v.taking(ferrousSulfate) == nil {
		_, text := v.begin(g.c, ferrousSulfate, everyOther)
		a.planned(v.told(hemoglobin)+".", text)
	}
	v.followUp = "as scheduled"
}

func (v *visit) deliver(g *pregnancy) {
	c := &condition{code: delivery, onset: v.at.day, resolved: v.at.day + 42, acute: true, visit: v, recorded: v.at.day}
	if c.resolved > v.last {
		c.resolved = 0
	}
	v.conditions = append(v.conditions, c)
	v.reason = delivery
	v.said = "Regular contractions."
	v.say("Admitted in active labor at term.", "Admitted with ruptured membranes and contractions every four minutes.")
	sex, weight := "girl", 3.4+v.d.normal()*0.35
	if v.d.chance(0.5) {
		sex = "boy"
	}
	v.exam[abdomen] = "Uterus firm at the umbilicus."
	v.assess(c, "", fmt.Sprintf("Spontaneous vaginal delivery of a live %s, %.2f kg, Apgar 8 and 9. Estimated blood loss 250 mL.", sex, weight), "Mother and child discharged home together.", "Postpartum visit in six weeks.")
	v.orders = append(v.orders, &order{procedure: &examination{code: deliveryProc, proc: deliveryProc, name: "delivery", where: countyHospital}, on: v.at.plus(200), visit: v, by: v.by, c: c, done: v.at.day, due: v.at.day})
	v.shift(hemoglobin, -0.5)
}

func (v *visit) afterDelivery(g *pregnancy) {
	c := &condition{code: lactationCheck, onset: v.at.day, resolved: v.at.day + 1, acute: true, visit: v, recorded: v.at.day}
	v.conditions = append(v.conditions, c)
	v.reason = lactationCheck
	v.say("Six weeks after delivery. Breastfeeding, sleeps in stretches of four hours, bleeding has stopped.", "Recovering well, bottle and breast, help at home.")
	score := v.ask(phq9Screen)
	a := v.assess(c, "", fmt.Sprintf("Recovered. PHQ-9 %d.", score), pick(&v.d, []string{"Contraception discussed, progestin pill considered.", "Condoms for now; intrauterine device discussed.", "Return to exercise and pelvic floor training."}))
	for _, r := range v.medicines {
		if r.end == 0 && (r.drug == prenatalVitamin || r.drug == ferrousSulfate && r.c != nil && r.c.is == suddenIllness) {
			v.stop(r, "No longer needed")
			a.planned("Stop " + r.drug.name + ".")
		}
	}
	v.aim(hemoglobin, 13.3)
}
