// Package kidney estimates kidney function: the one place where the program does, for doses as for risk.
package kidney

import "math"

// CKDEPI is the glomerular filtration rate in mL/min/1.73 m2 by the CKD-EPI equation of 2021 without race (Inker et al., N Engl J Med
// 2021;385:1737), for adults. Creatinine is in mg/dL, age in whole years.
func CKDEPI(creatinine, age float64, female bool) float64 {
	kappa, alpha, factor := 0.9, -0.302, 1.0
	if female {
		kappa, alpha, factor = 0.7, -0.241, 1.012
	}
	q := creatinine / kappa
	return 142 * math.Pow(math.Min(q, 1), alpha) * math.Pow(math.Max(q, 1), -1.200) * math.Pow(0.9938, age) * factor
}

// CockcroftGault is the creatinine clearance in mL/min (Cockcroft and Gault, Nephron 1976;16:31), for adults. Creatinine is in mg/dL,
// weight in kg.
func CockcroftGault(creatinine, age, weight float64, female bool) float64 {
	v := (140 - age) * weight / (72 * creatinine)
	if female {
		v *= 0.85
	}
	return v
}
