package synthetic

import (
	"fmt"
	"math"
	"strings"
)

// sudden is an illness that comes, is seen once or twice and goes.
type sudden struct {
	code     *concept
	name     string // visit title and what the front desk writes
	from, to int    // ages in years
	yearly   float64
	women    bool
	months   string // one letter a month from January: x when it is common
	said     []string
	history  []string
	part     bodyPart
	found    []string
	fever    float64
	breath   int
	tests    []*panel
	shown    map[*panel][]string // what the tests show
	cures    []cure              // the first that the patient may have
	advice   []string
	lasts    int // days
	again    float64
	where    *visitKind // the emergency department or the hospital, if not here
	hospital string     // course there
}

// cure is a treatment: a drug for grown-ups, or one by weight for children.
type cure struct {
	drug     *drug
	sig      sig
	child    bool
	perKilo  float64 // mg for each kg at a time, for suspensions
	maximum  float64 // mg at a time
	fromAge  int
	rationed float64 // chance that nothing is prescribed
}

// suddenIllnesses are what brings people in between. The first is also what the accidental second registrations came for.
var suddenIllnesses = []sudden{
	{code: icd("J06.9", "Acute upper respiratory infection, unspecified", "Upper respiratory infection"), name: "Cough", from: 0, to: 120, yearly: 0.16, months: "xxx.....xxxx",
		said:    []string{"“A cold that will not go away.”", "“Coughing at night for five days.”", "“Stuffed up and coughing.”"},
		history: []string{"Runny nose, sore throat and dry cough for five days. No shortness of breath, no ear pain. Others at home have been ill.", "Nasal congestion and cough for a week, low fever on the first two days. Eating and drinking well."},
		part:    throat, found: []string{"Mild pharyngeal erythema without exudate, clear nasal discharge.", "Nasal mucosa swollen, oropharynx pink, no exudate."}, fever: 0.4,
		advice: []string{"Viral; no antibiotic needed. Fluids, rest, saline rinses, honey for cough if older than one year.", "Return if short of breath, fever beyond three days, or not better in ten days."}, lasts: 12},
	{code: icd("J02.0", "Streptococcal pharyngitis", "Strep throat"), name: "Sore throat", from: 4, to: 45, yearly: 0.05, months: "xxxx.....xxx",
		said:    []string{"“It hurts to swallow.”", "“Sore throat and fever since yesterday.”"},
		history: []string{"Sore throat, fever and headache for two days, no cough. A classmate has strep throat.", "Painful swallowing and fever since the day before yesterday. No cough or runny nose."},
		part:    throat, found: []string{"Tonsils enlarged with exudate, tender anterior cervical nodes.", "Pharynx beefy red, petechiae on the palate, tender cervical nodes."}, fever: 1.5,
		tests: []*panel{strepTest}, shown: map[*panel][]string{strepTest: {"Positive"}},
		cures:  []cure{{drug: amoxicillin500, sig: twiceDaily.course(10), fromAge: 12}, {drug: amoxicillinSusp, sig: twiceDaily.course(10), child: true, perKilo: 25, maximum: 500}, {drug: cephalexin500, sig: twiceDaily.course(10), fromAge: 12}, {drug: azithroSusp, sig: daily.course(5), child: true, perKilo: 12, maximum: 500}, {drug: azithromycin250, sig: daily.take(2).course(5)}},
		advice: []string{"No longer contagious after 12 hours of treatment; new toothbrush."}, lasts: 10},
	{code: icd("H66.91", "Otitis media, unspecified, right ear", "Acute otitis media, right ear"), name: "Ear pain", from: 0, to: 9, yearly: 0.16, months: "xxxx....xxxx",
		said:    []string{"“Pulling at the right ear.”", "“Up all night with ear pain.”"},
		history: []string{"Cold for four days, since last night fever, crying and right ear pain.", "Fussy with fever to 38.6 °C at home, tugging at the ear. Congestion for a week."},
		part:    ears, found: []string{"Right tympanic membrane bulging, red, no landmarks; left clear.", "Right membrane opaque and bulging with purulent effusion; left normal."}, fever: 1.4,
		cures:  []cure{{drug: amoxicillinSusp, sig: twiceDaily.course(10), child: true, perKilo: 45, maximum: 1000}, {drug: azithroSusp, sig: daily.course(5), child: true, perKilo: 10, maximum: 500}},
		advice: []string{"Acetaminophen or ibuprofen by weight for pain.", "Recheck if fever lasts beyond 48 hours on the antibiotic."}, lasts: 14, again: 0.2},
	{code: icd("H66.92", "Otitis media, unspecified, left ear", "Acute otitis media, left ear"), name: "Ear pain", from: 0, to: 9, yearly: 0.13, months: "xxxx....xxxx",
		said:    []string{"“The left ear hurts.”", "“Crying and holding the left ear.”"},
		history: []string{"Three days of congestion, woke crying with left ear pain. Temperature 38.9 °C last night.", "Left ear pain since this morning after a cold; no discharge."},
		part:    ears, found: []string{"Left tympanic membrane red and bulging; right clear.", "Left membrane bulging with loss of the light reflex; right normal."}, fever: 1.3,
		cures:  []cure{{drug: amoxicillinSusp, sig: twiceDaily.course(10), child: true, perKilo: 45, maximum: 1000}, {drug: azithroSusp, sig: daily.course(5), child: true, perKilo: 10, maximum: 500}},
		advice: []string{"Pain relief by weight; call if not better in two days."}, lasts: 14},
	{code: icd("J01.90", "Acute sinusitis, unspecified", "Acute sinusitis"), name: "Sinus pain", from: 16, to: 80, yearly: 0.045, months: "xxxx.....xxx",
		said:    []string{"“Pressure in my face for two weeks.”", "“It got better, then much worse.”"},
		history: []string{"Twelve days of purulent nasal discharge and facial pressure, worse again after an initial improvement.", "Facial pain over the cheeks, tooth pain and thick discharge for eleven days."},
		part:    headAndNeck, found: []string{"Maxillary tenderness, purulent discharge in the middle meatus.", "Tender over both maxillary sinuses; neck supple."}, fever: 0.4,
		cures: []cure{{drug: augmentin, sig: twiceDaily.course(7)}, {drug: doxycycline100, sig: twiceDaily.course(7)}}, advice: []string{"Saline irrigation and nasal steroid; return if eye swelling or severe headache."}, lasts: 20},
	{code: icd("J20.9", "Acute bronchitis, unspecified", "Acute bronchitis"), name: "Cough", from: 18, to: 95, yearly: 0.05, months: "xxx.....xxxx",
		said:    []string{"“Cough for two weeks.”", "“I cough until my ribs hurt.”"},
		history: []string{"Productive cough for two weeks after a cold. No fever now, no hemoptysis, sleeps poorly.", "Dry cough in fits for sixteen days, wheezing at night."},
		part:    lungs, found: []string{"Scattered rhonchi that clear with cough, no crackles.", "Mild expiratory wheeze, no focal findings."}, fever: 0.1, breath: 2,
		cures: []cure{{drug: albuterol, sig: everySix.take(2).prn("for cough or wheeze").course(14), rationed: 0.5}}, advice: []string{"No antibiotic; cough may last three weeks."}, lasts: 21},
	{code: icd("J10.1", "Influenza due to other identified influenza virus with other respiratory manifestations", "Influenza A"), name: "Fever", from: 2, to: 90, yearly: 0.02, months: "xxx........x",
		said:    []string{"“Fever and aching all over.”", "“It hit me like a truck.”"},
		history: []string{"Sudden fever to 39.4 °C, chills, muscle aches and dry cough since yesterday.", "Fever, headache and cough for 30 hours. Not vaccinated this season."},
		part:    general, found: []string{"Looks ill but not toxic, flushed.", "Tired, warm, well hydrated."}, fever: 2.0, breath: 2,
		tests: []*panel{fluTest}, shown: map[*panel][]string{fluTest: {"Positive", "Negative"}}, advice: []string{"Rest, fluids, acetaminophen. Antiviral discussed.", "Stay home until a day after the fever has gone."}, lasts: 9},
	{code: icd("U07.1", "COVID-19", "COVID-19"), name: "Fever and cough", from: 5, to: 95, yearly: 0.03, months: "xxx....xx.xx",
		said:    []string{"“My home test is positive.”", "“Fever, cough and no taste.”"},
		history: []string{"Positive home antigen test this morning; fever, sore throat and cough for two days. No shortness of breath.", "Exposed at work, symptoms for three days: congestion, cough, fatigue."},
		part:    lungs, found: []string{"Clear, comfortable at rest.", "Clear bilaterally, speaking in full sentences."}, fever: 1.0, breath: 1,
		advice: []string{"Isolation and masking explained.", "Call at once for shortness of breath or chest pain."}, lasts: 14},
	{code: icd("N39.0", "Urinary tract infection, site not specified", "Urinary tract infection"), name: "Burning with urination", from: 16, to: 95, yearly: 0.09, women: true,
		said:    []string{"“It burns when I pee.”", "“I think I have a bladder infection.”"},
		history: []string{"Dysuria, urgency and frequency for two days. No fever, flank pain or vaginal discharge.", "Frequency and suprapubic discomfort since yesterday; similar episode last year."},
		part:    abdomen, found: []string{"Mild suprapubic tenderness, no flank tenderness.", "Soft, no costovertebral tenderness."}, fever: 0.1,
		tests: []*panel{dipstick, urineCulture}, shown: map[*panel][]string{dipstick: {"Large", "Positive", "Small", "Trace", "Negative"}, urineCulture: {"Escherichia coli, more than 100,000 CFU/mL, susceptible to nitrofurantoin"}},
		cures: []cure{{drug: nitrofurantoin, sig: twiceDaily.with("with food").course(5)}, {drug: trimethoprimSx, sig: twiceDaily.course(3)}}, advice: []string{"Call for fever, flank pain or vomiting."}, lasts: 8},
	{code: icd("A08.4", "Viral intestinal infection, unspecified", "Viral gastroenteritis"), name: "Vomiting and diarrhea", from: 1, to: 85, yearly: 0.045, months: "xxxx......xx",
		said:    []string{"“Throwing up since last night.”", "“Cannot keep anything down.”"},
		history: []string{"Vomiting six times since last night, watery diarrhea, no blood. Urinating.", "Diarrhea for three days, vomiting has stopped; several ill at the same gathering."},
		part:    abdomen, found: []string{"Soft, diffuse mild tenderness, active bowel sounds; mucosa slightly dry.", "Soft, no guarding; well hydrated."}, fever: 0.5,
		cures: []cure{{drug: ondansetron4, sig: everySix.prn("for nausea").course(3), fromAge: 6, rationed: 0.3}}, advice: []string{"Oral rehydration in small sips.", "Return for blood in stool, no urine in eight hours, or severe pain."}, lasts: 5},
	{code: icd("S93.401A", "Sprain of unspecified ligament of right ankle, initial encounter", "Right ankle sprain"), name: "Ankle injury", from: 10, to: 60, yearly: 0.03,
		said:    []string{"“I rolled my ankle.”", "“Twisted my right ankle on the stairs.”"},
		history: []string{"Inversion injury playing soccer yesterday, could walk afterwards. Swelling on the outside.", "Stepped off a curb; swelling and bruising, bears weight with pain."},
		part:    joints, found: []string{"Swelling and tenderness over the right anterior talofibular ligament, no bony tenderness, bears weight.", "Lateral ankle bruised and swollen; malleoli and fifth metatarsal not tender."},
		cures: []cure{{drug: ibuprofen600, sig: thriceDaily.with("with food").prn("for pain").course(7), fromAge: 15, rationed: 0.3}, {drug: acetaminophen500, sig: everySix.take(2).prn("for pain").course(7), fromAge: 15}}, advice: []string{"Ottawa rules negative, no X-ray. Brace, ice, early motion exercises."}, lasts: 35},
	{code: icd("L03.90", "Cellulitis, unspecified", "Cellulitis of the left lower leg"), name: "Red leg", from: 25, to: 92, yearly: 0.014,
		said:    []string{"“My shin is red and hot.”", "“A scratch got infected.”"},
		history: []string{"Spreading redness and warmth of the left shin for two days after a scratch. No fever or chills.", "Painful red area above the left ankle since yesterday, spreading."},
		part:    skin, found: []string{"Warm, tender erythema 8 × 12 cm on the left shin, no fluctuance or streaking; margin marked.", "Erythema and warmth of the left lower leg, no crepitus, margin marked."}, fever: 0.5,
		cures: []cure{{drug: cephalexin500, sig: fourDaily.course(7)}, {drug: doxycycline100, sig: twiceDaily.course(7)}}, advice: []string{"Elevate the leg. Return if it spreads past the line, or fever."}, lasts: 14, again: 0.6},
	{code: icd("H10.9", "Unspecified conjunctivitis", "Conjunctivitis"), name: "Red eye", from: 1, to: 60, yearly: 0.03,
		said:    []string{"“Red, sticky eye.”", "“Eye glued shut this morning.”"},
		history: []string{"Red right eye with watery discharge since yesterday, no pain, vision normal. Cold last week.", "Discharge and redness of both eyes for two days. No contact lenses."},
		part:    headAndNeck, found: []string{"Conjunctival injection, watery discharge; cornea clear, pupils equal.", "Bulbar conjunctiva injected, acuity normal."},
		advice: []string{"Viral; cool compresses, hand washing. Back to school when the discharge has stopped.", "Return for pain, light sensitivity or blurred vision."}, lasts: 9},
	{code: icd("L23.7", "Allergic contact dermatitis due to plants, except food", "Poison ivy dermatitis"), name: "Itchy rash", from: 4, to: 70, yearly: 0.025, months: "....xxxxx...",
		said:    []string{"“Itchy rash since gardening.”", "“Poison ivy, I think.”"},
		history: []string{"Itchy blistering rash on both forearms three days after clearing brush.", "Linear itchy rash on the legs, spreading for two days after a hike."},
		part:    skin, found: []string{"Linear vesicles on erythematous base on both forearms, no infection.", "Streaks of papules and vesicles on the calves."},
		cures: []cure{{drug: triamcinolone, sig: twiceDaily.with("to the rash").course(14)}}, advice: []string{"Wash clothes and tools; rash is not contagious."}, lasts: 18},
	{code: icd("K59.00", "Constipation, unspecified", "Constipation"), name: "Constipation", from: 2, to: 12, yearly: 0.035,
		said:    []string{"“It hurts when going.”", "“Only once in four days.”"},
		history: []string{"Hard painful stools every three to four days, picky eater, drinks a lot of milk. No blood.", "Holding stool since starting school; abdominal pain that goes away after a bowel movement."},
		part:    abdomen, found: []string{"Soft, palpable stool in the left lower quadrant, not tender.", "Soft, full, no mass otherwise."}, advice: []string{"Polyethylene glycol by weight, toilet time after meals, more water and fruit.", "Diary of bowel movements for four weeks."}, lasts: 60},
	{code: icd("J21.9", "Acute bronchiolitis, unspecified", "Bronchiolitis"), name: "Wheezing baby", from: 0, to: 1, yearly: 0.14, months: "xxx......xxx",
		said:    []string{"“Breathing fast and not drinking well.”"},
		history: []string{"Cold for three days, since yesterday fast breathing and cough; drinks half of usual, four wet diapers."},
		part:    lungs, found: []string{"Diffuse fine crackles and expiratory wheeze, mild retractions.", "Scattered wheeze, mild subcostal retractions, no nasal flaring."}, fever: 0.6, breath: 14,
		advice: []string{"Nasal suction, small frequent feeds. Signs of tiring explained; recheck tomorrow by telephone."}, lasts: 14, again: 0.3},
	{code: icd("B08.4", "Enteroviral vesicular stomatitis with exanthem", "Hand, foot and mouth disease"), name: "Rash and fever", from: 0, to: 6, yearly: 0.05, months: "....xxxxxx..",
		said:    []string{"“Spots on the hands and in the mouth.”"},
		history: []string{"Fever for two days, now sores in the mouth and spots on hands and feet. Drinks cold milk."},
		part:    throat, found: []string{"Vesicles on the soft palate and tongue; papules on palms and soles."}, fever: 0.9, advice: []string{"Cold drinks, acetaminophen by weight. Day care when fever is gone."}, lasts: 10},
	{code: icd("R42", "Dizziness and giddiness", "Dizziness"), name: "Dizziness", from: 45, to: 95, yearly: 0.02,
		said:    []string{"“The room spins when I turn over.”", "“Light-headed when I stand up.”"},
		history: []string{"Brief spinning when turning in bed for four days, no hearing loss, no headache, no weakness.", "Light-headed on standing, mostly in the morning. No syncope, no chest pain."},
		part:    nerves, found: []string{"Dix-Hallpike positive on the right; gait steady, no focal deficit.", "No nystagmus at rest, cerebellar signs absent."}, tests: []*panel{bloodCount, basicPanel}, advice: []string{"Epley maneuver done, home exercises shown.", "Fall precautions; return for new weakness, speech trouble or severe headache."}, lasts: 20},
	{code: icd("R51.9", "Headache, unspecified", "Headache"), name: "Headache", from: 14, to: 75, yearly: 0.02,
		said:    []string{"“A headache every afternoon.”"},
		history: []string{"Band-like headache most afternoons for three weeks, worse at the screen. No visual change, no vomiting."},
		part:    nerves, found: []string{"Cranial nerves intact, fundi normal, neck muscles tight."}, advice: []string{"Tension type. Breaks, posture, sleep; acetaminophen at most two days a week."}, lasts: 40},
	{code: icd("J18.9", "Pneumonia, unspecified organism", "Pneumonia"), name: "Pneumonia", from: 35, to: 97, yearly: 0.008, months: "xxx......xxx",
		said:    []string{"Fever, productive cough and shortness of breath for three days."},
		history: []string{"Came by ambulance with fever, productive cough, pleuritic pain and confusion noted by family."},
		part:    lungs, found: []string{"Crackles and bronchial breathing at the right base."}, fever: 1.8, breath: 8, tests: []*panel{bloodCount, basicPanel},
		where: hospitalStay, hospital: "Chest X-ray showed a right lower lobe infiltrate. Treated with ceftriaxone and azithromycin, oxygen weaned on day 2, walking on day 3.",
		advice: []string{"Complete oral antibiotics; see primary care within one week.", "Repeat chest X-ray in six weeks if a smoker or older than 50."}, lasts: 28, again: 1},
	{code: icd("S61.219A", "Laceration without foreign body of unspecified finger without damage to nail, initial encounter", "Finger laceration"), name: "Finger laceration", from: 6, to: 80, yearly: 0.012,
		said:    []string{"Cut a finger with a kitchen knife."},
		history: []string{"Cut the left index finger slicing vegetables two hours ago. Sensation normal."},
		part:    skin, found: []string{"2 cm laceration of the left index finger, tendon function intact, neurovascularly intact."}, where: emergencyVisit,
		hospital: "Wound irrigated and closed with four sutures under local anesthesia.", advice: []string{"Keep dry for 24 hours; sutures out in ten days."}, lasts: 14, again: 0.8},
	{code: icd("R07.9", "Chest pain, unspecified", "Chest pain"), name: "Chest pain", from: 38, to: 85, yearly: 0.008,
		said:    []string{"Chest pressure for an hour after dinner."},
		history: []string{"Pressure in the middle of the chest for an hour, gone on arrival. No dyspnea, no radiation."},
		part:    heart, found: []string{"Regular, no murmur, chest wall mildly tender."}, tests: []*panel{bloodCount, basicPanel}, where: emergencyVisit,
		hospital: "ECG without ischemia, two troponins below the limit, chest X-ray normal. HEART score 2.", advice: []string{"Discharged home; see primary care within a week."}, lasts: 7, again: 0.9},
}

