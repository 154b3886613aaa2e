package synthetic

import (
	"slices"
	"strings"
)

// The code systems of alerts.
const (
	safetyRules   = "https://osler.example/fhir/CodeSystem/safety-rule"
	safetyAnswers = "https://osler.example/fhir/CodeSystem/safety-answer"
	alertModes    = "https://osler.example/fhir/CodeSystem/alert-mode"
)

// alert is a rule of the safety checks that two medicines meet.
type alert struct {
	rule, check, text string
	kind, kindName    string
	ours, other       []string // names of medicines
	old               int      // the patient is at least so many years old; 0 = any
	asks              bool     // it asks for a reason: as the practice has set it
	instead           string   // what was written first, and changed to what is in ours
}

var alerts = []alert{
	{"nsaid-raas", "Interactions", "kidney injury and less effect on blood pressure. Avoid in kidney disease and with diuretics; check creatinine and potassium.", "DRG", "Drug Interaction Alert",
		[]string{"ibuprofen", "naproxen"}, []string{"lisinopril", "losartan", "sacubitril and valsartan"}, 0, true, ""},
	{"nsaid-raas", "Interactions", "kidney injury and less effect on blood pressure. Avoid in kidney disease and with diuretics; check creatinine and potassium.", "DRG", "Drug Interaction Alert",
		[]string{"lisinopril", "losartan", "sacubitril and valsartan"}, []string{"ibuprofen", "naproxen"}, 0, true, ""},
	{"potassium-raas", "Interactions", "high potassium. Check potassium and creatinine within a week.", "DRG", "Drug Interaction Alert",
		[]string{"spironolactone", "lisinopril", "losartan", "sacubitril and valsartan"}, []string{"spironolactone", "lisinopril", "losartan", "sacubitril and valsartan"}, 0, false, ""},
	{"anticoagulant-nsaid", "Interactions", "bleeding. Avoid unless there is a clear reason; consider acetaminophen and stomach protection.", "DRG", "Drug Interaction Alert",
		[]string{"apixaban", "warfarin"}, []string{"aspirin", "ibuprofen", "naproxen"}, 0, true, ""},
	{"nsaid-raas", "Interactions", "kidney injury and less effect on blood pressure. Avoid in kidney disease and with diuretics; check creatinine and potassium.", "DRG", "Drug Interaction Alert",
		[]string{"acetaminophen"}, []string{"lisinopril", "losartan", "sacubitril and valsartan"}, 0, true, "naproxen"},
	{"anticoagulant-nsaid", "Interactions", "bleeding. Avoid unless there is a clear reason; consider acetaminophen and stomach protection.", "DRG", "Drug Interaction Alert",
		[]string{"acetaminophen"}, []string{"apixaban", "warfarin"}, 0, true, "ibuprofen"},
	{"tramadol-serotonergic", "Interactions", "serotonin syndrome and seizures. Choose another pain reliever.", "DRG", "Drug Interaction Alert",
		[]string{"acetaminophen"}, []string{"sertraline", "escitalopram", "bupropion"}, 0, true, "tramadol"},
	{"rate-twice", "Interactions", "slow heart rate, heart block and low blood pressure. Avoid, or watch rate and ECG.", "DRG", "Drug Interaction Alert",
		[]string{"amlodipine"}, []string{"metoprolol succinate"}, 0, true, "diltiazem"},
	{"age/@muscle-relaxant-65-", "Age", "Anticholinergic, sedating; falls. Avoid.", "AGE", "Age Alert", []string{"cyclobenzaprine"}, nil, 65, false, ""},
}

// alertPeriod is over how many days alerts lie: the longest that their report shows.
const alertPeriod = 360

// alert writes what the safety checks showed when a prescription was signed, with the reason where one was asked for. It draws no random
// number, so that what else a practice holds does not depend on it.
func (w *writer) alert(p *patient, v *visit, r *prescription) {
	if r.old || v.kind.elsewhere() || r.on.day < p.today-alertPeriod && r.end != 0 || r.on.after(p.now) {
		return
	}
	for _, a := range alerts {
		if !slices.Contains(a.ours, r.drug.name) || a.old > 0 && p.age(r.on.day) < a.old {
			continue
		}
		if a.instead != "" && r.prior != nil {
			continue
		}
		other := ""
		for _, x := range p.medicines {
			if x.on.after(r.on) || x.end != 0 && x.end <= r.on.day {
				continue
			}
			if x != r && x.drug.name != r.drug.name && slices.Contains(a.other, x.drug.name) && (a.rule != "potassium-raas" || x.drug == spironolactone || r.drug == spironolactone) {
				other = x.drug.name
			}
		}
		if other == "" && a.other != nil {
			continue
		}
		w.detectedIssue(p, r, r.on, &a, other)
		if a.instead == "" {
			for _, at := range p.signedAgain(r) {
				w.detectedIssue(p, r, at, &a, other)
			}
		}
	}
}

