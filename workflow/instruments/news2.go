package instruments

import "github.com/osler-ehr/osler/fhir"

// step is one row of a table of NEWS2: values up to and including most score so many points; the last row has no most.
type step struct {
	most   string // "" = everything above
	points int
}

// The tables of NEWS2. (Royal College of Physicians. National Early Warning Score (NEWS) 2. London 2017, chart 1.)
var (
	newsRespiration = []step{{"8", 3}, {"11", 1}, {"20", 0}, {"24", 2}, {"", 3}}
	newsSaturation  = []step{{"91", 3}, {"93", 2}, {"95", 1}, {"", 0}}
	// Scale 2 is for hypercapnic respiratory failure; above 92 % it counts only on oxygen.
	newsSaturation2    = []step{{"83", 3}, {"85", 2}, {"87", 1}, {"", 0}}
	newsSaturation2Oxy = []step{{"83", 3}, {"85", 2}, {"87", 1}, {"92", 0}, {"94", 1}, {"96", 2}, {"", 3}}
	newsSystolic       = []step{{"90", 3}, {"100", 2}, {"110", 1}, {"219", 0}, {"", 3}}
	newsPulse          = []step{{"40", 3}, {"50", 1}, {"90", 0}, {"110", 1}, {"130", 2}, {"", 3}}
	newsTemperature    = []step{{"35.0", 3}, {"36.0", 1}, {"38.0", 0}, {"39.0", 1}, {"", 2}}
)

// newsLeast is the age from which on NEWS2 holds.
const newsLeast = 16

func stepped(table []step, v fhir.Decimal) int {
	for _, s := range table {
		most, err := fhir.ParseDecimal(s.most)
		if err != nil || v.Compare(most) <= 0 {
			return s.points
		}
	}
	return 0
}

// newsParts are the points of each sign, by linkId; missing are those that were not measured or answered.
func newsParts(a answers) (points map[string]int, missing []string) {
	points = map[string]int{}
	yes := func(link string) (v, ok bool) {
		if len(a[link]) == 0 {
			return false, false
		}
		return fhir.ChoiceValue[bool](a[link][0])
	}
	measure := func(link, name string, table []step) {
		if len(a[link]) > 0 {
			if v, ok := numeric(a[link][0]); ok {
				points[link] = stepped(table, v)
				return
			}
		}
		missing = append(missing, name)
	}
	scale2, _ := yes("scale2") // not ticked is scale 1, as the chart has it
	oxygen, known := yes("oxygen")
	saturation := newsSaturation
	if scale2 {
		saturation = newsSaturation2
		if oxygen {
			saturation = newsSaturation2Oxy
		}
	}
	measure("respiration", "Respiratory rate", newsRespiration)
	measure("saturation", "Oxygen saturation", saturation)
	if !known {
		missing = append(missing, "On supplemental oxygen")
	} else if points["oxygen"] = 0; oxygen {
		points["oxygen"] = 2
	}
	measure("systolic", "Systolic blood pressure", newsSystolic)
	measure("pulse", "Pulse", newsPulse)
	if len(a["consciousness"]) == 0 {
		missing = append(missing, "Consciousness")
	} else if c, ok := fhir.ChoiceValue[fhir.Coding](a["consciousness"][0]); ok {
		points["consciousness"] = 3
		if c.Code == "acvpu-alert" {
			points["consciousness"] = 0
		}
	}
	measure("temperature", "Temperature", newsTemperature)
	return points, missing
}

// news2 computes the aggregate score.
func (q *questionnaire) news2(s *score, a answers, who person) {
	if who.age >= 0 && who.age < newsLeast {
		s.refused = "No score: NEWS2 is for people of 16 and older."
		return
	}
	points, missing := newsParts(a)
	for _, n := range points {
		s.value += n
	}
	s.missing = missing
}

// newsBand raises a low score with a single sign of 3 points to the band between low and medium.
func newsBand(b band, a answers) band {
	points, _ := newsParts(a)
	for _, n := range points {
		if n == 3 && b.interpretation == "N" {
			b.label, b.interpretation = "Low to medium: one sign scores 3, urgent review on the ward", "A"
			return b
		}
	}
	return b
}
