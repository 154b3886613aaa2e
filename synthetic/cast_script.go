package synthetic

// part is one role in the cast: a patient with a set story. What the script leaves open is drawn like anybody's.
type part struct {
	given, preferred, family string
	female                   bool
	born                     day // 0 for a child: then aged days old today
	aged                     int
	mrn                      string
	heritage                 string
	races                    []*race
	language                 string
	mobile                   string
	payer                    int // index of payers
	slot                     int // visit of the first clinician's day, or -1
	smoking                  smoking
	bmi, gain                float64
	contact                  string
	contactRelation          *concept

	story     []chapter
	allergies []scriptedAllergy
	none      bool // no known allergies
	scenes    []scene
	pins      []pin

	today      *visitKind
	title      string
	said       string   // to the front desk
	sudden     string   // name of the sudden illness that brings the patient today
	panels     []*panel // drawn for today's visit in any case
	drawBefore int      // days before today's visit on which blood was drawn
	unsigned   bool     // today's note is not signed yet
	quiet      bool     // no other messages than the script's
	extra      func(p *patient)

	weightZ    func(months float64) float64
	growthNote string
	lateDoses  int // nothing was given in the last so many days
}

// chapter is one illness of a story.
type chapter struct {
	is       illness
	onset    day // or, if small, days ago
	severity float64
	rungs    int   // of its ladder, climbed before the records begin
	climbs   []int // and later, at the scene so many days ago
}

// scene is a past visit of a story.
type scene struct {
	ago      int // days
	kind     *visitKind
	title    string
	presents illness // the new illness that brings the patient
	sudden   string
	errand   illness
	unsigned bool
}

// pin holds a signal at a value so many days ago. Between pins it moves in a straight line.
type pin struct {
	signal signal
	ago    int
	value  float64
}

type scriptedAllergy struct {
	name     string
	reaction int // index
	year     int
}

func (t *part) identity(d *dice, k int, today day) identity {
	id := identity{k: k, death: never, twin: -1, female: t.female, given: t.given, preferred: t.preferred, family: t.family, birth: t.born, mrn: t.mrn, races: t.races, language: t.language, ethnicity: notHispanic}
	if t.born == 0 {
		id.birth = today - day(t.aged)
	}
	for _, h := range heritages {
		if h.name == t.heritage {
			id.heritage = h
		}
	}
	if t.heritage == "hispanic" {
		id.ethnicity = hispanicOrLatino
	}
	id.gender = manIdentity
	if t.female {
		id.gender = womanIdentity
	}
	id.drawHome(d, id.birth.years(today))
	id.mobile = t.mobile
	id.home = ""
	id.marital = married
	if age := id.birth.years(today); age < 18 {
		id.marital = neverMarried
	}
	id.contactRelation, id.contactRelations = t.contactRelation, t.contactRelation.text
	id.contactName = t.contact
	return id
}

// on turns a chapter's onset into a day.
func (t *part) on(p *patient, at day) day {
	if at > 0 && at < 1500 {
		return p.today - at
	}
	return at
}

func (t *part) onset(p *patient, m *module) (day, bool) {
	for _, c := range t.story {
		if c.is == m.is {
			return t.on(p, c.onset), true
		}
	}
	return 0, false
}

func (t *part) chapter(is illness) *chapter {
	for i := range t.story {
		if t.story[i].is == is {
			return &t.story[i]
		}
	}
	return nil
}

// pinned is the value that the script sets for a signal on a day, if it does.
func (p *patient) pinned(s signal, on day) (float64, bool) {
	if p.part == nil {
		return 0, false
	}
	ago := int(p.today - on)
	var older, newer *pin
	for i := range p.part.pins {
		n := &p.part.pins[i]
		if n.signal != s {
			continue
		}
		if n.ago >= ago && (older == nil || n.ago < older.ago) {
			older = n
		}
		if n.ago <= ago && (newer == nil || n.ago > newer.ago) {
			newer = n
		}
	}
	switch {
	case older == nil:
		return 0, false
	case newer == nil:
		return older.value, true
	case older == newer:
		return older.value, true
	}
	t := float64(older.ago-ago) / float64(older.ago-newer.ago)
	return older.value + (newer.value-older.value)*t, true
}

func (t *part) drawAllergies(p *patient) {
	p.nothing = t.none
	for _, s := range t.allergies {
		for _, a := range allergens {
			if a.name == s.name {
				p.allergies = append(p.allergies, &allergy{kind: a, reaction: a.reactions[s.reaction], onset: dayOf(s.year, 4, 12), recorded: max(p.since, dayOf(s.year, 4, 20))})
			}
		}
	}
}

// planned plans the scenes of a scripted life. It is true if nothing else is to be planned.
func (t *part) planned(p *patient) bool {
	if len(t.scenes) == 0 && !p.child(p.today) {
		return true
	}
	if p.child(p.today) {
		p.planCheckups()
		p.recallDoses()
		return true
	}
	p.recallDoses()
	for _, s := range t.scenes {
		next := plan{on: p.today - day(s.ago), kind: s.kind, title: s.title, scene: true, unsigned: s.unsigned}
		if s.sudden != "" {
			next.sudden = suddenNamed(s.sudden)
		}
		for _, c := range p.conditions {
			if s.presents != suddenIllness && c.is == s.presents {
				next.c = c
			}
			if s.errand != suddenIllness && c.is == s.errand {
				next.errand = c
			}
		}
		p.plans = append(p.plans, next)
	}
	return true
}

func suddenNamed(name string) *sudden {
	for i := range suddenIllnesses {
		if suddenIllnesses[i].code.text == name {
			return &suddenIllnesses[i]
		}
	}
	return nil
}

// purpose is what today's visit is for.
func (t *part) purpose(p *patient, next plan) plan {
	next.kind, next.title, next.sayFirst = t.today, t.title, t.said
	if t.sudden != "" {
		next.sudden = suddenNamed(t.sudden)
	}
	if t.today == nurseVisit {
		next.errand = p.has(atrialFibrillation, p.today)
	}
	return next
}

// noVaccines is true for the last so many days of the script: the doses are due, not given.
func (t *part) noVaccines(v *visit) bool { return int(v.today-v.at.day) < t.lateDoses }

func (t *part) correspond(p *patient) {
	if t.extra != nil {
		t.extra(p)
	}
}

// mayClimb is true if the script lets treatment change at a visit; for everybody else the dice decide.
func (v *visit) mayClimb(c *condition, eager float64) bool {
	if v.part == nil {
		return v.d.chance(eager)
	}
	if ch := v.part.chapter(c.is); ch != nil {
		for _, ago := range ch.climbs {
			if v.at.day == v.sceneDay(ago) {
				return true
			}
		}
	}
	return false
}

// sceneDay is the working day on which a scene was played.
func (p *patient) sceneDay(ago int) day { return (p.today - day(ago)).workday() }

// earlier is the last time of day that has already been, today or yesterday.
func (p *patient) earlier(minute int) moment {
	if p.now.minute > minute {
		return p.today.at(minute)
	}
	return (p.today - 1).at(minute)
}
