package score

var wellsDVT = Score{
	ID: "wells-dvt", Name: "Wells (deep vein thrombosis)", Version: "2003",
	Purpose: "How likely a deep vein thrombosis of the leg is, before D-dimer or ultrasound.",
	Source:  "Wells PS et al., N Engl J Med 2003;349:1227-1235",
	URL:     "https://doi.org/10.1056/NEJMoa023153",
	Limits:  []string{"For adults outside hospital in whom a thrombosis of the leg is thought of; not in pregnancy, nor where there is an anticoagulant already, nor where an embolism is thought of too."},
	Inputs: []Input{
		between(18, 120),
		{Name: "malignancy", Label: "Cancer treated within 6 months", Kind: YesNo, Points: 1, Hint: "palliative care counts"},
		{Name: "plaster", Label: "Paralysis, or the leg lately in plaster", Kind: YesNo, Points: 1},
		{Name: "bedridden", Label: "In bed 3 days, or major surgery within 12 weeks", Kind: YesNo, Points: 1, Hint: "surgery under general or regional anesthesia"},
		{Name: "tender", Label: "Tender along the deep veins", Kind: YesNo, Points: 1},
		{Name: "whole-leg", Label: "Whole leg swollen", Kind: YesNo, Points: 1},
		{Name: "calf", Label: "Calf more than 3 cm thicker than the other", Kind: YesNo, Points: 1, Hint: "measured 10 cm below the tibial tuberosity"},
		{Name: "pitting", Label: "Pitting edema of that leg alone", Kind: YesNo, Points: 1},
		{Name: "collateral", Label: "Collateral superficial veins, not varicose", Kind: YesNo, Points: 1},
		{Name: "previous-dvt", Label: "Deep vein thrombosis before", Kind: YesNo, Points: 1, Hint: "documented"},
		{Name: "alternative", Label: "Something else at least as likely", Kind: YesNo, Points: -2, Hint: "takes 2 points away"},
	},
	compute: func(s *Score, v Values) Result {
		n, parts := s.points(v)
		r := Result{Text: points(n), Parts: parts}
		if n >= 2 {
			r.Level, r.Meaning = "likely", "2 points or more: a thrombosis is likely. Ultrasound, with D-dimer."
		} else {
			r.Level, r.Meaning = "unlikely", "1 point or less: a thrombosis is unlikely. D-dimer; ultrasound only if it is raised."
		}
		return r
	},
}
