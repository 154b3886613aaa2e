package synthetic

// screening is a questionnaire with a score.
type screening struct {
	code   *concept
	name   string // "PHQ-9"
	signal signal
	low    int
	high   int
	flag   int // from here on a score is positive
}

// score is a screening's answer at a visit.
type score struct {
	screening *screening
	value     int
}

var (
	phq9Screen = &screening{code: loinc("44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]", "PHQ-9 total score"), name: "PHQ-9", signal: phq9, high: 27, flag: 10}
	gad7Screen = &screening{code: loinc("70274-6", "Generalized anxiety disorder 7 item (GAD-7) total score [Reported.PHQ]", "GAD-7 total score"), name: "GAD-7", signal: gad7, high: 21, flag: 10}
	phq2Screen = &screening{code: loinc("55758-7", "Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]", "PHQ-2 total score"), name: "PHQ-2", signal: phq9, high: 6, flag: 3}
	audit      = &screening{code: loinc("75626-2", "Total score [AUDIT-C]", "AUDIT-C total score"), name: "AUDIT-C", high: 12, flag: 4}
	painScreen = &screening{code: loinc("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported", "Pain score"), name: "Pain", signal: pain, high: 10, flag: 7}
)

// ask fills in a questionnaire, once a visit.
func (v *visit) ask(s *screening) int {
	for _, x := range v.scores {
		if x.screening == s {
			return x.value
		}
	}
	var value int
	switch s {
	case phq2Screen:
		value = int(v.measure(phq9, v.at.day)*6/27 + v.d.unit()*0.8)
	case audit:
		value = max(0, int(1.6+v.d.normal()*1.6))
	default:
		value = int(v.measure(s.signal, v.at.day) + 0.5)
	}
	value = min(max(value, s.low), s.high)
	if s.signal != 0 && s != phq2Screen {
		v.note(s.signal, float64(value), v.at.day)
	}
	v.scores = append(v.scores, &score{s, value})
	v.screened[s] = v.at.day
	return value
}

// asked is true if a questionnaire was filled in at this visit.
func (v *visit) asked(s *screening) bool {
	for _, x := range v.scores {
		if x.screening == s {
			return true
		}
	}
	return false
}
