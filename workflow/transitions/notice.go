package transitions

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

const (
	encounterProfile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter"
	actCode          = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
)

// stay is the view of the Encounter that a hospital stay elsewhere is.
type stay struct {
	ID              string
	Meta            fhir.Meta
	Identifier      []fhir.Identifier
	Status          string
	Class           fhir.Coding
	Type            []fhir.CodeableConcept
	Subject         fhir.Reference
	Period          fhir.Period
	Reason          []fhir.CodeableConcept `fhir:"reasonCode"`
	Hospitalization struct {
		Discharge fhir.CodeableConcept `fhir:"dischargeDisposition"`
	}
	ServiceProvider fhir.Reference
}

func (s stay) where() string { return cmp.Or(s.ServiceProvider.Display, "Hospital not named") }

// kinds are what a notice tells of.
var kinds = []ui.Option{{Value: "discharged", Label: "Discharged from hospital"}, {Value: "admitted", Label: "Admitted to hospital"}, {Value: "emergency", Label: "Emergency department visit, gone home"}}

// dispositions are to where somebody was discharged. (HL7 discharge-disposition)
var dispositions = []ui.Option{{Value: "home", Label: "Home"}, {Value: "snf", Label: "Skilled nursing facility"}, {Value: "rehab", Label: "Rehabilitation"}, {Value: "hosp", Label: "Hospice"}, {Value: "aadvice", Label: "Left against advice"}, {Value: "other-hcf", Label: "Another hospital"}, {Value: "oth", Label: "Other"}}

func known(list []ui.Option, value string) (string, bool) {
	for _, o := range list {
		if o.Value == value {
			return o.Label, true
		}
	}
	return "", false
}

// blank is the form for a notice. A stay that is going on here already is offered to be ended.
func (e *desk) blank(r *http.Request) (web.View, error) {
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "kind": {"discharged"}, "to": {"home"}})
	return e.noticeWork(r, f, 0)
}

func (e *desk) noticeWork(r *http.Request, f *web.Form, status int) (web.View, error) {
	var duty facts.Duty
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		duty, err = facts.OnDuty(r.Context(), s, e.d.Identity, e.d.Shell.Clock())
		return err
	})
	if err != nil {
		return nil, err
	}
	if !f.Has("owner") {
		f.Set("owner", "pool:"+facts.NursePool)
	}
	return web.Work{
		Title: "Hospital notice", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: "/patients/" + url.PathEscape(chart.ID) + "/transitions",
		Body: noticeFields(f, duty.Owners()), Status: status, Buttons: []ui.Button{{Label: "Enter notice", Kind: ui.Primary}},
	}, nil
}

// going is the stay of a patient at the same place that has not ended, with its version; nil if there is none.
func going(r *http.Request, s *record.Session, patient, where string) (stay, *record.Version, error) {
	page, err := facts.Whole(r.Context(), s, facts.Of("Encounter", patient, facts.Params("class", actCode+"|IMP,"+actCode+"|EMER", "status", "in-progress", "_count", "50")...))
	if err != nil {
		return stay{}, nil, err
	}
	for i := range page.Entries {
		x, err := fhir.View[stay](page.Entries[i].Resource())
		if err != nil {
			return stay{}, nil, err
		}
		if strings.EqualFold(x.ServiceProvider.Display, where) {
			return x, &page.Entries[i].Version, nil
		}
	}
	return stay{}, nil, nil
}

