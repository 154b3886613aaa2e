// Package definitions answers questions about FHIR R4 and US Core from tables that are part of the program: which
// elements a type has, which search parameters and compartments there are, which codes a value set holds, what a
// profile asks.
//
// The tables are text (tables/*.txt), made from HL7's own definitions by internal/gen and committed; `make generate`
// makes them anew. Nothing is read when the program starts. A table is indexed when first asked for, and a record of
// it is decoded when first looked up, once. Decoded values share the memory of the table, never change, and may be used
// by any number of goroutines; a caller must not change what it is given.
//
// # Elements
//
// [LookupType] gives a type with its elements in the order of the specification. To walk a document, take [Type.Fields]
// and look each JSON property up with [Fields.Lookup]; the [Property] found knows its element, its type, and the Fields
// of the object below it. Choice elements (valueQuantity), content references and the children of data types are
// resolved on the way.
//
// # Codes
//
// [LookupCodeSystem] and [LookupValueSet] know what HL7 defines and may be handed on. SNOMED CT, CPT and other licensed
// codes are not here, so [ValueSet.Contains] has three answers: yes, no, and "not known here".
package definitions
