package documents

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// blank is the form by which files are put into a chart.
func (p *pages) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	return p.uploadWork(r.Context(), chart, web.NewForm(url.Values{"once": {facts.NewUUID()}, "to": {nobody}}), 0)
}

func (p *pages) uploadWork(ctx context.Context, chart facts.Chart, f *web.Form, status int) (web.View, error) {
	owners, err := p.owners(ctx, chart.Session)
	if err != nil {
		return nil, err
	}
	kinds := kindOptions("Choose")
	if clerk(chart.Session) {
		kinds = deskKinds("Choose")
	}
	return web.Work{
		Title: "Add documents", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID), Files: true, Status: status, Messages: p.unscanned(ctx),
		Body: uploadFields(f, kinds, owners), Buttons: []ui.Button{{Label: "Add to the chart", Kind: ui.Primary}},
	}, nil
}

// owners are those who may be asked to read a document, with nobody first.
func (p *pages) owners(ctx context.Context, s *record.Session) ([]ui.Option, error) {
	duty, err := facts.OnDuty(ctx, s, p.d.Identity, p.d.Shell.Clock())
	if err != nil {
		return nil, err
	}
	return append([]ui.Option{{Value: nobody, Label: "Nobody: file it only"}}, duty.Owners()...), nil
}

// unscanned tells administrators that nothing is scanned.
func (p *pages) unscanned(ctx context.Context) []ui.Message {
	if p.scanner != nil || !identity.From(ctx).Has(identity.Administrator) {
		return nil
	}
	return []ui.Message{{Tone: ui.Caution, Lead: "Files are not scanned for viruses.", Text: "No scanner is set up: start the server with --virus-scan."}}
}

// readTo notes in the form who is to read the document. name is "" if nobody is.
func (p *pages) readTo(ctx context.Context, s *record.Session, f *web.Form) (to, name string, err error) {
	to = f.Text("to")
	if to == nobody {
		return "", "", nil
	}
	duty, err := facts.OnDuty(ctx, s, p.d.Identity, p.d.Shell.Clock())
	if err != nil {
		return "", "", err
	}
	name, ok := duty.OwnerName(to)
	if !ok {
		f.Wrong("to", "Choose who is to read it, or nobody.")
	}
	return to, name, nil
}

// upload keeps files in a chart.
func (p *pages) upload(r *http.Request) (web.View, error) {
	f, files, err := receive(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(*record.Session, string) error { return nil })
	if err != nil {
		return nil, err
	}
	ctx, s, now, author := r.Context(), chart.Session, p.d.Shell.Clock(), facts.Author(r.Context())
	k, ok := kindOf(f.Text("kind"))
	switch {
	case !ok:
		f.Wrong("kind", "Choose what it is.")
	case !k.desk && clerk(s):
		f.Wrong("kind", "Put what is clinical into the queue of incoming documents, and file it from there.")
	}
	dated := facts.PastDate(f, "dated", now)
	to, name, err := p.readTo(ctx, s, f)
	if err != nil {
		return nil, err
	}
	if f.OK() {
		p.checkAll(ctx, f, files)
	}
	if !f.OK() {
		return p.uploadWork(ctx, chart, f, http.StatusUnprocessableEntity)
	}
	said := ui.Message{Lead: format.Count(len(files), "document", "documents"), Text: "added to the chart of " + chart.Banner.Name.Plain() + "."}
	var ops []record.Op
	for i, file := range files {
		x := draft{file: file, patient: chart.ID, kind: k, title: titleOf(f, file, len(files), k), from: f.Text("from"), dated: dated, at: now}
		x.id, x.once = facts.Once(f, part(i))
		if sent, err := exists(ctx, s, x.once); err != nil || sent {
			if err != nil {
				return nil, err
			}
			continue
		}
		more, target, err := x.ops()
		if err != nil {
			return nil, err
		}
		op, err := note(uploaded, target, author, "", now)
		if err != nil {
			return nil, err
		}
		ops = append(append(ops, more...), op)
		if name != "" {
			op, err := review(target, chart.ID, x.title, to, name, author, now)
			if err != nil {
				return nil, err
			}
			ops = append(ops, op)
		}
		if len(files) == 1 {
			said.Lead = x.title
		}
	}
	if _, err := s.Do(ctx, ops); err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		f.Wrong("files", "Not kept: "+reason)
		return p.uploadWork(ctx, chart, f, http.StatusUnprocessableEntity)
	}
	return web.Done{To: base(chart.ID), Say: said}, nil
}

