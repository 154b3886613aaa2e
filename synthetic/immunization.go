package synthetic

import "slices"

// vaccine is a product in the refrigerator.
type vaccine struct {
	code  *concept
	name  string
	maker *organization
	lot   string // prefix of its lot numbers
	route *route
	ml    float64
	drops bool // by mouth
}

func cvx(code, display, name string, maker *organization, lot string) *vaccine {
	return &vaccine{code: coded(cvxURI, code, display, name), name: name, maker: maker, lot: lot, route: intoMuscle, ml: 0.5}
}

func (x *vaccine) under() *vaccine { x.route = underSkin; return x }

func (x *vaccine) oral(ml float64) *vaccine { x.route, x.ml, x.drops = byMouth, ml, true; return x }

// Makers of vaccines.
var (
	businessKind = tho("organization-type", "bus", "Non-Healthcare Business or Corporation")
	merck        = &organization{id: "merck", name: "Merck Sharp & Dohme", kind: businessKind}
	sanofi       = &organization{id: "sanofi-pasteur", name: "Sanofi Pasteur", kind: businessKind}
	glaxo        = &organization{id: "glaxosmithkline", name: "GlaxoSmithKline", kind: businessKind}
	pfizer       = &organization{id: "pfizer", name: "Pfizer", kind: businessKind}
	makers       = []*organization{merck, sanofi, glaxo, pfizer}
)

var (
	hepB       = cvx("08", "Hep B, adolescent or pediatric", "Hepatitis B", merck, "HB")
	dtap       = cvx("20", "DTaP", "DTaP", sanofi, "C5")
	dtapHepIPV = cvx("110", "DTaP-Hep B-IPV", "DTaP-HepB-IPV", glaxo, "PD")
	dtapIPV    = cvx("130", "DTaP-IPV", "DTaP-IPV", glaxo, "KX")
	hib        = cvx("48", "Hib (PRP-T)", "Hib", sanofi, "UH")
	pcv13      = cvx("133", "Pneumococcal conjugate PCV 13", "PCV13", pfizer, "DR")
	pcv20      = cvx("216", "Pneumococcal conjugate PCV20, polysaccharide CRM197 conjugate, adjuvant, PF", "PCV20", pfizer, "GX")
	ppv23      = cvx("33", "pneumococcal polysaccharide PPV23", "PPSV23", merck, "PN")
	rotavirus  = cvx("116", "rotavirus, pentavalent", "Rotavirus", merck, "RT").oral(2)
	mmr        = cvx("03", "MMR", "MMR", merck, "MM").under()
	varicella  = cvx("21", "varicella", "Varicella", merck, "VZ").under()
	hepA       = cvx("83", "Hep A, ped/adol, 2 dose", "Hepatitis A", glaxo, "HA")
	tdap       = cvx("115", "Tdap", "Tdap", sanofi, "U6")
	td         = cvx("113", "Td (adult), 5 Lf tetanus toxoid, preservative free, adsorbed", "Td", sanofi, "U7")
	hpv9       = cvx("165", "HPV9", "HPV", merck, "HP")
	menACWY    = cvx("203", "meningococcal conjugate quadrivalent, MenACWY-TT (MCV4)", "MenACWY", sanofi, "MQ")
	menACWYold = cvx("114", "meningococcal MCV4P", "MenACWY", sanofi, "MA")
	menB       = cvx("162", "meningococcal B, recombinant", "MenB", pfizer, "MB")
	zoster     = cvx("187", "zoster recombinant", "Zoster", glaxo, "ZR")
	rsvAdult   = cvx("305", "RSV, bivalent, protein subunit RSVpreF, diluent reconstituted, 0.5 mL, PF", "RSV", pfizer, "RS")
	rsvInfant  = cvx("306", "RSV, mAb, nirsevimab-alip, 0.5 mL, neonate to 24 months", "RSV antibody", sanofi, "NV")
	fluQuad    = cvx("150", "Influenza, split virus, quadrivalent, PF", "Influenza", sanofi, "FQ")
	fluTri     = cvx("140", "Influenza, split virus, trivalent, PF", "Influenza", sanofi, "FT")
	fluHigh    = cvx("197", "Influenza, high-dose, quadrivalent, PF", "Influenza, high-dose", sanofi, "FH")
	fluHighTri = cvx("135", "Influenza, high-dose, trivalent, PF", "Influenza, high-dose", sanofi, "FH")
	covid21    = cvx("208", "COVID-19, mRNA, LNP-S, PF, 30 mcg/0.3 mL dose", "COVID-19", pfizer, "EW")
	covid22    = cvx("300", "COVID-19, mRNA, LNP-S, bivalent, PF, 30 mcg/0.3 mL dose", "COVID-19, bivalent", pfizer, "GJ")
	covid23    = cvx("309", "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 30 mcg/0.3 mL", "COVID-19", pfizer, "HT")
	covidKid21 = cvx("218", "COVID-19, mRNA, LNP-S, PF, 10 mcg/0.2 mL dose, tris-sucrose", "COVID-19, child", pfizer, "FK")
	covidKid23 = cvx("310", "COVID-19, mRNA, LNP-S, PF, tris-sucrose, 10 mcg/0.3 mL", "COVID-19, child", pfizer, "HK")
)

