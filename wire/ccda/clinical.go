package ccda

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// observations are those directly below an entry or the act of concern that it is.
func observations(entry *node) (act *node, list []*node) {
	if o := entry.get("observation"); o != nil {
		return nil, []*node{o}
	}
	act = entry.get("act")
	for _, r := range act.all("entryRelationship") {
		list = append(list, r.all("observation")...)
	}
	return act, list
}

func negated(n *node) bool { return strings.EqualFold(n.attr("negationInd"), "true") }

// allergy reads an Allergy Concern Act with what it is concerned about.
func allergy(entry *node, w narrative) (out []Entry) {
	act, list := observations(entry)
	for _, o := range list {
		if !o.is(entryTemplates+"7", "2.16.840.1.113883.10.20.24.3.90") && o.get("participant") == nil {
			continue
		}
		out = append(out, oneAllergy(act, o, w))
	}
	return out
}

func oneAllergy(act, o *node, w narrative) Entry {
	e := Entry{Kind: Says, Text: w.all(o)}
	var named []string
	for _, p := range o.all("participant") {
		entity := p.get("participantRole", "playingEntity")
		c := concept(entity.get("code"), w)
		if c.Text == "" {
			c.Text = entity.get("name").text()
		}
		if c.Text == "" && len(c.Coding) > 0 {
			c.Text = c.Coding[0].Code
			e.doubt("The substance is given by its code alone.")
		}
		if c.Text != "" {
			named = append(named, c.Text)
			if e.Code.IsZero() {
				e.Code = c
				e.otherwise(entity.get("code"), w)
			}
		}
	}
	if len(named) > 1 {
		e.doubt("It names several substances: " + strings.Join(named, ", ") + ".")
	}
	kind := o.get("value").attr("code")
	e.Category, e.Type = categories[kind].category, categories[kind].typ
	none := kind == "716186003" || hasCode(e.Code, "716186003")
	switch {
	case none && !negated(o), negated(o) && (len(e.Code.Coding) == 0 || hasCode(e.Code, "105590001")):
		e.Kind = None
		e.Code = fhir.CodeableConcept{Text: "No known allergies"}
		if negated(o) {
			switch e.Category {
			case "medication":
				e.Code.Text = "No known drug allergies"
			case "food":
				e.Code.Text = "No known food allergies"
			case "environment":
				e.Code.Text = "No known environmental allergies"
			}
		}
	case negated(o):
		e.Kind = Denies
	case len(e.Code.Coding) == 0 && strings.HasPrefix(strings.ToLower(e.Code.Text), "no "):
		e.Kind, e.Text = Unknown, e.Code.Text
		e.doubt("It names no substance, and it is not said by a code that none is known.")
	case e.Code.IsZero():
		if e.Text == "" {
			e.Text = concept(o.get("value"), w).Text
		}
		e.Kind = Unknown
		e.doubt("The substance is not named.")
	}
	e.status(act, o, "2.16.840.1.113883.10.20.22.4.28")
	if t := o.get("effectiveTime"); t != nil {
		e.span(t)
		if at, ok := moment(t.attr("value")); ok && e.Start.IsZero() {
			e.Start = at
		}
	}
	e.react(o, w)
	return e
}

// react reads reactions, severities and criticality.
func (e *Entry) react(o *node, w narrative) {
	whole := ""
	for _, r := range o.all("entryRelationship") {
		x := r.get("observation")
		switch {
		case x.is(entryTemplates + "9"):
			if negated(x) {
				continue
			}
			c := concept(x.get("value"), w)
			if c.Text == "" {
				c.Text = w.of(x.get("text"))
			}
			re := Reaction{Manifestation: c}
			for _, inner := range x.all("entryRelationship") {
				if s := inner.get("observation"); s.is(entryTemplates + "8") {
					re.Severity = severity(s, w)
				}
			}
			if c.Text != "" || re.Severity != "" {
				if c.Text == "" {
					re.Manifestation.Text = "Reaction not named"
				}
				e.Reactions = append(e.Reactions, re)
			}
		case x.is(entryTemplates + "8"):
			whole = severity(x, w)
		case x.is(entryTemplates + "145"):
			e.Criticality = map[string]string{"CRITL": "low", "CRITH": "high", "CRITU": "unable-to-assess"}[x.get("value").attr("code")]
		}
	}
	if whole == "" {
		return
	}
	// A severity of the allergy as a whole is that of its one reaction, or one that nobody described.
	if len(e.Reactions) == 0 {
		e.Reactions = []Reaction{{fhir.CodeableConcept{Text: "Reaction not named"}, whole}}
	} else if len(e.Reactions) == 1 && e.Reactions[0].Severity == "" {
		e.Reactions[0].Severity = whole
	}
}

