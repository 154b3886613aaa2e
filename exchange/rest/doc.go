// Package rest serves the record as FHIR R4 over HTTP, at /fhir.
//
// [Slice] lists every door with its right. A request comes in through the door that fits its method and
// path; so does every entry of a batch or transaction, so that there is no way around a rule. What
// the caller may see and do is decided by the record's session behind the door.
//
// A door either reads (run) or changes something (change and changed): a change is a record.Op, which goes to the
// session alone, or together with the others of its transaction.
//
// Stored documents are served as the bytes that they are. They are read as a tree only when the request
// asks for parts of them (_summary, _elements). Every error is an OperationOutcome.
package rest
