package web

import "github.com/osler-ehr/osler/record"

// recordKinds says which kind of error of this package an error of the record is, as far as a person is concerned.
var recordKinds = map[record.Kind]error{
	record.KindInvalid:      ErrInvalid,
	record.KindBad:          ErrInvalid,
	record.KindNotFound:     ErrNotFound,
	record.KindGone:         ErrNotFound,
	record.KindForbidden:    ErrForbidden,
	record.KindConflict:     ErrConflict,
	record.KindPrecondition: ErrConflict,
	record.KindTooCostly:    ErrInvalid,
	record.KindNotSupported: ErrInvalid,
}

// kindOf is the kind of this package for an error of the record; the error itself for any other.
func kindOf(err error) error {
	if kind, ok := recordKinds[record.KindOf(err)]; ok {
		return kind
	}
	return err
}
