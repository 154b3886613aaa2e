package scheduling

import (
	"slices"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/ui"
)

// kind is a type of appointment, with how long it takes.
type kind struct {
	code, label string
	minutes     int
	hl7         string // of table 0276, which R4 takes for Appointment.appointmentType
}

// reasonSystem is HL7's table of appointment types.
const reasonSystem = "http://terminology.hl7.org/CodeSystem/v2-0276"

// kinds are the types of appointment, the commonest first. Lengths are multiples of five minutes.
var kinds = []kind{
	{"follow-up", "Follow-up visit", 30, "FOLLOWUP"},
	{"short", "Short follow-up", 15, "FOLLOWUP"},
	{"acute", "Acute visit", 15, "WALKIN"},
	{"physical", "Annual physical", 60, "CHECKUP"},
	{"new", "New patient", 60, "ROUTINE"},
	{"procedure", "Procedure", 45, "ROUTINE"},
	{"nurse", "Nurse visit", 15, "ROUTINE"},
}

func kindOf(code string) (kind, bool) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.code == code })
	if i < 0 {
		return kind{}, false
	}
	return kinds[i], true
}

func kindOptions() (out []ui.Option) {
	for _, k := range kinds {
		out = append(out, ui.Option{Value: k.code, Label: k.label + ", " + length(k.minutes)})
	}
	return out
}

// kindSystem names the types themselves, so that a move finds the type again.
const kindSystem = "https://osler.example/fhir/CodeSystem/appointment-kind"

func (k kind) service() fhir.CodeableConcept {
	return fhir.CodeableConcept{Coding: []fhir.Coding{{System: kindSystem, Code: k.code, Display: k.label}}, Text: k.label}
}
