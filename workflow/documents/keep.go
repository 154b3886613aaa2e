package documents

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// profile is what a document of a patient claims to be. (US Core 6.1.0 and 7.0.0.)
const profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-documentreference"

// fileOf is the file of a document: part of the patient's record, or of nobody's yet.
func fileOf(id string, u upload, patient string) (*fhir.Resource, error) {
	doc := make([]byte, 0, len(u.data)/3*4+256)
	doc = fhir.AppendString(append(doc, `{"resourceType":"Binary","id":`...), id)
	doc = fhir.AppendString(append(doc, `,"contentType":`...), u.kind)
	if patient != "" {
		doc = fhir.AppendString(append(doc, `,"securityContext":{"reference":`...), "Patient/"+patient)
		doc = append(doc, '}')
	}
	doc = append(doc, `,"data":"`...)
	return fhir.Parse(append(base64.StdEncoding.AppendEncode(doc, u.data), `"}`...))
}

// draft is a document before it is kept.
type draft struct {
	file    upload
	patient string // "" = nobody's yet
	kind    kind   // of a patient's document
	title   string
	from    string // who wrote or sent it
	source  string // by which way it came; "" = nothing is said
	dated   fhir.DateTime
	at      time.Time // when it came
	id      []fhir.Identifier
	once    string // the condition under which it is made
}

// ops are the changes that keep the document and its file. name is how others of the same transaction refer to the document.
func (x draft) ops() (ops []record.Op, name string, err error) {
	file := facts.NewUUID() // never the name of a file that was kept before: that one may be in a chart by now
	d := document{
		Identifier: x.id, Status: "current", Date: fhir.InstantOf(x.at), Description: x.title,
		Content: []content{{attachment{ContentType: x.file.kind, URL: "Binary/" + file, Size: len(x.file.data), Title: x.title, Creation: x.dated}}},
	}
	if x.from != "" {
		d.Author = []fhir.Reference{{Display: x.from}}
	}
	if x.patient != "" {
		d.file(x.patient, x.kind, x.dated)
	}
	if x.source != "" {
		d.Category = append(d.Category, sourceConcept(x.source))
	}
	op := record.Op{Verb: record.Create, Type: "DocumentReference", Condition: x.once, FullURL: "urn:uuid:" + facts.NewUUID()}
	if op.Resource, err = fhir.New("DocumentReference", d); err != nil {
		return nil, "", err
	}
	body, err := fileOf(file, x.file, x.patient)
	if err != nil {
		return nil, "", err
	}
	return []record.Op{{Verb: record.Update, Type: "Binary", ID: file, Resource: body}, op}, op.FullURL, nil
}

// file puts the document into a patient's record.
func (d *document) file(patient string, k kind, dated fhir.DateTime) {
	d.Meta.Profile = []string{profile}
	d.Subject = fhir.To("Patient", patient)
	d.setKind(k)
	d.setDate(dated)
}

// setKind says what the document is. What its category says beside that stays.
func (d *document) setKind(k kind) {
	was := d.Category
	d.Type, d.Category = k.concept(), []fhir.CodeableConcept{k.category()}
	for _, c := range was {
		if c.In(categorySystem) == "" && c.In(ownCategory) == "" {
			d.Category = append(d.Category, c)
		}
	}
}

// setDate says what time the document is about.
func (d *document) setDate(dated fhir.DateTime) {
	d.Context.Period = fhir.Period{}
	if !dated.IsZero() {
		d.Context.Period.Start = dated
	}
}

// setTitle calls the document something.
func (d *document) setTitle(title string) {
	d.Description = title
	if len(d.Content) > 0 {
		d.Content[0].Attachment.Title = title
	}
}

// Noted is what a document's Provenance says was done with it. (Provenance.activity, by v3-DataOperation)
type noted struct{ code, text string }

