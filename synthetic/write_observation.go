package synthetic

// vitalSign is a vital sign's constant parts, ready to be written.
type vitalSign struct {
	profile string
	head    string // status, category and code
	unit    unit
	display string
}

const vitalCategory = `"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}],"text":"Vital Signs"}]`

func vital(profile, code, display, text string, u unit) *vitalSign {
	return &vitalSign{profile: profile, unit: u, display: text,
		head: `"status":"final",` + vitalCategory + `,"code":{"coding":[` + coding(loincURI, code, display) + `],"text":` + string(appendString(nil, text)) + `}`}
}

var (
	perMinute = ucumUnit("/min", "/min")
	celsius   = ucumUnit("°C", "Cel")
	kilogram  = ucumUnit("kg", "kg")
	centi     = ucumUnit("cm", "cm")
	kgm2      = ucumUnit("kg/m2", "kg/m2")

	heartRate   = vital("us-core-heart-rate", "8867-4", "Heart rate", "Pulse", perMinute)
	breathing   = vital("us-core-respiratory-rate", "9279-1", "Respiratory rate", "Respirations", perMinute)
	temperature = vital("us-core-body-temperature", "8310-5", "Body temperature", "Temperature", celsius)
	bodyWeight  = vital("us-core-body-weight", "29463-7", "Body weight", "Weight", kilogram)
	bodyHeight  = vital("us-core-body-height", "8302-2", "Body height", "Height", centi)
	bodyMass    = vital("us-core-bmi", "39156-5", "Body mass index (BMI) [Ratio]", "BMI", kgm2)
	headSize    = vital("us-core-head-circumference", "9843-4", "Head Occipital-frontal circumference", "Head circumference", centi)
	headPct     = vital("head-occipital-frontal-circumference-percentile", "8289-1", "Head Occipital-frontal circumference Percentile", "Head circumference percentile", percent)
	bmiPct      = vital("pediatric-bmi-for-age", "59576-9", "Body mass index (BMI) [Percentile] Per age and sex", "BMI percentile", percent)
	weightPct   = vital("pediatric-weight-for-height", "77606-2", "Weight-for-length Per age and sex", "Weight for length percentile", percent)
	oxygen      = &vitalSign{profile: "us-core-pulse-oximetry", unit: percent,
		head: `"status":"final",` + vitalCategory + `,"code":{"coding":[` + coding(loincURI, "59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry") + `,` + coding(loincURI, "2708-6", "Oxygen saturation in Arterial blood") + `],"text":"Oxygen saturation"}`}
	pressure = vital("us-core-blood-pressure", "85354-9", "Blood pressure panel with all children optional", "Blood pressure", mmHg)

	systolicCode  = `{"coding":[` + coding(loincURI, "8480-6", "Systolic blood pressure") + `],"text":"Systolic"}`
	diastolicCode = `{"coding":[` + coding(loincURI, "8462-4", "Diastolic blood pressure") + `],"text":"Diastolic"}`
)

// flags of interpretation, ready to be written.
var interpretations = map[string]string{
	"H": interpretation("H", "High"), "L": interpretation("L", "Low"), "HH": interpretation("HH", "Critical high"), "LL": interpretation("LL", "Critical low"),
	"N": interpretation("N", "Normal"), "A": interpretation("A", "Abnormal"), "POS": interpretation("POS", "Positive"), "NEG": interpretation("NEG", "Negative"),
}

func interpretation(code, display string) string {
	return `[{"coding":[` + coding(thoBase+"v3-ObservationInterpretation", code, display) + `],"text":"` + display + `"}]`
}

// vitals writes a visit's vital signs.
func (w *writer) vitals(v *visit) {
	t := &v.vitals
	if t.taken.day == 0 {
		return
	}
	if t.sbp > 0 {
		w.vitalHead(v, pressure)
		if t.sbp >= 140 || t.dbp >= 90 {
			w.raw("interpretation", interpretations["H"])
		}
		w.array("component")
		w.object("")
		w.raw("code", systolicCode)
		w.quantity("valueQuantity", float64(t.sbp), 0, mmHg)
		w.end()
		w.object("")
		w.raw("code", diastolicCode)
		w.quantity("valueQuantity", float64(t.dbp), 0, mmHg)
		w.end()
		w.endArray()
		w.finish()
	}
	adult := v.age(v.at.day) >= 13
	w.vital(v, heartRate, float64(t.pulse), 0, flagOf(adult, float64(t.pulse), 50, 100))
	w.vital(v, breathing, float64(t.breaths), 0, flagOf(adult, float64(t.breaths), 9, 20))
	w.vital(v, temperature, t.temp, 1, flagOf(true, t.temp, 35.5, 38))
	w.vital(v, oxygen, float64(t.saturation), 0, flagOf(true, float64(t.saturation), 93, 101))
	decimals := 1
	if t.weight < 10 {
		decimals = 2
	}
	w.vital(v, bodyWeight, t.weight, decimals, "")
	w.vital(v, bodyHeight, t.height, 1, "")
	w.vital(v, bodyMass, t.bmi, 1, "")
	w.vital(v, headSize, t.head, 1, "")
	w.vital(v, headPct, t.headPct, 0, "")
	w.vital(v, weightPct, t.weightPct, 0, "")
	w.vital(v, bmiPct, t.bmiPct, 0, "")
}