// planSudden plans the sudden illnesses of the years that the records cover.
func (p *patient) planSudden() {
	d := &p.d
	years := float64(p.last-p.since) / 365
	if years < 0.05 {
		return
	}
	for i := range suddenIllnesses {
		s := &suddenIllnesses[i]
		if s.women && !p.female {
			continue
		}
		age := p.age(p.last)
		rate := s.yearly
		if s.from == 0 && s.to > 50 { // colds: children have most of them
			rate = 0.12 + 0.5*math.Exp(-float64(max(0, age-1))/5)
		}
		expected := rate * years
		n := int(expected)
		if d.chance(expected - float64(n)) {
			n++
		}
		for range n {
			on := p.since + 3 + day(d.below(max(1, int(p.last-p.since)-3)))
			if a := p.age(on); a < s.from || a > s.to || on-p.birth < 40 {
				continue
			}
			if s.months != "" && s.months[on.month()-1] != 'x' && d.chance(0.85) {
				continue
			}
			kind := sameDayVisit
			if s.where != nil {
				kind = s.where
			} else if len(s.tests) == 0 && p.age(on) > 17 && d.chance(0.12) {
				kind = videoVisit
			}
			p.plans = append(p.plans, plan{on: on, kind: kind, title: s.name, sudden: s})
			if d.chance(s.again) {
				p.plans = append(p.plans, plan{on: on + day(6+d.below(4)), kind: followUpVisit, title: afterTitle(s), recheck: s})
			}
		}
	}
}

