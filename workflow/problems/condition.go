package problems

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

// condition is the view of a Condition.
type condition struct {
	ID           string
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Severity     fhir.CodeableConcept
	Code         fhir.CodeableConcept
	BodySite     []fhir.CodeableConcept
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Abatement    fhir.Choice   `fhir:"abatement[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
}

// healthConcerns is US Core's system of the category of health concerns, which R4's lacks.
const healthConcerns = "http://hl7.org/fhir/us/core/CodeSystem/condition-category"

// listed reports whether a condition belongs on the problem list: what is so categorised, and everything of systems that know no
// categories. A diagnosis made for one encounter and a social finding do not.
func (c condition) listed() bool {
	if code := facts.Code(c.Verification, facts.ConditionVerification); code == "entered-in-error" || code == "refuted" {
		return false
	}
	if len(c.Category) == 0 {
		return true
	}
	named := false // as a kind of condition; a topic such as social needs is none
	for _, cat := range c.Category {
		switch cat.In(facts.ConditionCategory) {
		case "problem-list-item":
			return true
		case "":
			named = named || cat.In(healthConcerns) != ""
		default:
			named = true
		}
	}
	return !named
}

// active reports whether the condition still holds. One without a status holds until it has an end.
func (c condition) active() bool {
	switch facts.Code(c.Clinical, facts.ConditionClinical) {
	case "active", "recurrence", "relapse", "remission":
		return true
	case "inactive", "resolved":
		return false
	}
	return c.Abatement.IsZero()
}

func (c condition) name() string {
	name := facts.Concept(c.Code)
	if name == "" {
		name = "Condition not named"
	}
	if facts.Code(c.Clinical, facts.ConditionClinical) == "remission" && !strings.Contains(strings.ToLower(name), "remission") {
		name += ", in remission"
	}
	return name
}

// note is what qualifies the name: suspected, severe.
func (c condition) note() string {
	var parts []string
	switch facts.Code(c.Verification, facts.ConditionVerification) {
	case "unconfirmed", "provisional", "differential":
		parts = append(parts, "suspected")
	}
	if s := facts.Concept(c.Severity); s != "" {
		parts = append(parts, strings.ToLower(s))
	}
	return strings.Join(parts, ", ")
}

// since is the year in which it began, or how old the person was.
func (c condition) since(zone *time.Location) string {
	switch v := c.Onset.Value().(type) {
	case fhir.DateTime:
		return year(v, zone)
	case fhir.Period:
		return year(v.Start, zone)
	case fhir.Quantity:
		return facts.AtAge(v)
	case string:
		return v
	}
	return year(c.Recorded, zone)
}

func year(d fhir.DateTime, zone *time.Location) string {
	if d.IsZero() {
		return ""
	}
	return d.Time(zone).In(zone).Format("2006")
}

// span is from when until when it was.
func (c condition) span(zone *time.Location) string {
	until := ""
	switch v := c.Abatement.Value().(type) {
	case fhir.DateTime:
		until = year(v, zone)
	case fhir.Period:
		until = year(v.End, zone)
	}
	since := c.since(zone)
	if until == "" || until == since {
		return since
	}
	return since + "–" + until
}

// start orders problems: newest first.
func (c condition) start(zone *time.Location) time.Time {
	switch v := c.Onset.Value().(type) {
	case fhir.DateTime:
		return v.Time(zone)
	case fhir.Period:
		return v.Start.Time(zone)
	}
	return c.Recorded.Time(zone)
}

// list makes the panel: active problems, newest first, each once.
func list(all []condition, zone *time.Location) Panel {
	var p Panel
	slices.SortStableFunc(all, func(a, b condition) int {
		return cmp.Or(b.start(zone).Compare(a.start(zone)), strings.Compare(a.name(), b.name()))
	})
	seen := map[string]bool{}
	for _, c := range all {
		if !c.listed() {
			continue
		}
		if !c.active() {
			p.Resolved++
			continue
		}
		key := strings.ToLower(c.name()) + "|" + facts.First(c.BodySite)
		if seen[key] {
			continue
		}
		seen[key] = true
		row := Problem{ID: c.ID, Name: c.name(), Since: c.since(zone), Note: c.note()}
		if site := facts.First(c.BodySite); site != "" && !strings.Contains(strings.ToLower(row.Name), strings.ToLower(site)) {
			row.Name += ", " + strings.ToLower(site)
		}
		p.Active = append(p.Active, row)
	}
	return p
}
