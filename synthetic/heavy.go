package synthetic

// Figures of the heavy patient.
const (
	heavyVisits = 1000
	heavyEvery  = 7 // days between visits
)

// heavyPatient is one very sick man with a visit every week for nineteen years: the largest chart a practice might meet. It is there to
// measure with.
func (w *practice) heavyPatient() *patient {
	p := &patient{w: w, now: w.now, today: w.today, done: map[*panel]day{}, screened: map[*screening]day{}, counts: map[string]int{}}
	p.d = diceFor(w.Seed, 1<<40)
	p.identity = identity{k: 1 << 20, given: "Ambrose", family: "Heavyside", birth: w.today - 71*365, death: never, twin: -1, heritage: heritages[0], races: []*race{white}, ethnicity: notHispanic,
		language: "en", gender: manIdentity, line: "1 Harbor Street", city: "Port Alden", zip: "01999", mobile: "(555) 010-0100", marital: married, mrn: "100000001",
		contactName: "Edith Heavyside", contactRelation: wife, contactRelations: "wife", contactPhone: "(555) 010-0101"}
	p.settle("heavy")
	p.booking = nil
	p.pcp, p.site = &employees[0], 0
	p.since = w.today - heavyVisits*heavyEvery - 30
	p.conditions = nil
	for _, m := range []*module{hypertensionModule, hyperlipidemiaModule, diabetesModule, kidneyDiseaseModule, atrialFibrillationModule, heartFailureModule, copdModule, osteoarthritisModule, goutModule, depressionModule} {
		p.add(m, p.since-900)
	}
	for _, c := range p.conditions {
		c.severity = 0.7
	}
	p.inherit()
	for n := range heavyVisits {
		on := w.today - day((heavyVisits-n)*heavyEvery)
		next := plan{on: on, kind: followUpVisit, title: "Anticoagulation and heart failure clinic"}
		v := p.newVisit(next)
		v.at = on.at(8*60 + n%32*15)
		v.admit()
		v.recordOld()
		v.takeVitals()
		v.vitals.height, v.vitals.bmi = 0, 0
		v.want(basicPanel, p.conditions[3])
		v.want(inrTest, p.conditions[4])
		v.want(bnpTest, p.conditions[5])
		v.want(magnesiumTest, p.conditions[5])
		v.want(urateTest, p.conditions[8])
		v.previous = nil // drawn on the spot
		v.draw()
		v.name()
		if n%4 == 0 {
			v.conclude(plan{})
		} else {
			v.checkINR(p.conditions[4])
			v.normalExam()
		}
		p.plans = nil
	}
	p.afterwards()
	return p
}