func afterTitle(s *sudden) string {
	if s.where != nil {
		return "Hospital follow-up"
	}
	return "Recheck"
}

// recheck sees the patient again after a sudden illness.
func (v *visit) recheck(s *sudden) {
	for i := len(v.conditions) - 1; i >= 0; i-- {
		c := v.conditions[i]
		if !c.acute || c.code != s.code || c.visit == v {
			continue
		}
		if s.where != nil {
			v.say("Feels stronger every day, eats and sleeps, no fever. Brought the hospital's summary.", "Back home and improving, took all tablets. No new symptoms.")
			v.assess(c, "improving", "Hospital summary of "+c.visit.at.day.human()+" reviewed.", "Medicines reconciled.", pick(&v.d, []string{"Back to usual activity as tolerated.", "Return for fever, pain or shortness of breath."}))
		} else {
			v.say("Better since the last visit, finished the medicine.", "No fever for three days, symptoms almost gone.")
			v.assess(c, "improving", "Findings of "+c.visit.at.day.human()+" have resolved on examination.", "No further treatment.")
		}
		return
	}
}

// fallSuddenlyIll begins a sudden illness at the visit it brings.
func (v *visit) fallSuddenlyIll(s *sudden) {
	v.title, v.said = s.name, pick(&v.d, s.said)
	v.reason = words(s.name)
	v.vitals.fever = math.Max(0, s.fever+v.d.normal()*0.3)
	if s.fever == 0 {
		v.vitals.fever = 0
	}
	v.vitals.breathless = s.breath
	for _, t := range s.tests {
		v.want(t, nil)
	}
}

