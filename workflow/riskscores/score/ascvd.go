package score

import "math"

// Pooled is what the Pooled Cohort Equations are worked out from.
type Pooled struct {
	Age             float64 // years
	Female          bool
	AfricanAmerican bool    // which of the two published sets of coefficients; never taken from anything but a person's choice
	Cholesterol     float64 // total, mg/dL
	HDL             float64 // mg/dL
	Systolic        float64 // mm Hg
	Treated         bool    // for hypertension
	Smoker          bool    // now
	Diabetes        bool
}

// cohort are the coefficients of one group, of Table A of Appendix 7.
type cohort struct {
	age, age2, chol, ageChol, hdl, ageHDL, treated, ageTreated, untreated, ageUntreated, smoker, ageSmoker, diabetes float64
	mean, survival                                                                                                   float64
}

var (
	whiteWomen   = cohort{age: -29.799, age2: 4.884, chol: 13.540, ageChol: -3.114, hdl: -13.578, ageHDL: 3.149, treated: 2.019, untreated: 1.957, smoker: 7.574, ageSmoker: -1.665, diabetes: 0.661, mean: -29.18, survival: 0.9665}
	africanWomen = cohort{age: 17.114, chol: 0.940, hdl: -18.920, ageHDL: 4.475, treated: 29.291, ageTreated: -6.432, untreated: 27.820, ageUntreated: -6.087, smoker: 0.691, diabetes: 0.874, mean: 86.61, survival: 0.9533}
	whiteMen     = cohort{age: 12.344, chol: 11.853, ageChol: -2.664, hdl: -7.990, ageHDL: 1.769, treated: 1.797, untreated: 1.764, smoker: 7.837, ageSmoker: -1.795, diabetes: 0.658, mean: 61.18, survival: 0.9144}
	africanMen   = cohort{age: 2.469, chol: 0.302, hdl: -0.307, treated: 1.916, untreated: 1.809, smoker: 0.549, diabetes: 0.645, mean: 19.54, survival: 0.8954}
)

// Risk is the probability in percent of a first hard ASCVD event - non-fatal myocardial infarction, death of coronary heart disease,
// stroke - within ten years: the Pooled Cohort Equations (Goff et al., Circulation 2014;129(25 Suppl 2):S49, Appendix 7).
func (p Pooled) Risk() float64 {
	c := &whiteMen
	switch {
	case p.Female && p.AfricanAmerican:
		c = &africanWomen
	case p.Female:
		c = &whiteWomen
	case p.AfricanAmerican:
		c = &africanMen
	}
	a, systolic := math.Log(p.Age), math.Log(p.Systolic)
	sum := c.age*a + c.age2*a*a + (c.chol+c.ageChol*a)*math.Log(p.Cholesterol) + (c.hdl+c.ageHDL*a)*math.Log(p.HDL)
	if p.Treated {
		sum += (c.treated + c.ageTreated*a) * systolic
	} else {
		sum += (c.untreated + c.ageUntreated*a) * systolic
	}
	if p.Smoker {
		sum += c.smoker + c.ageSmoker*a
	}
	if p.Diabetes {
		sum += c.diabetes
	}
	return 100 * (1 - math.Pow(c.survival, math.Exp(sum-c.mean)))
}

// The two published sets of coefficients, as they are chosen.
const (
	White           = "white"
	AfricanAmerican = "african-american"
)