// dose is one immunization given, or refused.
type dose struct {
	vaccine *vaccine
	on      moment
	number  int // in its series; 0 for yearly ones
	of      int
	visit   *visit // nil if given elsewhere
	by      *staff
	lot     string
	expires day
	site    int
	refused bool
	why     *concept
	origin  *concept // where the record comes from, if given elsewhere
}

// series is a row of the schedule of the Centers for Disease Control and Prevention: what is given, and at which ages in months.
type series struct {
	name   string
	give   func(on day, number int) *vaccine
	months []float64
	least  int // days between doses
	until  float64
}

func always(x *vaccine) func(day, int) *vaccine { return func(day, int) *vaccine { return x } }

// after chooses between an old and a new product by date.
func after(change day, old, now *vaccine) func(day, int) *vaccine {
	return func(on day, _ int) *vaccine {
		if on < change {
			return old
		}
		return now
	}
}

// childSeries is the schedule for children.
var childSeries = []series{
	{name: "HepB", give: always(hepB), months: []float64{0}, until: 1},
	{name: "DTaP-HepB-IPV", give: always(dtapHepIPV), months: []float64{2, 4, 6}, least: 50, until: 60},
	{name: "Hib", give: always(hib), months: []float64{2, 4, 6, 12}, least: 50, until: 59},
	{name: "PCV", give: after(dayOf(2023, 9, 1), pcv13, pcv20), months: []float64{2, 4, 6, 12}, least: 50, until: 59},
	{name: "Rotavirus", give: always(rotavirus), months: []float64{2, 4, 6}, least: 50, until: 8},
	{name: "MMR", give: always(mmr), months: []float64{12, 48}, least: 60, until: 216},
	{name: "Varicella", give: always(varicella), months: []float64{12, 48}, least: 90, until: 216},
	{name: "HepA", give: always(hepA), months: []float64{12, 18}, least: 180, until: 216},
	{name: "DTaP", give: always(dtap), months: []float64{15}, least: 0, until: 48},
	{name: "DTaP-IPV", give: always(dtapIPV), months: []float64{48}, until: 84},
	{name: "Tdap", give: always(tdap), months: []float64{132}, until: 216},
	{name: "HPV", give: always(hpv9), months: []float64{132, 138}, least: 150, until: 216},
	{name: "MenACWY", give: after(dayOf(2021, 6, 1), menACWYold, menACWY), months: []float64{132, 192}, least: 300, until: 228},
	{name: "MenB", give: always(menB), months: []float64{193, 200}, least: 170, until: 228},
}

var (
	patientObjection = tho("v3-ActReason", "PATOBJ", "patient objection")
	outOfStock       = tho("v3-ActReason", "OSTOCK", "product out of stock")
	otherProvider    = tho("immunization-origin", "provider", "Other Provider")
	registryRecord   = tho("immunization-origin", "jurisdiction", "Jurisdictional IIS")
)

// count is how many doses of a series have been given, and when the last was.
func (p *patient) count(s *series) (n int, last day) {
	for _, d := range p.doses {
		if d.refused {
			continue
		}
		for i := range s.months {
			if d.vaccine == s.give(d.on.day, i+1) {
				n++
				last = max(last, d.on.day)
				break
			}
		}
	}
	return n, last
}

// doubtful is true for the few families that decline vaccines.
func (p *patient) doubtful() bool { return p.part == nil && p.k%29 == 11 }

// vaccinate gives what is due at a visit.
func (v *visit) vaccinate() {
	if v.kind == videoVisit || v.kind.elsewhere() || v.vitals.temp > 38 || v.part != nil && v.part.noVaccines(v) {
		return
	}
	on := v.at.day
	if v.kind == wellChildVisit || v.kind == nurseVisit && v.child(on) {
		v.vaccinateChild()
	}
	check := v.kind == physicalVisit || v.kind == newPatientExam || v.kind == nurseVisit
	if check && v.age(on) >= 18 {
		v.vaccinateAdult()
	}
	v.seasonal()
}

