package allergies

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// editor changes allergy lists.
type editor struct {
	d     slice.Deps
	known *allergens
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/allergies" }

// list is the whole list as it stands in the record, with the versions.
type list struct {
	chart facts.Chart
	all   []facts.Allergy
}

func (e *editor) chart(r *http.Request) (l list, err error) {
	l.chart, err = facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		l.all, err = facts.FindAll[facts.Allergy](r.Context(), s, "AllergyIntolerance", id, facts.Params("_count", "500")...)
		return err
	})
	return l, err
}

// blank is the form for a new allergy.
func (e *editor) blank(r *http.Request) (web.View, error) {
	l, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	return e.work(l, web.NewForm(url.Values{"once": {facts.NewUUID()}, "state": {stands}}), "", 0), nil
}

// create makes an allergy, or records that none is known. What said that none is known does not outlive the first allergy.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	l, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	ctx, now, who := r.Context(), e.d.Shell.Clock(), facts.Author(r.Context())
	standing, _ := facts.Sort(l.all)
	made := begin(l.chart.ID, who, now)
	if f.Has("none") {
		if len(standing) > 0 {
			return e.refused(l, f, "", "There are known allergies: "+standing[0].Substance()+". Strike or resolve them first."), nil
		}
		made = denial(l.chart.ID, who, now)
	} else {
		made.fill(f, e.known, who, now)
		if sent, err := facts.Sent(ctx, l.chart.Session, "AllergyIntolerance", f); err != nil {
			return nil, err
		} else if !sent {
			e.duplicate(f, standing, "")
		}
	}
	if !f.OK() {
		return e.work(l, f, "", http.StatusUnprocessableEntity), nil
	}
	op := record.Op{Verb: record.Create, Type: "AllergyIntolerance"}
	made.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("AllergyIntolerance", made); err != nil {
		return nil, err
	}
	ops := []record.Op{op}
	if !f.Has("none") {
		ops = append(ops, e.withdraw(l.all)...)
	}
	if _, err := l.chart.Session.Do(ctx, ops); err != nil {
		if reason := facts.Refused(err); reason != "" {
			return e.refused(l, f, "", reason), nil
		}
		return nil, err
	}
	say := ui.Message{Lead: facts.Concept(made.Code), Text: "added to the allergies of " + l.chart.Banner.Name.Plain() + "."}
	if f.Has("none") {
		say = ui.Message{Lead: "No known allergies", Text: "recorded for " + l.chart.Banner.Name.Plain() + "."}
	}
	return web.Done{To: "/patients/" + url.PathEscape(l.chart.ID), Say: say}, nil
}

// withdraw ends the entries which say that nothing is known.
func (e *editor) withdraw(all []facts.Allergy) (ops []record.Op) {
	for _, a := range all {
		if !a.Denies() || facts.Code(a.Clinical, facts.AllergyClinical) != stands {
			continue
		}
		ops = append(ops, record.Op{Verb: record.Patch, Type: "AllergyIntolerance", ID: a.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
			v, err := fhir.View[entry](doc)
			if err != nil {
				return nil, err
			}
			v.status(refuted, true)
			return fhir.Merge(doc, v)
		}})
	}
	return ops
}

// duplicate notes when the same substance stands already.
func (e *editor) duplicate(f *web.Form, standing []facts.Allergy, id string) {
	if state := f.Text("state"); state != "" && state != stands {
		return
	}
	for _, a := range standing {
		if a.ID != id && strings.EqualFold(a.Substance(), f.Text("substance")) {
			text := a.Substance()
			if a.Reaction() != "" {
				text += ", " + a.Reaction()
			}
			f.Wrong("substance", "Already recorded: "+text+". Change that entry instead.")
		}
	}
}

// open is the form of an entry.
func (e *editor) open(r *http.Request) (web.View, error) {
	l, a, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}})
	a.form(f, e.d.Shell.Location())
	return e.work(l, f, v.ID, 0), nil
}

// update changes an entry, or strikes it as a mistake.
func (e *editor) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	l, a, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	said := "changed."
	if f.Has("mistake") {
		a.status(mistaken, true)
		said = "struck from the allergies as entered in error."
	} else {
		a.fill(f, e.known, facts.Author(r.Context()), e.d.Shell.Clock())
		standing, _ := facts.Sort(l.all)
		e.duplicate(f, standing, v.ID)
	}
	if !f.OK() {
		return e.work(l, f, v.ID, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), a)
	if err != nil {
		return nil, err
	}
	_, err = l.chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "AllergyIntolerance", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}})
	switch reason := facts.Refused(err); {
	case facts.Changed(err):
		return e.again(r, f)
	case reason != "":
		return e.refused(l, f, v.ID, reason), nil
	case err != nil:
		return nil, err
	}
	return web.Done{To: "/patients/" + url.PathEscape(l.chart.ID), Say: ui.Message{Lead: facts.Concept(a.Code), Text: said}}, nil
}

// again draws the form of a change for which somebody else was faster, with what stands there now.
func (e *editor) again(r *http.Request, f *web.Form) (web.View, error) {
	l, a, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	now := web.NewForm(nil)
	a.form(now, e.d.Shell.Location())
	f.Set("version", strconv.FormatInt(v.Version, 10))
	text := "It now says: " + now.Text("substance")
	for _, part := range []string{now.Text("reaction"), now.Text("severity"), now.Text("state")} {
		if part != "" {
			text += ", " + part
		}
	}
	w := e.work(l, f, v.ID, http.StatusConflict)
	w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else at " + format.Time(v.At.In(e.d.Shell.Location())) + ".", Text: text + ". What you filled in is below; save again to put it in place of theirs."}}
	return w, nil
}

// read reads the entry that the address names. One of another patient is not there.
func (e *editor) read(r *http.Request) (l list, a entry, v *record.Version, err error) {
	if l, err = e.chart(r); err != nil {
		return l, a, nil, err
	}
	if v, err = l.chart.Session.Read(r.Context(), "AllergyIntolerance", r.PathValue("allergy")); err != nil {
		return l, a, nil, err
	}
	if a, err = fhir.View[entry](v.Resource()); err == nil && a.Patient.Reference != "Patient/"+l.chart.ID {
		err = web.ErrNotFound
	}
	return l, a, v, err
}

func (e *editor) refused(l list, f *web.Form, id, reason string) web.Work {
	w := e.work(l, f, id, http.StatusUnprocessableEntity)
	w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
	return w
}

// work is the form; id is "" for a new entry.
func (e *editor) work(l list, f *web.Form, id string, status int) web.Work {
	w := web.Work{
		Title: "Add an allergy", Current: "chart", Patient: &l.chart.Banner, Back: "/patients/" + url.PathEscape(l.chart.ID), Action: base(l.chart.ID),
		Body: fields(f, id, base(l.chart.ID)+"/substances"), Status: status,
	}
	if id != "" {
		w.Title, w.Action = "Change an allergy", base(l.chart.ID)+"/"+url.PathEscape(id)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}}, {Label: "Save", Kind: ui.Primary}}
		return w
	}
	if standing, _ := facts.Sort(l.all); len(standing) == 0 {
		w.Buttons = append(w.Buttons, ui.Button{Label: "No known allergies", Attrs: map[string]any{"name": "none", "value": "yes"}})
	}
	w.Buttons = append(w.Buttons, ui.Button{Label: "Add allergy", Kind: ui.Primary})
	return w
}
