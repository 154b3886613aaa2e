package synthetic

import "fmt"

// order is something asked for that is not a laboratory test: imaging, a referral, a procedure.
type order struct {
	id        string
	procedure *examination
	on        moment
	visit     *visit
	by        *staff
	c         *condition
	done      day // 0 while it is open
	report    string
	urgent    bool
	due       day
	cancelled bool
}

// examination is what can be ordered, and where it is done.
type examination struct {
	code     *concept
	name     string
	where    *organization
	category *concept // of its report; nil for a referral
	proc     *concept // code of the Procedure that it is; nil for none
	referral bool     // the patient is sent to somebody else
	normal   []string // reports when all is well: findings | conclusion
}

var (
	radiology  = coded(loincURI, "LP29684-5", "Radiology", "")
	cardiology = coded(loincURI, "LP29708-2", "Cardiology", "")
	pathology  = coded(loincURI, "LP7839-6", "Pathology", "")
)

var (
	mammogram = &examination{code: loinc("24606-6", "MG Breast Screening", "Screening mammogram"), name: "screening mammogram", where: harborImaging, category: radiology,
		normal: []string{"Digital mammography of both breasts with tomosynthesis. Scattered fibroglandular densities. No mass, distortion or suspicious calcification.|BI-RADS 1, negative. Screening again in two years."}}
	boneDensity = &examination{code: loinc("38269-7", "DXA Skeletal system Views", "Bone density scan"), name: "bone density scan", where: harborImaging, category: radiology,
		normal: []string{"DXA of lumbar spine and hips. T-score spine -0.8, femoral neck -1.2.|Low bone mass at the femoral neck, 10-year fracture risk below treatment threshold."}}
	chestXray = &examination{code: loinc("36643-5", "XR Chest 2 Views", "Chest X-ray, two views"), name: "chest X-ray", where: harborImaging, category: radiology,
		normal: []string{"Lungs clear, heart size normal, no effusion.|No acute cardiopulmonary disease."}}
	kneeXray = &examination{code: words("Knee X-ray, three views"), name: "knee X-ray", where: harborImaging, category: radiology,
		normal: []string{"Medial joint space narrowing with marginal osteophytes, small effusion. No fracture.|Moderate osteoarthritis, Kellgren-Lawrence grade 3."}}
	lungScan = &examination{code: words("Low-dose CT of the chest for lung cancer screening"), name: "low-dose chest CT", where: harborImaging, category: radiology,
		normal: []string{"Mild centrilobular emphysema. 3 mm solid nodule in the right upper lobe, unchanged.|Lung-RADS 2. Annual screening."}}
	electrocardiogram = &examination{code: loinc("11524-6", "EKG study", "12-lead ECG"), name: "12-lead ECG", where: practiceOrganization, category: cardiology, proc: words("12-lead electrocardiogram"),
		normal: []string{"Sinus rhythm 70/min, PR 160 ms, QRS 92 ms, QTc 418 ms, normal axis, no ST change.|Normal ECG."}}
	echocardiogram = &examination{code: loinc("42148-7", "US Heart", "Echocardiogram"), name: "echocardiogram", where: countyHospital, category: cardiology,
		normal: []string{"Left ventricle of normal size, ejection fraction 58 %. Left atrium mildly enlarged. No significant valve disease.|Preserved systolic function."}}
	fetalScan = &examination{code: loinc("11525-3", "US Pelvis Fetus for pregnancy", "Obstetric ultrasound, anatomy"), name: "anatomy ultrasound", where: harborImaging, category: radiology,
		normal: []string{"Single live fetus, size agrees with dates, placenta anterior and clear of the cervix, amniotic fluid normal, anatomy complete and normal.|Normal anatomy scan."}}
	colonoscopy = &examination{code: loinc("18746-8", "Colonoscopy study", "Colonoscopy"), name: "colonoscopy", where: countyHospital, category: pathology,
		proc:   coded(icd10pcs, "0DJD8ZZ", "Inspection of Lower Intestinal Tract, Via Natural or Artificial Opening Endoscopic", "Colonoscopy"),
		normal: []string{"Complete to the cecum, preparation good. No polyps or masses. Small internal hemorrhoids.|Normal colonoscopy. Repeat in ten years."}}
	eyeExam = &examination{code: words("Dilated retinal examination"), name: "dilated eye examination", referral: true, where: harborEye,
		normal: []string{"Visual acuity 20/25 in both eyes. No diabetic retinopathy, no macular edema.|No retinopathy. Return in one year."}}
	physicalTherapy = &examination{code: words("Physical therapy, evaluate and treat"), name: "physical therapy", referral: true, where: countyHospital}
	gastroReferral  = &examination{code: words("Gastroenterology consultation"), name: "gastroenterology", referral: true, where: countyHospital}
	cardioReferral  = &examination{code: words("Cardiology consultation"), name: "cardiology", referral: true, where: countyHospital,
		normal: []string{"Seen for risk assessment. Exercise tolerance seven METs without symptoms.|Continue medical therapy. Follow-up with primary care; cardiology once a year."}}
	counseling        = &examination{code: words("Behavioral health counseling"), name: "counseling", referral: true, where: countyHospital}
	nutrition         = &examination{code: words("Nutrition counseling"), name: "nutrition counseling", where: practiceOrganization}
	sleepStudy        = &examination{code: words("Home sleep apnea test"), name: "home sleep study", where: countyHospital}
	hearingTest       = &examination{code: words("Audiology evaluation"), name: "audiology", referral: true, where: countyHospital}
	albuminOrder      = &examination{code: loinc("14959-1", "Microalbumin/Creatinine [Mass Ratio] in Urine", "Urine albumin to creatinine ratio"), name: "urine albumin to creatinine ratio", where: practiceOrganization}
	neurologyReferral = &examination{code: words("Neurology consultation"), name: "neurology", referral: true, where: countyHospital}
)

