package synthetic

import (
	"fmt"
	"math"
	"slices"
)

const riskSystem = "https://osler.example/fhir/CodeSystem/risk-score"

// keptRisk writes the ASCVD risk of Adaeze Okafor as it was worked out and kept at her last physical, by what was known then. The patient
// said which of the two published sets of coefficients is hers.
func (w *writer) keptRisk(p *patient) {
	if p.part == nil || p.part.family != "Okafor" {
		return
	}
	var then *visit
	for _, v := range p.visits {
		if v.kind == physicalVisit && v.vitals.sbp > 0 && v.at.day < p.today-100 {
			then = v
		}
	}
	if then == nil {
		return
	}
	var total, high float64
	for _, s := range p.samples {
		for _, r := range s.results {
			if r.panel == lipidPanel && s.at.day <= then.at.day && !s.pending && len(r.values) == len(lipidPanel.members) {
				total, high = r.values[slices.Index(lipidPanel.members, cholesterol)], r.values[slices.Index(lipidPanel.members, hdl)]
			}
		}
	}
	c := p.has(diabetes, then.at.day)
	if total == 0 || high == 0 || c == nil {
		return
	}
	age, sbp := p.age(then.at.day), then.vitals.sbp
	risk := africanWomanRisk(float64(age), total, high, float64(sbp))
	level, meaning := "intermediate", "7.5 to under 20 %. A statin of moderate intensity is recommended if the talk about risk favors it (ACC/AHA 2018)."
	switch {
	case risk >= 20:
		level, meaning = "high", "20 % or more. A statin that lowers LDL cholesterol by half or more is recommended (ACC/AHA 2018)."
	case risk < 7.5:
		return
	}
	w.resource("RiskAssessment", p.id+"-ascvd", "")
	w.text("status", "final")
	w.concept("method", coded(riskSystem, "ascvd-pce-2013", "ASCVD risk", "ASCVD risk, Pooled Cohort Equations, 2013"))
	w.concept("code", loinc("79423-0", "Cardiovascular disease 10Y risk [Likelihood] ACC-AHA Pooled Cohort by Goff 2013", ""))
	w.subject("subject", p)
	w.time("occurrenceDateTime", then.at.plus(20))
	w.raw("performer", then.by.who)
	w.array("basis")
	w.object("")
	w.text("reference", p.ref)
	w.end()
	w.object("")
	w.text("reference", "Condition/"+c.id)
	w.end()
	w.endArray()
	w.array("prediction")
	w.object("")
	w.concept("outcome", words("Risk of a first heart attack, death of coronary disease or stroke within 10 years."))
	w.decimal("probabilityDecimal", risk, 1)
	w.concept("qualitativeRisk", words(level))
	w.text("rationale", fmt.Sprintf("%.1f %%. %s", risk, meaning))
	w.end()
	w.endArray()
	w.array("note")
	w.object("")
	w.raw("authorReference", then.by.who)
	w.time("time", then.at.plus(20))
	w.text("text", fmt.Sprintf("ASCVD risk: %.1f %%\nAge: %d years\nSex: Female\nCoefficients: African American (asked)\nTotal cholesterol: %.0f mg/dL\nHDL cholesterol: %.0f mg/dL\nSystolic pressure: %d mm Hg\nTreated for hypertension: yes\nSmokes now: no\nDiabetes: yes\nAtherosclerotic cardiovascular disease: no", risk, age, total, high, sbp))
	w.end()
	w.endArray()
	w.finish()
}

// africanWomanRisk is the ten-year risk in percent of an African American woman with diabetes and treated hypertension who does not smoke,
// by the Pooled Cohort Equations of 2013 (Goff et al., Circulation 2014;129(25 Suppl 2):S49, Table A).
func africanWomanRisk(age, total, high, sbp float64) float64 {
	a := math.Log(age)
	sum := 17.114*a + 0.940*math.Log(total) + (-18.920+4.475*a)*math.Log(high) + (29.291-6.432*a)*math.Log(sbp) + 0.874
	return math.Round(1000*(1-math.Pow(0.9533, math.Exp(sum-86.61)))) / 10
}
