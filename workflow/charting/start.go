package charting

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

const documentCategory = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category"

// begin is the form by which a visit is started.
func (n *notes) begin(r *http.Request) (web.View, error) {
	var t today
	now := n.d.Shell.Clock()
	chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, func(s *record.Session, id string) (err error) {
		if t, err = readToday(r.Context(), s, id, now); err == nil {
			t.used, err = n.habits(r.Context(), s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	says := ""
	if t.visit != nil {
		f.Set("encounter", t.visit.ID)
		f.Set("title", facts.First(t.visit.Reason))
		says = facts.First(t.visit.Reason) + " " + facts.First(t.visit.Type)
	}
	if t.appointment != nil {
		f.Set("appointment", t.appointment.ID)
		if f.Text("title") == "" {
			f.Set("title", t.appointment.title())
		}
		says += " " + t.appointment.words()
	}
	f.Set("template", n.suited(says))
	return n.beginWork(chart, f, t, 0), nil
}

func (n *notes) beginWork(chart facts.Chart, f *web.Form, t today, status int) web.Work {
	w := web.Work{
		Title: "Start a visit", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: base(chart.ID), Status: status,
		Body: beginFields(f, n.choices(t.specialties, f.Text("template"), t.used, ageInMonths(chart.Banner.Birth, n.d.Shell.Clock().In(n.d.Shell.Location())))), Buttons: []ui.Button{{Label: "Start visit", Kind: ui.Primary}},
	}
	zone := n.d.Shell.Location()
	for _, c := range t.drafts {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "A note is not signed:", Text: c.Title + ", " + facts.Moment(c.Date, zone) + ". It is listed in the chart under Visit notes."})
	}
	switch {
	case t.appointment != nil:
		w.Messages = append(w.Messages, ui.Message{Lead: "Appointment today, " + format.Time(t.appointment.Start.Time().In(zone)) + ".", Text: "The visit will belong to it."})
	case t.visit != nil:
		w.Messages = append(w.Messages, ui.Message{Lead: "The patient is here.", Text: "The note will belong to the visit of " + facts.Moment(t.visit.Period.Start, zone) + "."})
	}
	return w
}

// choiceGroup is the templates of one specialty.
type choiceGroup struct {
	Specialty string // "" for general practice
	Open      bool   // in view at once
	Options   []ui.Option
}

// choices are the templates for a visit: those of general practice and of the specialties that the person works in are in view, the person's own
// first, as is the chosen one and what the person used; the others are folded. Within a group stands first what the person uses most, and last
// what is for another age. months is the patient's age; below 0 if it is not known.
func (n *notes) choices(own []string, chosen string, used map[string]int, months int) (out []choiceGroup) {
	away := map[string]int{} // templates for another age
	for _, t := range n.templates {
		if t.Addition {
			continue
		}
		i := slices.IndexFunc(out, func(g choiceGroup) bool { return g.Specialty == t.Specialty })
		if i < 0 {
			i = len(out)
			out = append(out, choiceGroup{Specialty: t.Specialty, Open: t.Specialty == "" || slices.ContainsFunc(own, func(s string) bool { return worksIn(s, t.Specialty) })})
		}
		out[i].Options = append(out[i].Options, ui.Option{Value: t.ID, Label: t.Name})
		out[i].Open = out[i].Open || t.ID == chosen || used[t.ID] > 0
		if months >= 0 && (months < t.From || t.Below > 0 && months >= t.Below) {
			away[t.ID] = 1
		}
	}
	for _, g := range out {
		slices.SortStableFunc(g.Options, func(a, b ui.Option) int {
			return cmp.Or(away[a.Value]-away[b.Value], used[b.Value]-used[a.Value])
		})
	}
	slices.SortStableFunc(out, func(a, b choiceGroup) int { return rank(own, a) - rank(own, b) })
	return out
}

func rank(own []string, g choiceGroup) int {
	switch {
	case g.Specialty != "" && slices.ContainsFunc(own, func(s string) bool { return worksIn(s, g.Specialty) }):
		return 0
	case g.Specialty == "":
		return 1
	}
	return 2
}

// worksIn reports whether what a person's role says of the specialty is one of a group of templates.
func worksIn(said, specialty string) bool {
	said = strings.ToLower(said)
	return slices.ContainsFunc(map[string][]string{
		"Physical and occupational therapy": {"physical therap", "occupational therap", "physiotherap", "speech"},
		"Behavioral health":                 {"behavioral", "psych", "mental health", "counsel"},
		"Eye care":                          {"ophthalm", "optom", "eye"},
		"Dental":                            {"dent", "oral"},
		"Chiropractic":                      {"chiropract"},
	}[specialty], func(word string) bool { return strings.Contains(said, word) })
}

// start begins a visit and its note, or a note for the visit that is under way.
func (n *notes) start(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	var t today
	ctx, now := r.Context(), n.d.Shell.Clock()
	chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, func(s *record.Session, id string) (err error) {
		if t, err = readToday(ctx, s, id, now); err == nil {
			t.used, err = n.habits(ctx, s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var chosen *Template
	for i, tmpl := range n.templates {
		if tmpl.ID == f.Text("template") && !tmpl.Addition {
			chosen = &n.templates[i]
		}
	}
	if chosen == nil {
		f.Wrong("template", "Choose what kind of visit this is.")
		return n.beginWork(chart, f, t, http.StatusUnprocessableEntity), nil
	}
	title := f.Text("title")
	by := facts.Author(ctx)
	var ops []record.Op
	visit := fhir.Reference{}
	if t.visit != nil {
		visit = fhir.To("Encounter", t.visit.ID)
		ops = append(ops, record.Op{Verb: record.Patch, Type: "Encounter", ID: t.visit.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
			e, err := fhir.View[encounter](doc)
			if err != nil || !e.open() {
				return doc, err
			}
			if e.Status != "in-progress" {
				e.Status = "in-progress"
				if e.Period.Start.IsZero() {
					e.Period.Start = fhir.DateTimeOf(now, fhir.Second)
				}
			}
			e.attended(by)
			return fhir.Merge(doc, e)
		}})
	} else {
		e := newVisit(chart.ID, *chosen, title, now)
		e.attended(by)
		if t.appointment != nil {
			e.Appointment = []fhir.Reference{fhir.To("Appointment", t.appointment.ID)}
		}
		op := record.Op{Verb: record.Create, Type: "Encounter", FullURL: "urn:uuid:" + facts.NewUUID()}
		e.Identifier, op.Condition = facts.Once(f, "visit")
		if op.Resource, err = fhir.New("Encounter", e); err != nil {
			return nil, err
		}
		visit.Reference = op.FullURL
		ops = append(ops, op)
	}
	c, err := newNote(chart.ID, *chosen, title, visit, by, now, ageInMonths(chart.Banner.Birth, now.In(n.d.Shell.Location())))
	if err != nil {
		return nil, err
	}
	op := record.Op{Verb: record.Create, Type: "Composition"}
	once, condition := facts.Once(f, "note")
	if op.Condition = condition; len(once) > 0 {
		c.Identifier = once[0]
	}
	if op.Resource, err = fhir.New("Composition", c); err != nil {
		return nil, err
	}
	done, err := chart.Session.Do(ctx, append(ops, op))
	if err != nil {
		if facts.Refused(err) == "" {
			return nil, err
		}
		w := n.beginWork(chart, f, t, http.StatusUnprocessableEntity)
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: "Not started.", Text: facts.Refused(err)})
		return w, nil
	}
	return web.Redirect{To: at(chart.ID, done[len(done)-1].ID), InPlace: true}, nil
}

// newVisit is the encounter of a patient who is here now.
func newVisit(patient string, t Template, reason string, now time.Time) encounter {
	e := encounter{
		Status: "in-progress", Class: fhir.Coding{System: actCode, Code: t.Class, Display: map[string]string{"AMB": "ambulatory", "VR": "virtual"}[t.Class]},
		Type: []fhir.CodeableConcept{fhir.Concept(snomed, t.Visit.Code, t.Visit.Display)}, Subject: fhir.To("Patient", patient),
		Period: fhir.Period{Start: fhir.DateTimeOf(now, fhir.Second)},
	}
	if reason != "" {
		e.Reason = []fhir.CodeableConcept{{Text: reason}}
	}
	return e
}

// newNote is a draft with what its template begins with for an age in months; below 0 if it is not known.
func newNote(patient string, t Template, title string, visit, by fhir.Reference, now time.Time, months int) (composition, error) {
	if title == "" {
		title = t.Name
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	c := composition{
		Extension: []fhir.Extension{
			{URL: templateOf, Value: fhir.ChoiceOf(t.ID)}, {URL: browserKey, Value: fhir.ChoiceOf(base64.StdEncoding.EncodeToString(key[:]))},
		},
		Status: preliminary, Type: fhir.Concept(loinc, t.Type.Code, t.Type.Display),
		Category: []fhir.CodeableConcept{fhir.Concept(documentCategory, "clinical-note", "Clinical Note")},
		Subject:  fhir.To("Patient", patient), Encounter: visit, Date: fhir.DateTimeOf(now, fhir.Second), Author: []fhir.Reference{by}, Title: title,
	}
	for _, s := range t.Sections {
		if text := s.textAt(months); text != "" {
			c.put(t, part{Code: s.Code, Version: "template-" + t.ID, By: by.Display, At: fhir.InstantOf(now), Text: text})
		}
	}
	return c, nil
}

// ageInMonths is the whole months of life on a day; -1 if the day of birth is not known or has not come.
func ageInMonths(birth format.Partial, now time.Time) int {
	if birth.Precision < format.Day {
		return -1
	}
	months := (now.Year()-birth.Time.Year())*12 + int(now.Month()) - int(birth.Time.Month())
	if now.Day() < birth.Time.Day() {
		months--
	}
	return max(months, -1)
}
