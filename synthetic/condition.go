package synthetic

// module is a disease or another standing concern: who gets it, how it shows, and what is done about it.
type module struct {
	is illness

	// onset says when the patient fell ill with it. It is asked once, in the order of modules, so that one illness can make another
	// likelier. ok is false for most.
	onset func(p *patient) (on day, ok bool)

	// begin chooses the diagnosis and moves the signals that the illness moves.
	begin func(p *patient, c *condition)

	// ladder is the treatment, rung by rung, and what each rung does to the signal.
	ladder func(p *patient, c *condition) ladder

	// checks are the tests that the illness asks for, and how often.
	checks []check

	// first are tests that only the diagnosis asks for.
	first []*panel

	// screens are questionnaires asked at its visits.
	screens []*screening

	// review is what the clinician finds, thinks and does about it at a visit.
	review func(v *visit, c *condition)

	title     string // of its follow-up visit
	complaint string // what brings the patient when it is new
	months    int    // between follow-up visits; 0 if it needs none of its own
}

// check is a test that is due every so many months.
type check struct {
	panel  *panel
	months int
}

// condition is a module's illness in one patient.
type condition struct {
	is       illness
	module   *module // nil for a sudden illness
	code     *concept
	onset    day
	resolved day // 0 while it lasts
	recorded day // when it came onto the problem list; 0 before that
	id       string
	rung     int // how many rungs of the ladder have been climbed
	held     []*prescription
	severity float64 // 0 to 1
	state    string  // what the last note called it
	acute    bool    // belongs to its visit, not to the problem list
	visit    *visit  // where an acute one was diagnosed
	extra    int     // the module's own
}

func (c *condition) active(on day) bool { return c.onset <= on && (c.resolved == 0 || on < c.resolved) }

func (c *condition) known(on day) bool { return c.recorded != 0 && c.recorded <= on }

// fresh is true at the visit where the diagnosis was made.
func (c *condition) fresh(v *visit) bool { return c.recorded == v.at.day }

// illness names a module, so that one can ask about another.
type illness int

const (
	suddenIllness illness = iota
	obesity
	hypertension
	hyperlipidemia
	prediabetes
	diabetes
	kidneyDisease
	coronaryDisease
	atrialFibrillation
	heartFailure
	asthma
	copd
	allergicRhinitis
	eczema
	hypothyroidism
	depression
	anxiety
	attentionDeficit
	migraine
	insomnia
	reflux
	osteoarthritis
	backPain
	gout
	osteoporosis
	prostate
	ironDeficiency
	vitaminDDeficiency
	tobaccoUse
	sleepApnea
	breastCancer
	colonPolyps
	menopause
)

// modules are asked in this order.
var modules = []*module{
	obesityModule, hypertensionModule, hyperlipidemiaModule, prediabetesModule, diabetesModule, kidneyDiseaseModule, coronaryModule,
	atrialFibrillationModule, heartFailureModule, asthmaModule, copdModule, allergicRhinitisModule, eczemaModule, hypothyroidismModule,
	depressionModule, anxietyModule, attentionDeficitModule, migraineModule, insomniaModule, refluxModule, osteoarthritisModule, backPainModule,
	goutModule, osteoporosisModule, prostateModule, ironDeficiencyModule, vitaminDModule, tobaccoModule, sleepApneaModule, breastCancerModule, colonPolypsModule,
	menopauseModule,
}

// rung is one step of treatment.
type rung struct {
	drug  *drug
	sig   sig
	shift float64 // what it does to the ladder's signal
	swap  bool    // takes the place of the rung below: a larger dose, or another drug
	side  func(p *patient)
}

// ladder is a treatment that is climbed until a signal is at its goal.
type ladder struct {
	signal signal
	rungs  []rung
	least  float64 // no rung is climbed that would take the signal below this; 0 for no such limit
}

// enough is true if the next rung would be too much.
func (l *ladder) enough(p *patient, step rung) bool {
	return l.least != 0 && p.levels[l.signal].target+step.shift < l.least
}

// fallIll decides on the patient's illnesses.
func (p *patient) fallIll() {
	for _, m := range modules {
		on, ok := m.onset(p)
		if p.part != nil {
			on, ok = p.part.onset(p, m)
		}
		if !ok || on > p.last {
			continue
		}
		p.add(m, max(on, p.birth))
	}
}

func (p *patient) add(m *module, on day) *condition {
	c := &condition{is: m.is, module: m, onset: on, severity: p.d.unit()}
	if p.part != nil {
		if ch := p.part.chapter(m.is); ch != nil {
			c.severity = ch.severity
		}
	}
	p.conditions = append(p.conditions, c)
	if on < p.since {
		p.start(c)
	}
	return c
}

// start lets an illness act on the signals.
func (p *patient) start(c *condition) {
	if c.module != nil && c.module.begin != nil {
		c.module.begin(p, c)
	}
}

// between draws an onset at an age between two, later than birth; ok is false if it has not come yet.
func (p *patient) between(chance float64, from, to int) (day, bool) {
	if !p.d.chance(chance) {
		return 0, false
	}
	on := p.birth + day(from*365+p.d.below((to-from)*365))
	return on, on <= p.last
}
