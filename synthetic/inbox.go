package synthetic

// message is a message between a patient and the practice.
type message struct {
	sent     moment
	topic    string
	text     string
	fromUs   bool
	by       *staff // who wrote or is to read it
	answered *message
	open     bool // not answered yet
	internal bool // among staff: the patient never sees it
}

// task is work that waits for somebody.
type task struct {
	kind     *concept
	text     string
	made     moment
	owner    *staff
	focus    string        // reference
	urgent   string        // routine, urgent, asap, stat
	sample   *sample       // whose report it is about
	drug     *prescription // that is asked to be refilled
	pharmacy bool          // by the pharmacy, not the patient
	message  *message
	order    *order
	loop     *loop // of a referral
}

const taskSystem = "https://osler.example/fhir/CodeSystem/task"

var (
	reviewResultTask = coded(taskSystem, "review-result", "Review result", "Review result")
	refillTask       = coded(taskSystem, "refill", "Refill request", "Refill request")
	messageTask      = coded(taskSystem, "message", "Patient message", "Patient message")
	overdueTask      = coded(taskSystem, "overdue-order", "Overdue order", "Overdue order")
	todoTask         = coded(taskSystem, "todo", "To do", "To do")
)

// portalQuestion is a question that patients ask, and what the nurse answers.
type portalQuestion struct {
	topic, ask, answer string
	fits               func(p *patient) bool
}

var portalQuestions = []portalQuestion{
	{"Ibuprofen for knee pain", "Is ibuprofen safe for my knee? The drug store has it on sale.", "Because of your kidneys please avoid ibuprofen and naproxen. Acetaminophen up to 3,000 mg a day is fine.", func(p *patient) bool { return p.has(kidneyDisease, p.today) != nil }},
	{"Blood pressure readings", "My readings this week: 128/79, 134/82, 126/77, 131/80. Is that good enough?", "Those are good. Keep the same dose and bring the list to your visit.", func(p *patient) bool { return p.has(hypertension, p.today) != nil }},
	{"Metformin and stomach", "Since the larger dose my stomach is upset in the morning.", "Take it in the middle of breakfast. If it has not settled in two weeks, write again and we change to the long-acting form.", func(p *patient) bool { return p.has(diabetes, p.today) != nil }},
	{"School form", "The school needs the vaccine dates by Friday. Can you fill in the form?", "It is done and in the portal under Documents.", func(p *patient) bool { return p.child(p.today) && p.age(p.today) > 4 }},
	{"Inhaler refill", "The inhaler will be empty next week. Same pharmacy please.", "Sent to the pharmacy this morning.", func(p *patient) bool { return p.has(asthma, p.today) != nil }},
	{"Test results", "I saw my results in the portal. Do I need to do anything about the ones marked high?", "Dr. reviewed them: they are close to your usual values, no change needed. We repeat them at your next visit.", func(p *patient) bool { return !p.child(p.today) && len(p.samples) > 0 }},
	{"Dizzy since the new tablet", "Since I started the new blood pressure tablet I feel light-headed when I stand up. It passes after a minute. Should I stop it?", "Please do not stop it yet. Drink water, stand up slowly, and come for a pressure check with the nurse tomorrow.", func(p *patient) bool { return p.has(hypertension, p.today) != nil }},
	{"Travel", "We fly on the 12th. Do I need anything before the trip?", "Your vaccines are up to date. Take two weeks of medicines in your hand luggage.", func(p *patient) bool { return !p.child(p.today) }},
	{"Fever and shots", "She had her shots yesterday and feels warm, 38.1. Is that normal?", "Yes, a mild fever for one or two days is common. Acetaminophen by weight; call if it is above 39 or lasts longer than two days.", func(p *patient) bool { return p.age(p.today) < 4 }},
}

// correspond writes the portal messages of the last months, and what is waiting now.
func (p *patient) correspond() {
	d := &p.d
	if p.part != nil {
		p.part.correspond(p)
	}
	if p.death != never || p.twin >= 0 || len(p.visits) == 0 {
		return
	}
	for _, s := range p.samples {
		if s.unread && !s.pending {
			p.tasks = append(p.tasks, &task{kind: reviewResultTask, text: "Review " + s.title(), made: s.issued, owner: s.by, sample: s, urgent: p.urgency(s)})
		}
	}
	for _, o := range p.orders {
		if !o.procedure.referral && o.done == 0 && !o.cancelled && o.due < p.today-10 && len(p.tasks) < 3 && (p.part != nil || d.chance(0.5)) {
			p.tasks = append(p.tasks, &task{kind: overdueTask, text: "Overdue: " + o.procedure.name, made: o.due.at(7 * 60), owner: p.pcp, order: o, urgent: "routine"})
		}
	}
	p.referrals()
	if p.part != nil && p.part.quiet {
		return
	}
	if d.chance(0.3) {
		p.writeIn()
	}
	if r := p.refillable(); r != nil && d.chance(0.05) {
		p.tasks = append(p.tasks, &task{kind: refillTask, text: "Refill: " + r.drug.brief(r.sig), made: (p.today - 1 - day(d.below(3))).at(7*60 + d.below(700)), owner: p.pcp, drug: r, urgent: "routine"})
	}
}

// writeIn asks one of the questions that suit the patient.
func (p *patient) writeIn() {
	d := &p.d
	var fitting []portalQuestion
	for _, q := range portalQuestions {
		if q.fits(p) {
			fitting = append(fitting, q)
		}
	}
	if len(fitting) == 0 {
		return
	}
	q := pick(d, fitting)
	on := max(p.today-day(d.between(1, 120)), p.visits[0].at.day+1, p.birth+3)
	if on < p.today {
		p.ask(q, on.at(18*60+d.below(200)), on < p.today-3 || d.chance(0.5))
	}
}

func (p *patient) ask(q portalQuestion, at moment, answered bool) *message {
	m := &message{sent: at, topic: q.topic, text: q.ask, by: p.pcp, open: !answered}
	p.messages = append(p.messages, m)
	if answered {
		back := &message{sent: (at.day + 1).at(8*60 + p.d.below(120)), topic: q.topic, text: q.answer, by: &employees[4+p.d.below(2)], fromUs: true, answered: m}
		if back.sent.after(p.now) {
			m.open = true
		} else {
			p.messages = append(p.messages, back)
			return m
		}
	}
	if m.open {
		p.tasks = append(p.tasks, &task{kind: messageTask, text: q.topic, made: at, owner: m.by, message: m, urgent: "routine"})
	}
	return m
}

func (p *patient) refillable() *prescription {
	for _, r := range p.medicines {
		if r.end == 0 && r.sig.days == 0 && p.today-r.on.day > 60 {
			return r
		}
	}
	return nil
}

// title names a sample's report: "basic metabolic panel and HbA1c".
func (s *sample) title() string {
	var list []string
	for _, r := range s.results {
		list = append(list, r.panel.name)
	}
	return joined(list)
}

// urgency of a report: stat for a critical value.
func (p *patient) urgency(s *sample) string {
	urgency := "routine"
	for _, r := range s.results {
		for i, a := range r.panel.members {
			if i >= len(r.values) {
				break
			}
			switch p.flag(a, r.values[i], s.at.day) {
			case "HH", "LL":
				return "stat"
			case "H", "L":
				urgency = "urgent"
			}
		}
	}
	return urgency
}