// order asks for an examination. Most are done some weeks later; the report then comes back.
func (v *visit) order(x *examination, c *condition, chanceDone float64) *order {
	o := &order{procedure: x, on: v.at.plus(v.minutes - 5), visit: v, by: v.by, c: c}
	after := day(v.d.between(6, 45))
	if x.where == practiceOrganization && x.category != nil {
		after = 0
		chanceDone = 1
	}
	o.due = v.at.day + after
	if v.d.chance(chanceDone) {
		o.done = o.due
		if o.done >= v.today && after > 0 || o.done > v.last {
			o.done = 0
		}
	} else if v.today-o.due > 160 {
		o.cancelled = true
	}
	if len(x.normal) > 0 {
		o.report = pick(&v.d, x.normal)
	}
	v.orders = append(v.orders, o)
	return o
}

// lastOrder is when an examination was last asked for; 0 if never.
func (p *patient) lastOrder(x *examination) day {
	var on day
	for _, o := range p.orders {
		if o.procedure == x {
			on = max(on, o.on.day)
		}
	}
	return on
}

// due is true if an examination has not been asked for in so many years.
func (v *visit) due(x *examination, years float64) bool {
	last := v.lastOrder(x)
	if last == 0 && v.previous == nil && v.d.chance(0.5) {
		return false // done before the patient came to us, or declined for now
	}
	return last == 0 || float64(v.at.day-last) > years*365-40
}

// wantPrevention asks for the tests that age and sex call for.
func (v *visit) wantPrevention() {
	if v.kind != physicalVisit && v.kind != newPatientExam {
		if v.kind == wellChildVisit {
			v.wantForChild()
		}
		return
	}
	age := v.age(v.at.day)
	overdue := func(pn *panel, years float64) bool {
		last, ok := v.done[pn]
		return !ok || float64(v.at.day-last) > years*365-40
	}
	if age >= 20 && overdue(lipidPanel, 4) {
		v.want(lipidPanel, nil)
	}
	if age >= 35 && overdue(basicPanel, 2) && overdue(fullPanel, 2) {
		v.want(fullPanel, nil)
	}
	if age >= 35 && age <= 70 && v.body.bmi > 26 && overdue(a1cTest, 3) {
		v.want(a1cTest, nil)
	}
	if v.female && age >= 18 && age < 50 && overdue(bloodCount, 2.5) || age >= 60 && overdue(bloodCount, 2) {
		v.want(bloodCount, nil)
	}
	if age >= 18 && age < 80 && overdue(hepatitisC, 100) && v.d.chance(0.4) {
		v.want(hepatitisC, nil)
	}
	if v.female && age >= 21 && age <= 65 && overdue(papTest, 3) {
		v.want(papTest, nil)
	}
	if !v.female && age >= 55 && age < 70 && overdue(psaTest, 2) && v.d.chance(0.5) {
		v.want(psaTest, nil)
	}
	if age >= 45 && age <= 75 && v.lastOrder(colonoscopy) == 0 && v.d.chance(0.4) && overdue(stoolBlood, 1) {
		v.want(stoolBlood, nil)
	}
}