func (v *visit) vaccinateChild() {
	on := v.at.day
	months := v.ageMonths(on) + 0.2
	if m := on.month(); months < 8 && (m >= 10 || m <= 3) && on > dayOf(2023, 10, 1) && !slices.ContainsFunc(v.doses, func(d *dose) bool { return d.vaccine == rsvInfant }) {
		v.give(rsvInfant, 1, 1)
	}
	for i := range childSeries {
		s := &childSeries[i]
		n, last := v.count(s)
		if n >= len(s.months) || months < s.months[n] || months > s.until || n > 0 && int(on-last) < s.least {
			continue
		}
		v.give(s.give(on, n+1), n+1, len(s.months))
	}
}

func (v *visit) vaccinateAdult() {
	on, age := v.at.day, v.age(v.at.day)
	lastOf := func(list ...*vaccine) (n int, last day) {
		for _, d := range v.doses {
			for _, x := range list {
				if d.vaccine == x && !d.refused {
					n++
					last = max(last, d.on.day)
				}
			}
		}
		return n, last
	}
	if n, last := lastOf(td, tdap); n == 0 || on-last > 10*365 {
		x := td
		if n, _ := lastOf(tdap); n == 0 {
			x = tdap
		}
		v.give(x, 0, 0)
	}
	if n, last := lastOf(zoster); age >= 50 && n < 2 && (n == 0 || on-last > 60) && v.d.chance(0.7) {
		v.give(zoster, n+1, 2)
	}
	if n, _ := lastOf(pcv20, ppv23, pcv13); age >= 65 && n == 0 {
		x := pcv20
		if on < dayOf(2022, 3, 1) {
			x = ppv23
		}
		v.give(x, 1, 1)
	}
	if n, _ := lastOf(rsvAdult); age >= 75 && n == 0 && on > dayOf(2023, 9, 1) && v.d.chance(0.6) {
		v.give(rsvAdult, 1, 1)
	}
	if n, last := lastOf(hpv9); age < 27 && n < 2 && (n == 0 || on-last > 150) && v.d.chance(0.4) {
		v.give(hpv9, n+1, 2)
	}
}

// season is the year in which an influenza season began; ok is false outside September to January.
func season(on day) (year int, ok bool) {
	y, m, _ := on.date()
	switch {
	case m >= 9:
		return y, true
	case m == 1:
		return y - 1, true
	}
	return 0, false
}

// seasonal gives the influenza and COVID-19 vaccines of the season.
func (v *visit) seasonal() {
	on, age := v.at.day, v.age(v.at.day)
	year, ok := season(on)
	if !ok || v.ageMonths(on) < 6 || v.fluGiven(on) {
		return
	}
	eager := 0.62
	switch {
	case v.kind == nurseVisit && v.title == fluShot:
		eager = 1
	case age >= 65:
		eager = 0.85
	}
	if v.d.chance(eager) {
		v.give(fluFor(year, age), 0, 0)
		if year >= 2021 && age >= 5 && v.d.chance(0.45) {
			v.give(covidFor(year, age), 0, 0)
		}
	} else if v.d.chance(0.25) {
		v.refuse(fluFor(year, age))
	}
}

// fluShot is the title of a nurse visit for the influenza vaccine.
const fluShot = "Flu shot"

var vaccineVisit = icd("Z23", "Encounter for immunization", "Immunization")

// fluGiven is true if the influenza vaccine of the season of a day was given or declined.
func (p *patient) fluGiven(on day) bool {
	year, _ := season(on)
	for _, d := range p.doses {
		if y, in := season(d.on.day); in && y == year && d.vaccine.seasonal() {
			return true
		}
	}
	return false
}

func (x *vaccine) seasonal() bool {
	switch x {
	case fluQuad, fluTri, fluHigh, fluHighTri:
		return true
	}
	return false
}

// fluFor is the influenza vaccine of a season: four strains until 2023, three since.
func fluFor(year, age int) *vaccine {
	switch {
	case age >= 65 && year >= 2024:
		return fluHighTri
	case age >= 65:
		return fluHigh
	case year >= 2024:
		return fluTri
	}
	return fluQuad
}

