package main

import (
	"encoding/json"
	"strconv"
	"strings"
)

// structureDefinition is what the tables need of a StructureDefinition.
type structureDefinition struct {
	URL, Version, Name, Title, Kind, Type, BaseDefinition, Derivation, FHIRVersion string
	Abstract                                                                       bool
	Context                                                                        []struct{ Type, Expression string }
	Snapshot                                                                       struct{ Element []elementDefinition }
}

type elementDefinition struct {
	ID, Path, SliceName, Max, ContentReference string
	Min                                        int
	Type                                       []typeRef
	MustSupport, IsModifier, IsSummary         bool
	Binding                                    *binding
	Constraint                                 []constraint
	Slicing                                    *slicing
	Fixed, Pattern                             string          // the type suffix: "Code" of fixedCode
	Value                                      json.RawMessage // of fixed[x] or pattern[x]
}

// UnmarshalJSON also finds fixed[x] and pattern[x], whose names vary.
func (e *elementDefinition) UnmarshalJSON(data []byte) error {
	type shape elementDefinition
	if err := json.Unmarshal(data, (*shape)(e)); err != nil {
		return err
	}
	e.Fixed, e.Pattern = "", ""
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	for name, value := range all {
		if t, ok := strings.CutPrefix(name, "fixed"); ok {
			e.Fixed, e.Value = t, value
		} else if t, ok := strings.CutPrefix(name, "pattern"); ok {
			e.Pattern, e.Value = t, value
		}
	}
	return nil
}

type typeRef struct {
	Code                   string
	Profile, TargetProfile []string
	Extension              []extension
}

type extension struct{ URL, ValueURL, ValueCanonical string }

// UnmarshalJSON reads the two values of an extension that matter here. (The names differ in case from Go's habit.)
func (x *extension) UnmarshalJSON(data []byte) error {
	var v struct {
		URL            string `json:"url"`
		ValueUrl       string `json:"valueUrl"`
		ValueCanonical string `json:"valueCanonical"`
	}
	err := json.Unmarshal(data, &v)
	x.URL, x.ValueURL, x.ValueCanonical = v.URL, v.ValueUrl, v.ValueCanonical
	return err
}

type binding struct {
	Strength, ValueSet string
	Extension          []extension
}

type constraint struct{ Key, Severity, Human, Expression, Source string }

type slicing struct {
	Discriminator []struct{ Type, Path string }
	Ordered       bool
	Rules         string
}

const (
	coreURL       = "http://hl7.org/fhir/StructureDefinition/"
	systemURL     = "http://hl7.org/fhirpath/"
	fhirTypeURL   = coreURL + "structuredefinition-fhir-type"
	maxBindingURL = coreURL + "elementdefinition-maxValueSet"
)

// code is the type's name. The definitions give ids and extension urls as System.String and name the FHIR type in an extension.
func (t typeRef) code() string {
	for _, x := range t.Extension {
		if x.URL == fhirTypeURL {
			return x.ValueURL
		}
	}
	code := strings.TrimPrefix(t.Code, systemURL)
	if code == "System.String" {
		return "string"
	}
	return code
}

// String writes a type as Code<profile,profile>(target,target); HL7's own types go by their bare name.
func (t typeRef) String() string {
	s := t.code()
	if len(t.Profile) > 0 {
		s += "<" + shortURLs(t.Profile) + ">"
	}
	if len(t.TargetProfile) > 0 {
		s += "(" + shortURLs(t.TargetProfile) + ")"
	}
	return s
}

func shortURLs(urls []string) string {
	short := make([]string, len(urls))
	for i, u := range urls {
		short[i] = u
		if name, ok := strings.CutPrefix(u, coreURL); ok && (name[0] >= 'A' && name[0] <= 'Z') {
			short[i] = name
		}
	}
	return strings.Join(short, ",")
}

func typeList(types []typeRef) string {
	s := make([]string, len(types))
	for i, t := range types {
		s[i] = t.String()
	}
	return strings.Join(s, "|")
}

func (e *elementDefinition) cardinality() string { return strconv.Itoa(e.Min) + ".." + e.Max }

// bindingText writes a binding as "strength url" or "strength url maxUrl"; the version of R4 itself is left off.
func (b *binding) text() string {
	if b == nil || b.ValueSet == "" {
		return ""
	}
	strength := map[string]string{"required": "r", "extensible": "e", "preferred": "p", "example": "x"}[b.Strength]
	s := strength + " " + strings.TrimSuffix(b.ValueSet, "|4.0.1")
	for _, x := range b.Extension {
		if x.URL == maxBindingURL {
			s += " " + strings.TrimSuffix(x.ValueCanonical, "|4.0.1")
		}
	}
	return s
}

func severityLetter(severity string) string {
	if severity == "warning" {
		return "w"
	}
	return "e"
}