// What is done with documents.
var (
	uploaded  = noted{"CREATE", "Uploaded"}
	filed     = noted{"UPDATE", "Filed"}
	corrected = noted{"UPDATE", "Corrected"}
	moved     = noted{"UPDATE", "Moved here from the chart in which it was misfiled"}
	struck    = noted{"NULLIFY", "Entered in error"}
	discarded = noted{"NULLIFY", "Discarded"}
	restored  = noted{"REACTIVATE", "Taken back into the queue"}
)

// provenance is the view of a Provenance.
type provenance struct {
	Target   []fhir.Reference
	Recorded fhir.Instant
	Reason   []fhir.CodeableConcept
	Activity fhir.CodeableConcept
	Agent    []agent
}

type agent struct{ Who fhir.Reference }

// note is the change that says who did what with a document, and why.
func note(what noted, target string, author fhir.Reference, why string, now time.Time) (record.Op, error) {
	p := provenance{Target: []fhir.Reference{{Reference: target}}, Recorded: fhir.InstantOf(now), Agent: []agent{{author}}}
	p.Activity = fhir.Concept("http://terminology.hl7.org/CodeSystem/v3-DataOperation", what.code, "")
	p.Activity.Text = what.text
	if why != "" {
		p.Reason = []fhir.CodeableConcept{{Text: why}}
	}
	r, err := fhir.New("Provenance", p)
	return record.Op{Verb: record.Create, Type: "Provenance", Resource: r}, err
}

// nobody is the choice that nobody need look at a document.
const nobody = "nobody"

// review is the Task by which somebody is asked to read a document; to is a value of facts.Duty.Owners.
func review(target, patient, title, to, name string, author fhir.Reference, now time.Time) (record.Op, error) {
	stamp := fhir.DateTimeOf(now, fhir.Second)
	t := facts.Task{
		Status: "requested", Intent: "order", Priority: "routine", Code: fhir.Concept(facts.TaskKind, facts.DocumentTask, "Read a document"), Description: title,
		Focus: fhir.Reference{Reference: target}, For: fhir.To("Patient", patient), Authored: stamp, Modified: stamp, Requester: author,
	}
	t.Give(to, name)
	r, err := fhir.New("Task", t)
	return record.Op{Verb: record.Create, Type: "Task", Resource: r}, err
}

// reviews are the Tasks about a document, with their versions.
func reviews(ctx context.Context, s *record.Session, document string) ([]*record.Version, error) {
	page, err := facts.Whole(ctx, s, record.Query{Type: "Task", Params: facts.Params("focus", "DocumentReference/"+document, "_count", "200"), Strict: true})
	if err != nil {
		return nil, err
	}
	var out []*record.Version
	for i := range page.Entries {
		out = append(out, &page.Entries[i].Version)
	}
	return out, nil
}

// change is the change of a resource that was read, which must not have changed since.
func change[V any](v *record.Version, view V) (record.Op, error) {
	doc, err := fhir.Merge(v.Resource(), view)
	return record.Op{Verb: record.Update, Type: v.Type, ID: v.ID, Resource: doc, IfMatch: v.Version}, err
}

// part names the n-th file of a form, for facts.Once.
func part(n int) string { return "file-" + strconv.Itoa(n) }

// binaries are the numbers of the attachments that name a file, each file once.
func (d document) binaries() (out []int) {
	seen := map[string]bool{}
	for n, c := range d.Content {
		if t, ok := fhir.ParseReference(c.Attachment.URL); ok && t.Kind == fhir.RelativeTarget && t.Type == "Binary" && !strings.Contains(c.Attachment.URL, "/_history/") && !seen[t.ID] {
			seen[t.ID] = true
			out = append(out, n)
		}
	}
	return out
}

// reown are the changes that put the files of a document into a patient's record.
func (d document) reown(ctx context.Context, s *record.Session, patient string) (ops []record.Op, err error) {
	for _, n := range d.binaries() {
		v, err := s.File(ctx, d.ID, n)
		if err != nil {
			return nil, err
		}
		op, err := change(v, struct{ SecurityContext fhir.Reference }{fhir.To("Patient", patient)})
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}
