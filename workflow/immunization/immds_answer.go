package immunization

import (
	"strings"

	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// The types of this file are the resources of the answer, as far as it fills them.

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display,omitempty"`
}

type concept struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

type parameters struct {
	ResourceType string      `json:"resourceType"`
	Parameter    []parameter `json:"parameter"`
}

type parameter struct {
	Name     string `json:"name"`
	Resource any    `json:"resource"`
}

type immunizationEvaluation struct {
	ResourceType     string    `json:"resourceType"`
	Status           string    `json:"status"`
	Patient          reference `json:"patient"`
	Date             string    `json:"date"`
	TargetDisease    concept   `json:"targetDisease"`
	Event            reference `json:"immunizationEvent"`
	DoseStatus       concept   `json:"doseStatus"`
	DoseStatusReason []concept `json:"doseStatusReason,omitempty"`
	Series           string    `json:"series,omitempty"`
	DoseNumber       int       `json:"doseNumberPositiveInt,omitempty"`
	SeriesDoses      int       `json:"seriesDosesPositiveInt,omitempty"`
}

type immunizationRecommendation struct {
	ResourceType   string           `json:"resourceType"`
	Patient        reference        `json:"patient"`
	Date           string           `json:"date"`
	Recommendation []recommendation `json:"recommendation"`
}

type recommendation struct {
	VaccineCode     []concept       `json:"vaccineCode,omitempty"`
	TargetDisease   *concept        `json:"targetDisease,omitempty"`
	Contraindicated []concept       `json:"contraindicatedVaccineCode,omitempty"`
	ForecastStatus  concept         `json:"forecastStatus"`
	ForecastReason  []concept       `json:"forecastReason,omitempty"`
	DateCriterion   []dateCriterion `json:"dateCriterion,omitempty"`
	Description     string          `json:"description,omitempty"`
	Series          string          `json:"series,omitempty"`
	DoseNumber      int             `json:"doseNumberPositiveInt,omitempty"`
	Supporting      []reference     `json:"supportingImmunization,omitempty"`
}

type dateCriterion struct {
	Code  concept `json:"code"`
	Value string  `json:"value"`
}

// answerOf makes the answer: an evaluation for each dose and disease, and one recommendation for all groups.
func answerOf(in immdsIn, r forecast.Report, left []uncounted) parameters {
	out := parameters{ResourceType: "Parameters"}
	who := reference{Display: "the patient of the request"}
	if in.person.Patient.ID != "" {
		who = reference{Reference: "Patient/" + in.person.Patient.ID}
	}
	recommended := immunizationRecommendation{ResourceType: "ImmunizationRecommendation", Patient: who, Date: in.on.String()}
	type dose struct {
		n       int
		antigen string
		kind    forecast.Kind
	}
	seen := map[dose]bool{}
	for _, g := range r.Groups {
		for _, m := range g.Members {
			for _, e := range m.Evaluations {
				d := dose{e.Dose, m.Antigen, g.Kind}
				if seen[d] && e.Status != forecast.Valid {
					continue // a series of another age does not judge what was given for this one
				}
				seen[d] = true
				out.Parameter = append(out.Parameter, parameter{"evaluation", evaluated(who, in.on, r.Doses[e.Dose], m, e)})
			}
		}
		recommended.Recommendation = append(recommended.Recommendation, recommend(g, r))
	}
	for _, d := range r.Unknown {
		out.Parameter = append(out.Parameter, parameter{"evaluation", notEvaluated(who, in.on, d.ID, "the supporting data do not have the vaccine CVX "+d.CVX)})
	}
	for _, u := range left {
		out.Parameter = append(out.Parameter, parameter{"evaluation", notEvaluated(who, in.on, u.ID, u.why)})
	}
	out.Parameter = append(out.Parameter, parameter{"recommendation", recommended})
	return out
}

