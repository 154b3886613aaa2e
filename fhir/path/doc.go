// Package path is FHIRPath: it reads an expression once and evaluates it on FHIR documents.
//
//	expr, err := path.Compile("Patient.name.where(use = 'official').given")
//	names, err := expr.Eval(path.Env{}, path.Root(patient))
//
// The language is FHIRPath N1 (2.0.0) with the additions that FHIR R4 makes (extension(), resolve(),
// memberOf(), conformsTo(), hasValue() and so on) and a few later functions that practice relies on
// (lowBoundary, highBoundary, precision, sort, split, join, encode, escape, comparable).
//
// An [Expr] is immutable and may be evaluated by many goroutines at once. Decimals are exact and keep
// their digits: 1.50 stays 1.50. Every evaluation has a budget of steps, so no expression runs for ever.
//
// # What reaches outside
//
// The package does no input or output. What an expression may need from outside (references, value sets,
// profiles, the time) is given in [Env]; a function whose helper is absent answers with nothing, or with
// an error where nothing would mislead.
//
// # Where the specification leaves room
//
// The function as(), the operator `as` and ofType() demand the exact type of a primitive: a code is not taken
// for a string. All three filter a collection of several items; `as` does not refuse it, because invariants and
// search parameters of R4 such as (Observation.component.value as Quantity) need that.
//
// A path may name a choice by its JSON property (valueDateTime), as some published search parameters do;
// [Expr.Check] reports it.
//
// See http://hl7.org/fhirpath/N1/ and http://hl7.org/fhir/R4/fhirpath.html.
package path