var ascvd = Score{
	ID: "ascvd-pce-2013", Name: "ASCVD risk", Version: "Pooled Cohort Equations, 2013",
	Purpose: "Risk of a first heart attack, death of coronary disease or stroke within 10 years.",
	Source:  "Goff DC et al., 2013 ACC/AHA guideline on the assessment of cardiovascular risk. Circulation 2014;129(25 Suppl 2):S49-S73",
	URL:     "https://doi.org/10.1161/01.cir.0000437741.48606.98",
	Limits: []string{
		"For people of 40 to 79 years who have had no heart attack, stroke or other atherosclerotic cardiovascular disease.",
		"Published for non-Hispanic white and for African American people only, with a set of coefficients for each. For everybody else the guideline has the white coefficients used; they may say too much or too little.",
		"Not for an LDL cholesterol of 190 mg/dL or more or familial hypercholesterolemia, where treatment does not wait for a score.",
		"Total cholesterol 130 to 320, HDL 20 to 100 mg/dL and systolic pressure 90 to 200 mm Hg, as the estimator of the ACC takes them.",
		"Most of the people it was made from took no statin; with one the result says what the risk would be by these numbers.",
	},
	Inputs: []Input{
		between(40, 79), sex,
		{Name: "coefficients", Label: "Coefficients", Kind: Choice, Options: []Option{{White, "White and other"}, {AfricanAmerican, "African American"}}, Hint: "published for these two groups; ask the patient, it is never taken from the record"},
		{Name: "cholesterol", Label: "Total cholesterol", Unit: "mg/dL", Least: 20, Most: 1000, From: 130, To: 320},
		{Name: "hdl", Label: "HDL cholesterol", Unit: "mg/dL", Least: 1, Most: 200, From: 20, To: 100},
		{Name: "systolic", Label: "Systolic pressure", Unit: "mm Hg", Least: 40, Most: 300, From: 90, To: 200},
		{Name: "treated", Label: "Treated for hypertension", Kind: YesNo},
		{Name: "smoker", Label: "Smokes now", Kind: YesNo},
		{Name: "diabetes", Label: "Diabetes", Kind: YesNo},
		{Name: "ascvd", Label: "Atherosclerotic cardiovascular disease", Kind: YesNo, Hint: "coronary disease, ischemic stroke or TIA, peripheral artery disease", IfYes: "There is atherosclerotic cardiovascular disease already: the equations estimate a first event."},
	},
	Horizon: 10, Per: "a",
	compute: func(_ *Score, v Values) Result {
		p := Pooled{
			Age: v.Num("age"), Female: v["sex"].Choice == "female", AfricanAmerican: v["coefficients"].Choice == AfricanAmerican, Cholesterol: v.Num("cholesterol"),
			HDL: v.Num("hdl"), Systolic: v.Num("systolic"), Treated: v.Is("treated"), Smoker: v.Is("smoker"), Diabetes: v.Is("diabetes"),
		}
		risk := math.Round(p.Risk()*10) / 10 // the level is that of the number that is shown
		r := Result{Text: percent(risk), Percent: ptr(risk), Level: "low"}
		switch {
		case risk >= 20:
			r.Level, r.Meaning = "high", "20 % or more. A statin that lowers LDL cholesterol by half or more is recommended (ACC/AHA 2018)."
		case risk >= 7.5:
			r.Level, r.Meaning = "intermediate", "7.5 to under 20 %. A statin of moderate intensity is recommended if the talk about risk favors it (ACC/AHA 2018)."
		case risk >= 5:
			r.Level, r.Meaning = "borderline", "5 to under 7.5 %. With factors that raise the risk, a statin of moderate intensity may be considered (ACC/AHA 2018)."
		default:
			r.Meaning = "Under 5 %. Healthy living (ACC/AHA 2018)."
		}
		if p.Diabetes && p.Age <= 75 {
			r.Notes = append(r.Notes, "With diabetes, from 40 to 75 years, a statin of moderate intensity is recommended whatever the score (ACC/AHA 2018).")
		}
		return r
	},
}

// BothWays is the risk in percent with either set of coefficients, where everything but the choice between them is known.
func BothWays(v Values) (white, african string, ok bool) {
	with := func(choice string) string {
		all := Values{}
		for k, known := range v {
			all[k] = known
		}
		all["coefficients"] = Value{Choice: choice}
		if r := ascvd.Evaluate(all); r.OK() {
			return r.Text
		}
		return ""
	}
	white, african = with(White), with(AfricanAmerican)
	return white, african, white != "" && african != ""
}
