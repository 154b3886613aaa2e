package score

var curb65 = Score{
	ID: "curb-65", Name: "CURB-65", Version: "2003",
	Purpose: "Risk of death within 30 days of pneumonia that was caught outside hospital.",
	Source:  "Lim WS et al., Thorax 2003;58:377-382",
	URL:     "https://doi.org/10.1136/thorax.58.5.377",
	Limits:  []string{"For adults with pneumonia at its presentation. It helps to choose where to treat; what the patient is otherwise like, oxygen above all, decides as well."},
	Inputs: []Input{
		between(18, 120),
		{Name: "confusion", Label: "New confusion", Kind: YesNo, Points: 1, Hint: "mental test score of 8 or less, or disoriented in person, place or time"},
		{Name: "urea", Label: "Urea nitrogen (BUN)", Unit: "mg/dL", Least: 1, Most: 400, Hint: "more than 19 mg/dL, urea over 7 mmol/L, is a point"},
		{Name: "respirations", Label: "Respiratory rate", Unit: "/min", Least: 4, Most: 80},
		{Name: "systolic", Label: "Systolic pressure", Unit: "mm Hg", Least: 40, Most: 300},
		{Name: "diastolic", Label: "Diastolic pressure", Unit: "mm Hg", Least: 10, Most: 200},
	},
	Horizon: 30, Per: "d",
	compute: func(s *Score, v Values) Result {
		one := func(yes bool) int {
			if yes {
				return 1
			}
			return 0
		}
		return curb65Result(s, v,
			Part{"BUN over 19", one(v.Num("urea") > 19)},
			Part{"30 breaths or more", one(v.Num("respirations") >= 30)},
			Part{"Systolic under 90 or diastolic 60 or less", one(v.Num("systolic") < 90 || v.Num("diastolic") <= 60)},
			Part{"Age 65 or older", one(v.Num("age") >= 65)},
		)
	},
}

func curb65Result(s *Score, v Values, first ...Part) Result {
	n, parts := s.points(v, first...)
	r := Result{Text: points(n), Parts: parts}
	switch {
	case n >= 3:
		r.Level, r.Percent, r.Meaning = "high", ptr(22), "Mortality 22 % with 3 to 5 points. Hospital; with 4 or 5 points think of intensive care."
	case n == 2:
		r.Level, r.Percent, r.Meaning = "intermediate", ptr(9.2), "Mortality 9.2 % with 2 points. Hospital, or close supervision at home."
	default:
		r.Level, r.Percent, r.Meaning = "low", ptr(1.5), "Mortality 1.5 % with 0 or 1 point. Home may do."
	}
	return r
}

var mcIsaac = Score{
	ID: "centor-mcisaac", Name: "Centor (McIsaac)", Version: "1998, with age",
	Purpose: "How likely a sore throat is one of group A streptococci.",
	Source:  "McIsaac WJ et al., CMAJ 1998;158:75-83, after Centor RM et al., Med Decis Making 1981;1:239-246",
	URL:     "https://pubmed.ncbi.nlm.nih.gov/9475915/",
	Limits:  []string{"For people of 3 years and older with a sore throat of recent onset."},
	Inputs: []Input{
		between(3, 120),
		{Name: "temperature", Label: "Temperature", Unit: "°C", Least: 30, Most: 44, Hint: "more than 38 °C is a point, by history too"},
		{Name: "cough", Label: "No cough", Kind: YesNo, Points: 1},
		{Name: "nodes", Label: "Tender nodes at the front of the neck", Kind: YesNo, Points: 1},
		{Name: "tonsils", Label: "Swollen tonsils or exudate", Kind: YesNo, Points: 1},
	},
	compute: func(s *Score, v Values) Result {
		var first []Part
		if v.Num("temperature") > 38 {
			first = append(first, Part{"Temperature over 38 °C", 1})
		}
		switch years := v.Num("age"); {
		case years < 15:
			first = append(first, Part{"Age 3 to 14", 1})
		case years >= 45:
			first = append(first, Part{"Age 45 or older", -1})
		}
		return mcIsaacResult(s, v, first...)
	},
}

func mcIsaacResult(s *Score, v Values, first ...Part) Result {
	n, parts := s.points(v, first...)
	r := Result{Text: points(n), Parts: parts}
	switch {
	case n >= 4:
		r.Level, r.Meaning = "high", "4 or 5 points: streptococci in about half. A rapid test or culture before an antibiotic."
	case n >= 2:
		r.Level, r.Meaning = "intermediate", "2 or 3 points: a rapid test or culture; an antibiotic only if it is positive."
	default:
		r.Level, r.Meaning = "low", "1 point or less: neither test nor antibiotic."
	}
	return r
}

// wellsHalves are the weights of Wells in halves of a point.
var wellsHalves = map[string]int{"signs": 6, "likely": 6, "immobile": 3, "previous": 3, "hemoptysis": 2, "malignancy": 2}

var wellsPE = Score{
	ID: "wells-pe", Name: "Wells (pulmonary embolism)", Version: "2000",
	Purpose: "How likely a pulmonary embolism is, before D-dimer or imaging.",
	Source:  "Wells PS et al., Thromb Haemost 2000;83:416-420",
	URL:     "https://pubmed.ncbi.nlm.nih.gov/10744147/",
	Limits:  []string{"For adults in whom a pulmonary embolism is thought of; not in pregnancy, nor where there is an anticoagulant already."},
	Inputs: []Input{
		between(18, 120), heartRate,
		{Name: "signs", Label: "Signs of deep vein thrombosis", Kind: YesNo, Hint: "3 points: swelling of a leg and pain along the deep veins"},
		{Name: "likely", Label: "Embolism likelier than anything else", Kind: YesNo, Hint: "3 points"},
		{Name: "immobile", Label: "In bed 3 days or operated within 4 weeks", Kind: YesNo, Hint: "1.5 points"},
		{Name: "previous", Label: "Thrombosis or embolism before", Kind: YesNo, Hint: "1.5 points"},
		{Name: "hemoptysis", Label: "Coughs blood", Kind: YesNo, Hint: "1 point"},
		{Name: "malignancy", Label: "Cancer treated within 6 months", Kind: YesNo, Hint: "1 point; palliative care counts"},
	},
	compute: wellsResult,
}
