package messages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// toPatient is the receiver who is the patient; the others are those of facts.Duty.
const toPatient = "patient"

// draftView is what the form of a message shows.
type draftView struct {
	To      []ui.Option
	Attach  []choice
	Replies []ui.Option
	Answers string // the message that is answered, as it was written
	Waits   bool   // the thread waits for an answer
	Action  string
	Thread  bool
}

// choice is a document or report that can be attached.
type choice struct {
	Ref, Label, Date string
	Ticked           bool
}

func nothing(*record.Session, string) error { return nil }

// blank is the form for a new message, or for an answer if the address names a thread.
func (p *post) blank(r *http.Request) (web.View, error) {
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "to": {toPatient}, "internal": {"yes"}})
	if ref := r.FormValue("about"); ref != "" {
		f = web.NewForm(url.Values{"once": {facts.NewUUID()}, "to": {toPatient}, "internal": {"yes"}, "attach": {ref}})
	}
	if to := r.FormValue("to"); to != "" {
		f.Set("to", to)
	}
	if id := r.FormValue("thread"); id != "" {
		t, err := find(r.Context(), chart.Session, chart.ID, id, p.d.Shell.Location())
		if err != nil {
			return nil, err
		}
		f.Set("thread", t.root)
		f.Set("seen", t.last().ID)
		if m := t.last(); m.internal() && r.FormValue("to") == "" {
			f.Set("to", m.Sender.Reference)
			if m.Sender.Reference == facts.Author(r.Context()).Reference { // one's own: to those who had it
				f.Set("to", "")
				for _, rec := range m.Recipient {
					f.Set("to", rec.Reference)
				}
			}
		}
	}
	return p.form(r, chart, f, 0)
}

// draft puts a text that is often sent into the form; what was typed stays.
func (p *post) draft(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, nothing)
	if err != nil {
		return nil, err
	}
	given := chart.Banner.Name.Preferred
	if given == "" {
		given, _, _ = strings.Cut(chart.Banner.Name.Given, " ")
	}
	for _, t := range replies() {
		if t.Name == f.Text("reply") {
			f.Set("text", strings.TrimSpace(f.Text("text")+"\n\n"+t.fill(given, identity.From(r.Context()).Name, p.d.Shell.Phone)))
		}
	}
	f.Set("reply", "")
	return p.form(r, chart, f, 0)
}

// form draws the form with what stands in it.
func (p *post) form(r *http.Request, chart facts.Chart, f *web.Form, status int, messages ...ui.Message) (web.View, error) {
	ctx, now := r.Context(), p.d.Shell.Clock()
	duty, err := facts.OnDuty(ctx, chart.Session, p.d.Identity, now)
	if err != nil {
		return nil, err
	}
	v := draftView{Action: base(chart.ID), To: append([]ui.Option{{Value: toPatient, Label: "The patient, " + chart.Banner.Name.Plain()}}, duty.Owners()...)}
	for _, t := range replies() {
		v.Replies = append(v.Replies, ui.Option{Value: t.Name, Label: t.Name})
	}
	v.Replies = append([]ui.Option{{Label: "Choose"}}, v.Replies...)
	if v.Attach, err = p.choices(ctx, chart, f.All("attach")); err != nil {
		return nil, err
	}
	title := "Message"
	if id := f.Text("thread"); id != "" {
		t, err := find(ctx, chart.Session, chart.ID, id, now.Location())
		if err != nil {
			return nil, err
		}
		title, v.Thread, v.Waits, v.Answers = "Answer: "+t.first().title(), true, t.task != nil, t.last().words()
	}
	if chart.Banner.Deceased {
		messages = append(messages, ui.Message{Tone: ui.Caution, Lead: chart.Banner.Name.Plain() + " has died.", Text: "A message to the patient is read by whoever has access to the portal."})
	}
	return web.Work{Title: title, Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID), Body: fields(f, v), Status: status, Messages: messages,
		Buttons: []ui.Button{{Label: "Send", Icon: "send", Kind: ui.Primary}}}, nil
}