// signedAgain are the days of some weeks on which what is still taken was looked at and signed once more: a refill, a changed quantity.
func (p *patient) signedAgain(r *prescription) (out []moment) {
	for ago := 5 + p.k%9; r.end == 0 && ago < 85; ago += 21 + p.k%5 {
		if at := (p.today - day(ago)).workday().at(9*60 + (p.k*37+ago)%420); at.day > r.on.day && !at.after(p.now) {
			out = append(out, at)
		}
	}
	return out
}

// reasonsGiven are what was said, by turns. (Reasons are those of the form.)
var reasonsGiven = [][2]string{
	{"monitored", "It will be monitored: tests or visits are planned"}, {"benefit", "The benefit outweighs the risk"}, {"tolerated", "The patient has taken it and tolerated it"},
	{"order-changed", "The order was changed"}, {"monitored", "It will be monitored: tests or visits are planned"}, {"specialist", "On the advice of a specialist"},
}

func (w *writer) detectedIssue(p *patient, r *prescription, at moment, a *alert, other string) {
	given := reasonsGiven[(p.k+int(at.day))%len(reasonsGiven)]
	written := r.drug.name
	if a.instead != "" {
		given, written = [2]string{"order-changed", "The order was changed"}, a.instead
	}
	source, version := "FDA label", "Osler rules of 24-Nov-2026"
	if a.check == "Age" {
		source, version = "AGS Beers Criteria", "2023"
	}
	w.resource("DetectedIssue", p.newID("alert"), "")
	w.text("status", "final")
	w.raw("code", `{"coding":[`+coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", a.kind, a.kindName)+
		`,{"system":"`+safetyRules+`","version":"`+version+`","code":"`+a.rule+`","display":"`+source+`"}],"text":"`+a.check+`"}`)
	switch {
	case a.asks && given[0] != "order-changed":
		w.text("severity", "high")
	default:
		w.text("severity", "moderate")
	}
	w.subject("patient", p)
	w.time("identifiedDateTime", at)
	w.raw("author", r.by.who)
	w.array("implicated")
	w.reference("", "MedicationRequest/"+r.id)
	w.endArray()
	detail := written + " — "
	if other != "" {
		detail += other + ": "
	}
	w.text("detail", detail+a.text)
	if a.asks {
		w.array("mitigation")
		w.object("")
		w.raw("action", `{"coding":[`+coding(safetyAnswers, given[0], given[1])+`],"text":"`+given[1]+`"}`)
		w.time("date", at)
		w.raw("author", r.by.who)
		w.end()
		w.endArray()
	}
	w.finish()
}

// alertSettings writes which alerts the practice has made interruptive.
func (w *writer) alertSettings(today day) {
	for _, rule := range []string{"nsaid-raas", "anticoagulant-nsaid"} {
		w.resource("PlanDefinition", "alert-"+strings.ReplaceAll(rule, "/", "-"), "")
		w.identifiers(safetyRules, rule)
		w.text("title", "Alert "+rule)
		w.raw("type", `{"coding":[`+coding("http://terminology.hl7.org/CodeSystem/plan-definition-type", "eca-rule", "ECA Rule")+`]}`)
		w.text("status", "active")
		w.time("date", (today - alertPeriod - 5).at(9*60))
		w.array("author")
		w.object("")
		w.text("name", employees[0].name)
		w.end()
		w.endArray()
		w.text("purpose", "Two kidney injuries and a bleed last year: ask for a reason")
		w.array("action")
		w.object("")
		w.text("title", "interruptive")
		w.raw("code", `[{"coding":[{"system":"`+alertModes+`","code":"interruptive"}]}]`)
		w.end()
		w.endArray()
		w.finish()
	}
}

// identifiers writes the one identifier of a resource.
func (w *writer) identifiers(system, value string) {
	w.array("identifier")
	w.identifier("", system, value)
	w.endArray()
}
