// Package access decides who may do what, from data alone.
//
// [Decide] answers for an actor, an action and a resource type: whether it is allowed at all, and which
// filter the database must put on every row. It denies what no rule allows. Roles, organisations, the
// patient compartment and SMART scopes are all inputs of the same decision.
package access

import (
	"slices"
	"strings"

	"github.com/osler-ehr/osler/store"
)

// Role is what a person does in the practice.
type Role string

const (
	Administrator Role = "administrator"
	Clinician     Role = "clinician"
	Nurse         Role = "nurse"
	FrontDesk     Role = "frontdesk"
	Biller        Role = "biller"
	Patient       Role = "patient"
	Program       Role = "program"
)

// Roles lists all roles.
var Roles = []Role{Administrator, Clinician, Nurse, FrontDesk, Biller, Patient, Program}

// Action is what an actor wants to do.
type Action uint8

const (
	Read Action = iota + 1 // one resource, its versions and history
	Search
	Create
	Update
	Delete
)

func (a Action) String() string {
	return [...]string{"", "read", "search", "create", "update", "delete"}[a]
}

// Scopes limits an actor further, as SMART scopes do. nil limits nothing.
type Scopes interface {
	// Allows reports whether an action on a resource type is within the scopes.
	Allows(resourceType string, action Action) bool
}

// Actor is who acts: a signed-in person, or a program with its own name.
type Actor struct {
	ID      string // of the account or program
	Name    string // for people to read
	Roles   []Role
	Linked  string  // the FHIR resource the actor is, such as "Practitioner/ada" or "Patient/123"
	Patient int64   // not 0: limited to this patient's record, as patients and apps started for one patient are
	Org     int64   // the organisation the actor works for; what it makes belongs to it
	Orgs    []int64 // organisations whose data it may see; nil = all of this record
	Scopes  Scopes
}

// Decision is the answer. Filter holds for everything the actor then reads.
type Decision struct {
	Allowed bool
	Filter  store.Filter
	Reason  string // why, in words for the audit log and for the person who was refused
	// Desk says that the actor may do it as the front desk alone: what it writes is held to what the front desk may.
	Desk bool
}

// rights of a role over resource types: "*" stands for every type not named.
type rights map[string]string

// Letters as in SMART: c r u d s. What a practice sets for everybody - protocols, the weight of alerts - are PlanDefinitions, which
// administrators alone change.
var table = map[Role]rights{
	Administrator: {"*": "cruds"},
	Program:       {"*": "cruds"},
	Clinician:     {"*": "cruds", "AuditEvent": "", "SearchParameter": "rs", "PlanDefinition": "rs", "Account": "rs", "Claim": "rs", "ClaimResponse": "rs", "ExplanationOfBenefit": "rs", "Invoice": "rs"},
	Nurse:         {"*": "crus", "AuditEvent": "", "SearchParameter": "rs", "PlanDefinition": "rs", "Account": "rs", "Claim": "rs", "ClaimResponse": "rs", "ExplanationOfBenefit": "rs", "Invoice": "rs"},
	// The desk books, registers and checks in, files what comes in, and sends and chases referrals. It does not read the clinical
	// record: of the types of deskTypes it sees what carries the label Desk.
	FrontDesk: {
		"Patient": "crus", "RelatedPerson": "crus", "Person": "rs", "Coverage": "crus", "Appointment": "cruds", "AppointmentResponse": "crus",
		"Schedule": "rs", "Slot": "crus", "Practitioner": "rs", "PractitionerRole": "rs", "Organization": "rs", "Location": "rs",
		"HealthcareService": "rs", "InsurancePlan": "rs", "CoverageEligibilityRequest": "crs", "CoverageEligibilityResponse": "rs",
		"Endpoint": "rs", "ValueSet": "rs", "CodeSystem": "rs", "Questionnaire": "rs",
		"DocumentReference": "crus", "Binary": "cu", "Task": "crus", "Provenance": "crs",
	},
	// Billing needs what a claim is made of, not the notes.
	Biller: {
		"Patient": "rus", "RelatedPerson": "rs", "Coverage": "crus", "Appointment": "rs", "Encounter": "rs", "Condition": "rs", "Procedure": "rs",
		"ServiceRequest": "rs", "Practitioner": "rs", "PractitionerRole": "rs", "Organization": "rs", "Location": "rs", "HealthcareService": "rs",
		"InsurancePlan": "rs", "Account": "crus", "ChargeItem": "crus", "Claim": "crus", "ClaimResponse": "crus", "ExplanationOfBenefit": "crus",
		"Invoice": "crus", "PaymentNotice": "crus", "PaymentReconciliation": "crus", "CoverageEligibilityRequest": "crs",
		"CoverageEligibilityResponse": "crs", "ValueSet": "rs", "CodeSystem": "rs", "ChargeItemDefinition": "rs",
	},
	// A patient reads the own record, and who and where it speaks of, and writes messages: the record sees to it that they are the
	// patient's own.
	Patient: {"*": "rs", "Communication": "crs", "AuditEvent": "", "Schedule": "", "Slot": "", "Person": "", "Task": "", "Flag": "", "Basic": "", "Group": "", "List": "",
		"Subscription": "", "Endpoint": "", "Consent": "rs"},
}

var letter = map[Action]byte{Read: 'r', Search: 's', Create: 'c', Update: 'u', Delete: 'd'}

// Permits reports whether a role may do an action on a type of resource at all.
func Permits(role Role, resourceType string, a Action) bool {
	r := table[role]
	have, named := r[resourceType]
	if !named {
		have = r["*"]
	}
	for i := range len(have) {
		if have[i] == letter[a] {
			return true
		}
	}
	return false
}

// Draft is the label of what is not finished and belongs to those who write it: a note that is not signed. Patients do not see it.
const Draft int64 = 1

