package identity

import "slices"

// Role is what somebody is in the practice. What a role may do is decided in record/access.
type Role string

// The roles.
const (
	Administrator Role = "administrator"
	Clinician     Role = "clinician"
	Nurse         Role = "nurse"
	FrontDesk     Role = "frontdesk"
	Biller        Role = "biller"
	Patient       Role = "patient" // a patient, or somebody who acts for one, at the portal
	ProgramRole   Role = "program"
)

// Roles are all roles, in the order in which a person is offered them.
func Roles() []Role {
	return []Role{Administrator, Clinician, Nurse, FrontDesk, Biller, Patient, ProgramRole}
}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }
