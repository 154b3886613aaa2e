// Package fhir is the language of the record: FHIR R4 documents as exact bytes, and values read from them.
//
// A [Resource] is immutable and holds the document it was read from. Nothing that stores, serves or
// exports a resource decodes and re-encodes it, so the digits of a decimal, unknown extensions,
// `_element` siblings and the order of properties survive. A [Node] is a position in that document.
//
// [Parse] is the one strict reader for bytes from outside. [Open] is for bytes that the record itself
// has stored. Business code reads resources through small views ([View]) and changes only what differs
// ([Merge]).
//
// The package does no input or output.
package fhir