// create keeps a notice: the stay, and for somebody who came home the follow-up, in one transaction.
func (e *desk) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	var duty facts.Duty
	var before stay
	var beforeAt *record.Version
	where := f.Text("where")
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		if duty, err = facts.OnDuty(r.Context(), s, e.d.Identity, e.d.Shell.Clock()); err != nil {
			return err
		}
		before, beforeAt, err = going(r, s, id, where)
		return err
	})
	if err != nil {
		return nil, err
	}
	ctx, now, author := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	kind := f.Text("kind")
	if _, ok := known(kinds, kind); !ok {
		f.Wrong("kind", "Choose what the notice tells of.")
	}
	f.Need("where", "Say which hospital.")
	from, until := facts.PastDate(f, "from", now), facts.PastDate(f, "until", now)
	home := kind != "admitted"
	switch {
	case kind == "admitted":
		f.Need("from", "Say on which day.")
	case home:
		f.Need("until", "Say on which day: the clocks begin with it.")
	}
	if !from.IsZero() && !until.IsZero() {
		if order, sure := until.Compare(from, now.Location()); sure && order < 0 {
			f.Wrong("until", "It cannot end before it began.")
		}
	}
	if home && beforeAt != nil && from.IsZero() && !until.IsZero() { // the stay that is ended says itself when it began
		if order, sure := until.Compare(before.Period.Start, now.Location()); sure && order < 0 {
			f.Wrong("until", "The stay here began on "+facts.Day(before.Period.Start, now.Location())+". It cannot end before it began.")
		}
	}
	if !until.IsZero() && until.Precision() < fhir.Day {
		f.Wrong("until", "The clocks need the day.")
	}
	to, ok := known(dispositions, f.Text("to"))
	if home && !ok {
		f.Wrong("to", "Choose to where.")
	}
	owner, ok := duty.OwnerName(f.Text("owner"))
	if !ok {
		f.Wrong("owner", "Choose somebody who works here.")
	}
	if !f.OK() {
		return e.noticeWork(r, f, http.StatusUnprocessableEntity)
	}
	x := stay{
		Meta: fhir.Meta{Profile: []string{encounterProfile}}, Status: "in-progress", Class: fhir.Coding{System: actCode, Code: "IMP", Display: "inpatient encounter"},
		Type: []fhir.CodeableConcept{{Text: "Hospital stay"}}, Subject: fhir.To("Patient", chart.ID), Period: fhir.Period{Start: from}, ServiceProvider: fhir.Reference{Display: where},
	}
	if kind == "emergency" {
		x.Class, x.Type = fhir.Coding{System: actCode, Code: "EMER", Display: "emergency"}, []fhir.CodeableConcept{{Text: "Emergency department visit"}}
	}
	op := record.Op{Verb: record.Create, Type: "Encounter", FullURL: "urn:uuid:" + facts.NewUUID()}
	focus := fhir.Reference{Reference: op.FullURL}
	if home && beforeAt != nil {
		x, focus = before, fhir.To("Encounter", beforeAt.ID)
		op = record.Op{Verb: record.Update, Type: "Encounter", ID: beforeAt.ID, IfMatch: beforeAt.Version}
	}
	if reason := f.Text("reason"); reason != "" {
		x.Reason = []fhir.CodeableConcept{{Text: reason}}
	}
	if home {
		x.Status, x.Period.End = "finished", until
		x.Hospitalization.Discharge = fhir.Concept("http://terminology.hl7.org/CodeSystem/discharge-disposition", f.Text("to"), to)
	}
	if op.ID == "" {
		x.Identifier, op.Condition = facts.Once(f, "")
		op.Resource, err = fhir.New("Encounter", x)
	} else {
		op.Resource, err = fhir.Merge(beforeAt.Resource(), x)
	}
	if err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	task := -1
	if home {
		t := follow(x, focus, f.Text("owner"), owner, author, now)
		if how := f.Text("how"); how != "" {
			t.Say(author, now, "Notice came: "+how+".")
		}
		op := record.Op{Verb: record.Create, Type: "Task"}
		t.Identifier, op.Condition = facts.Once(f, "task")
		if op.Resource, err = fhir.New("Task", t); err != nil {
			return nil, err
		}
		task = len(ops)
		ops = append(ops, op)
	}
	if sent, err := sentBefore(r, chart.Session, f); err != nil || sent {
		return web.Done{To: "/transitions", Say: ui.Message{Lead: where + ":", Text: "the notice is entered."}}, err
	}
	done, err := chart.Session.Do(ctx, ops)
	if err != nil {
		if !facts.Changed(err) && facts.Refused(err) == "" {
			return nil, err
		}
		view, werr := e.noticeWork(r, f, http.StatusUnprocessableEntity)
		if w, ok := view.(web.Work); ok && werr == nil {
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: cmp.Or(facts.Refused(err), "Somebody else entered a notice of this stay meanwhile. Look at the chart, then enter yours again if it says more.")}}
			return w, nil
		}
		return view, werr
	}
	out := web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: where + ":", Text: "the notice is entered."}}
	if task >= 0 {
		out.To, out.Say.Text = "/transitions/"+done[task].ID, "the notice is entered. Reach the patient by "+format.Date(contactBy(until.Time(now.Location())))+"."
	}
	return out, nil
}

// sentBefore reports whether the form was carried out before: a stay that was ended carries no mark of it, its Task does.
func sentBefore(r *http.Request, s *record.Session, f *web.Form) (bool, error) {
	id, _ := facts.Once(f, "task")
	if id == nil {
		return false, nil
	}
	page, err := s.Search(r.Context(), record.Query{Type: "Task", Params: facts.Params("identifier", id[0].System+"|"+id[0].Value, "_count", "1"), Strict: true})
	return err == nil && len(page.Entries) > 0, err
}

// follow is the Task of a discharge.
func follow(x stay, focus fhir.Reference, to, name string, author fhir.Reference, now time.Time) facts.Task {
	t := facts.Task{
		Status: "requested", Intent: "order", Priority: "urgent", Code: fhir.Concept(facts.TaskKind, facts.TransitionTask, "Follow up after hospital"),
		Description: "Home from " + x.where(), Focus: focus, For: x.Subject, Authored: fhir.DateTimeOf(now, fhir.Second), Modified: fhir.DateTimeOf(now, fhir.Second), Requester: author,
	}
	t.Give(to, name)
	t.Input = []facts.TaskPart{facts.Part("discharged", fhir.ChoiceOf(x.Period.End))}
	dueNext(&t, discharged(t, now.Location()))
	return t
}

// discharged is the day with which the clocks begin; when the Task was made, where it does not say.
func discharged(t facts.Task, zone *time.Location) time.Time {
	for _, p := range t.Input {
		if facts.Concept(p.Type) == "discharged" {
			if d, ok := fhir.ChoiceValue[fhir.DateTime](p.Value); ok {
				return d.Time(zone).In(zone)
			}
		}
	}
	return t.Authored.Time(zone).In(zone)
}
