package history

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// section is the LOINC code of the list which says that there were no operations.
const section = "47519-4"

// operation is a Procedure as the form reads and writes it.
type operation struct {
	ID         string
	Meta       fhir.Meta
	Identifier []fhir.Identifier
	Status     string
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Performed  fhir.Choice `fhir:"performed[x]"`
	Recorder   fhir.Reference
	Performer  []performer
	BodySite   []fhir.CodeableConcept
	Note       []fhir.Annotation
}

type performer struct{ Actor fhir.Reference }

// Operations are what was done to a patient.
type Operations struct {
	Rows []OperationRow
	Nil  *facts.NilKnown
	zone *time.Location
}

// OperationRow is one of them.
type OperationRow struct {
	Name, Note, When, Href string
}

// unknownDate stands where it is not known when something was done. (US Core asks for performed[x] of what is completed.)
const unknownDate = "date not known"

func (o operation) at() fhir.DateTime {
	switch v := o.Performed.Value().(type) {
	case fhir.DateTime:
		return v
	case fhir.Period:
		return facts.When(v.Start, v.End)
	}
	return fhir.DateTime{}
}

// when is when it was done, as exactly as is known.
func (o operation) when(zone *time.Location) string {
	if s := facts.OnsetText(o.Performed, zone); s != unknownDate {
		return s
	}
	return ""
}

func (o operation) row(patient string, zone *time.Location) OperationRow {
	row := OperationRow{Name: facts.Concept(o.Code), When: o.when(zone), Href: base(patient) + "/operations/" + url.PathEscape(o.ID)}
	if row.Name == "" {
		row.Name = "Procedure not named"
	}
	var parts []string
	if s := facts.First(o.BodySite); s != "" {
		parts = append(parts, lower(s))
	}
	for _, p := range o.Performer {
		if p.Actor.Display != "" {
			parts = append(parts, p.Actor.Display)
		}
	}
	if o.Status == "stopped" {
		parts = append(parts, "not finished")
	}
	row.Note = strings.Join(parts, ", ")
	return row
}

// done reports whether it happened: what is planned or was not done is no history.
func (o operation) done() bool {
	switch o.Status {
	case "completed", "stopped", "in-progress", "unknown", "":
		return true
	}
	return false
}

func readOperations(ctx context.Context, s *record.Session, patient string, zone *time.Location) (Operations, error) {
	l := Operations{zone: zone}
	var all []operation
	var err, nilErr error
	facts.Together(
		func() {
			all, err = facts.FindAll[operation](ctx, s, "Procedure", patient, facts.Params("_count", "500")...)
		},
		func() { l.Nil, nilErr = facts.ReadNilKnown(ctx, s, patient, section) },
	)
	if err == nil {
		err = nilErr
	}
	if err != nil {
		return l, err
	}
	slices.SortStableFunc(all, func(a, b operation) int {
		return cmp.Or(b.at().Time(zone).Compare(a.at().Time(zone)), strings.Compare(facts.Concept(a.Code), facts.Concept(b.Code)))
	})
	for _, o := range all {
		if o.done() {
			l.Rows = append(l.Rows, o.row(patient, zone))
		}
	}
	if len(l.Rows) > 0 {
		l.Nil = nil
	}
	return l, nil
}

// nothing is what stands in place of an empty list.
func (l Operations) nothing() string {
	if l.Nil == nil {
		return "None recorded; not known whether there were any"
	}
	return l.Nil.Words("None", l.zone)
}