// Internal is the label of what staff wrote for each other: the document says so with the security label [InternalCode]. Patients, and
// programs that act for them, do not see it.
const Internal int64 = 2

// Desk is the label of what the front desk sees of the types that are mostly clinical: documents that are nobody's yet, administrative
// documents of a chart, the Tasks by which referrals are sent and chased. What has no label is closed to it.
const Desk int64 = 4

// deskTypes are those of which the front desk sees what carries the label [Desk], and writes what the record lets it.
var deskTypes = map[string]bool{"DocumentReference": true, "Task": true, "Provenance": true}

// deskFiles is the type of files: the front desk keeps them with their documents and reads them through those alone.
const deskFiles = "Binary"

// The security label (meta.security) that keeps a document from the patient: "no disclosure to patient, family or caregivers without
// attending provider's authorization", a refrain policy of HL7 v3 ActCode.
const (
	InternalSystem = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	InternalCode   = "NOPAT"
)

// Types is the fixed numbering of resource types, by which filters name them.
type Types interface {
	Names() []string
	Number(name string) int
}

// Policy decides. Make one for a record; it holds no state of its own.
type Policy struct{ types Types }

// NewPolicy makes a policy over the record's resource types.
func NewPolicy(t Types) *Policy { return &Policy{t} }

// Decide tells whether the actor may do the action on resources of a type, and what it may then see.
// An empty resourceType asks about all types together: the filter hides those that are not permitted.
func (p *Policy) Decide(a Actor, action Action, resourceType string) Decision {
	nothing := func(reason string) Decision { return Decision{Reason: reason, Filter: store.Filter{Nothing: true}} }
	if len(a.Roles) == 0 {
		return nothing("no role")
	}
	if a.Patient == 0 && !slices.ContainsFunc(a.Roles, func(r Role) bool { return r != Patient }) {
		return nothing("the account is not linked to a patient")
	}
	allows := func(typ string) bool {
		return slices.ContainsFunc(a.Roles, func(r Role) bool { return Permits(r, typ, action) }) && (a.Scopes == nil || a.Scopes.Allows(typ, action))
	}
	if resourceType != "" && !allows(resourceType) {
		return nothing("the role " + a.RoleNames() + " may not " + action.String() + " " + resourceType)
	}
	// As the front desk alone: no other role of the actor permits it.
	desk := func(typ string) bool {
		return !slices.ContainsFunc(a.Roles, func(r Role) bool { return r != FrontDesk && Permits(r, typ, action) })
	}
	d := Decision{Allowed: true, Reason: "role " + a.RoleNames()}
	if resourceType == "" {
		for _, name := range p.types.Names() {
			if !allows(name) {
				d.Filter.DenyTypes = append(d.Filter.DenyTypes, p.types.Number(name))
			} else if deskTypes[name] && desk(name) {
				d.need(p.types.Number(name))
			}
		}
	} else if deskTypes[resourceType] && desk(resourceType) {
		d.need(p.types.Number(resourceType))
		d.Desk = true
	} else if resourceType == deskFiles && desk(resourceType) {
		d.Desk = true
	}
	d.Filter.Orgs = slices.Clone(a.Orgs)
	if a.Patient != 0 {
		d.Filter.Patients = []int64{a.Patient}
		d.Filter.OwnOnly = p.ownOnly(resourceType)
		d.Reason += ", this patient's record only"
	}
	if !slices.ContainsFunc(a.Roles, func(r Role) bool { return r != Patient }) {
		d.Filter.DenyLabels |= Draft | Internal
	}
	return d
}

// need lets rows of a type be seen only with the label Desk.
func (d *Decision) need(typ int) {
	d.Filter.NeedTypes, d.Filter.NeedLabels = append(d.Filter.NeedTypes, typ), Desk
}

// shared are the types of which an actor limited to one patient's record sees what belongs to no patient too:
// whom and what the record speaks of, and definitions. All others may tell of patients even where they name
// none: a Bundle, a Binary, an Observation of a specimen.
var shared = map[string]bool{
	"Organization": true, "OrganizationAffiliation": true, "Practitioner": true, "PractitionerRole": true, "Location": true,
	"HealthcareService": true, "Endpoint": true, "Schedule": true, "Slot": true, "InsurancePlan": true,
	"Medication": true, "MedicationKnowledge": true, "Substance": true, "Device": true, "DeviceDefinition": true,
	"Questionnaire": true, "PlanDefinition": true, "ActivityDefinition": true, "Library": true, "Measure": true,
	"ChargeItemDefinition": true, "ObservationDefinition": true, "SpecimenDefinition": true, "EventDefinition": true,
	"ValueSet": true, "CodeSystem": true, "ConceptMap": true, "NamingSystem": true, "TerminologyCapabilities": true,
	"StructureDefinition": true, "StructureMap": true, "SearchParameter": true, "OperationDefinition": true,
	"CapabilityStatement": true, "CompartmentDefinition": true, "GraphDefinition": true, "MessageDefinition": true,
	"ImplementationGuide": true,
}

// ownOnly are the numbers of the types of which one patient's actor sees what is the patient's alone: the one
// asked about if it is among them, or all.
func (p *Policy) ownOnly(resourceType string) (out []int) {
	if resourceType != "" {
		if !shared[resourceType] {
			out = append(out, p.types.Number(resourceType))
		}
		return out
	}
	for _, name := range p.types.Names() {
		if !shared[name] {
			out = append(out, p.types.Number(name))
		}
	}
	return out
}

// RoleNames joins the actor's roles for people to read.
func (a Actor) RoleNames() string {
	names := make([]string, len(a.Roles))
	for i, r := range a.Roles {
		names[i] = string(r)
	}
	return strings.Join(names, ", ")
}
