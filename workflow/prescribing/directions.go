package prescribing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

func doseNumber(s string) string { return format.DoseNumber(s) }

// Directions writes how a medication is taken into its line. Several dosages, such as a taper, are given in their own words, since one
// line cannot hold them.
func Directions(m *clinical.Medication, dosages []fhir.Dosage) {
	if len(dosages) > 1 {
		var texts []string
		for _, d := range dosages {
			texts = append(texts, spoken(d))
		}
		m.Text = clinical.Expand(strings.Join(texts, "; then "))
		return
	}
	d := dosages[0]
	dose(m, d)
	m.Route = route(d.Route)
	m.Frequency = frequency(d.Timing)
	m.AsNeeded = asNeeded(d)
	// What only the text says must not be lost: it is shown whenever a part of the line could not be made of codes.
	if d.Text != "" && (m.DoseNumber == "" || m.Frequency == "" && m.AsNeeded == "") {
		m.DoseNumber, m.DoseUnit, m.Route, m.Frequency, m.AsNeeded = "", "", "", "", ""
		m.Text = clinical.Expand(d.Text)
	}
	if m.DoseNumber == "" && m.Frequency == "" && m.Text == "" {
		m.Text = "Dose not recorded"
	}
	if massUnit(m.DoseUnit) {
		m.Strength = "" // the dose says it
	}
}

func dose(m *clinical.Medication, d fhir.Dosage) {
	if len(d.DoseAndRate) == 0 {
		return
	}
	q := d.DoseAndRate[0].DoseQuantity
	if q.Value.IsZero() {
		r := d.DoseAndRate[0].DoseRange
		if r.Low.Value.IsZero() || r.High.Value.IsZero() {
			return
		}
		m.DoseNumber = doseNumber(r.Low.Value.String()) + " to " + doseNumber(r.High.Value.String())
		m.DoseUnit = shownUnit(r.High)
	} else {
		m.DoseNumber, m.DoseUnit = q.Value.String(), shownUnit(q)
	}
	if m.DoseUnit == "" {
		m.DoseUnit = "(unit not recorded)"
	}
}

func shownUnit(q fhir.Quantity) string {
	if q.Unit != "" {
		return q.Unit
	}
	return q.Code
}

func massUnit(u string) bool {
	switch format.Unit(u) {
	case "mg", "g", "micrograms", "mEq", "units", "international units":
		return true
	}
	return false
}

// route says where a drug goes in, as labels do.
func route(c fhir.CodeableConcept) string {
	if words, ok := routes[c.In(facts.SNOMED)]; ok {
		return words
	}
	text := strings.ToLower(facts.Concept(c))
	if words, ok := routeNames[strings.TrimSuffix(strings.TrimSuffix(text, " route"), " use")]; ok {
		return words
	}
	return text
}

var routes = map[string]string{
	"26643006": "by mouth", "6064005": "on the skin", "47625008": "into a vein", "78421000": "into a muscle", "34206005": "under the skin", "46713006": "into the nose",
	"54485002": "into the eye", "10547007": "into the ear", "37161004": "into the rectum", "16857009": "into the vagina", "37839007": "under the tongue",
	"45890007": "through the skin", "447694001": "inhaled", "18679011000001101": "inhaled", "372464004": "into the skin", "54471007": "inside the cheek",
}

var routeNames = map[string]string{
	"oral": "by mouth", "by mouth": "by mouth", "po": "by mouth", "topical": "on the skin", "cutaneous": "on the skin", "intravenous": "into a vein", "iv": "into a vein",
	"intramuscular": "into a muscle", "im": "into a muscle", "subcutaneous": "under the skin", "nasal": "into the nose", "ophthalmic": "into the eye", "otic": "into the ear",
	"rectal": "into the rectum", "vaginal": "into the vagina", "sublingual": "under the tongue", "transdermal": "through the skin", "inhalation": "inhaled", "respiratory tract": "inhaled", "inhaled": "inhaled",
}

func asNeeded(d fhir.Dosage) string {
	if why := facts.Concept(d.AsNeededCodeableConcept); why != "" {
		return "as needed for " + plainReason(why)
	}
	if d.AsNeededBoolean {
		return "as needed"
	}
	return ""
}

// frequency writes a timing as labels do. It is empty for a timing that has no words here.
func frequency(t fhir.Timing) string {
	out := interval(t.Repeat)
	if out == "" || out == "daily" { // a code may say at which time of day
		if words := timingWords(t.Code); words != "" {
			out = words
		}
	}
	if len(t.Repeat.TimeOfDay) > 0 {
		var times []string
		for _, at := range t.Repeat.TimeOfDay {
			times = append(times, at.String()[:min(5, len(at.String()))])
		}
		out = strings.TrimPrefix(out+" at "+strings.Join(times, " and "), " ")
	}
	if q := t.Repeat.BoundsDuration; !q.Value.IsZero() && out != "" {
		out += " for " + span(q.Value.String(), cmp.Or(q.Code, q.Unit))
	}
	return out
}

