package reconciliation

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
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
	done, err := e.changes(r.Context(), c, f)
	if errors.Is(err, errMoved) {
		f.Wrong("state", "Somebody else changed the chart meanwhile. Close this and open it again.")
		return e.work(c, f, http.StatusConflict), nil
	}
	if err != nil {
		return nil, err
	}
	if err := e.weigh(r.Context(), c, f, &done); err != nil {
		return nil, err
	}
	if !f.OK() {
		return e.work(c, f, http.StatusUnprocessableEntity), nil
	}
	ops, err := e.provenance(r.Context(), c, done)
	if err != nil {
		return nil, err
	}
	if _, err := c.chart.Session.Do(r.Context(), append(done.ops, ops...)); err != nil {
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
	say := format.Count(done.taken, "entry", "entries") + " taken over"
	if done.altered > 0 {
		say += ", " + format.Count(done.altered, "entry", "entries") + " changed"
	}
	if done.stopped > 0 {
		say += ", " + format.Count(done.stopped, "medicine", "medicines") + " stopped"
	}
	if n := len(done.confirmed); n > 0 {
		say += ", " + format.Count(n, "medicine", "medicines") + " confirmed as still taken"
	}
	return web.Done{To: "/patients/" + url.PathEscape(c.chart.ID), Say: ui.Message{Lead: "Reconciled with " + c.doc.title() + ".", Text: say + "."}}, nil
}

// changes are what was decided, as it is written.
type changes struct {
	ops       []record.Op
	targets   []fhir.Reference // what is written
	confirmed []fhir.Reference // what is taken still, and stays as it is
	drafts    []draft
	// how many entries are new, stopped, and changed
	taken, stopped, altered int
}

// changes reads what was decided. What is wrong or not decided is noted in the form.
func (e *editor) changes(ctx context.Context, c *comparison, f *web.Form) (done changes, err error) {
	allergies := false
	stop := func(row *Row, why string, on fhir.DateTime) error {
		op, err := stopping(ctx, c.chart.Session, *row.ours, why, on)
		if err != nil {
			return err
		}
		done.ops, done.targets = append(done.ops, op), append(done.targets, fhir.Reference{Reference: op.Type + "/" + op.ID})
		done.drafts = append(done.drafts, draft{doc: op.Resource})
		done.stopped++
		return nil
	}
	for _, row := range c.rows() {
		if row.Field == "" {
			continue
		}
		switch f.Text(row.Field) {
		case "leave":
			if row.Column == Here {
				done.confirmed = append(done.confirmed, fhir.Reference{Reference: row.ours.typ + "/" + row.ours.id})
			}
			continue
		case "stop":
			why, on, ok := e.whyStopped(f, row)
			if ok {
				if err = stop(row, why, on); err != nil {
					return
				}
			}
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
			if row.Later != "" {
				continue
			}
			f.Wrong(row.Field, "Take it or leave it.")
			f.Wrong("state", "Decide about "+row.Name+": take it or leave it.")
			continue
		}
		op := record.Op{Verb: record.Create, FullURL: "urn:uuid:" + facts.NewUUID()}
		if op.Resource, err = e.taking(ctx, c, row, f.Text(row.Field) == "both"); err != nil {
			return
		}
		op.Type = op.Resource.Type()
		if op.Type == "AllergyIntolerance" && op.Resource.Get("clinicalStatus").Get("coding").Index(0).Get("code").Text() == "active" {
			allergies = true
		}
		if row.ours != nil && row.Field[0] != 'm' {
			v, err := asCompared(ctx, c.chart.Session, *row.ours)
			if err != nil {
				return done, err
			}
			at := v.Type + "/" + v.ID
			if slices.ContainsFunc(done.targets, func(t fhir.Reference) bool { return t.Reference == at }) {
				f.Wrong("state", "The document says more than once of "+row.Name+" what would change the same entry here. Take one of them, and keep ours for the others.")
				continue
			}
			done.ops = append(done.ops, record.Op{Verb: record.Update, Type: v.Type, ID: v.ID, Resource: op.Resource, IfMatch: v.Version})
			done.targets, done.drafts = append(done.targets, fhir.Reference{Reference: at}), append(done.drafts, draft{op.Resource, row, at})
			done.altered++
			continue
		}
		done.drafts = append(done.drafts, draft{op.Resource, row, op.FullURL})
		var id []fhir.Identifier
		if id, op.Condition = facts.Once(f, row.Field); id != nil {
			if op.Resource, err = fhir.Merge(op.Resource, struct{ Identifier []fhir.Identifier }{id}); err != nil {
				return
			}
		}
		done.ops, done.targets = append(done.ops, op), append(done.targets, fhir.Reference{Reference: op.FullURL})
		done.taken++
		if row.Column == Similar && row.Field[0] == 'm' && f.Text(row.Field) == "take" {
			if err = stop(row, "Taken otherwise, by "+c.doc.title(), fhir.DateTime{}); err != nil {
				return
			}
		}
	}
	if allergies {
		var more []record.Op
		more, err = withdraw(ctx, c.chart.Session, c.chart.ID)
		for _, op := range more {
			done.ops, done.targets = append(done.ops, op), append(done.targets, fhir.Reference{Reference: op.Type + "/" + op.ID})
		}
	}
	return
}

