package score

import "math"

// lengthOfStay are the points for days in hospital.
func lengthOfStay(days int) int {
	switch {
	case days < 1:
		return 0
	case days <= 3:
		return days
	case days <= 6:
		return 4
	case days <= 13:
		return 5
	}
	return 7
}

// comorbidity are the points for a Charlson score.
func comorbidity(charlson int) int {
	if charlson >= 4 {
		return 5
	}
	return max(charlson, 0)
}

var lace = Score{
	ID: "lace", Name: "LACE", Version: "2010",
	Purpose: "Risk of death or an unplanned return to hospital within 30 days of a discharge.",
	Source:  "van Walraven C et al., CMAJ 2010;182:551-557",
	URL:     "https://doi.org/10.1503/cmaj.091117",
	Limits: []string{
		"For adults who went home from a medical or surgical ward in the last 30 days; not from a nursing home, psychiatry or childbirth.",
		"It sorts patients only fairly (c statistic 0.68). Stays and emergency visits elsewhere count once they are in this record.",
		"The Charlson score here has the weights of the LACE study: heart attack, stroke, peripheral artery disease, diabetes 1; heart failure, diabetes with organ damage, chronic lung disease, mild liver or kidney disease, cancer 2; dementia, connective tissue disease 3; AIDS, moderate or severe liver or kidney disease 4; metastatic cancer 6.",
	},
	Inputs: []Input{
		between(18, 120),
		{Name: "stay", Label: "Days in hospital", Unit: "days", Least: 0, Most: 1000, Hint: "admission to discharge; 0 for the same day"},
		{Name: "acute", Label: "Admitted as an emergency", Kind: YesNo, Points: 3},
		{Name: "charlson", Label: "Charlson score", Least: 0, Most: 40, Hint: "0, 1, 2, 3 as they are; 4 or more is 5 points"},
		{Name: "emergency", Label: "Emergency visits in the 6 months before", Least: 0, Most: 200, Hint: "without the one that led to the admission"},
	},
	Horizon: 30, Per: "d",
	compute: func(s *Score, v Values) Result {
		return laceResult(s, v,
			Part{"Length of stay", lengthOfStay(int(math.Floor(v.Num("stay"))))},
			Part{"Comorbidity", comorbidity(int(v.Num("charlson")))},
			Part{"Emergency visits", min(int(v.Num("emergency")), 4)},
		)
	},
}

func laceResult(s *Score, v Values, first ...Part) Result {
	n, parts := s.points(v, first...)
	r := Result{Text: points(n), Parts: parts, Level: "low", Meaning: "Of 0 to 19 points. The expected risk was 2.0 % with 0 points and 43.7 % with 19."}
	switch {
	case n >= 10:
		r.Level, r.Meaning = "high", r.Meaning+" 10 or more is taken as high: a call within two days, an early visit, medicines reconciled."
	case n >= 5:
		r.Level = "moderate"
	}
	return r
}