// timingWords is what a timing code says: its own text, if that is words and no abbreviation, else the words of the abbreviation.
func timingWords(c fhir.CodeableConcept) string {
	text := strings.TrimSpace(c.Text)
	if strings.ToUpper(text) != text && clinical.Expand(text) == text {
		return text
	}
	if words := timingCodes[strings.ToUpper(c.In("http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"))]; words != "" {
		return words
	}
	return timingCodes[strings.ToUpper(text)]
}

// interval is the repeating part: twice daily, every 8 hours, every other day, every morning.
func interval(r fhir.TimingRepeat) string {
	when := ""
	if len(r.When) > 0 {
		var parts []string
		for _, code := range r.When {
			words, ok := whens[code]
			if !ok {
				return ""
			}
			parts = append(parts, words)
		}
		when = strings.Join(parts, " and ")
	}
	days := ""
	if len(r.DayOfWeek) > 0 {
		var parts []string
		for _, d := range r.DayOfWeek {
			parts = append(parts, weekdays[d])
		}
		days = "on " + strings.Join(parts, ", ")
	}
	every := repeats(r)
	switch {
	case when != "" && (every == "daily" || every == ""):
		every = when
	case when != "":
		every += " " + when
	}
	if days != "" && every == "" {
		return days
	}
	return strings.TrimSpace(every + " " + days)
}

func repeats(r fhir.TimingRepeat) string {
	n, period := r.Frequency, r.Period.String()
	if n == 0 && period != "" {
		n = 1
	}
	if n == 0 || period == "" || r.PeriodUnit == "" {
		if r.Count == 1 {
			return "once"
		}
		return ""
	}
	period = doseNumber(period)
	most := ""
	if r.FrequencyMax > n {
		most = fmt.Sprintf(" to %d", r.FrequencyMax)
	}
	units := map[string][3]string{"h": {"hourly", "hour", "hours"}, "d": {"daily", "day", "days"}, "wk": {"weekly", "week", "weeks"}, "mo": {"monthly", "month", "months"}, "a": {"yearly", "year", "years"}, "min": {"every minute", "minute", "minutes"}}
	u, ok := units[r.PeriodUnit]
	if !ok {
		return ""
	}
	if !r.PeriodMax.IsZero() {
		period += " to " + doseNumber(r.PeriodMax.String())
	}
	switch {
	case n == 1 && most == "" && period == "1":
		return u[0]
	case n == 1 && most == "" && period == "2" && r.PeriodUnit == "d":
		return "every other day"
	case n == 1 && most == "":
		return "every " + period + " " + u[2]
	case period == "1":
		return times(n, most) + " " + u[0]
	}
	return times(n, most) + " every " + period + " " + u[2]
}

func times(n int, most string) string {
	if n == 2 && most == "" {
		return "twice"
	}
	if n == 1 && most == "" {
		return "once"
	}
	return fmt.Sprintf("%d%s times", n, most)
}

func span(number, unit string) string {
	words := map[string]string{"d": "day", "wk": "week", "mo": "month", "h": "hour", "a": "year", "days": "day", "weeks": "week", "months": "month", "day": "day", "week": "week"}
	w, ok := words[unit]
	if !ok {
		return doseNumber(number) + " " + unit
	}
	if doseNumber(number) != "1" {
		w += "s"
	}
	return doseNumber(number) + " " + w
}

var whens = map[string]string{
	"MORN": "every morning", "AFT": "every afternoon", "EVE": "every evening", "NIGHT": "nightly", "HS": "at bedtime", "WAKE": "on waking",
	"C": "with meals", "CM": "with breakfast", "CD": "with lunch", "CV": "with dinner", "AC": "before meals", "ACM": "before breakfast", "ACD": "before lunch", "ACV": "before dinner",
	"PC": "after meals", "PCM": "after breakfast", "PCD": "after lunch", "PCV": "after dinner", "NOON": "at noon", "MORN.early": "early in the morning", "PHS": "after going to sleep",
}

var weekdays = map[string]string{"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday"}

// timingCodes are the abbreviations of HL7's timing codes in words; the do-not-use list bars several of them on a page.
var timingCodes = map[string]string{
	"BID": "twice daily", "TID": "3 times daily", "QID": "4 times daily", "AM": "every morning", "PM": "every evening", "QD": "daily", "QOD": "every other day",
	"Q1H": "every hour", "Q2H": "every 2 hours", "Q3H": "every 3 hours", "Q4H": "every 4 hours", "Q6H": "every 6 hours", "Q8H": "every 8 hours", "BED": "at bedtime", "WK": "weekly", "MO": "monthly",
}

// spoken is a dosage in words: its own text, else what the codes say.
func spoken(d fhir.Dosage) string {
	if d.Text != "" {
		return d.Text
	}
	var m clinical.Medication
	dose(&m, d)
	parts := []string{format.Dose(m.DoseNumber, m.DoseUnit), route(d.Route), frequency(d.Timing), asNeeded(d)}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}
