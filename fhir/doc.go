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
// The data types ([Coding], [Quantity], [DateTime], [Reference] and so on, one to a file) are plain structs.
// Each reads itself from a node, writes itself, and is absent when zero. They do not hold the id and
// extensions of an element; a view asks for those by name, and Merge keeps what nobody asked for.
//
// A [Bundle] is taken apart by [ReadBundle] and written by [BundleWriter], which splices stored bytes. An
// [Outcome] is an OperationOutcome and an error; [OutcomeOf] makes one of any error.
//
// The package does no input or output.
package fhir