// titleOf is what a file of a form is called: by the form if it is the only one, else by its own name; a picture from a camera,
// whose name says nothing, by what it is.
func titleOf(f *web.Form, file upload, of int, k kind) string {
	if title := f.Text("title"); title != "" && of == 1 {
		return title
	}
	title := file.title()
	low := strings.ToLower(title)
	for _, camera := range []string{"image", "img_", "img-", "dsc", "scan", "document", "file", "pxl_"} {
		if k.label != "" && strings.HasPrefix(low, camera) {
			return k.label
		}
	}
	return title
}

// exists reports whether a condition is met already: the form was carried out before, and comes again.
func exists(ctx context.Context, s *record.Session, condition string) (bool, error) {
	name, value, ok := strings.Cut(condition, "=")
	if !ok {
		return false, nil
	}
	page, err := s.Search(ctx, record.Query{Type: "DocumentReference", Params: facts.Params(name, value, "_count", "1"), Strict: true})
	return err == nil && len(page.Entries) > 0, err
}

// blankIncoming is the form by which mail and scans are put into the queue.
func (p *pages) blankIncoming(r *http.Request) (web.View, error) {
	return p.incomingWork(r.Context(), web.NewForm(url.Values{"once": {facts.NewUUID()}, "source": {"mail"}}), 0), nil
}

func (p *pages) incomingWork(ctx context.Context, f *web.Form, status int) web.Work {
	return web.Work{
		Title: "Add to the queue", Current: "incoming", Back: "/documents", Action: "/documents", Files: true, Status: status, Messages: p.unscanned(ctx),
		Body: incomingFields(f), Buttons: []ui.Button{{Label: "Add to the queue", Kind: ui.Primary}},
	}
}

// uploadIncoming puts files into the queue.
func (p *pages) uploadIncoming(r *http.Request) (web.View, error) {
	f, files, err := receive(r)
	if err != nil {
		return nil, err
	}
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), p.d.Shell.Clock()
	if sourceName(f.Text("source")) == "" {
		f.Wrong("source", "Choose how it came.")
	}
	if f.OK() {
		p.checkAll(ctx, f, files)
	}
	if !f.OK() {
		return p.incomingWork(ctx, f, http.StatusUnprocessableEntity), nil
	}
	if _, _, err := p.arrive(ctx, s, f, files, now); err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		f.Wrong("files", "Not kept: "+reason)
		return p.incomingWork(ctx, f, http.StatusUnprocessableEntity), nil
	}
	return web.Done{To: "/documents", Say: ui.Message{Lead: format.Count(len(files), "document", "documents"), Text: "added to the queue."}}, nil
}

// arrive keeps files that were looked at as documents of nobody yet. The ids are of those that were made now.
func (p *pages) arrive(ctx context.Context, s *record.Session, f *web.Form, files []upload, at time.Time) (ids []string, again bool, err error) {
	var ops []record.Op
	for i, file := range files {
		x := draft{file: file, title: titleOf(f, file, len(files), kind{}), from: f.Text("from"), source: f.Text("source"), at: at}
		x.id, x.once = facts.Once(f, part(i))
		if sent, err := exists(ctx, s, x.once); err != nil || sent {
			if err != nil {
				return nil, false, err
			}
			again = true
			continue
		}
		more, _, err := x.ops()
		if err != nil {
			return nil, false, err
		}
		ops = append(ops, more...)
	}
	results, err := s.Do(ctx, ops)
	if err != nil {
		return nil, again, err
	}
	for _, r := range results {
		if r.Type == "DocumentReference" {
			ids = append(ids, r.ID)
		}
	}
	p.recount()
	return ids, again, nil
}
