package careplans

import (
	"cmp"
	"html"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

// What is kept claims these profiles. (US Core 6.1.0 and 7.0.0.)
const (
	planProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-careplan"
	goalProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-goal"
	teamProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-careteam"

	planCategory = "http://hl7.org/fhir/us/core/CodeSystem/careplan-category"
	achievement  = "http://terminology.hl7.org/CodeSystem/goal-achievement"
)

// plan is the view of a CarePlan.
type plan struct {
	ID         string
	Meta       fhir.Meta
	Text       fhir.Narrative
	Identifier []fhir.Identifier
	Status     string
	Intent     string
	Category   []fhir.CodeableConcept
	Title      string
	Subject    fhir.Reference
	Period     fhir.Period
	Created    fhir.DateTime
	Author     fhir.Reference
	CareTeam   []fhir.Reference
	Addresses  []fhir.Reference
	Goal       []fhir.Reference
	Activity   []activity
	Note       []fhir.Annotation
}

// activity is something that is done for the plan: described here, or kept elsewhere.
type activity struct {
	Reference fhir.Reference
	Detail    struct {
		Code         fhir.CodeableConcept
		Status       string
		StatusReason fhir.CodeableConcept
		DoNotPerform bool
		Scheduled    fhir.Choice `fhir:"scheduled[x]"`
		Performer    []fhir.Reference
		Description  string
	}
}

// name is what the activity is, without whether it is to be done.
func (a activity) name() string {
	return cmp.Or(a.Detail.Description, facts.Concept(a.Detail.Code), a.Reference.Display, "Activity kept elsewhere")
}

func (a activity) words() string {
	if a.Detail.DoNotPerform {
		return "Do not: " + a.name()
	}
	return a.name()
}

// held says that something is not going on though it is not over: it waits, or was only proposed. "" for what goes on.
func held(status string) string {
	return map[string]string{"on-hold": "on hold", "draft": "draft", "unknown": "state not known", "proposed": "proposed", "planned": "planned", "not-started": "not started"}[status]
}

func (a activity) going() bool {
	switch a.Detail.Status {
	case "completed", "cancelled", "stopped", "entered-in-error":
		return false
	}
	return true
}

func (p plan) active() bool {
	return p.Status == "active" || p.Status == "on-hold" || p.Status == "draft" || p.Status == "unknown"
}

func (p plan) title() string {
	if p.Title != "" {
		return p.Title
	}
	return cmp.Or(facts.First(p.Category), "Plan of care")
}

// goal is the view of a Goal.
type goal struct {
	ID          string
	Meta        fhir.Meta
	Identifier  []fhir.Identifier
	Lifecycle   string               `fhir:"lifecycleStatus"`
	Achievement fhir.CodeableConcept `fhir:"achievementStatus"`
	Description fhir.CodeableConcept
	Subject     fhir.Reference
	Start       fhir.Choice `fhir:"start[x]"`
	Target      []goalTarget
	Reason      string `fhir:"statusReason"`
	ExpressedBy fhir.Reference
	Addresses   []fhir.Reference
	Note        []fhir.Annotation
}

type goalTarget struct {
	Measure fhir.CodeableConcept
	Detail  fhir.Choice `fhir:"detail[x]"`
	Due     fhir.Choice `fhir:"due[x]"`
}

func (g goal) active() bool {
	switch g.Lifecycle {
	case "completed", "cancelled", "entered-in-error", "rejected":
		return false
	}
	return true
}

func (g goal) words() string { return cmp.Or(facts.Concept(g.Description), "Goal not named") }

func (g goal) measured() bool {
	return slices.ContainsFunc(g.Target, func(t goalTarget) bool { return !t.Measure.IsZero() && !t.Detail.IsZero() })
}

// due is the day until which the goal is to be reached; zero if nothing says.
func (g goal) due() fhir.DateTime {
	for _, t := range g.Target {
		if d, ok := t.Due.Value().(fhir.Date); ok {
			day, err := fhir.ParseDateTime(d.String())
			if err == nil {
				return day
			}
		}
	}
	return fhir.DateTime{}
}

// began is when the goal was set.
func (g goal) began() fhir.DateTime {
	if d, ok := g.Start.Value().(fhir.Date); ok {
		if day, err := fhir.ParseDateTime(d.String()); err == nil {
			return day
		}
	}
	return fhir.DateTime{}
}

// team is the view of a CareTeam.
type team struct {
	ID          string
	Meta        fhir.Meta
	Identifier  []fhir.Identifier
	Status      string
	Name        string
	Subject     fhir.Reference
	Participant []participant
}

type participant struct {
	Role   []fhir.CodeableConcept
	Member fhir.Reference
	Period fhir.Period
}

func (t team) active() bool { return t.Status == "active" || t.Status == "proposed" || t.Status == "" }

// roles are what members of a care team do, with the code of SNOMED CT where US Core's own examples name it.
var roles = []role{
	{"pcp", "453231000124104", "Primary care provider"}, {"coordinator", "", "Care coordinator"}, {"nurse", "", "Registered nurse"},
	{"specialist", "", "Specialist"}, {"dietitian", "", "Dietitian"}, {"pharmacist", "", "Pharmacist"}, {"social", "", "Social worker"},
	{"therapist", "", "Physiotherapist"}, {"behavioral", "", "Behavioral health"}, {"home", "", "Home care"}, {"caregiver", "133932002", "Caregiver"}, {"patient", "116154003", "Patient"},
}

type role struct{ key, code, words string }

func roleOf(key string) (fhir.CodeableConcept, bool) {
	for _, r := range roles {
		if r.key == key {
			if r.code == "" {
				return fhir.CodeableConcept{Text: r.words}, true
			}
			return fhir.CodeableConcept{Coding: []fhir.Coding{{System: facts.SNOMED, Code: r.code, Display: r.words}}, Text: r.words}, true
		}
	}
	return fhir.CodeableConcept{}, false
}

// narrate writes what the plan holds as its text, which US Core asks for.
func (p *plan) narrate(goals []string) {
	var b strings.Builder
	b.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml"><p>` + html.EscapeString(p.title()) + `</p>`)
	list := func(head string, items []string) {
		if len(items) == 0 {
			return
		}
		b.WriteString("<p>" + head + "</p><ul>")
		for _, s := range items {
			b.WriteString("<li>" + html.EscapeString(s) + "</li>")
		}
		b.WriteString("</ul>")
	}
	list("Goals", goals)
	var acts []string
	for _, a := range p.Activity {
		if a.going() {
			acts = append(acts, a.words())
		}
	}
	list("Activities", acts)
	b.WriteString("</div>")
	p.Text = fhir.Narrative{Status: "generated", Div: b.String()}
}
