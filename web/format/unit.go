package format

import "strings"

// Unit writes a unit of measure for reading: UCUM codes in their usual form (mm[Hg] as mmHg) and the units of the Joint Commission's
// do-not-use list spelled out (mcg as micrograms, IU as units). A unit it does not know stays as it is.
func Unit(u string) string {
	if shown, ok := units[u]; ok {
		return shown
	}
	if strings.HasPrefix(u, "{") && strings.HasSuffix(u, "}") && strings.Count(u, "{") == 1 {
		return strings.ReplaceAll(strings.Trim(u, "{}"), "_", " ") // an UCUM annotation: {score} counts scores
	}
	return u
}

// Quantity writes a measured value with its unit: 5.6 mmol/L, 98 %. The unit may be empty.
func Quantity(number, unit string) string { return join(LabNumber(number), Unit(unit)) }

// Dose writes the amount of a dose: 1,000 mg, 75 micrograms, 0.5 mL.
func Dose(number, unit string) string { return join(DoseNumber(number), Unit(unit)) }

func join(number, unit string) string {
	if unit == "" || number == "" {
		return number + unit
	}
	return number + " " + unit
}

// units maps what is stored to what is shown. Keys are exact, since UCUM is case sensitive.
var units = map[string]string{
	"mm[Hg]": "mmHg", "cm[H2O]": "cmH₂O", "[degF]": "°F", "Cel": "°C", "degC": "°C", "degF": "°F",
	"[lb_av]": "lb", "[in_i]": "in", "[oz_av]": "oz", "[ft_i]": "ft",
	"/min": "/min", "{beats}/min": "/min", "{Beats}/min": "/min", "beats/min": "/min", "{breaths}/min": "/min", "breaths/min": "/min", "/minute": "/min",
	"kg/m2": "kg/m²", "m2": "m²", "mL/min/{1.73_m2}": "mL/min/1.73 m²", "mL/min/1.73m2": "mL/min/1.73 m²", "mL/min/1.73 m2": "mL/min/1.73 m²", "mL/min/1.73_m2": "mL/min/1.73 m²",
	"10*3/uL": "10³/µL", "10*6/uL": "10⁶/µL", "10*9/L": "10⁹/L", "10*12/L": "10¹²/L", "/uL": "/µL",
	"ug": "micrograms", "mcg": "micrograms", "μg": "micrograms", "µg": "micrograms", "ug/mL": "micrograms/mL", "ug/dL": "micrograms/dL", "ug/L": "micrograms/L",
	"mcg/mL": "micrograms/mL", "mcg/dL": "micrograms/dL", "ug/h": "micrograms/h", "mcg/h": "micrograms/h", "uL": "microliters", "umol/L": "micromol/L",
	"U": "units", "IU": "international units", "[IU]": "international units", "[iU]": "international units", "[USP'U]": "units",
	"U/L": "units/L", "IU/L": "international units/L", "[IU]/L": "international units/L", "[iU]/L": "international units/L",
	"U/mL": "units/mL", "[IU]/mL": "international units/mL", "[iU]/mL": "international units/mL", "mU/L": "milliunits/L", "m[IU]/L": "mIU/L",
	"m[iU]/L": "mIU/L", "u[IU]/mL": "microunits/mL", "u[iU]/mL": "microunits/mL", "uU/mL": "microunits/mL", "mIU/L": "mIU/L",
	"cc": "mL", "ml": "mL", "a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours", "min": "minutes",
	"1": "", "{score}": "", "{nominal}": "", "{ratio}": "", "[pH]": "", "[arb'U]": "arbitrary units", "{INR}": "", "fL": "fL", "pg": "pg",
	"{tbl}": "tablet", "{capsule}": "capsule", "{puff}": "puffs", "[drp]": "drops",
}
