package charting

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/terms"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

const icd10 = "http://hl7.org/fhir/sid/icd-10-cm"

// diagnosisProfile is what a diagnosis of a visit claims to be. (US Core 6.1.0 and 7.0.0.)
const diagnosisProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition-encounter-diagnosis"

// findCodes finds diagnoses by the beginnings of words, or by code; total is how many there are.
func (n *notes) findCodes(ctx context.Context, text string) (list []web.Option, total int, err error) {
	system, err := n.library.System(ctx, icd10, "")
	if err != nil {
		return nil, 0, err
	}
	found := system.Search(terms.Query{Text: text, Selectable: true, Count: 7})
	for _, hit := range found.Hits {
		list = append(list, web.Option{Value: system.Code(hit.ID), Label: system.Display(hit.ID), Note: system.Code(hit.ID)})
	}
	return list, found.Total, nil
}

// diagnose adds a diagnosis to the visit of a note, or strikes one.
func (n *notes) diagnose(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	ctx, patient := r.Context(), r.PathValue("id")
	s, err := n.d.Session(r)
	if err != nil {
		return nil, err
	}
	c, err := n.read(ctx, s, patient, r.PathValue("note"))
	switch {
	case err != nil:
		return nil, err
	case c.locked():
		return nil, &web.Problem{Kind: web.ErrConflict, Advice: "This note is signed. Unlock it first, or write an addendum."}
	}
	there, err := readDiagnoses(ctx, s, patient, c.visit())
	if err != nil {
		return nil, err
	}
	var op record.Op
	now := n.d.Shell.Clock()
	if id := f.Text("remove"); id != "" {
		if op, err = strike(id, there); err != nil {
			return nil, err
		}
	} else {
		d := newDiagnosis(patient, c.Encounter, facts.Author(ctx), now)
		if d.Code, err = n.named(ctx, f.Text("code"), f.Text("name")); err != nil {
			return nil, err
		}
		for _, x := range there {
			if facts.Concept(x.Code) == facts.Concept(d.Code) {
				return n.drawDiagnoses(r, patient, c, there) // it is there
			}
		}
		op = record.Op{Verb: record.Create, Type: "Condition"}
		d.Identifier, op.Condition = facts.Once(f, "")
		if op.Resource, err = fhir.New("Condition", d); err != nil {
			return nil, err
		}
	}
	if _, err := s.Do(ctx, []record.Op{op}); err != nil {
		return nil, err
	}
	if there, err = readDiagnoses(ctx, s, patient, c.visit()); err != nil {
		return nil, err
	}
	return n.drawDiagnoses(r, patient, c, there)
}

// named is the concept of a code with its name, or of words alone.
func (n *notes) named(ctx context.Context, code, name string) (fhir.CodeableConcept, error) {
	if code != "" {
		system, err := n.library.System(ctx, icd10, "")
		if err != nil {
			return fhir.CodeableConcept{}, err
		}
		if id, ok := system.Find(code); ok {
			concept := fhir.Concept(icd10, system.Code(id), system.Display(id))
			if concept.Text = name; name == "" {
				concept.Text = system.Display(id)
			}
			return concept, nil
		}
	}
	if name == "" {
		return fhir.CodeableConcept{}, &web.Problem{Kind: web.ErrInvalid, Advice: "Say what the diagnosis is: type a word of it and choose from the list, or leave it in your own words."}
	}
	return fhir.CodeableConcept{Text: name}, nil
}

func newDiagnosis(patient string, visit, by fhir.Reference, now time.Time) diagnosis {
	return diagnosis{
		Meta:     fhir.Meta{Profile: []string{diagnosisProfile}},
		Clinical: fhir.Concept(facts.ConditionClinical, "active", ""), Verification: fhir.Concept(facts.ConditionVerification, "confirmed", ""),
		Category: []fhir.CodeableConcept{fhir.Concept(facts.ConditionCategory, "encounter-diagnosis", "Encounter Diagnosis")},
		Subject:  fhir.To("Patient", patient), Encounter: visit, Recorded: fhir.DateTimeOf(now, fhir.Fraction), Recorder: by,
	}
}

// strike takes back a diagnosis of the visit: it was entered in error.
func strike(id string, there []diagnosis) (record.Op, error) {
	for _, d := range there {
		if d.ID == id {
			return record.Op{Verb: record.Patch, Type: "Condition", ID: id, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
				d, err := fhir.View[diagnosis](doc)
				if err != nil {
					return nil, err
				}
				d.Verification = fhir.Concept(facts.ConditionVerification, mistaken, "")
				d.Clinical = fhir.CodeableConcept{} // con-5: what was a mistake has no clinical status
				return fhir.Merge(doc, d)
			}}, nil
		}
	}
	return record.Op{}, web.ErrNotFound
}

// drawDiagnoses answers with the list of them.
func (n *notes) drawDiagnoses(r *http.Request, patient string, c note, list []diagnosis) (web.View, error) {
	if r.Header.Get("HX-Request") != "true" {
		return web.Redirect{To: at(patient, c.ID)}, nil
	}
	return web.Fragment{Body: diagnosesPart(diagnosesOf(at(patient, c.ID), list))}, nil
}

// Diagnoses are those of a visit, as the note shows them.
type Diagnoses struct {
	Action string
	Once   string
	Rows   []DiagnosisRow
}

// DiagnosisRow is one diagnosis.
type DiagnosisRow struct{ ID, Name, Code string }

func diagnosesOf(note string, list []diagnosis) Diagnoses {
	d := Diagnoses{Action: note + "/diagnoses", Once: facts.NewUUID()}
	for _, x := range list {
		d.Rows = append(d.Rows, DiagnosisRow{ID: x.ID, Name: facts.Concept(x.Code), Code: x.Code.In(icd10)})
	}
	return d
}

// ids are what the form says of the diagnoses that the person has seen.
func (d Diagnoses) ids() string {
	var list []string
	for _, row := range d.Rows {
		list = append(list, row.ID)
	}
	return strings.Join(list, " ")
}