// list is the page of both histories.
func (e *editor) list(r *http.Request) (web.View, error) {
	var p wholePage
	zone := e.d.Shell.Location()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		var socialErr, operationErr error
		facts.Together(
			func() { p.Social, socialErr = readSocial(r.Context(), s, id, zone) },
			func() {
				p.Operations, operationErr = readOperations(r.Context(), s, id, zone)
				if record.KindOf(operationErr) == record.KindForbidden {
					p.Hidden, operationErr = true, nil
				}
			},
		)
		if socialErr != nil {
			return socialErr
		}
		return operationErr
	})
	if err != nil {
		return nil, err
	}
	p.Chart = "/patients/" + url.PathEscape(chart.ID)
	if slice.To(access.Create, "Observation").Admits(identity.From(r.Context())) {
		p.AddSocial = base(chart.ID) + "/social"
	}
	if slice.To(access.Create, "Procedure").Admits(identity.From(r.Context())) {
		p.AddOperation = base(chart.ID) + "/operations/new"
	}
	return web.Page{Title: "History, " + chart.Banner.Name.Short(), Current: "chart", Tab: "history", Patient: &chart.Banner, Body: listPage(p)}, nil
}

// wholePage is the page of both histories.
type wholePage struct {
	Social                  Social
	Operations              Operations
	Hidden                  bool   // operations may not be seen
	Chart                   string // address of the chart
	AddSocial, AddOperation string
}

// blank is the form for something that was done.
func (e *editor) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	return operationWork(chart, web.NewForm(url.Values{"once": {facts.NewUUID()}}), "", 0), nil
}

var ageTyped = regexp.MustCompile(`^(?:at|age)\s*(\d{1,3})(?:\s*(?:y|years?))?$`)

// performedOf reads when something was done: a date as exactly as it is known, an age, or nothing.
func performedOf(f *web.Form, was fhir.Choice, now time.Time) fhir.Choice {
	text := f.Text("performed")
	if text == facts.OnsetText(was, now.Location()) && text != "" {
		return was
	}
	if m := ageTyped.FindStringSubmatch(strings.ToLower(text)); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits by the pattern
		if n > 130 {
			f.Wrong("performed", "Nobody is that old.")
		}
		return fhir.AgeOf(n)
	}
	d := facts.PastDate(f, "performed", now)
	if d.IsZero() {
		return fhir.ChoiceOf(unknownDate)
	}
	return fhir.ChoiceOf(d)
}

// fill takes what the form says.
func (o *operation) fill(f *web.Form, author fhir.Reference, now time.Time) {
	f.Need("name", "Say what was done, such as appendectomy.")
	if name := f.Text("name"); name != facts.Concept(o.Code) {
		o.Code = fhir.CodeableConcept{Text: name}
	}
	o.Performed = performedOf(f, o.Performed, now)
	if site := f.Text("site"); site != facts.First(o.BodySite) {
		o.BodySite = nil
		if site != "" {
			o.BodySite = []fhir.CodeableConcept{{Text: site}}
		}
	}
	if by := f.Text("by"); by != o.by() {
		o.Performer = nil
		if by != "" {
			o.Performer = []performer{{fhir.Reference{Display: by}}}
		}
	}
	if note := f.Text("note"); note != o.note() {
		o.Note = nil
		if note != "" {
			o.Note = []fhir.Annotation{facts.Note(note, author, now)}
		}
	}
	if o.Status == "" {
		o.Status = "completed"
	}
}

func (o *operation) by() string {
	if len(o.Performer) == 0 {
		return ""
	}
	return o.Performer[0].Actor.Display
}

func (o *operation) note() string {
	if len(o.Note) == 0 {
		return ""
	}
	return o.Note[len(o.Note)-1].Text
}

// create adds something that was done, or says that nothing was.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	var have Operations
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		have, err = readOperations(r.Context(), s, id, e.d.Shell.Location())
		return err
	})
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	if f.Has("none") {
		if len(have.Rows) > 0 {
			w := operationWork(chart, f, "", http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "There were some.", Text: have.Rows[0].Name + " is in the list."}}
			return w, nil
		}
		if have.Nil == nil {
			op, err := facts.SayNilKnown(f, chart.ID, section, "Operations and procedures", author, fhir.DateTimeOf(now, fhir.Second))
			if err != nil {
				return nil, err
			}
			if _, err := chart.Session.Do(ctx, []record.Op{op}); err != nil {
				return nil, err
			}
		}
		return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "No operations", Text: "recorded for " + chart.Banner.Name.Plain() + "."}}, nil
	}
	o := operation{Meta: fhir.Meta{Profile: []string{usCore + "procedure"}}, Subject: fhir.To("Patient", chart.ID), Recorder: author}
	o.fill(f, author, now)
	if !f.OK() {
		return operationWork(chart, f, "", http.StatusUnprocessableEntity), nil
	}
	op := record.Op{Verb: record.Create, Type: "Procedure"}
	o.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Procedure", o); err != nil {
		return nil, err
	}
	end, err := facts.EndNilKnown(ctx, chart.Session, chart.ID, section)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, append([]record.Op{op}, end...)); err != nil {
		return refused(chart, f, "", err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: facts.Concept(o.Code), Text: "added to the operations of " + chart.Banner.Name.Plain() + "."}}, nil
}

