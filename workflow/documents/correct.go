package documents

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// correctable reports whether people may change what is said of a document: not of a note, which is signed and amended elsewhere.
func correctable(v *record.Version, d document) bool {
	return d.noteOf() == "" && !record.Signed(v.Resource()) && d.DocStatus != "preliminary" && !d.note()
}

// entry reads a document of a chart that may be corrected.
func (p *pages) entry(r *http.Request) (facts.Chart, *record.Version, document, error) {
	var v *record.Version
	var d document
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) (err error) {
		v, d, err = p.ofPatient(r.Context(), s, id, r.PathValue("document"))
		return err
	})
	if err == nil && !correctable(v, d) {
		err = &web.Problem{Kind: web.ErrNotFound, Advice: "This is a note of the practice. Open it to add to it or to amend it."}
	}
	return chart, v, d, err
}

// edit is the form by which a document is corrected.
func (p *pages) edit(r *http.Request) (web.View, error) {
	chart, v, d, err := p.entry(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}, "title": {d.title()}, "kind": {kindFor(d.Type)}, "dated": {facts.Day(d.Context.Period.Start, p.d.Shell.Location())}})
	return p.editWork(chart, d, f, 0), nil
}

func (p *pages) editWork(chart facts.Chart, d document, f *web.Form, status int) web.Work {
	to := base(chart.ID) + "/" + url.PathEscape(d.ID)
	asRecorded := ""
	if kindFor(d.Type) == "" {
		asRecorded = facts.Concept(d.Type)
		if asRecorded == "" {
			asRecorded = "Not recorded"
		}
	}
	return web.Work{
		Title: "Correct a document", Current: "chart", Patient: &chart.Banner, Back: to, Action: to, Status: status, Body: editFields(f, asRecorded),
		Buttons: []ui.Button{
			{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}},
			{Label: "Save", Kind: ui.Primary},
		},
	}
}

// correct changes what is said of a document, moves it to the chart in which it belongs, or strikes it.
func (p *pages) correct(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, v, d, err := p.entry(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	var ops []record.Op
	done := web.Done{To: base(chart.ID)}
	switch {
	case f.Has("mistake"):
		f.Need("reason", "Say why it is wrong.")
		if f.OK() {
			ops, err = p.strike(ctx, chart.Session, v, d, f)
			done.Say = ui.Message{Lead: d.title(), Text: "struck as entered in error."}
		}
	default:
		ops, done, err = p.corrected(ctx, chart, v, d, f)
	}
	if err != nil {
		return nil, err
	}
	if !f.OK() {
		return p.editWork(chart, d, f, http.StatusUnprocessableEntity), nil
	}
	ops[0].IfMatch = facts.Editing(f)
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		if facts.Changed(err) {
			return p.overtaken(r, f)
		}
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		f.Wrong("title", "Not saved: "+reason)
		return p.editWork(chart, d, f, http.StatusUnprocessableEntity), nil
	}
	return done, nil
}

// overtaken shows what stands there now, where somebody else was faster, with what was typed.
func (p *pages) overtaken(r *http.Request, f *web.Form) (web.View, error) {
	chart, v, d, err := p.entry(r)
	if err != nil {
		return nil, err
	}
	f.Set("version", strconv.FormatInt(v.Version, 10))
	w := p.editWork(chart, d, f, http.StatusConflict)
	w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else at " + format.Time(v.At.In(p.d.Shell.Location())) + ".", Text: "It now says: " + d.title() + ", " + facts.Concept(d.Type) + ". What you filled in is below; save again to put it in place of theirs."}}
	return w, nil
}

// corrected are the changes that a form asks for. The first is that of the document.
func (p *pages) corrected(ctx context.Context, chart facts.Chart, v *record.Version, d document, f *web.Form) ([]record.Op, web.Done, error) {
	now, author, s := p.d.Shell.Clock(), facts.Author(ctx), chart.Session
	done := web.Done{To: base(chart.ID) + "/" + url.PathEscape(d.ID)}
	f.Need("title", "Give it a title by which it is found again.")
	if key := f.Text("kind"); key != kindFor(d.Type) {
		k, ok := kindOf(key)
		if !ok {
			f.Wrong("kind", "Choose what it is.")
		}
		d.setKind(k)
	}
	if f.Text("dated") != facts.Day(d.Context.Period.Start, now.Location()) {
		d.setDate(facts.PastDate(f, "dated", now))
	}
	d.setTitle(f.Text("title"))
	to := ""
	if f.Text("who") != "" || f.Text("patient") != "" {
		f.Need("reason", "Say why it is moved.")
		id, banner, err := p.chosen(ctx, s, f)
		if err != nil {
			return nil, done, err
		}
		if id == chart.ID {
			f.Wrong("who", "It is in this chart already. Empty the field to leave it there.")
		}
		to = id
		done = web.Done{To: base(chart.ID), Say: ui.Message{Lead: d.title(), Text: "moved to the chart of " + banner.Name.Plain() + "."}}
	} else {
		done.Say = ui.Message{Lead: d.title(), Text: "corrected."}
	}
	if !f.OK() {
		return nil, done, nil
	}
	if to != "" {
		ops, err := move(ctx, s, v, d, to, f.Text("reason"), author, now)
		return ops, done, err
	}
	op, err := change(v, d)
	if err != nil {
		return nil, done, err
	}
	said, err := note(corrected, "DocumentReference/"+v.ID, author, f.Text("reason"), now)
	return []record.Op{op, said}, done, err
}

// strike are the changes that mark a document as a mistake, and end the work that it asked for.
func (p *pages) strike(ctx context.Context, s *record.Session, v *record.Version, d document, f *web.Form) ([]record.Op, error) {
	now, author := p.d.Shell.Clock(), facts.Author(ctx)
	d.Status = "entered-in-error"
	op, err := change(v, d)
	if err != nil {
		return nil, err
	}
	said, err := note(struck, "DocumentReference/"+v.ID, author, f.Text("reason"), now)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{op, said}
	tasks, err := reviews(ctx, s, v.ID)
	if err != nil {
		return nil, err
	}
	for _, at := range tasks {
		t, err := fhir.View[facts.Task](at.Resource())
		if err != nil {
			return nil, err
		}
		if !t.Open() {
			continue
		}
		t.Status = "cancelled"
		t.Say(author, now, "The document was entered in error.")
		op, err := change(at, t)
		if err != nil {
			return nil, err
		}
		ops = append(ops, op)
	}
	return ops, nil
}
