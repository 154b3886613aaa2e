package score

import "fmt"

// strokes are the adjusted rates of stroke in percent a year by CHA2DS2-VASc, 0 to 9 (Lip et al., Stroke 2010;41:2731, as the European
// guideline of 2010 has them).
var strokes = [10]float64{0, 1.3, 2.2, 3.2, 4.0, 6.7, 9.8, 9.6, 6.7, 15.2}

var chads = Score{
	ID: "cha2ds2-vasc", Name: "CHA₂DS₂-VASc", Version: "2010",
	Purpose: "Risk of stroke in atrial fibrillation without an anticoagulant.",
	Source:  "Lip GYH et al., Chest 2010;137:263-272",
	URL:     "https://doi.org/10.1378/chest.09-1584",
	Limits: []string{
		"For adults with atrial fibrillation or flutter that comes of no valve: not with a mechanical valve or mitral stenosis that is moderate or severe, where an anticoagulant is needed whatever the score.",
		"Rates are those of one group of patients; others found lower ones. What was embolized to the lungs or legs' veins does not count.",
	},
	Inputs: []Input{
		between(18, 120), sex,
		{Name: "fibrillation", Label: "Atrial fibrillation or flutter", Kind: YesNo, IfNo: "There is no atrial fibrillation: the score is for people who have it."},
		{Name: "valve", Label: "Mechanical valve or mitral stenosis", Kind: YesNo, Hint: "a stenosis that is moderate or severe", IfYes: "With a mechanical valve, or mitral stenosis that is moderate or severe, an anticoagulant is needed whatever the score."},
		{Name: "failure", Label: "Heart failure", Kind: YesNo, Points: 1, Hint: "or weakness of the left ventricle"},
		{Name: "hypertension", Label: "Hypertension", Kind: YesNo, Points: 1},
		{Name: "diabetes", Label: "Diabetes", Kind: YesNo, Points: 1},
		{Name: "embolism", Label: "Stroke, TIA or arterial embolism", Kind: YesNo, Points: 2},
		{Name: "vascular", Label: "Vascular disease", Kind: YesNo, Points: 1, Hint: "heart attack, peripheral artery disease, plaque of the aorta"},
	},
	Horizon: 1, Per: "a",
	compute: chadsResult,
}

func chadsResult(s *Score, v Values) Result {
	first := []Part{}
	switch years := v.Num("age"); {
	case years >= 75:
		first = append(first, Part{"Age 75 or older", 2})
	case years >= 65:
		first = append(first, Part{"Age 65 to 74", 1})
	}
	female := v["sex"].Choice == "female"
	if female {
		first = append(first, Part{"Female", 1})
	}
	n, parts := s.points(v, first...)
	r := Result{Text: points(n), Parts: parts, Percent: ptr(strokes[n]), Level: "low"}
	without := n
	if female {
		without--
	}
	rate := fmt.Sprintf("About %s strokes a year without an anticoagulant. ", percent(strokes[n]))
	switch {
	case without >= 2:
		r.Level, r.Meaning = "high", rate+"An anticoagulant is recommended: 2 or more for men, 3 or more for women (ACC/AHA/ACCP/HRS 2023)."
	case without == 1:
		r.Level, r.Meaning = "intermediate", rate+"An anticoagulant is reasonable: 1 for men, 2 for women (ACC/AHA/ACCP/HRS 2023)."
	default:
		r.Meaning = rate + "No anticoagulant is needed for the rhythm: 0 for men, 1 for women (ACC/AHA/ACCP/HRS 2023)."
	}
	return r
}

// bleeds are the major bleeds in 100 patient-years by HAS-BLED, 0 to 4; of more there were too few patients.
var bleeds = [5]string{"1.13", "1.02", "1.88", "3.74", "8.70"}

var hasBled = Score{
	ID: "has-bled", Name: "HAS-BLED", Version: "2010",
	Purpose: "Risk of major bleeding within a year of an anticoagulant for atrial fibrillation.",
	Source:  "Pisters R et al., Chest 2010;138:1093-1100",
	URL:     "https://doi.org/10.1378/chest.10-0134",
	Limits: []string{
		"For adults with atrial fibrillation who take an anticoagulant or are about to.",
		"It points to what can be mended. A high score is no reason by itself to withhold an anticoagulant.",
		"Labile INR counts with warfarin alone.",
	},
	Inputs: []Input{
		between(18, 120),
		{Name: "fibrillation", Label: "Atrial fibrillation or flutter", Kind: YesNo, IfNo: "There is no atrial fibrillation: the score is for people who have it."},
		{Name: "systolic", Label: "Systolic pressure", Unit: "mm Hg", Least: 40, Most: 300, Hint: "more than 160 is a point"},
		{Name: "renal", Label: "Abnormal kidney function", Kind: YesNo, Points: 1, Hint: "dialysis, transplant, or creatinine of 2.26 mg/dL (200 µmol/L) or more"},
		{Name: "liver", Label: "Abnormal liver function", Kind: YesNo, Points: 1, Hint: "cirrhosis, or bilirubin over twice with enzymes over three times the limit"},
		{Name: "stroke", Label: "Stroke", Kind: YesNo, Points: 1},
		{Name: "bleeding", Label: "Bleeding, or a tendency to bleed", Kind: YesNo, Points: 1, Hint: "major bleeding before, anemia, a disorder of coagulation"},
		{Name: "labile", Label: "Labile INR", Kind: YesNo, Points: 1, Hint: "less than 60 % of the time within range; no without warfarin"},
		{Name: "antiplatelet", Label: "Takes an antiplatelet or NSAID", Kind: YesNo, Points: 1},
		{Name: "alcohol", Label: "8 or more drinks a week", Kind: YesNo, Points: 1},
	},
	Horizon: 1, Per: "a",
	compute: func(s *Score, v Values) Result {
		var first []Part
		if v.Num("systolic") > 160 {
			first = append(first, Part{"Systolic pressure over 160", 1})
		}
		if v.Num("age") > 65 {
			first = append(first, Part{"Older than 65", 1})
		}
		return hasBledResult(s, first, v)
	},
}

func hasBledResult(s *Score, first []Part, v Values) Result {
	n, parts := s.points(v, first...)
	r := Result{Text: points(n), Parts: parts, Level: "low"}
	rate := "In the study too few patients had so many points for a rate. "
	if n < len(bleeds) {
		rate = bleeds[n] + " major bleeds in 100 patient-years. "
	}
	switch {
	case n >= 3:
		r.Level, r.Meaning = "high", rate+"Mend what can be mended - pressure, medicines, alcohol - and see the patient more often. No reason by itself to withhold an anticoagulant."
	case n == 2:
		r.Level, r.Meaning = "moderate", rate+"Mend what can be mended."
	default:
		r.Meaning = rate + "Mend what can be mended."
	}
	return r
}
