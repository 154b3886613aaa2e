package ucum

// hint says what was perhaps meant; "" if nothing comes to mind.
func hint(s string) string {
	if better, ok := meant[s]; ok {
		return "; did you mean " + better + "?"
	}
	return ""
}

// meant are common ways to write a unit, and the unit.
var meant = map[string]string{
	"mmHg": "mm[Hg]", "mm Hg": "mm[Hg]", "cmH2O": "cm[H2O]", "cm H2O": "cm[H2O]", "IU": "[iU]", "iu": "[iU]", "mIU": "m[iU]", "uIU": "u[iU]", "kIU": "k[iU]",
	"mcg": "ug", "µg": "ug", "μg": "ug", "µl": "uL", "μl": "uL", "µL": "uL", "μL": "uL", "µm": "um", "μm": "um", "µmol": "umol", "μmol": "umol", "cc": "mL", "ml ": "mL", "ML": "mL", "mgs": "mg", "gm": "g", "gms": "g",
	"lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]", "oz": "[oz_av]", "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]",
	"ft": "[ft_i]", "feet": "[ft_i]", "°F": "[degF]", "degF": "[degF]", "F": "[degF]", "°C": "Cel", "degC": "Cel", "C°": "Cel", "cel": "Cel",
	"bpm": "/min", "beats/minute": "/min", "sec": "s", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "week": "wk", "weeks": "wk",
	"month": "mo", "months": "mo", "year": "a", "years": "a", "yr": "a", "minute": "min", "minutes": "min", "mEq": "meq", "Meq": "meq", "tsp": "[tsp_us]", "tbsp": "[tbs_us]",
	"pH": "[pH]", "ppm": "[ppm]", "drop": "[drp]", "drops": "[drp]", "gtt": "[drp]", "CFU": "[CFU]", "mOsm": "mosm", "percent": "%", "pg/dl ": "pg/dL", "BPM": "/min",
}