func (v *visit) wantForChild() {
	switch months := v.birth.months(v.at.day); {
	case months >= 11 && months <= 13, months >= 23 && months <= 25:
		v.want(leadTest, nil)
		v.want(hemoglobinDot, nil)
	case months >= 9*12 && months <= 11*12+6 && v.done[lipidPanel] == 0:
		v.want(lipidPanel, nil)
	}
}

// routine codes of check-ups.
var (
	adultCheckup   = icd("Z00.00", "Encounter for general adult medical examination without abnormal findings", "Annual physical")
	childCheckup   = icd("Z00.129", "Encounter for routine child health examination without abnormal findings", "Well child examination")
	newbornCheckup = icd("Z00.110", "Health examination for newborn under 8 days old", "Newborn examination")
)

// prevent is the check-up's own part: screening, counseling, the child's development.
func (v *visit) prevent() {
	switch v.kind {
	case wellChildVisit:
		v.checkChild()
	case physicalVisit, newPatientExam:
		v.checkAdult()
	}
}

func (v *visit) checkAdult() {
	age := v.age(v.at.day)
	d := &v.d
	c := &condition{code: adultCheckup, onset: v.at.day, resolved: v.at.day + 1, acute: true, visit: v, recorded: v.at.day}
	v.conditions = append(v.conditions, c)
	v.reason = adultCheckup
	if len(v.history) == 0 {
		v.say("Feels well. No chest pain, dyspnea, weight change or change in bowel habits.", "No new concerns. Sleeps seven hours, walks three times a week.", "Doing well overall; work is busy. No fever, chest pain or abdominal pain.")
	} else {
		v.say("Review of systems otherwise negative.", "No other concerns today.")
	}
	mood := ""
	if v.asked(phq9Screen) {
		mood = fmt.Sprintf("PHQ-9 %d", v.ask(phq9Screen))
	} else {
		mood = fmt.Sprintf("PHQ-2 %d", v.ask(phq2Screen))
	}
	var plan []string
	if v.screened[audit] == 0 || d.chance(0.3) {
		v.ask(audit)
	}
	if v.female && age >= 50 && age <= 74 && v.due(mammogram, 2) {
		v.order(mammogram, c, 0.8)
		plan = append(plan, "Mammogram ordered.")
	}
	if age >= 45 && age <= 75 && v.done[stoolBlood] < v.at.day-30 && v.due(colonoscopy, 10) && d.chance(0.6) {
		o := v.order(colonoscopy, c, 0.65)
		if o.done != 0 && d.chance(0.3) {
			o.report = "Complete to the cecum. Two sessile polyps, 4 and 6 mm, in the sigmoid colon, removed by cold snare. Pathology: tubular adenomas, no high-grade dysplasia.|Two small adenomas. Repeat in seven years."
			v.add(colonPolypsModule, o.done)
		}
		plan = append(plan, "Colonoscopy ordered.")
	}
	if v.female && age >= 65 && v.due(boneDensity, 4) {
		v.order(boneDensity, c, 0.75)
		plan = append(plan, "Bone density scan ordered.")
	}
	if age >= 50 && age <= 80 && v.smoking != neverSmoked && v.due(lungScan, 1) && d.chance(0.4) {
		v.order(lungScan, c, 0.7)
		plan = append(plan, "Lung cancer screening discussed and ordered.")
	}
	if age >= 74 && d.chance(0.12) && v.due(hearingTest, 4) {
		v.order(hearingTest, c, 0.7)
		plan = append(plan, "Hears the television loud: audiology referral.")
	}
	plan = append(plan, v.carryEpinephrine(c))
	if age >= 65 {
		plan = append(plan, pick(d, []string{"Fall risk reviewed, home safety discussed.", "Advance directive discussed; health care proxy on file.", "Timed Up and Go 9 seconds."}))
	}
	plan = append(plan, pick(d, []string{"Diet, 150 minutes of activity a week and sun protection discussed.", "Seat belt, sleep and alcohol counseling given.", "Mediterranean diet and strength training encouraged."}))
	text := mood + ", screening up to date as listed."
	v.assess(c, "", text).planned(plan...)
	v.assessments = append([]assessment{v.assessments[len(v.assessments)-1]}, v.assessments[:len(v.assessments)-1]...)
}

