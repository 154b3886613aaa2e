package subscriptions

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
)

// patientFeed is US Core's topic of everything about patients.
const patientFeed = "http://hl7.org/fhir/us/core/SubscriptionTopic/patient-data-feed"

// ownTopics is the beginning of topics that tell of every change of one type, such as
// https://osler.example/fhir/SubscriptionTopic/Encounter.
const ownTopics = "https://osler.example/fhir/SubscriptionTopic/"

// feedTypes are the types of the patient data feed.
var feedTypes = []string{
	"AllergyIntolerance", "CarePlan", "CareTeam", "Condition", "Coverage", "Device", "DiagnosticReport", "DocumentReference", "Encounter", "Goal", "Immunization",
	"MedicationDispense", "MedicationRequest", "Observation", "Patient", "Procedure", "QuestionnaireResponse", "RelatedPerson", "ServiceRequest", "Specimen",
}

// everyChange is what a topic tells of.
var everyChange = []string{"create", "update", "delete"}

// topicTypes are the types that a topic is about; nil if there is no such topic.
func topicTypes(canonical string) []string {
	canonical, _, _ = strings.Cut(canonical, "|")
	if canonical == patientFeed {
		return feedTypes
	}
	if typ, ok := strings.CutPrefix(canonical, ownTopics); ok && definitions.IsResourceType(typ) && !slices.Contains(neverTold, typ) {
		return []string{typ}
	}
	return nil
}

// readTopic takes the topic of a subscription and its filters. A filter names a type, and then only the types that
// filters name are told of; one without a type is for all. Several filters for a type must all be met.
func (s *subscription) readTopic(canonical string, element fhir.Node) error {
	const path = "Subscription.criteria"
	s.Topic = canonical
	types := topicTypes(canonical)
	if types == nil {
		return invalid(path, "there is no such topic here; there are "+patientFeed+" and, for every resource type, "+ownTopics+"[type]")
	}
	var filters []selector
	for x := range element.Get("extension").Values() {
		if x.Get("url").Text() != backport+"filter-criteria" {
			continue
		}
		text := x.Get("valueString").Text()
		typ, query, ok := strings.Cut(text, "?")
		if !ok {
			typ, query = "", text
		}
		if typ != "" && !slices.Contains(types, typ) {
			return invalid(path, "the topic does not tell of "+clip(typ))
		}
		filters = append(filters, selector{Type: typ, Query: query})
	}
	named := slices.ContainsFunc(filters, func(f selector) bool { return f.Type != "" })
	for _, typ := range types {
		one := selector{Type: typ, Actions: everyChange}
		own := false
		var queries []string
		for _, f := range filters {
			if f.Type != "" && f.Type != typ {
				continue
			}
			own = own || f.Type == typ
			query, actions, err := withoutTrigger(f.Query)
			if err != nil {
				return err
			}
			if actions != nil {
				one.Actions = actions
			}
			if query != "" {
				queries = append(queries, query)
			}
		}
		if named && !own {
			continue
		}
		one.Query = strings.Join(queries, "&")
		if err := one.check(); err != nil {
			return err
		}
		s.Selectors = append(s.Selectors, one)
	}
	return nil
}

// withoutTrigger takes the filter "trigger" out of a query: which changes to tell of. feed-event means any.
func withoutTrigger(query string) (rest string, actions []string, err error) {
	params, err := record.ParseParams(query)
	if err != nil {
		return "", nil, invalid("Subscription.criteria", "a filter has a wrong %-escape")
	}
	parts := strings.Split(query, "&")
	parts = slices.DeleteFunc(parts, func(p string) bool { return p == "" })
	var kept []string
	for i, p := range params {
		if p.Name != "trigger" {
			kept = append(kept, parts[i])
			continue
		}
		for _, t := range strings.Split(p.Value, ",") {
			switch {
			case t == "feed-event":
				actions = append(actions, everyChange...)
			case slices.Contains(everyChange, t):
				actions = append(actions, t)
			default:
				return "", nil, invalid("Subscription.criteria", "trigger is feed-event, create, update or delete")
			}
		}
	}
	return strings.Join(kept, "&"), actions, nil
}
