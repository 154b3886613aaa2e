package reconciliation

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

const usCore = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-"

// medicationRequest is a medicine that was reported, of the same kind as one that is written down by hand. (US Core, Medication List Guidance.)
type medicationRequest struct {
	Meta       fhir.Meta
	Identifier []fhir.Identifier
	Status     string
	Intent     string
	Category   []fhir.CodeableConcept
	Reported   bool        `fhir:"reportedBoolean"`
	Medication fhir.Choice `fhir:"medication[x]"`
	Subject    fhir.Reference
	Authored   fhir.DateTime  `fhir:"authoredOn"`
	Requester  fhir.Reference // US Core wants one: who recorded it stands for whoever ordered it
	Recorder   fhir.Reference
	Note       []fhir.Annotation
	Dosage     []fhir.Dosage  `fhir:"dosageInstruction"`
	Prior      fhir.Reference `fhir:"priorPrescription"`
}

type allergyIntolerance struct {
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Clinical     fhir.CodeableConcept `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept `fhir:"verificationStatus"`
	Type         string
	Category     []string
	Criticality  string
	Code         fhir.CodeableConcept
	Patient      fhir.Reference
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Recorder     fhir.Reference
	Note         []fhir.Annotation
	Reactions    []reaction `fhir:"reaction"`
}

type reaction struct {
	Manifestation []fhir.CodeableConcept
	Severity      string
}

type condition struct {
	Meta         fhir.Meta
	Identifier   []fhir.Identifier
	Clinical     fhir.CodeableConcept   `fhir:"clinicalStatus"`
	Verification fhir.CodeableConcept   `fhir:"verificationStatus"`
	Category     []fhir.CodeableConcept `fhir:"category"`
	Code         fhir.CodeableConcept
	Subject      fhir.Reference
	Onset        fhir.Choice   `fhir:"onset[x]"`
	Abatement    fhir.Choice   `fhir:"abatement[x]"`
	Recorded     fhir.DateTime `fhir:"recordedDate"`
	Recorder     fhir.Reference
	Note         []fhir.Annotation
}

type provenance struct {
	Target   []fhir.Reference
	Recorded fhir.Instant
	Activity fhir.CodeableConcept
	Agent    []struct{ Who fhir.Reference }
	Entity   []entity
}

type entity struct {
	Role string
	What fhir.Reference
}

// remark is what is kept beside what was taken over: where it comes from, and what could not be understood.
func (e *editor) remark(ctx context.Context, c *comparison, row *Row) []fhir.Annotation {
	parts := []string{"From the document “" + c.doc.title() + "”"}
	if c.read.From != "" {
		parts[0] += ", " + c.read.From
	}
	if row.entry.Text != "" && row.entry.Text != row.Name {
		parts = append(parts, "In its words: “"+row.entry.Text+"”")
	}
	if row.Field[0] == 'm' && !row.entry.Start.IsZero() {
		parts = append(parts, "Since "+asWritten(row.entry.Start))
	}
	if row.Field[0] == 'm' && !row.entry.End.IsZero() {
		parts = append(parts, "Until "+asWritten(row.entry.End))
	}
	text := strings.Join(parts, ". ") + "."
	if len(row.Doubts) > 0 {
		text += " " + strings.Join(row.Doubts, " ")
	}
	return []fhir.Annotation{facts.Note(text, facts.Author(ctx), e.d.Shell.Clock())}
}

// medication is the medicine of the document as it is kept; beside = ours goes on beside it.
func (e *editor) medication(ctx context.Context, c *comparison, row *Row, beside bool) (*fhir.Resource, error) {
	author, x := facts.Author(ctx), row.entry
	m := medicationRequest{
		Meta: fhir.Meta{Profile: []string{usCore + "medicationrequest"}}, Status: "active", Intent: "plan", Reported: true, Medication: fhir.ChoiceOf(x.Code), Subject: fhir.To("Patient", c.chart.ID),
		Category: []fhir.CodeableConcept{
			fhir.Concept("http://terminology.hl7.org/CodeSystem/medicationrequest-category", "community", "Community"),
			fhir.Concept("https://osler.example/fhir/CodeSystem/medicine-origin", "elsewhere", "Prescribed elsewhere"),
		},
		Authored: fhir.DateTimeOf(e.d.Shell.Clock(), fhir.Second), Requester: author, Recorder: author, Note: e.remark(ctx, c, row),
	}
	if x.State == "on-hold" {
		m.Status = "on-hold"
	}
	if !x.Dosage.IsZero() {
		m.Dosage = []fhir.Dosage{x.Dosage}
	}
	if row.ours != nil && row.ours.typ == "MedicationRequest" && !beside { // which it takes the place of: so it is checked, and so it is kept
		m.Prior = fhir.To("MedicationRequest", row.ours.id)
	}
	return fhir.New("MedicationRequest", m)
}

func (e *editor) allergy(ctx context.Context, c *comparison, row *Row) (*fhir.Resource, error) {
	x := row.entry
	a := allergyIntolerance{
		Meta: fhir.Meta{Profile: []string{usCore + "allergyintolerance"}}, Clinical: fhir.Concept(facts.AllergyClinical, cmp.Or(x.State, "active"), ""),
		Verification: fhir.Concept(facts.AllergyVerification, "confirmed", ""), Type: x.Type, Criticality: x.Criticality, Code: x.Code, Patient: fhir.To("Patient", c.chart.ID),
		Recorded: fhir.DateTimeOf(e.d.Shell.Clock(), fhir.Second), Recorder: facts.Author(ctx), Note: e.remark(ctx, c, row),
	}
	if x.Category != "" {
		a.Category = []string{x.Category}
	}
	if !x.Start.IsZero() {
		a.Onset = fhir.ChoiceOf(x.Start)
	}
	for _, r := range x.Reactions {
		a.Reactions = append(a.Reactions, reaction{[]fhir.CodeableConcept{r.Manifestation}, r.Severity})
	}
	return fhir.New("AllergyIntolerance", a)
}

func (e *editor) condition(ctx context.Context, c *comparison, row *Row) (*fhir.Resource, error) {
	x := row.entry
	p := condition{
		Meta: fhir.Meta{Profile: []string{usCore + "condition-problems-health-concerns"}}, Clinical: fhir.Concept(facts.ConditionClinical, cmp.Or(x.State, "active"), ""),
		Verification: fhir.Concept(facts.ConditionVerification, "confirmed", ""), Category: []fhir.CodeableConcept{fhir.Concept(facts.ConditionCategory, "problem-list-item", "Problem List Item")},
		Code: x.Code, Subject: fhir.To("Patient", c.chart.ID), Recorded: fhir.DateTimeOf(e.d.Shell.Clock(), fhir.Second), Recorder: facts.Author(ctx), Note: e.remark(ctx, c, row),
	}
	if !x.Start.IsZero() {
		p.Onset = fhir.ChoiceOf(x.Start)
	}
	if !x.End.IsZero() && x.State != "" && x.State != "active" { // con-4
		p.Abatement = fhir.ChoiceOf(x.End)
	}
	return fhir.New("Condition", p)
}

// confirm does what was decided, all of it or nothing.
func (e *editor) confirm(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	c, err := e.compare(r)
	if err != nil {
		return nil, err
	}
	if f.Text("state") != c.state {
		f.Wrong("state", "The chart or the document was changed meanwhile: this is how it stands now. Decide again.")
		for _, row := range c.rows() {
			if row.Field != "" {
				f.Set(row.Field, "")
			}
		}
		return e.work(c, f, http.StatusConflict), nil
	}
	if len(c.wrong) > 0 && !f.Has("sure") {
		f.Wrong("state", "Make sure that the document is about this patient, and say so.")
	}
	ops, targets, taken, stopped, err := e.ops(r.Context(), c, f)
	if err != nil {
		return nil, err
	}
	if !f.OK() {
		return e.work(c, f, http.StatusUnprocessableEntity), nil
	}
	op, err := e.provenance(r.Context(), c, targets)
	if err != nil {
		return nil, err
	}
	if _, err := c.chart.Session.Do(r.Context(), append(ops, op)); err != nil {
		switch reason := facts.Refused(err); {
		case reason != "":
			f.Wrong("state", reason)
			return e.work(c, f, http.StatusUnprocessableEntity), nil
		case facts.Changed(err):
			f.Wrong("state", "Somebody else changed the chart meanwhile. Close this and open it again.")
			return e.work(c, f, http.StatusConflict), nil
		}
		return nil, err
	}
	say := format.Count(taken, "entry", "entries") + " taken over"
	if stopped > 0 {
		say += ", " + format.Count(stopped, "medicine", "medicines") + " stopped"
	}
	return web.Done{To: "/patients/" + url.PathEscape(c.chart.ID), Say: ui.Message{Lead: "Reconciled with " + c.doc.title() + ".", Text: say + "."}}, nil
}

// ops are the changes that were decided. What is wrong or not decided is noted in the form.
func (e *editor) ops(ctx context.Context, c *comparison, f *web.Form) (ops []record.Op, targets []fhir.Reference, taken, stopped int, err error) {
	allergies := false
	stop := func(row *Row, why string) error {
		op, err := stopping(ctx, c.chart.Session, *row.ours, why)
		if err != nil {
			return err
		}
		ops, targets = append(ops, op), append(targets, fhir.Reference{Reference: op.Type + "/" + op.ID})
		stopped++
		return nil
	}
	for _, row := range c.rows() {
		if row.Field == "" {
			continue
		}
		switch f.Text(row.Field) {
		case "leave":
			continue
		case "both":
			if row.Both == "" {
				f.Wrong("state", row.Name+" cannot be taken beside what is here.")
				continue
			}
		case "take":
			if row.Take == "" {
				f.Wrong("state", row.Name+" cannot be taken over.")
				continue
			}
		default:
			f.Wrong(row.Field, "Take it or leave it.")
			f.Wrong("state", "Decide about "+row.Name+": take it or leave it.")
			continue
		}
		op := record.Op{Verb: record.Create, FullURL: "urn:uuid:" + facts.NewUUID()}
		switch row.Field[0] {
		case 'm':
			op.Type = "MedicationRequest"
			op.Resource, err = e.medication(ctx, c, row, f.Text(row.Field) == "both")
		case 'a':
			op.Type, allergies = "AllergyIntolerance", true
			op.Resource, err = e.allergy(ctx, c, row)
		default:
			op.Type = "Condition"
			op.Resource, err = e.condition(ctx, c, row)
		}
		if err != nil {
			return
		}
		var id []fhir.Identifier
		if id, op.Condition = facts.Once(f, row.Field); id != nil {
			if op.Resource, err = fhir.Merge(op.Resource, struct{ Identifier []fhir.Identifier }{id}); err != nil {
				return
			}
		}
		ops, targets = append(ops, op), append(targets, fhir.Reference{Reference: op.FullURL})
		taken++
		if row.Column == Similar && row.Field[0] == 'm' && f.Text(row.Field) == "take" {
			if err = stop(row, "Taken otherwise, by "+c.doc.title()); err != nil {
				return
			}
		}
	}
	if allergies {
		var more []record.Op
		more, err = withdraw(ctx, c.chart.Session, c.chart.ID)
		ops = append(ops, more...)
	}
	return
}

// stopping ends a medicine of the chart, if it is still as it was compared.
func stopping(ctx context.Context, s *record.Session, m standing, why string) (record.Op, error) {
	v, err := s.Read(ctx, m.typ, m.id)
	if err != nil {
		return record.Op{}, err
	}
	var doc *fhir.Resource
	if m.typ == "MedicationStatement" {
		doc, err = fhir.Merge(v.Resource(), struct {
			Status       string
			StatusReason []fhir.CodeableConcept
		}{"stopped", []fhir.CodeableConcept{{Text: why}}})
	} else {
		doc, err = fhir.Merge(v.Resource(), struct {
			Status       string
			StatusReason fhir.CodeableConcept
		}{"stopped", fhir.CodeableConcept{Text: why}})
	}
	return record.Op{Verb: record.Update, Type: m.typ, ID: m.id, Resource: doc, IfMatch: v.Version}, err
}

// withdraw ends the entries which say that no allergy is known.
func withdraw(ctx context.Context, s *record.Session, patient string) (ops []record.Op, err error) {
	err = facts.Each(ctx, s, facts.Of("AllergyIntolerance", patient, facts.Params("_count", "200")...), func(v *record.Entry) error {
		a, err := fhir.View[facts.Allergy](v.Resource())
		if err != nil || !a.Denies() || facts.Code(a.Clinical, facts.AllergyClinical) != "active" {
			return err
		}
		doc, err := fhir.Merge(v.Resource(), struct {
			Clinical fhir.CodeableConcept `fhir:"clinicalStatus"`
		}{fhir.Concept(facts.AllergyClinical, "inactive", "")})
		ops = append(ops, record.Op{Verb: record.Update, Type: "AllergyIntolerance", ID: v.ID, Resource: doc, IfMatch: v.Version.Version})
		return err
	})
	return ops, err
}

// provenance says what was changed, by whom and from which document. A nurse who left something to a clinician has done a part.
func (e *editor) provenance(ctx context.Context, c *comparison, targets []fhir.Reference) (record.Op, error) {
	doc := fhir.To("DocumentReference", c.doc.ID)
	p := provenance{Target: append(targets, doc), Recorded: fhir.InstantOf(e.d.Shell.Clock()), Entity: []entity{{"source", doc}}, Agent: []struct{ Who fhir.Reference }{{facts.Author(ctx)}}}
	p.Activity = fhir.CodeableConcept{Text: reconciled}
	if !mayStop.Admits(identity.From(ctx)) {
		for _, row := range c.rows() {
			if row.Column == Similar {
				p.Activity.Text = inPart
			}
		}
	}
	r, err := fhir.New("Provenance", p)
	return record.Op{Verb: record.Create, Type: "Provenance", Resource: r}, err
}
