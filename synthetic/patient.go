package synthetic

import "math"

// patient is a life as the practice knows it. It is lived first and written afterwards.
type patient struct {
	identity
	w     *practice
	now   moment
	today day
	d     dice
	id    string // "p000012"
	ref   string // "Patient/p000012"
	part  *part  // the script, if the patient is one of the cast

	pcp      *staff
	site     int
	payer    *payer
	member   string
	pharmacy *organization
	since    day // when the practice's own records begin
	last     day // no visit after this day: today, or the day before death

	body       body
	smoking    smoking
	levels     [signals]level
	conditions []*condition
	allergies  []*allergy
	nothing    bool // "no known allergies" is a recorded fact
	medicines  []*prescription
	visits     []*visit
	samples    []*sample
	doses      []*dose
	orders     []*order
	papers     []*paper
	relatives  []relative
	messages   []*message
	tasks      []*task
	notice     *notice
	devices    []*device
	done       map[*panel]day
	screened   map[*screening]day
	plans      []plan
	booking    *booking
	booked     []*appointment
	pregnancy  *pregnancy
	births     []day

	counts map[string]int
}

// body is how somebody is built.
type body struct {
	height    float64 // cm, grown up
	bmi       float64 // kg/m² on the first day of the records
	gain      float64 // kg/m² a year
	heightZ   float64 // children: standard deviations from the median
	weightZ   float64
	headZ     float64
	shortened float64 // cm lost to age
}

type smoking int

const (
	neverSmoked smoking = iota
	formerSmoker
	everyDaySmoker
	someDaySmoker
)

// newPatient draws patient k: who they are and how they are built, and which illnesses they have had.
func newPatient(w *practice, k int) *patient {
	p := &patient{w: w, now: w.now, today: w.today, done: map[*panel]day{}, screened: map[*screening]day{}, counts: map[string]int{}}
	p.d = diceFor(w.Seed, uint64(k)*2+1)
	scripted := w.castSize()
	if k < scripted {
		p.part = &cast[k]
		p.identity = p.part.identity(&p.d, k, p.today)
	} else {
		p.identity = w.identityOf(k)
	}
	p.settle("p" + itoa(1_000_000 + k)[1:])
	return p
}

// settle gives the patient an id and all that is drawn once for a life.
func (p *patient) settle(id string) {
	p.id, p.ref = id, "Patient/"+id
	d := &p.d
	p.last = p.today
	if p.death != never {
		p.last = p.death - 1
	}
	p.site = 0
	if p.city == "Mill Pond" && d.chance(0.7) {
		p.site = 1
	}
	p.pcp = &employees[d.below(3)]
	if p.site == 1 && p.age(p.today) >= 16 {
		p.pcp = &employees[3]
	}
	p.booking = p.w.bookingOf(p)
	if p.booking != nil {
		p.pcp, p.site = p.booking.by, p.booking.by.site
	}
	p.pharmacy = pharmacies[p.site]
	if d.chance(0.15) {
		p.pharmacy = pharmacies[1-p.site]
	}
	p.insure()
	years := p.w.Years
	p.since = max(p.birth+2, p.last-day(years*365+d.below(300)))
	if p.birth.years(p.today) < 18 {
		p.since = p.birth + 2
		if d.chance(0.12) { // moved here later
			p.since = min(p.birth+2+day(d.below(max(1, int(p.last-p.birth)))), p.last)
		}
	}
	if p.part != nil {
		p.pcp, p.site = &employees[0], 0
		p.since = p.birth + 2
		if n := len(p.part.scenes); n > 0 {
			p.since = p.today - day(p.part.scenes[0].ago) - 1
		} else if p.part.born != 0 {
			p.since = p.today - 1
		}
	}
	if p.twin >= 0 {
		p.since = p.last - day(d.between(20, 200))
	}
	p.grow()
	p.drawHabits()
	p.drawLevels()
	p.drawAllergies()
}

func (p *patient) insure() {
	age := p.age(p.today)
	var list []*payer
	var weights []float64
	for _, y := range payers {
		if age >= y.minAge && age <= y.maxAge {
			w := y.weight
			if y.plan == "Commonwealth Medicaid" && age < 18 {
				w *= 1.8
			}
			list = append(list, y)
			weights = append(weights, w)
		}
	}
	p.payer = list[p.d.weighted(weights)]
	p.member = p.payer.idPrefix + itoa(p.d.between(100_000, 999_999)) + itoa(p.d.between(100, 999))
	if p.d.chance(0.035) && (p.part == nil) {
		p.payer = nil // pays themselves
	}
	if p.part != nil {
		p.payer = payers[p.part.payer]
	}
}