func flagOf(applies bool, v, low, high float64) string {
	switch {
	case !applies:
		return ""
	case v >= high:
		return "H"
	case v < low:
		return "L"
	}
	return ""
}

func (w *writer) vitalHead(v *visit, s *vitalSign) {
	w.resource("Observation", v.newID("obs"), s.profile)
	w.name("")
	w.buf = append(w.buf, s.head...)
	w.subject("subject", v.patient)
	w.reference("encounter", "Encounter/"+v.id)
	w.time("effectiveDateTime", v.vitals.taken)
	if !v.kind.elsewhere() {
		w.array("performer")
		w.raw("", v.nurse.who)
		w.endArray()
	}
}

// vital writes one vital sign; nothing if it was not taken.
func (w *writer) vital(v *visit, s *vitalSign, value float64, decimals int, flag string) {
	if value == 0 {
		return
	}
	w.vitalHead(v, s)
	w.quantity("valueQuantity", value, decimals, s.unit)
	if flag != "" {
		w.raw("interpretation", interpretations[flag])
	}
	w.finish()
}

var (
	surveyCategory = `[{"coding":[` + coding(thoBase+"observation-category", "survey", "Survey") + `]}]`
	socialCategory = `[{"coding":[` + coding(thoBase+"observation-category", "social-history", "Social History") + `]}]`
	scorePoints    = ucumUnit("points", "{score}")
)

func (w *writer) score(v *visit, s *score) {
	w.resource("Observation", v.newID("obs"), "us-core-observation-screening-assessment")
	w.text("status", "final")
	w.raw("category", surveyCategory)
	w.concept("code", s.screening.code)
	w.subject("subject", v.patient)
	w.reference("encounter", "Encounter/"+v.id)
	at := v.vitals.taken
	if at.day == 0 {
		at = v.at
	}
	w.time("effectiveDateTime", at)
	w.array("performer")
	w.subject("", v.patient)
	w.endArray()
	w.quantity("valueQuantity", float64(s.value), 0, scorePoints)
	if s.value >= s.screening.flag {
		w.raw("interpretation", interpretations["H"])
	} else {
		w.raw("interpretation", interpretations["N"])
	}
	w.finish()
}

// smokingWords are the answers to the question about smoking.
var smokingWords = [...]*concept{
	neverSmoked:    coded(snomed, "266919005", "Never smoked tobacco (finding)", "Never smoker"),
	formerSmoker:   coded(snomed, "8517006", "Ex-smoker (finding)", "Former smoker"),
	everyDaySmoker: coded(snomed, "449868002", "Smokes tobacco daily (finding)", "Current every day smoker"),
	someDaySmoker:  coded(snomed, "428041000124106", "Occasional tobacco smoker (finding)", "Current some day smoker"),
}

var (
	smokingCode    = loinc("72166-2", "Tobacco smoking status NHIS", "Smoking status")
	pregnancyCode  = loinc("82810-3", "Pregnancy status", "Pregnancy status")
	pregnant       = coded(snomed, "77386006", "Pregnant", "Pregnant")
	occupationCode = loinc("11341-5", "History of Occupation", "Occupation")
)

// socialHistory writes smoking status at check-ups, and pregnancy and occupation where they were first asked.
func (w *writer) socialHistory(v *visit) {
	checkup := v.kind == physicalVisit || v.kind == newPatientExam || v.kind == wellChildVisit && v.age(v.at.day) >= 13
	if v.state != visitDone && v.state != visitUnsigned {
		return
	}
	if checkup {
		w.socialHead(v, "us-core-smokingstatus", smokingCode)
		w.time("effectiveDateTime", v.at)
		w.concept("valueCodeableConcept", smokingWords[v.smoking])
		w.finish()
	}
	if checkup && v.previous == nil && v.occupation != "" {
		w.socialHead(v, "us-core-observation-occupation", occupationCode)
		w.object("effectivePeriod")
		w.date("start", v.at.day-day(400+v.k%2000))
		w.end()
		w.concept("valueCodeableConcept", words(v.occupation))
		w.finish()
	}
	if v.kind == prenatalVisit && v.done[pregnancyTest] == v.at.day {
		w.socialHead(v, "us-core-observation-pregnancystatus", pregnancyCode)
		w.time("effectiveDateTime", v.at)
		w.concept("valueCodeableConcept", pregnant)
		w.finish()
	}
}

func (w *writer) socialHead(v *visit, profile string, code *concept) {
	w.resource("Observation", v.newID("obs"), profile)
	w.text("status", "final")
	w.raw("category", socialCategory)
	w.concept("code", code)
	w.subject("subject", v.patient)
	w.reference("encounter", "Encounter/"+v.id)
}
