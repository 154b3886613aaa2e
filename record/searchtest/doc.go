// Package searchtest answers FHIR searches slowly and plainly, so that the record's answers can be compared
// with something that shares no code with it.
//
// A [World] is a set of documents in memory. [World.Find] answers a search by evaluating the FHIRPath
// expression of each search parameter on each document and comparing the values as the search chapter of
// R4 says (http://hl7.org/fhir/R4/search.html, "the chapter" in the comments here). It uses HL7's
// definitions of the parameters and the FHIRPath engine, and nothing of record/search: no index, no hashes,
// no plan.
//
// [Drawer] makes random searches of what stands in the world, so that most of them find something and few
// find everything.
package searchtest