// taking is what a row makes of the chart.
func (e *editor) taking(ctx context.Context, c *comparison, row *Row, beside bool) (*fhir.Resource, error) {
	if row.ours != nil && row.Field[0] != 'm' {
		return e.changing(ctx, c, row)
	}
	switch row.Field[0] {
	case 'm':
		return e.medication(ctx, c, row, beside)
	case 'a':
		return e.allergy(ctx, c, row)
	}
	return e.condition(ctx, c, row)
}

// whyStopped reads why a medicine that is only here is not taken any more, and since when; ok is false if it may not be stopped so.
func (e *editor) whyStopped(f *web.Form, row *Row) (why string, on fhir.DateTime, ok bool) {
	if row.Stop == "" {
		f.Wrong("state", row.Name+" cannot be stopped here.")
		return "", on, false
	}
	whyField, onField := row.Field+"-why", row.Field+"-on"
	why, on = f.Text(whyField), facts.PastDate(f, onField, e.d.Shell.Clock())
	if why == "" {
		f.Wrong(whyField, "Say why it is stopped.")
		f.Wrong("state", "Say why "+row.Name+" is stopped.")
	}
	if wrong := f.Error(onField); wrong != "" {
		f.Wrong("state", row.Name+", not taken since: "+wrong)
	}
	return why, on, f.Error(whyField) == "" && f.Error(onField) == ""
}

// stopping ends a medicine of the chart, if it is still as it was compared; else the error is errMoved.
func stopping(ctx context.Context, s *record.Session, m standing, why string, on fhir.DateTime) (record.Op, error) {
	v, err := asCompared(ctx, s, m)
	if err != nil {
		return record.Op{}, err
	}
	doc, err := facts.Stopped(v.Resource(), why, on, false)
	return record.Op{Verb: record.Update, Type: m.typ, ID: m.id, Resource: doc, IfMatch: v.Version}, err
}

// errMoved is that something of the chart was changed after it was compared.
var errMoved = errors.New("the chart was changed meanwhile")

func asCompared(ctx context.Context, s *record.Session, m standing) (*record.Version, error) {
	v, err := s.Read(ctx, m.typ, m.id)
	if err == nil && v.Version != m.version {
		err = errMoved
	}
	return v, err
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

// provenance says what was changed, by whom and from which document, and what was confirmed to be taken still. A nurse who left something
// to a clinician has done a part.
func (e *editor) provenance(ctx context.Context, c *comparison, done changes) ([]record.Op, error) {
	doc := fhir.To("DocumentReference", c.doc.ID)
	p := provenance{Target: append(done.targets, doc), Recorded: fhir.InstantOf(e.d.Shell.Clock()), Entity: []entity{{"source", doc}}, Agent: []struct{ Who fhir.Reference }{{facts.Author(ctx)}}}
	p.Activity = fhir.CodeableConcept{Text: reconciled}
	if !mayStop.Admits(identity.From(ctx)) {
		for _, row := range c.rows() {
			if row.Column == Similar && row.Leave == "" {
				p.Activity.Text = inPart
			}
		}
	}
	r, err := fhir.New("Provenance", p)
	if err != nil || len(done.confirmed) == 0 {
		return []record.Op{{Verb: record.Create, Type: "Provenance", Resource: r}}, err
	}
	p.Target, p.Activity.Text = done.confirmed, stillTaken
	q, err := fhir.New("Provenance", p)
	return []record.Op{{Verb: record.Create, Type: "Provenance", Resource: r}, {Verb: record.Create, Type: "Provenance", Resource: q}}, err
}