func covidFor(year, age int) *vaccine {
	switch {
	case age < 12 && year >= 2023:
		return covidKid23
	case age < 12:
		return covidKid21
	case year >= 2023:
		return covid23
	case year == 2022:
		return covid22
	}
	return covid21
}

// give gives one dose at the visit.
func (v *visit) give(x *vaccine, number, of int) {
	if v.doubtful() {
		if v.d.chance(0.5) {
			v.refuse(x)
		}
		return
	}
	if v.d.chance(0.012) && x.seasonal() {
		v.dose(x, number, of, outOfStock)
		return
	}
	v.dose(x, number, of, nil)
}

func (v *visit) refuse(x *vaccine) { v.dose(x, 0, 0, patientObjection) }

func (v *visit) dose(x *vaccine, number, of int, why *concept) {
	d := &dose{vaccine: x, on: v.at.plus(max(5, v.minutes-4)), number: number, of: of, visit: v, by: v.nurse, site: len(v.given), refused: why != nil, why: why}
	if v.kind == nurseVisit {
		d.by = v.by
	}
	d.fromLot(v.patient)
	v.doses = append(v.doses, d)
	v.given = append(v.given, d)
}

// fromLot says which lot was in the refrigerator: one each quarter.
func (d *dose) fromLot(p *patient) {
	y, m, _ := d.on.day.date()
	quarter := (y*12 + m - 1) / 3
	d.lot = d.vaccine.lot + itoa(1000+quarter*37%9000) + string(rune('A'+quarter%20))
	d.expires = d.on.day + day(180+quarter*53%300)
}

// planVaccines plans visits for vaccines alone, and recalls what was given elsewhere.
func (p *patient) planVaccines() {
	d := &p.d
	p.recallDoses()
	for year := p.since.year(); year <= p.last.year(); year++ {
		on := dayOf(year, 10, 1) + day(d.below(60))
		age := p.age(on)
		chance := 0.08
		if age >= 65 || age < 6 {
			chance = 0.16
		}
		if on > p.since && on < min(p.last, p.today) && age >= 1 && d.chance(chance) && !p.doubtful() {
			p.plans = append(p.plans, plan{on: on, kind: nurseVisit, title: fluShot, reason: words("Influenza vaccine")})
		}
	}
}

// recallDoses brings in doses from before the patient's time here, from other practices and the state registry.
func (p *patient) recallDoses() {
	d := &p.d
	past := func(x *vaccine, on day, number, of int) {
		if on <= p.birth || on >= p.since {
			return
		}
		origin := otherProvider
		if d.chance(0.5) {
			origin = registryRecord
		}
		dz := &dose{vaccine: x, on: on.at(9 * 60), number: number, of: of, origin: origin}
		dz.fromLot(p)
		p.doses = append(p.doses, dz)
	}
	if p.doubtful() {
		return
	}
	if p.birth.year() >= 1995 || p.child(p.since) {
		for i := range childSeries {
			s := &childSeries[i]
			for n, m := range s.months {
				on := p.birth + day(m*30.4) + day(d.below(25))
				if x := s.give(on, n+1); !(x == hpv9 && on < dayOf(2015, 3, 1)) && !(x == menB && on < dayOf(2015, 3, 1)) && !d.chance(0.04) {
					past(x, on, n+1, len(s.months))
				}
			}
		}
	}
	age := p.age(p.since)
	if on := p.since - day(d.between(60, 3200)); age >= 19 && d.chance(0.8) {
		if n, last := p.count(&series{give: always(tdap), months: []float64{132}}); n == 0 {
			past(tdap, on, 0, 0)
		} else if on-last > 9*365 {
			past(td, on, 0, 0)
		}
	}
	if age >= 52 && d.chance(0.4) {
		on := max(p.since-day(d.between(100, 900)), dayOf(2018, 3, 1))
		past(zoster, on, 1, 2)
		past(zoster, on+70, 2, 2)
	}
	if age >= 67 && d.chance(0.6) {
		past(ppv23, p.since-day(d.between(200, 900)), 1, 1)
	}
	if p.birth < dayOf(2009, 1, 1) && d.chance(0.75) {
		for n, gap := range []int{0, 21} {
			on := dayOf(2021, 2, 1) + day(d.below(90)) + day(gap)
			if on < p.last && on-p.birth > 12*365 {
				dz := &dose{vaccine: covid21, on: on.at(10 * 60), number: n + 1, of: 2, origin: registryRecord}
				dz.fromLot(p)
				p.doses = append(p.doses, dz)
			}
		}
	}
}