func evaluated(who reference, on forecast.Date, d forecast.Dose, m forecast.Member, e forecast.Evaluation) immunizationEvaluation {
	out := immunizationEvaluation{ResourceType: "ImmunizationEvaluation", Status: "completed", Patient: who, Date: on.String(), TargetDisease: disease(m.Antigen), Event: event(d), Series: m.Series,
		DoseNumber: e.Number, SeriesDoses: m.Doses}
	switch e.Status {
	case forecast.Valid:
		out.DoseStatus = concept{Coding: []coding{{doseStatusSystem, "valid", "Valid"}}}
	case forecast.Extraneous:
		out.DoseStatus = concept{Coding: []coding{{doseStatusSystem, "notvalid", "Not valid"}}, Text: "Extraneous"}
	case forecast.SubStandard:
		out.DoseStatus = concept{Coding: []coding{{doseStatusSystem, "notvalid", "Not valid"}}, Text: "Sub-standard"}
	default:
		out.DoseStatus = concept{Coding: []coding{{doseStatusSystem, "notvalid", "Not valid"}}}
	}
	for _, r := range e.Reasons {
		out.DoseStatusReason = append(out.DoseStatusReason, reason(r, evaluationReasons))
	}
	return out
}

// notEvaluated is the evaluation of a dose of which nothing can be said.
func notEvaluated(who reference, on forecast.Date, id, why string) immunizationEvaluation {
	return immunizationEvaluation{ResourceType: "ImmunizationEvaluation", Status: "completed", Patient: who, Date: on.String(), TargetDisease: concept{Text: "Not known"}, Event: event(forecast.Dose{ID: id}),
		DoseStatus:       concept{Coding: []coding{{doseStatusSystem, "notvalid", "Not valid"}}, Text: "Not evaluated"},
		DoseStatusReason: []concept{{Coding: []coding{{evaluationReasonSystem, "notevaluated", "Not Evaluated"}}, Text: capital(why)}}}
}

func event(d forecast.Dose) reference {
	if d.ID != "" {
		return reference{Reference: "Immunization/" + d.ID}
	}
	return reference{Display: strings.TrimSpace("CVX " + d.CVX + " " + d.Given.String())}
}

func disease(antigen string) concept {
	out := concept{Text: antigen}
	if code := diseases[antigen]; code != "" {
		out.Coding = []coding{{System: snomedSystem, Code: code}}
	}
	return out
}

func reason(r forecast.Reason, codes map[forecast.ReasonCode]coding) concept {
	out := concept{Text: capital(r.Words(forecast.Date.String))}
	if c, ok := codes[r.Code]; ok {
		out.Coding = []coding{c}
	}
	return out
}

func recommend(g forecast.GroupForecast, r forecast.Report) recommendation {
	out := recommendation{ForecastStatus: concept{Coding: []coding{forecastStatuses[g.Status]}}, Series: strings.Join(g.Series, "; "), DoseNumber: g.DoseNumber, Description: g.Group}
	if g.Kind == forecast.Risk {
		out.Description += ", because of: " + strings.Join(g.Because, "; ")
	}
	if g.Shared {
		out.Description += ", on the basis of shared clinical decision making"
	}
	if g.Outdated {
		out.Description += "; the supporting data describe an earlier season"
	}
	switch base, ok := recommendationStatuses[g.Status]; {
	case ok:
		out.ForecastStatus.Coding = append(out.ForecastStatus.Coding, base)
	case g.Overdue(r.On):
		out.ForecastStatus.Coding = append(out.ForecastStatus.Coding, coding{recommendationStatus, "overdue", "Overdue"})
	case g.Due(r.On):
		out.ForecastStatus.Coding = append(out.ForecastStatus.Coding, coding{recommendationStatus, "due", "Due"})
	}
	for _, why := range g.Reasons {
		out.ForecastReason = append(out.ForecastReason, reason(why, forecastReasons))
	}
	about := disease(strings.Join(g.Antigens, ", "))
	out.TargetDisease = &about
	var list []concept
	if code := groupVaccines[g.Group]; code != "" {
		list = append(list, vaccineConcept(code))
	}
	if g.Status == forecast.Contraindicated {
		out.Contraindicated = list
	}
	for _, code := range g.Vaccines {
		list = append(list, vaccineConcept(code))
	}
	out.VaccineCode = list
	for _, c := range []struct {
		code coding
		date forecast.Date
	}{{earliestDate, g.Earliest}, {dueDate, g.Recommended}, {pastDueDate, g.PastDue}, {latestDate, g.Latest}} {
		if c.date != 0 {
			out.DateCriterion = append(out.DateCriterion, dateCriterion{concept{Coding: []coding{c.code}}, c.date.String()})
		}
	}
	for _, e := range g.Evaluations {
		out.Supporting = append(out.Supporting, event(r.Doses[e.Dose]))
	}
	return out
}

func vaccineConcept(code string) concept {
	return concept{Coding: []coding{{cvx, code, forecast.CDC().VaccineName(code)}}}
}