func severity(n *node, w narrative) string {
	v := n.get("value")
	switch v.attr("code") {
	case "255604002", "371923003":
		return "mild"
	case "6736007", "371924009":
		return "moderate"
	case "24484000", "399166001":
		return "severe"
	}
	text := strings.ToLower(concept(v, w).Text)
	for _, s := range []string{"severe", "moderate", "mild"} {
		if text == s {
			return s
		}
	}
	return ""
}

type categorised struct{ category, typ string }

// categories are the kinds of allergy. (C-CDA R2.1, Allergy and Intolerance Type, SNOMED CT codes.)
var categories = map[string]categorised{
	"416098002": {"medication", "allergy"}, "419511003": {"medication", ""}, "59037007": {"medication", "intolerance"},
	"414285001": {"food", "allergy"}, "418471000": {"food", ""}, "235719002": {"food", "intolerance"},
	"232347008": {"environment", "allergy"}, "419199007": {"", "allergy"}, "420134006": {"", ""}, "418038007": {"", ""}, "426232007": {"environment", "allergy"},
}

// status reads whether it goes on: a Status Observation says it best, then the end, then the act of concern.
func (e *Entry) status(act, o *node, template string) {
	for _, r := range o.all("entryRelationship") {
		if s := r.get("observation"); s.is(template, entryTemplates+"6") {
			switch s.get("value").attr("code") {
			case "55561003":
				e.State = "active"
			case "73425007":
				e.State = "inactive"
			case "413322009":
				e.State = "resolved"
			}
		}
	}
	switch act.get("statusCode").attr("code") {
	case "aborted", "cancelled", "nullified":
		e.doubt("The document says that this was withdrawn.")
		e.State = "inactive"
	case "suspended":
		if e.State == "" {
			e.State = "inactive"
		}
	case "active":
		if e.State == "" && o.get("effectiveTime", "high").attr("value") == "" {
			e.State = "active"
		}
	case "completed":
		if e.State == "" {
			e.State = "resolved"
		}
	}
	if e.State == "" && o.get("effectiveTime", "high").attr("value") != "" {
		e.State = "resolved"
	}
	if e.State == "active" && o.get("effectiveTime", "high").attr("value") != "" {
		e.doubt("The document gives it an end and calls it active.")
	}
}

// problem reads a Problem Concern Act.
func problem(entry *node, w narrative) (out []Entry) {
	act, list := observations(entry)
	for _, o := range list {
		if !o.is(entryTemplates+"4") && act != nil && !act.is(entryTemplates+"3") {
			continue
		}
		e := Entry{Kind: Says, Text: w.all(o), Code: concept(o.get("value"), w)}
		if e.Code.Text == "" {
			e.Code.Text = e.Text
		}
		if e.Code.Text == "" && len(e.Code.Coding) > 0 {
			e.Code.Text = e.Code.Coding[0].Code
			e.doubt("It is given by its code alone.")
		}
		switch {
		case hasCode(e.Code, "160245001") && !negated(o), negated(o) && (hasCode(e.Code, "55607006") || len(e.Code.Coding) == 0):
			e.Kind, e.Code = None, fhir.CodeableConcept{Text: "No known problems"}
		case negated(o):
			e.Kind = Denies
		case e.Code.Text == "":
			e.Kind = Unknown
			e.doubt("The problem is not named.")
		}
		e.status(act, o, entryTemplates+"6")
		if t := o.get("effectiveTime"); t != nil {
			e.span(t)
		}
		out = append(out, e)
	}
	return out
}