func (p *patient) grow() {
	d, b := &p.d, &p.body
	b.heightZ, b.weightZ, b.headZ = d.normal()*0.9, 0, d.normal()*0.8
	b.weightZ = 0.45*b.heightZ + d.normal()*0.8
	grown := heightForAge[sexIndex(p.female)]
	b.height = grown[len(grown)-1].value(b.heightZ)
	b.bmi = 27.2 + d.normal()*4.6
	if d.chance(0.12) {
		b.bmi += 6
	}
	b.bmi = min(max(b.bmi, 17.5), 47)
	b.gain = 0.1 + d.normal()*0.25
	if p.part != nil && p.part.bmi > 0 {
		b.bmi, b.gain = p.part.bmi, p.part.gain
		if p.part.gain == 0 {
			b.gain = 0.05
		}
	}
	if age := p.age(p.today); age > 75 {
		b.gain -= 0.2
		b.shortened = float64(age-75) * 0.2
	}
}

func (p *patient) drawHabits() {
	d := &p.d
	if p.part != nil {
		p.smoking = p.part.smoking
		return
	}
	if p.age(p.today) < 16 {
		return
	}
	switch x := d.unit(); {
	case x < 0.10:
		p.smoking = everyDaySmoker
	case x < 0.13:
		p.smoking = someDaySmoker
	case x < 0.36 && p.age(p.today) > 25:
		p.smoking = formerSmoker
	}
}

// age is the patient's age in whole years on a day.
func (p *patient) age(on day) int { return p.birth.years(on) }

func (p *patient) child(on day) bool { return p.age(on) < 18 }

// height in centimetres, as measured on a day.
func (p *patient) height(on day) float64 {
	if months := p.ageMonths(on); months < 239 {
		return reference(heightForAge[sexIndex(p.female)], months).value(p.body.heightZ)
	}
	return p.body.height - p.body.shortened
}

// ageMonths is the age with its fraction.
func (p *patient) ageMonths(on day) float64 { return float64(on-p.birth) / 30.4375 }

// weight in kilograms on a day.
func (p *patient) weight(on day) float64 {
	months := p.ageMonths(on)
	if months < 239 {
		z := p.body.weightZ
		if p.part != nil && p.part.weightZ != nil {
			z = p.part.weightZ(months)
		}
		return reference(weightForAge[sexIndex(p.female)], months).value(z)
	}
	bmi := p.body.bmi + p.body.gain*float64(on-p.since)/365
	bmi += p.levels[weightShift].advance(on, weightShift.test().settle)
	if p.pregnancy != nil {
		bmi += p.pregnancy.gain(on) / (p.body.height * p.body.height) * 10000
	}
	bmi = min(max(bmi, 16.5), 52)
	h := p.body.height / 100
	return bmi * h * h
}

// bmi on a day, kg/m².
func (p *patient) bmi(on day) float64 {
	h := p.height(on) / 100
	return p.weight(on) / (h * h)
}

// smokes is true for a current smoker.
func (p *patient) smokes() bool { return p.smoking == everyDaySmoker || p.smoking == someDaySmoker }

// has finds a standing condition that the patient has on a day.
func (p *patient) has(is illness, on day) *condition {
	for _, c := range p.conditions {
		if c.is == is && !c.acute && c.active(on) {
			return c
		}
	}
	return nil
}

// ever is true if the patient has ever had the condition, now or later.
func (p *patient) ever(is illness) bool {
	for _, c := range p.conditions {
		if c.is == is && !c.acute {
			return true
		}
	}
	return false
}

// newID numbers the patient's resources of a kind: p000012-enc-3.
func (p *patient) newID(kind string) string {
	p.counts[kind]++
	return p.id + "-" + kind + "-" + itoa(p.counts[kind])
}

// person is how a note begins: "58-year-old woman", "15-month-old girl".
func (p *patient) person(on day) string {
	months := p.birth.months(on)
	age := p.age(on)
	noun := "man"
	switch {
	case age < 13 && p.female:
		noun = "girl"
	case age < 13:
		noun = "boy"
	case p.gender == nonBinaryIdentity:
		noun = "person"
	case p.gender == womanIdentity:
		noun = "woman"
	}
	if age < 18 && age >= 13 {
		noun = "teenager"
	}
	switch {
	case on-p.birth < 28:
		return itoa(int(on-p.birth)) + "-day-old " + noun
	case months < 24:
		return itoa(months) + "-month-old " + noun
	}
	return itoa(age) + "-year-old " + noun
}

func round(v float64, decimals int) float64 {
	f := math.Pow10(decimals)
	return math.Round(v*f) / f
}