// treatSudden examines and treats it.
func (v *visit) treatSudden(s *sudden) {
	c := &condition{code: s.code, onset: v.at.day - day(v.d.between(1, 5)), acute: true, visit: v, recorded: v.at.day}
	c.onset = max(c.onset, v.birth)
	if c.resolved = v.at.day + day(s.lasts); c.resolved >= v.last {
		c.resolved = 0
	}
	v.conditions = append(v.conditions, c)
	v.say(s.history...)
	v.exam[s.part] = pick(&v.d, s.found)
	shown := ""
	for i := range v.samples {
		for pn, words := range s.shown {
			for j, w := range words {
				v.samples[i].finding(pn, j, w)
			}
		}
		for j := range v.samples[i].results {
			r := &v.samples[i].results[j]
			r.c = c
			if len(r.words) > 0 && !v.samples[i].pending && r.panel.point {
				shown = upperFirst(r.panel.name) + ": " + strings.ToLower(r.words[0]) + "."
			}
		}
	}
	a := v.assess(c, "", shown)
	if s.hospital != "" {
		a.text = s.hospital
	}
	a.planned(v.cure(c, s.cures))
	a.planned(pick(&v.d, s.advice))
	if len(s.advice) > 1 && v.d.chance(0.6) {
		a.planned(s.advice[len(s.advice)-1])
	}
	if len(a.plan) == 3 && a.plan[1] == a.plan[2] {
		a.plan = a.plan[:2]
	}
}

// cure prescribes the first treatment that suits the patient.
func (v *visit) cure(c *condition, cures []cure) string {
	age := v.age(v.at.day)
	for _, k := range cures {
		from := k.fromAge
		if from == 0 {
			from = 12
		}
		if k.child && age >= 12 || !k.child && age < from || v.allergic(k.drug) {
			continue
		}
		if k.rationed > 0 && v.d.chance(k.rationed) {
			return ""
		}
		s := k.sig
		if k.perKilo > 0 {
			mg := math.Min(k.perKilo*v.patient.weight(v.at.day), k.maximum)
			s.units = max(0.5, math.Round(mg/k.drug.strength*2)/2)
		}
		v.prescribe(c, k.drug, s)
		return fmt.Sprintf("%s, %d days.", upperFirst(k.drug.brief(s)), s.days)
	}
	return ""
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	r := firstRune(s)
	return strings.ToUpper(r) + s[len(r):]
}
