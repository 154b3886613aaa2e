package facts

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// semanticTags are the endings by which SNOMED CT tells fully specified names apart. They are for the terminology, not for reading.
var semanticTags = []string{" (disorder)", " (finding)", " (situation)", " (procedure)", " (substance)", " (product)", " (medicinal product)",
	" (regime/therapy)", " (event)", " (morphologic abnormality)", " (observable entity)", " (person)", " (physical object)", " (qualifier value)", " (environment)",
	" (record artifact)", " (clinical drug)"}

// Concept is what to show of a concept: its text, else a display, without the tag of a fully specified name. It is empty where nothing
// was recorded.
func Concept(c fhir.CodeableConcept) string {
	s := strings.TrimSpace(c.Display())
	for _, tag := range semanticTags {
		if cut, ok := strings.CutSuffix(s, tag); ok {
			return cut
		}
	}
	return s
}

// First is the first concept of a list that says something.
func First(list []fhir.CodeableConcept) string {
	for _, c := range list {
		if s := Concept(c); s != "" {
			return s
		}
	}
	return ""
}

// Code is the code of a concept in the system given, or the first of any system if there is none: enough for status elements, which
// have one system.
func Code(c fhir.CodeableConcept, system string) string {
	if code := c.In(system); code != "" {
		return code
	}
	for _, coding := range c.Coding {
		if coding.Code != "" {
			return coding.Code
		}
	}
	return ""
}

// The code systems by which pages tell states apart.
const (
	ConditionClinical     = "http://terminology.hl7.org/CodeSystem/condition-clinical"
	ConditionVerification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
	ConditionCategory     = "http://terminology.hl7.org/CodeSystem/condition-category"
	AllergyClinical       = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
	AllergyVerification   = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
	ObservationCategory   = "http://terminology.hl7.org/CodeSystem/observation-category"
	Interpretation        = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
	LOINC                 = "http://loinc.org"
	SNOMED                = "http://snomed.info/sct"
	RxNorm                = "http://www.nlm.nih.gov/research/umls/rxnorm"
)
