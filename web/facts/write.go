package facts

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
)

// Author is a reference to whoever makes a request, as recorder, requester or performer of what is written: the resource
// that stands for the person, with the name; the name alone where there is none.
func Author(ctx context.Context) fhir.Reference {
	who := identity.From(ctx)
	return fhir.Reference{Reference: who.Resource, Display: who.Name}
}

// Note is what somebody wrote beside a fact, with the author.
func Note(text string, author fhir.Reference, now time.Time) fhir.Annotation {
	a := fhir.Annotation{Time: fhir.DateTimeOf(now, fhir.Second), Text: text}
	if author.Reference == "" {
		a.AuthorString = author.Display
	} else {
		a.AuthorReference = author
	}
	return a
}

// onceSystem is that of identifiers which are globally unique by themselves. (FHIR R4, 2.24.3: uri as identifier.)
const onceSystem = "urn:ietf:rfc:3986"

// NewUUID is a random UUID (RFC 9562, version 4). A blank form carries one in its field "once", so that a form which is
// sent twice - the answer was lost, a button was pressed again - makes one resource.
func NewUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// Once is the identifier of what a form makes, and the condition under which it is made: that nothing has it yet. part
// tells apart what one form makes several of; "" for the only one. Both are empty for a form without the field.
func Once(f *web.Form, part string) (id []fhir.Identifier, condition string) {
	once := f.Text("once")
	if len(once) != 36 {
		return nil, ""
	}
	for _, r := range once {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') && r != '-' {
			return nil, ""
		}
	}
	value := "urn:uuid:" + once
	if part != "" {
		value += "#" + part
	}
	return []fhir.Identifier{{System: onceSystem, Value: value}}, "identifier=" + onceSystem + "|" + value
}

// Unseen is a version that nothing ever has.
const Unseen int64 = math.MaxInt64

// Editing is the version that a form was filled with, from its field "version": the change is refused if another version
// is current by then. Unseen if it names none, so that nobody writes over what was not looked at.
func Editing(f *web.Form) int64 { return cmp.Or(EditingOrNew(f), Unseen) }

// EditingOrNew is Editing for a form that also makes what is not there yet: 0 if the form names no version. Whoever calls it refuses 0
// where there is something by then.
func EditingOrNew(f *web.Form) int64 {
	n, err := strconv.ParseInt(f.Text("version"), 10, 64)
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// Struck answers who wants to change what was entered in error.
func Struck() error {
	return &web.Problem{Kind: web.ErrConflict, Advice: "This was entered in error and is struck. If it is right all the same, add it anew."}
}

// Changed reports whether a write was refused because somebody else changed the same thing meanwhile.
func Changed(err error) bool {
	kind := record.KindOf(err)
	return kind == record.KindConflict || kind == record.KindPrecondition
}

// Refused is what the record said against a document, as a sentence for the person; "" if the error is of another kind.
func Refused(err error) string {
	kind := record.KindOf(err)
	if kind != record.KindInvalid && kind != record.KindBad {
		return ""
	}
	var e *record.Error
	if errors.As(err, &e) {
		return e.Error()
	}
	return err.Error()
}

// Sent reports whether a form was carried out before: its answer was lost, and it comes again.
func Sent(ctx context.Context, s *record.Session, typ string, f *web.Form) (bool, error) {
	id, _ := Once(f, "")
	if id == nil {
		return false, nil
	}
	page, err := s.Search(ctx, record.Query{Type: typ, Params: Params("identifier", id[0].System+"|"+id[0].Value, "_count", "1"), Strict: true})
	if err != nil {
		return false, err
	}
	return len(page.Entries) > 0, nil
}
