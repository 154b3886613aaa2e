// Package validate tells what is wrong with a FHIR R4 resource, where, and how to mend it.
//
// [Base] is the check that every write goes through: the structure, the form of every value, cardinality, choices,
// required codes, the types of reference targets, contained resources. It needs nothing but the resource and takes
// microseconds.
//
// [Profile] checks what a profile, such as one of US Core, asks beyond that, and [Claimed] does so for every profile that
// the resource names in meta.profile. Neither repeats what Base has said.
//
// [Invariants] evaluates the rules that R4 states in FHIRPath.
//
// All answer issues as an OperationOutcome wants them. The expression of an issue is a FHIRPath with an index at each
// element that repeats ("Patient.name[0].given[1]"); a choice goes by its element's name ("Observation.value"), as it does
// in FHIRPath. The diagnostics name the rule. The text never quotes a value of the resource, for values are patient data.
package validate
