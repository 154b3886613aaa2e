package ccda

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// medicine reads a Medication Activity.
func medicine(entry *node, w narrative) []Entry {
	n := entry.get("substanceAdministration")
	if n == nil {
		if act := entry.get("act"); act != nil { // a discharge or admission medication wraps the activity
			for _, r := range act.all("entryRelationship") {
				if found := medicine(r, w); len(found) > 0 {
					return found
				}
			}
		}
		return nil
	}
	e := Entry{Kind: Says, Text: w.all(n)}
	material := n.get("consumable", "manufacturedProduct", "manufacturedMaterial")
	e.Code = concept(material.get("code"), w)
	e.otherwise(material.get("code"), w)
	if e.Code.Text == "" {
		e.Code.Text = material.get("name").text()
	}
	if e.Code.Text == "" {
		e.Code.Text = e.Text
	}
	if strings.EqualFold(n.attr("negationInd"), "true") {
		e.Kind = Denies
		if len(e.Code.Coding) == 0 || hasCode(e.Code, "410942007") {
			e.Kind, e.Code.Text = None, "No medicines"
		}
	} else if e.Code.Text == "" {
		e.Kind = Unknown
		if len(e.Code.Coding) > 0 {
			e.Text = strings.TrimSpace(e.Text + " code " + e.Code.Coding[0].Code)
		}
		e.doubt("The medicine is not named.")
	}
	switch mood := n.attr("moodCode"); mood {
	case "EVN", "INT":
	case "":
		e.doubt("The document does not say whether it is taken.")
	default: // asked for, proposed, promised
		e.Kind = Unknown
		e.doubt("It is neither taken nor ordered in the document.")
	}
	switch n.get("statusCode").attr("code") {
	case "active", "new":
		e.State = "active"
	case "suspended", "held":
		e.State = "on-hold"
	case "aborted", "cancelled", "obsolete":
		e.State = "stopped"
	case "completed":
		e.State = "completed"
	case "nullified":
		e.Kind = Unknown
		e.doubt("The document says that this was entered in error.")
	}
	e.timing(n, w)
	return []Entry{e}
}

// timing reads how much, how often and from when to when.
func (e *Entry) timing(n *node, w narrative) {
	d := &e.Dosage
	var said []string
	if q, ok := amount(n.get("doseQuantity")); ok {
		d.DoseAndRate = []fhir.DoseAndRate{{DoseQuantity: q}}
		if q.Unit == "" {
			said = append(said, q.Value.String()+" (unit not given)")
		} else {
			said = append(said, words(q))
		}
	} else if q := n.get("doseQuantity"); q != nil && (q.attr("value") != "" || len(q.kids) > 0) {
		low, lok := amount(q.get("low"))
		high, hok := amount(q.get("high"))
		if lok && hok && low.Unit == high.Unit && low.Value.Compare(high.Value) <= 0 {
			d.DoseAndRate = []fhir.DoseAndRate{{DoseRange: fhir.Range{Low: low, High: high}}}
			said = append(said, words(low)+" to "+words(high))
		} else {
			said := strings.TrimSpace(q.attr("value") + " " + q.attr("unit"))
			if said == "" {
				said = strings.TrimSpace(q.get("low").attr("value")+" "+q.get("low").attr("unit")) + " to " + strings.TrimSpace(q.get("high").attr("value")+" "+q.get("high").attr("unit"))
			}
			e.doubt("The dose could not be understood: " + clip(said) + ".")
		}
	}
	if r := n.get("rateQuantity"); r.attr("value") != "" {
		if q, ok := amount(r); ok {
			if len(d.DoseAndRate) == 0 {
				d.DoseAndRate = []fhir.DoseAndRate{{}}
			}
			d.DoseAndRate[0].RateQuantity = q
			said = append(said, "at "+words(q))
		} else {
			e.doubt("The rate could not be understood.")
		}
	}
	if d.Route = concept(n.get("routeCode"), w); d.Route.Text != "" {
		said = append(said, strings.ToLower(d.Route.Text))
	}
	frequencies := 0
	for _, t := range n.all("effectiveTime") {
		kind := t.attr("xsi:type")
		if at := strings.LastIndexByte(kind, ':'); at >= 0 {
			kind = kind[at+1:]
		}
		switch {
		case kind == "PIVL_TS" && t.get("period") != nil:
			if words := e.period(t.get("period")); words != "" {
				said = append(said, words)
				frequencies++
			}
		case kind == "EIVL_TS":
			when := t.get("event").attr("code")
			if meal[when] == "" {
				e.doubt("When it is taken could not be understood: " + clip(when) + ".")
				continue
			}
			d.Timing.Repeat.When = append(d.Timing.Repeat.When, when)
			said = append(said, meal[when])
			frequencies++
		case kind == "IVL_TS" || kind == "" && (t.get("low") != nil || t.get("high") != nil):
			e.span(t)
		case t.attr("value") != "":
			if at, ok := moment(t.attr("value")); ok && e.Start.IsZero() {
				e.Start = at
			}
		case t.attr("nullFlavor") != "":
		default:
			e.doubt("How often it is taken could not be understood.")
		}
	}
	if frequencies > 1 && len(d.Timing.Repeat.When) < frequencies {
		d.Timing = fhir.Timing{}
		e.doubt("It gives several frequencies.")
	}
	for _, p := range n.all("precondition") {
		c := concept(p.get("criterion", "value"), w)
		if c.Text == "" {
			c.Text = w.of(p.get("criterion", "text"))
		}
		if c.Text != "" {
			d.AsNeededCodeableConcept = c
			said = append(said, "as needed for "+c.Text)
		} else if !d.AsNeededBoolean {
			d.AsNeededBoolean = true
			said = append(said, "as needed")
		}
	}
	if !d.AsNeededCodeableConcept.IsZero() {
		d.AsNeededBoolean = false
	}
	d.Text = strings.Join(said, ", ")
	// The instruction for the patient is what the prescriber wrote; it stands before what was put together here.
	for _, r := range n.all("entryRelationship") {
		for _, k := range r.kids {
			if k.get("code").attr("code") == "76662-6" || k.is(entryTemplates+"20", entryTemplates+"147") {
				if s := w.of(k.get("text")); s != "" && !strings.Contains(d.Text, s) {
					d.PatientInstruction = s
				}
			}
		}
	}
	if s := d.PatientInstruction; s != "" {
		d.Text = strings.TrimPrefix(d.Text+"; “"+s+"”", "; ")
	}
}

