package problems

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// editor changes problem lists.
type editor struct {
	d     slice.Deps
	codes codes
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/problems" }

// blank is the form for a new problem.
func (e *editor) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"state": {active}, "once": {facts.NewUUID()}})
	return work(chart, f, "", 0), nil
}

// create makes a problem.
func (e *editor) create(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	p := begin(chart.ID, facts.Author(ctx), now)
	p.fill(f, func(code string) (fhir.CodeableConcept, bool) { return e.codes.named(ctx, code) }, facts.Author(ctx), now)
	if !f.OK() {
		return work(chart, f, "", http.StatusUnprocessableEntity), nil
	}
	op := record.Op{Verb: record.Create, Type: "Condition"}
	p.Identifier, op.Condition = facts.Once(f, "")
	if op.Resource, err = fhir.New("Condition", p); err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{op}); err != nil {
		return refused(chart, f, "", err)
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: facts.Concept(p.Code), Text: "added to the problems of " + chart.Banner.Name.Plain() + "."}}, nil
}

// open is the form of a problem of the list.
func (e *editor) open(r *http.Request) (web.View, error) {
	chart, p, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}})
	p.form(f, e.d.Shell.Location())
	return work(chart, f, v.ID, 0), nil
}

// update changes a problem, resolves it, opens it again, or strikes it as a mistake.
func (e *editor) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, p, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	if f.Has("mistake") {
		p.Verification = fhir.Concept(facts.ConditionVerification, mistaken, "")
		p.Clinical = fhir.CodeableConcept{} // con-5: what was a mistake has no clinical status
	} else {
		p.fill(f, func(code string) (fhir.CodeableConcept, bool) { return e.codes.named(ctx, code) }, facts.Author(ctx), now)
	}
	if !f.OK() {
		return work(chart, f, v.ID, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), p)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, []record.Op{{Verb: record.Update, Type: "Condition", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}); err != nil {
		return e.again(r, chart, f, v.ID, err)
	}
	said := "changed."
	switch {
	case f.Has("mistake"):
		said = "struck from the problems as entered in error."
	case f.Text("state") == resolved:
		said = "resolved."
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: facts.Concept(p.Code), Text: said}}, nil
}

// read reads the problem that the address names. One of another patient is not there.
func (e *editor) read(r *http.Request) (facts.Chart, problem, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "Condition", r.PathValue("problem"))
		return err
	})
	if err != nil {
		return chart, problem{}, nil, err
	}
	p, err := fhir.View[problem](v.Resource())
	if err != nil {
		return chart, p, nil, err
	}
	if p.Subject.Reference != "Patient/"+chart.ID {
		return chart, p, nil, web.ErrNotFound
	}
	return chart, p, v, nil
}

// again draws the form of a change that was refused: with what stands there now, if somebody else was faster.
func (e *editor) again(r *http.Request, chart facts.Chart, f *web.Form, id string, err error) (web.View, error) {
	if !facts.Changed(err) {
		return refused(chart, f, id, err)
	}
	_, p, v, err := e.read(r)
	if err != nil {
		return nil, err
	}
	now := web.NewForm(nil)
	p.form(now, e.d.Shell.Location())
	f.Set("version", strconv.FormatInt(v.Version, 10))
	view := work(chart, f, id, http.StatusConflict)
	text := "It now says: " + now.Text("name") + ", " + now.Text("state")
	if onset := now.Text("onset"); onset != "" {
		text += ", since " + onset
	}
	if note := now.Text("note"); note != "" {
		text += ", note “" + note + "”"
	}
	view.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else at " + format.Time(v.At.In(e.d.Shell.Location())) + ".", Text: text + ". What you filled in is below; save again to put it in place of theirs."}}
	return view, nil
}

// refused draws the form again with the reason why the record did not take it.
func refused(chart facts.Chart, f *web.Form, id string, err error) (web.View, error) {
	reason := facts.Refused(err)
	if reason == "" {
		return nil, err
	}
	view := work(chart, f, id, http.StatusUnprocessableEntity)
	view.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
	return view, nil
}

// work is the form; id is "" for a new problem.
func work(chart facts.Chart, f *web.Form, id string, status int) web.Work {
	w := web.Work{
		Title: "Add a problem", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: base(chart.ID),
		Body: fields(f, id, base(chart.ID)+"/codes"), Status: status, Buttons: []ui.Button{{Label: "Add problem", Kind: ui.Primary, Key: ""}},
	}
	if id != "" {
		w.Title, w.Action = "Change a problem", base(chart.ID)+"/"+url.PathEscape(id)
		w.Buttons = []ui.Button{
			{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}},
			{Label: "Save", Kind: ui.Primary},
		}
	}
	return w
}
