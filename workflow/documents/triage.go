package documents

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// item reads a document of the queue.
func (p *pages) item(r *http.Request) (*record.Session, *record.Version, document, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, nil, document{}, err
	}
	v, err := s.Read(r.Context(), "DocumentReference", r.PathValue("document"))
	if err != nil {
		return nil, nil, document{}, err
	}
	d, err := fhir.View[document](v.Resource())
	if err != nil {
		return nil, nil, d, err
	}
	if !d.Subject.IsZero() || d.Status != "current" {
		return nil, nil, d, &web.Problem{Kind: web.ErrConflict, Advice: "This document is filed or discarded already. Look at the queue again."}
	}
	return s, v, d, nil
}

// triage is the form by which a document of the queue is filed or discarded.
func (p *pages) triage(r *http.Request) (web.View, error) {
	s, v, d, err := p.item(r)
	if err != nil {
		return nil, err
	}
	title := d.title()
	f := web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}, "title": {title}, "kind": {guess(title)}, "to": {"pool:" + facts.ClinicianPool}})
	return p.triageWork(r.Context(), s, d, f, 0)
}

// Triage is what the form shows of a document.
type Triage struct {
	Opened
	Proposals []Proposal
	Owners    []ui.Option
	Age       string
}

func (p *pages) triageWork(ctx context.Context, s *record.Session, d document, f *web.Form, status int) (web.View, error) {
	v, err := p.opened(ctx, s, d, at(d.ID))
	if err != nil {
		return nil, err
	}
	x := Triage{Opened: v}
	if x.Owners, err = p.owners(ctx, s); err != nil {
		return nil, err
	}
	if x.Proposals, err = propose(ctx, s, strings.Join(append([]string{d.title(), d.from()}, v.Texts...), "\n"), p.d.Shell.Clock()); err != nil {
		return nil, err
	}
	return web.Work{
		Title: "File a document", Current: "incoming", Back: "/documents", Action: at(d.ID), Wide: true, Status: status, Body: triageFields(f, x),
		Buttons: []ui.Button{
			{Label: "Discard", Kind: ui.Danger, Attrs: map[string]any{"name": "discard", "value": "yes"}},
			{Label: "File", Kind: ui.Primary},
		},
	}, nil
}

// chosen is the patient whom a form names, with the banner; "" with a note in the form if it names none.
func (p *pages) chosen(ctx context.Context, s *record.Session, f *web.Form) (id string, banner clinical.Banner, err error) {
	id = f.Text("patient")
	switch proposed := f.Text("proposal"); {
	case id == "" && f.Text("who") != "":
		f.Wrong("who", "Choose the patient from the list; what was typed alone names nobody.")
		return "", banner, nil
	case id == "":
		id = proposed
	case proposed != "" && proposed != id:
		f.Wrong("who", "This is another patient than the one ticked above. Empty this field, or tick “Somebody else”.")
		return "", banner, nil
	}
	if !fhir.ValidID(id) {
		f.Wrong("who", "Choose whose document it is.")
		return "", banner, nil
	}
	banner, err = facts.ReadBanner(ctx, s, id, p.d.Shell.Clock(), p.d.Shell.Location())
	if record.KindOf(err) == record.KindNotFound || record.KindOf(err) == record.KindGone {
		f.Wrong("who", "This patient cannot be found any more. Choose again.")
		return "", banner, nil
	}
	return id, banner, err
}

// file files a document of the queue, or discards it.
func (p *pages) fileIncoming(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, v, d, err := p.item(r)
	if err != nil {
		return nil, err
	}
	var ops []record.Op
	var said ui.Message
	if f.Has("discard") {
		ops, said, err = p.discard(r.Context(), v, d, f)
	} else {
		ops, said, err = p.filing(r.Context(), s, v, d, f)
	}
	if err != nil {
		return nil, err
	}
	if !f.OK() {
		return p.triageWork(r.Context(), s, d, f, http.StatusUnprocessableEntity)
	}
	ops[0].IfMatch = facts.Editing(f)
	if _, err := s.Do(r.Context(), ops); err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		f.Wrong("title", "Not filed: "+reason)
		return p.triageWork(r.Context(), s, d, f, http.StatusUnprocessableEntity)
	}
	p.recount()
	done := web.Done{To: "/documents", Say: said}
	page, err := s.Search(r.Context(), incoming("_count", "1"))
	if err == nil && len(page.Entries) > 0 { // the next one opens in its place; without it the queue does
		done.Next = at(page.Entries[0].ID)
	}
	return done, nil
}

// filing are the changes that put a document into a chart.
func (p *pages) filing(ctx context.Context, s *record.Session, v *record.Version, d document, f *web.Form) ([]record.Op, ui.Message, error) {
	now, author := p.d.Shell.Clock(), facts.Author(ctx)
	said := ui.Message{}
	patient, banner, err := p.chosen(ctx, s, f)
	if err != nil {
		return nil, said, err
	}
	k, ok := kindOf(f.Text("kind"))
	if !ok {
		f.Wrong("kind", "Choose what it is.")
	}
	f.Need("title", "Give it a title by which it is found again.")
	dated := facts.PastDate(f, "dated", now)
	to, name, err := p.readTo(ctx, s, f)
	if f.Text("to") == nobody && ok && !k.desk && clerk(s) {
		f.Wrong("to", "Choose who is to read it: what is clinical is read by a clinician or a nurse.")
	}
	if err != nil || !f.OK() {
		return nil, said, err
	}
	if dated.IsZero() {
		dated = d.Date.DateTime()
	}
	d.file(patient, k, dated)
	d.setTitle(f.Text("title"))
	op, err := change(v, d)
	if err != nil {
		return nil, said, err
	}
	files, err := d.reown(ctx, s, patient)
	if err != nil {
		return nil, said, err
	}
	target := "DocumentReference/" + v.ID
	who, err := note(filed, target, author, "", now)
	if err != nil {
		return nil, said, err
	}
	ops := append(append([]record.Op{op}, files...), who)
	said = ui.Message{Lead: d.title(), Text: "filed in the chart of " + banner.Name.Plain() + "."}
	if name != "" {
		task, err := review(target, patient, d.title(), to, name, author, now)
		if err != nil {
			return nil, said, err
		}
		ops = append(ops, task)
		said.Text = "filed in the chart of " + banner.Name.Plain() + ", to be read by " + name + "."
	}
	return ops, said, nil
}

// discard are the changes that take a document out of the queue for good reason.
func (p *pages) discard(ctx context.Context, v *record.Version, d document, f *web.Form) ([]record.Op, ui.Message, error) {
	f.Need("reason", "Say why it belongs in no chart: advertising, sent to the wrong practice.")
	if !f.OK() {
		return nil, ui.Message{}, nil
	}
	d.Status = "entered-in-error"
	op, err := change(v, d)
	if err != nil {
		return nil, ui.Message{}, err
	}
	who, err := note(discarded, "DocumentReference/"+v.ID, facts.Author(ctx), f.Text("reason"), p.d.Shell.Clock())
	return []record.Op{op, who}, ui.Message{Lead: d.title(), Text: "discarded."}, err
}
