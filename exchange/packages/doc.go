// Package packages loads implementation guides, as they are handed on in FHIR's NPM packages, into the record, and
// looks after what they bring.
//
// What a package defines becomes resources of the record: profiles (StructureDefinition), ValueSet, CodeSystem,
// ConceptMap and SearchParameter. So they are kept, copied, exported and searched as everything else is, and a profile
// that somebody posts counts as one of a package does. An ImplementationGuide resource, which carries the tag
// [TagSystem], remembers which resources came of which package.
//
// [Read] takes a package apart, [Loader] loads, lists and removes. [Slice] reindexes in the background what was stored
// before a search parameter was defined, and tells how far that is at /fhir/$reindex.
package packages