// carryEpinephrine sees to it that whoever had anaphylaxis has an auto-injector. It returns the line of the plan.
func (v *visit) carryEpinephrine(c *condition) string {
	for _, a := range v.allergies {
		if a.reaction.shows == anaphylaxis && a.kind.category != "medication" && a.onset < v.at.day && v.age(v.at.day) >= 4 && v.taking(epinephrine) == nil {
			_, text := v.begin(c, epinephrine, once.prn("for anaphylaxis, then call 911"))
			return text
		}
	}
	return ""
}

// milestones are what a child of an age does, in months.
var milestones = []struct {
	months int
	text   string
}{
	{0, "Regards face, startles to sound, moves all limbs."},
	{2, "Smiles back, lifts head when prone, coos."},
	{4, "Rolls front to back, laughs, reaches for toys."},
	{6, "Sits with support, babbles, transfers objects."},
	{9, "Sits alone, pulls to stand, says mama nonspecifically, pincer grasp beginning."},
	{12, "Cruises or walks, two words, waves, drinks from a cup."},
	{15, "Walks well, five words, points to what is wanted."},
	{18, "Runs, ten to twenty words, feeds with a spoon; M-CHAT negative."},
	{24, "Two-word sentences, kicks a ball, plays beside others; M-CHAT negative."},
	{30, "Short sentences, jumps, names pictures."},
	{36, "Pedals, speaks clearly to strangers, dresses with help."},
	{48, "Hops, tells stories, knows colors, toilet trained."},
	{60, "Ready for school: writes name, counts to ten, skips."},
	{84, "Does well in school, reads, has friends."},
	{144, "Does well in school, active, sleeps nine hours; HEADSS reviewed in confidence."},
}

func (v *visit) checkChild() {
	d := &v.d
	months := v.birth.months(v.at.day)
	code := childCheckup
	if v.at.day-v.birth < 8 {
		code = newbornCheckup
	}
	c := &condition{code: code, onset: v.at.day, resolved: v.at.day + 1, acute: true, visit: v, recorded: v.at.day}
	v.conditions = append(v.conditions, c)
	v.reason = code
	stage := milestones[0].text
	for _, m := range milestones {
		if months >= m.months {
			stage = m.text
		}
	}
	with := "mother"
	if v.contactRelation == father {
		with = "father"
	}
	switch {
	case months < 6:
		v.say("Here with "+with+". Breastfeeds eight times a day, six wet diapers. Sleeps on the back.", "Here with "+with+". Formula 90 mL every three hours, stools soft. No concerns.")
	case months < 24:
		v.say("Here with "+with+". Eats table foods, whole milk, sleeps ten hours. No concerns.", "Here with "+with+". Good appetite, naps once a day; two colds since the last visit.")
	case months < 144:
		v.say("Here with "+with+". Eats well but few vegetables; plays outside every day. Screen time two hours.", "Here with "+with+". School going well, friends, soccer twice a week. No concerns.")
	default:
		v.say("Seen partly alone. School fine, plays basketball, no tobacco or vaping, mood good.", "Seen partly alone. Grades are good, sleeps eight hours, feels safe at home.")
	}
	t := &v.vitals
	growth := ""
	switch {
	case months < 24 && t.weightPct > 0:
		growth = fmt.Sprintf("Weight %s kg, weight for length at the %s percentile", number(t.weight), ordinal(int(t.weightPct)))
	case t.bmiPct > 0:
		growth = fmt.Sprintf("Weight %s kg, BMI at the %s percentile", number(t.weight), ordinal(int(t.bmiPct)))
	}
	if v.part != nil && v.part.growthNote != "" && v.at.day > v.today-10 {
		growth = v.part.growthNote
	}
	a := v.assess(c, "", "Development: "+stage)
	a.planned(v.carryEpinephrine(c))
	if growth != "" {
		a.planned(growth + ".")
	}
	for _, s := range v.samples {
		for _, r := range s.results {
			if r.panel == leadTest && len(r.values) > 0 && !s.pending {
				a.planned(fmt.Sprintf("Blood lead %.1f ug/dL.", r.values[0]))
			}
		}
	}
	if months >= 144 {
		a.planned(fmt.Sprintf("PHQ-2 %d.", v.ask(phq2Screen)))
	}
	a.planned(pick(d, []string{"Safe sleep, car seat and feeding discussed.", "Dental visit, helmet and screen time discussed.", "Reading together and healthy snacks encouraged.", "Water safety and sunscreen discussed."}))
	if months < 6 {
		a.plan[len(a.plan)-1] = "Safe sleep, car seat and vitamin D drops discussed."
	}
	v.assessments = append([]assessment{v.assessments[len(v.assessments)-1]}, v.assessments[:len(v.assessments)-1]...)
}