// kept is the view of what can be attached.
type kept struct {
	ID, Status string
	Code       fhir.CodeableConcept
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
}

// filed is the view of a DocumentReference that can be attached.
type filed struct {
	ID, Status  string
	DocStatus   string
	Type        fhir.CodeableConcept
	Description string
	Date        fhir.Instant
	Content     []struct{ Attachment fhir.Attachment }
}

// choices are the newest documents and reports of the patient, and what is ticked already.
func (p *post) choices(ctx context.Context, chart facts.Chart, ticked []string) ([]choice, error) {
	var docs []filed
	var reports []kept
	var err1, err2 error
	s, zone := chart.Session, p.d.Shell.Location()
	facts.Together(func() {
		if s.May(access.Search, "DocumentReference") {
			docs, err1 = facts.Find[filed](ctx, s, "DocumentReference", chart.ID, facts.Params("status", "current", "_sort", "-date", "_count", "6")...)
		}
	}, func() {
		if s.May(access.Search, "DiagnosticReport") {
			reports, err2 = facts.Find[kept](ctx, s, "DiagnosticReport", chart.ID, facts.Params("_sort", "-date", "_count", "6")...)
		}
	})
	if err1 != nil || err2 != nil {
		return nil, cmp.Or(err1, err2)
	}
	var out []choice
	for _, x := range reports {
		if x.Status == "entered-in-error" || x.Status == "cancelled" {
			continue
		}
		when, _ := fhir.ChoiceValue[fhir.DateTime](x.Effective)
		out = append(out, choice{Ref: "DiagnosticReport/" + x.ID, Label: cmp.Or(facts.Concept(x.Code), "Report"), Date: facts.Day(facts.When(when, x.Issued.DateTime()), zone)})
	}
	for _, x := range docs {
		label := x.Description
		if len(x.Content) > 0 && x.Content[0].Attachment.Title != "" {
			label = x.Content[0].Attachment.Title
		}
		out = append(out, choice{Ref: "DocumentReference/" + x.ID, Label: cmp.Or(label, facts.Concept(x.Type), "Document"), Date: facts.Day(x.Date.DateTime(), zone)})
	}
	for i := range out {
		out[i].Ticked = slices.Contains(ticked, out[i].Ref)
	}
	for _, ref := range ticked { // one that is older than those listed
		if !slices.ContainsFunc(out, func(c choice) bool { return c.Ref == ref }) {
			if label, err := p.attachable(ctx, s, chart.ID, ref); err == nil {
				out = append(out, choice{Ref: ref, Label: label, Ticked: true})
			}
		}
	}
	return out, nil
}

// attachable is what a document, report or observation of this patient is called; ErrNotFound for anything else.
func (p *post) attachable(ctx context.Context, s *record.Session, patient, ref string) (string, error) {
	t, ok := fhir.ParseReference(ref)
	if !ok || t.Kind != fhir.RelativeTarget || t.Type != "DocumentReference" && t.Type != "DiagnosticReport" && t.Type != "Observation" {
		return "", web.ErrNotFound
	}
	v, err := s.Read(ctx, t.Type, t.ID)
	if err != nil {
		return "", err
	}
	doc := v.Resource()
	if about, ok := fhir.ParseReference(doc.Get("subject").Get("reference").Text()); !ok || about.Type != "Patient" || about.ID != patient || doc.Get("status").Text() == "entered-in-error" {
		return "", web.ErrNotFound
	}
	x, err := fhir.View[struct {
		Code        fhir.CodeableConcept
		Type        fhir.CodeableConcept
		Description string
		Content     []struct{ Attachment fhir.Attachment }
	}](doc)
	if err != nil {
		return "", err
	}
	title := ""
	if len(x.Content) > 0 {
		title = x.Content[0].Attachment.Title
	}
	return cmp.Or(title, x.Description, facts.Concept(x.Code), facts.Concept(x.Type), "Document"), nil
}
