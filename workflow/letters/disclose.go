package letters

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/pdf"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// auditEvent is the view of an AuditEvent.
type auditEvent struct {
	Type     fhir.Coding
	Action   string
	Recorded fhir.Instant
	Outcome  string
	Agent    []auditAgent
	Source   struct{ Observer fhir.Reference }
	Entity   []auditEntity
}

type auditAgent struct {
	Who       fhir.Reference
	AltID     string `fhir:"altId"`
	Name      string
	Requestor bool
}

type auditEntity struct {
	What        fhir.Reference
	Role        fhir.Coding
	Description string
}

// objectRole is that of what an event is about.
const objectRole = "http://terminology.hl7.org/CodeSystem/object-role"

// disclosed writes down that something of a patient's record leaves as a file, before it does. What cannot be written down does not leave.
func (e *desk) disclosed(ctx context.Context, patient, what, words string) error {
	who, now := identity.From(ctx), e.d.Shell.Clock()
	a := auditEvent{
		Type: fhir.Coding{System: "http://dicom.nema.org/resources/ontology/DCM", Code: "110106", Display: "Export"}, Action: "R", Recorded: fhir.InstantOf(now), Outcome: "0",
		Agent:  []auditAgent{{Who: fhir.Reference{Reference: who.Resource, Display: who.Name}, AltID: who.ID, Name: who.Name, Requestor: true}},
		Entity: []auditEntity{{What: fhir.To("Patient", patient), Role: fhir.Coding{System: objectRole, Code: "1", Display: "Patient"}, Description: words}},
	}
	a.Source.Observer.Display = "Osler"
	if what != "" {
		a.Entity = append(a.Entity, auditEntity{What: fhir.Reference{Reference: what}, Role: fhir.Coding{System: objectRole, Code: "3", Display: "Report"}})
	}
	doc, err := fhir.New("AuditEvent", a)
	if err != nil {
		return err
	}
	_, err = e.d.Program("print").Do(ctx, []record.Op{{Verb: record.Create, Type: "AuditEvent", Resource: doc}})
	return err
}

// header are those of a PDF. Its name says nothing of the patient.
func header(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `inline; filename="`+name+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
}

// begin begins a PDF whose pages all say whose they are.
func (e *desk) begin(w io.Writer, chart facts.Chart, title, foot string, now time.Time) *pdf.Writer {
	b := chart.Banner
	return pdf.New(w, pdf.Options{Title: title, Lang: "en", Created: now, Foot: foot,
		Head: []string{b.Name.Full(), "Born " + b.Birth.String() + ", MRN " + b.MRNText() + strings.TrimRight(", "+e.d.Shell.Practice, ", ")}})
}

// printedBy says by whom and when.
func printedBy(ctx context.Context, now time.Time) string {
	return "Printed " + format.DateTime(now) + " by " + identity.From(ctx).Name
}

// finish says which characters could not be drawn, and closes the document.
func finish(d *pdf.Writer) error {
	if len(d.Missing()) > 0 {
		d.Gap(6)
		d.Note("A text between brackets such as [U+4E2D] stands for a character that this print cannot draw. The screen shows it.")
	}
	return d.Close()
}
