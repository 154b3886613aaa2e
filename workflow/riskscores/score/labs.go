package score

import (
	"math"
	"strconv"

	"github.com/osler-ehr/osler/drugs/kidney"
)

// FIB4 is the index of liver fibrosis (Sterling et al., Hepatology 2006;43:1317): age in years, AST and ALT in U/L, platelets in 10^9/L.
func FIB4(age, ast, alt, platelets float64) float64 { return age * ast / (platelets * math.Sqrt(alt)) }

var fib4 = Score{
	ID: "fib-4", Name: "FIB-4", Version: "2006; cut-offs of 2009, and of 2017 from 65 years on",
	Purpose: "How likely advanced fibrosis of the liver is.",
	Source:  "Sterling RK et al., Hepatology 2006;43:1317-1325; Shah AG et al., Clin Gastroenterol Hepatol 2009;7:1104-1112; McPherson S et al., Am J Gastroenterol 2017;112:740-751",
	URL:     "https://doi.org/10.1002/hep.21178",
	Limits: []string{
		"For adults with chronic liver disease or at risk of it: steatosis, type 2 diabetes, hepatitis C. Below 35 years it is unreliable; from 65 years on the lower limit is 2.0.",
		"Not during acute illness of the liver or another that changes enzymes or platelets.",
	},
	Inputs: []Input{
		between(18, 120),
		{Name: "ast", Label: "AST", Unit: "U/L", Least: 1, Most: 20000},
		{Name: "alt", Label: "ALT", Unit: "U/L", Least: 1, Most: 20000},
		{Name: "platelets", Label: "Platelets", Unit: "10⁹/L", Least: 1, Most: 3000},
	},
	compute: func(_ *Score, v Values) Result {
		years := v.Num("age")
		index := math.Round(FIB4(years, v.Num("ast"), v.Num("alt"), v.Num("platelets"))*100) / 100
		r := Result{Text: strconv.FormatFloat(index, 'f', 2, 64)}
		low, words := 1.3, "1.30"
		if years >= 65 {
			low, words = 2.0, "2.00"
		}
		switch {
		case index > 2.67:
			r.Level, r.Meaning = "high", "Over 2.67: advanced fibrosis is likely. Elastography or a hepatologist."
		case index < low:
			r.Level, r.Meaning = "low", "Under "+words+": advanced fibrosis is unlikely. Again in 1 to 3 years while the risk remains."
		default:
			r.Level, r.Meaning = "indeterminate", "From "+words+" to 2.67: it does not tell. A second test, such as elastography."
		}
		if years < 35 {
			r.Notes = append(r.Notes, "Below 35 years the index is unreliable.")
		}
		return r
	},
}

var filtration = Score{
	ID: "egfr-ckd-epi-2021", Name: "eGFR", Version: "CKD-EPI creatinine, 2021",
	Purpose: "Glomerular filtration rate by creatinine, without race.",
	Source:  "Inker LA et al., N Engl J Med 2021;385:1737-1749",
	URL:     "https://doi.org/10.1056/NEJMoa2102953",
	Limits: []string{
		"For adults with a stable creatinine: not in acute kidney injury, in pregnancy, with very much or very little muscle.",
		"Doses are checked with the same equation where the laboratory reports none.",
	},
	Inputs: []Input{between(18, 120), sex, {Name: "creatinine", Label: "Creatinine", Unit: "mg/dL", Least: 0.1, Most: 40}},
	compute: func(_ *Score, v Values) Result {
		// Downward: what is below a limit must not be shown as having reached it.
		rate := int(math.Floor(kidney.CKDEPI(v.Num("creatinine"), v.Num("age"), v["sex"].Choice == "female")))
		r := Result{Text: strconv.Itoa(rate) + " mL/min/1.73 m²"}
		for _, g := range []struct {
			from           int
			level, meaning string
		}{
			{90, "G1", "G1, 90 or more: normal or high."}, {60, "G2", "G2, 60 to 89: mildly decreased."}, {45, "G3a", "G3a, 45 to 59: mildly to moderately decreased."},
			{30, "G3b", "G3b, 30 to 44: moderately to severely decreased."}, {15, "G4", "G4, 15 to 29: severely decreased."}, {0, "G5", "G5, under 15: kidney failure."},
		} {
			if rate >= g.from {
				r.Level, r.Meaning = g.level, g.meaning+" Chronic kidney disease needs three months of it, or albuminuria (KDIGO 2024)."
				break
			}
		}
		return r
	},
}