// span reads from when to when.
func (e *Entry) span(t *node) {
	if at, ok := moment(t.get("low").attr("value")); ok {
		e.Start = at
	} else if t.get("low").attr("value") != "" {
		e.doubt("The date of its beginning could not be understood.")
	}
	if at, ok := moment(t.get("high").attr("value")); ok {
		e.End = at
	} else if t.get("high").attr("value") != "" {
		e.doubt("The date of its end could not be understood.")
	}
}

// period reads how often: a time between doses, with or without a range.
func (e *Entry) period(p *node) string {
	low, high := p, (*node)(nil)
	if p.get("low") != nil {
		low, high = p.get("low"), p.get("high")
	}
	v, ok := number(low.attr("value"))
	unit := low.attr("unit")
	if !ok || unitWords[unit] == "" || v.Sign() <= 0 {
		if p.attr("nullFlavor") == "" {
			e.doubt("How often it is taken could not be understood: " + clip(low.attr("value")+" "+unit) + ".")
		}
		return ""
	}
	r := &e.Dosage.Timing.Repeat
	r.Frequency, r.Period, r.PeriodUnit = 1, v, unit
	if high != nil {
		top, ok := number(high.attr("value"))
		if !ok || high.attr("unit") != unit || top.Compare(v) < 0 {
			*r = fhir.TimingRepeat{}
			e.doubt("How often it is taken could not be understood.")
			return ""
		}
		r.PeriodMax = top
		return "every " + v.String() + " to " + top.String() + " " + unitWords[unit] + "s"
	}
	if v.String() == "1" {
		return "every " + unitWords[unit]
	}
	return "every " + v.String() + " " + unitWords[unit] + "s"
}

var unitWords = map[string]string{"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}

// meal are the events of the day. (HL7 v3 TimingEvent, which FHIR uses too.)
var meal = map[string]string{
	"AC": "before meals", "ACM": "before breakfast", "ACD": "before lunch", "ACV": "before dinner", "C": "with meals", "CM": "with breakfast", "CD": "with lunch", "CV": "with dinner",
	"PC": "after meals", "PCM": "after breakfast", "PCD": "after lunch", "PCV": "after dinner", "HS": "at bedtime", "WAKE": "on waking",
}

func hasCode(c fhir.CodeableConcept, code string) bool {
	for _, x := range c.Coding {
		if x.Code == code {
			return true
		}
	}
	return false
}
