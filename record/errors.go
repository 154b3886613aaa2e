package record

import (
	"errors"
	"fmt"

	"github.com/osler-ehr/osler/fhir"
)

// Kind is what sort of error a session returns. Pages and protocols turn it into a status in one place.
type Kind uint8

const (
	KindInvalid      Kind = iota + 1 // the document breaks FHIR's rules: 422
	KindBad                          // the request cannot be understood: 400
	KindNotFound                     // absent, or not for this caller's eyes: 404
	KindGone                         // it was deleted: 410
	KindForbidden                    // the caller's role may never do this: 403
	KindConflict                     // someone else was faster, or others depend on it: 409
	KindPrecondition                 // If-Match or a condition does not hold: 412
	KindTooCostly                    // the search is too broad: 400
	KindNotSupported                 // a legal request that this server does not do: 400
)

// Error is an error of a session. Its Outcome says in words, with places, what a caller may know.
type Error struct {
	Kind    Kind
	Outcome *fhir.Outcome
	cause   error
}

func (e *Error) Error() string { return e.Outcome.Error() }

// Unwrap gives the outcome, so that fhir.OutcomeOf finds it, and the cause.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Outcome}
	}
	return []error{e.Outcome, e.cause}
}

// KindOf is the kind of an error; 0 when it is no error of a session: then the server is at fault.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return 0
}

var issueCodes = map[Kind]string{
	KindInvalid: "invalid", KindBad: "invalid", KindNotFound: "not-found", KindGone: "deleted", KindForbidden: "forbidden",
	KindConflict: "conflict", KindPrecondition: "conflict", KindTooCostly: "too-costly", KindNotSupported: "not-supported",
}

// fail makes an error with one sentence.
func fail(k Kind, format string, args ...any) error {
	return &Error{Kind: k, Outcome: fhir.NewOutcome(issueCodes[k], fmt.Sprintf(format, args...))}
}

// failAt makes an error about one place of a document.
func failAt(k Kind, path, format string, args ...any) error {
	return &Error{Kind: k, Outcome: fhir.NewOutcome(issueCodes[k], fmt.Sprintf(format, args...), path)}
}

func notFound(typ, id string) error { return fail(KindNotFound, "there is no %s/%s", typ, id) }

func forbidden(reason string) *fhir.Outcome {
	return fhir.NewOutcome("forbidden", "not permitted: "+reason)
}

// Refused makes the error that a session would return from what another server says of a change that it did
// not accept. unresolved tells that the change may be accepted when other data has been loaded.
func Refused(o *fhir.Outcome, unresolved bool) error {
	e := &Error{Kind: KindInvalid, Outcome: o}
	if unresolved {
		e.cause = ErrUnresolved
	}
	return e
}
