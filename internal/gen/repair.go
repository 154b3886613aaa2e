package main

import "strings"

// repair mends what R4 and US Core themselves have published wrong, where it would make a right document fail or a rule
// mean nothing.
func (sd *structureDefinition) repair() {
	for i := range sd.Snapshot.Element {
		e := &sd.Snapshot.Element[i]
		if sd.Kind == "resource" && e.Path == sd.Type+".id" {
			e.Type = []typeRef{{Code: "id"}} // the definitions say string; R4's text and schema say id
		}
		for j := range e.Constraint {
			e.Constraint[j].Expression = typeNames.Replace(e.Constraint[j].Expression)
		}
	}
}

// repair does the same for the expressions of a search parameter.
func (p *searchParameter) repair() {
	for i := range p.Component {
		c := &p.Component[i]
		c.Expression = typeNames.Replace(c.Expression)
	}
}

// typeNames gives FHIR's primitive types their exact names. With a capital they mean FHIRPath's own types, which an
// element of a resource never is.
var typeNames = strings.NewReplacer(
	"as(DateTime)", "as(dateTime)",
	" is DateTime", " is dateTime",
	" is Boolean", " is boolean",
)
