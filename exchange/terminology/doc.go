// Package terminology serves code systems, value sets and maps as FHIR R4 operations below /fhir:
//
//	ValueSet/$expand          the codes of a value set: all, a page, or those that a text finds
//	ValueSet/$validate-code   whether a code is in a value set
//	CodeSystem/$lookup        what a code means
//	CodeSystem/$validate-code whether a code exists
//	CodeSystem/$subsumes      how two codes stand to each other
//	ConceptMap/$translate     what a code is in another system
//
// each with GET and POST, and but for $lookup also below a resource of the record (ValueSet/123/$expand).
//
// What the operations know is a terms.Library and, for the one who asks, the ValueSet, CodeSystem and ConceptMap resources
// of the record that the session lets be seen. A value set or map of the record goes before one of the same URL that ships
// with the program; a code system that is loaded goes before one in the record.
//
// [Codes] lets searches of the record use the same knowledge for :in, :not-in, :above and :below.
package terminology
