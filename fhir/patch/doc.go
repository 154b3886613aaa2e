// Package patch changes a resource by a JSON Patch (RFC 6902), a FHIRPath Patch
// (http://hl7.org/fhir/R4/fhirpatch.html) or an XML Patch (RFC 5261).
//
// The first two work on the bytes of the document: what a patch does not name keeps its digits, its order and its
// escapes. A patch applies wholly or not at all. The result is read by the strict reader of package fhir,
// and the type of the resource cannot change; whether it is a valid resource is for the validator to say.
package patch

import (
	"fmt"

	"github.com/osler-ehr/osler/fhir"
)

// MaxOperations bounds the operations of one patch.
const MaxOperations = 1000

// maxWork bounds operations times bytes, as every operation reads the document anew.
const maxWork = 256 << 20

// affordable refuses a patch that would keep the processor busy for seconds.
func affordable(operations int, doc *fhir.Resource) error {
	switch {
	case operations > MaxOperations:
		return &Error{Operation: -1, Malformed: true, Reason: fmt.Sprintf("the patch has %d operations, more than the limit of %d", operations, MaxOperations)}
	case operations*len(doc.Bytes()) > maxWork:
		return &Error{Operation: -1, Reason: "the patch has too many operations for a document of this size; send fewer, or an update"}
	}
	return nil
}

// Error tells which operation failed and why.
type Error struct {
	Operation int    // index of the operation, from 0; -1 for the patch as a whole
	Path      string // the path that the operation names
	Reason    string // what is wrong and what to do, in words
	Malformed bool   // the patch itself is wrong, whatever the resource; else it does not fit this resource
}

func (e *Error) Error() string {
	switch {
	case e.Operation < 0:
		return "patch: " + e.Reason
	case e.Path == "":
		return fmt.Sprintf("patch operation %d: %s", e.Operation, e.Reason)
	}
	return fmt.Sprintf("patch operation %d (%s): %s", e.Operation, e.Path, e.Reason)
}

// checked reads the patched document strictly.
func checked(before *fhir.Resource, after []byte) (*fhir.Resource, error) {
	r, err := fhir.Parse(after)
	if err != nil {
		return nil, &Error{Operation: -1, Reason: fmt.Sprintf("the result is not an acceptable document: %v", err)}
	}
	if r.Type() != before.Type() {
		return nil, &Error{Operation: -1, Reason: fmt.Sprintf("a patch cannot turn a %s into another type of resource", before.Type())}
	}
	return r, nil
}