func (e *editor) readOperation(r *http.Request) (facts.Chart, operation, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "Procedure", r.PathValue("procedure"))
		return err
	})
	if err != nil {
		return chart, operation{}, nil, err
	}
	o, err := fhir.View[operation](v.Resource())
	if err == nil && o.Subject.Reference != "Patient/"+chart.ID {
		err = web.ErrNotFound
	}
	if err == nil && o.Status == "entered-in-error" { // to change it would bring it back
		err = facts.Struck()
	}
	return chart, o, v, err
}

// form shows the operation.
func (o *operation) form(v *record.Version, zone *time.Location) *web.Form {
	return web.NewForm(url.Values{
		"version": {strconv.FormatInt(v.Version, 10)}, "name": {facts.Concept(o.Code)}, "performed": {o.when(zone)}, "site": {facts.First(o.BodySite)}, "by": {o.by()}, "note": {o.note()},
	})
}

func (e *editor) open(r *http.Request) (web.View, error) {
	chart, o, v, err := e.readOperation(r)
	if err != nil {
		return nil, err
	}
	return operationWork(chart, o.form(v, e.d.Shell.Location()), v.ID, 0), nil
}

// update changes what was recorded, or strikes it.
func (e *editor) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, o, v, err := e.readOperation(r)
	if err != nil {
		return nil, err
	}
	now, author, text := e.d.Shell.Clock(), facts.Author(r.Context()), "changed."
	if f.Has("mistake") {
		o.Status, text = "entered-in-error", "struck from the operations as entered in error."
	} else {
		o.fill(f, author, now)
	}
	if !f.OK() {
		return operationWork(chart, f, v.ID, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), o)
	if err != nil {
		return nil, err
	}
	_, err = chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "Procedure", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}})
	if facts.Changed(err) {
		_, o, v, err := e.readOperation(r)
		if err != nil {
			return nil, err
		}
		is := o.row(chart.ID, e.d.Shell.Location())
		f.Set("version", strconv.FormatInt(v.Version, 10))
		w := operationWork(chart, f, v.ID, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: fmt.Sprintf("It now says: %s %s. Save again to put yours in place of theirs.", is.Name, is.When)}}
		return w, nil
	}
	if err != nil {
		return refused(chart, f, v.ID, err)
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: facts.Concept(o.Code), Text: text}}, nil
}

func refused(chart facts.Chart, f *web.Form, id string, err error) (web.View, error) {
	reason := facts.Refused(err)
	if reason == "" {
		return nil, err
	}
	w := operationWork(chart, f, id, http.StatusUnprocessableEntity)
	w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
	return w, nil
}

func operationWork(chart facts.Chart, f *web.Form, id string, status int) web.Work {
	w := web.Work{
		Title: "Add an operation", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID) + "/operations", Status: status, Body: operationFields(f),
		Buttons: []ui.Button{{Label: "There were none", Attrs: map[string]any{"name": "none", "value": "yes"}}, {Label: "Add operation", Kind: ui.Primary}},
	}
	if id != "" {
		w.Title, w.Action = "Change an operation", base(chart.ID)+"/operations/"+url.PathEscape(id)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}}, {Label: "Save", Kind: ui.Primary}}
	}
	return w
}
