package instruments

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

const struckStatus = "entered-in-error"

// reasonURL is the extension that says why a response was struck.
const reasonURL = "https://osler.example/fhir/StructureDefinition/struck-because"

// struckResponse is what striking changes in a QuestionnaireResponse.
type struckResponse struct {
	Extension []fhir.Extension
	Status    string
}

// struckObservation is what it changes in an Observation.
type struckObservation struct {
	Status string
	Note   []fhir.Annotation
}

// one shows the answers of a form.
func (p *pages) one(r *http.Request) (web.View, error) {
	chart, w, v, err := p.readOne(r)
	if err != nil {
		return nil, err
	}
	return p.oneWork(r, chart, w, v, web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}}), 0)
}

// readOne reads the response that the address names. One of another patient is not there.
func (p *pages) readOne(r *http.Request) (facts.Chart, response, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "QuestionnaireResponse", r.PathValue("response"))
		return err
	})
	if err != nil {
		return chart, response{}, nil, err
	}
	w, err := fhir.View[response](v.Resource())
	if err != nil {
		return chart, w, nil, err
	}
	if w.Subject.Reference != "Patient/"+chart.ID {
		return chart, w, nil, web.ErrNotFound
	}
	return chart, w, v, nil
}

func (p *pages) oneWork(r *http.Request, chart facts.Chart, resp response, v *record.Version, f *web.Form, status int) (web.Work, error) {
	known, err := offered(r.Context(), chart.Session)
	if err != nil {
		return web.Work{}, err
	}
	q := matching(known, resp.Questionnaire)
	zone := p.d.Shell.Location()
	d := answered{Lines: resp.lines(zone), When: facts.Moment(resp.Authored, zone), By: resp.Author.Display, Struck: resp.Status == struckStatus, Form: f}
	w := web.Work{Title: nameOf(q, resp), Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Status: status}
	if q != nil && resp.Status != struckStatus {
		for _, a := range q.alerts(resp.answers()) {
			w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: a.lead, Text: a.text})
		}
		if resp.Status == "completed" {
			d.Note = noteOf(q, resp.answers())
		}
	}
	if resp.Status != struckStatus && slice.To(access.Update, "QuestionnaireResponse").Admits(identity.From(r.Context())) {
		d.MayStrike = true
		w.Action = base(chart.ID) + "/" + url.PathEscape(v.ID)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger}}
		if resp.Status == "in-progress" && q != nil {
			w.Buttons = append(w.Buttons, ui.Button{Label: "Go on with it", Kind: ui.Primary, Href: base(chart.ID) + "/new/" + url.PathEscape(q.ID) + "?response=" + url.QueryEscape(v.ID), Attrs: web.Opens()})
		}
	}
	w.Body = answersPage(d)
	return w, nil
}

// answered is all that the page of a response is drawn with.
type answered struct {
	Lines     []asked
	When, By  string
	Note      string
	Struck    bool
	MayStrike bool
	Form      *web.Form
}

// strike marks a response, what was made of it and the work that it asked for as entered in error, with the reason.
func (p *pages) strike(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, resp, v, err := p.readOne(r)
	if err != nil {
		return nil, err
	}
	if resp.Status == struckStatus {
		return web.Done{To: base(chart.ID), Say: ui.Message{Text: "It is struck already."}}, nil
	}
	f.Need("reason", "Say why it is wrong: wrong patient, wrong answers.")
	if !f.OK() {
		return p.oneWork(r, chart, resp, v, f, http.StatusUnprocessableEntity)
	}
	ctx, now, author := r.Context(), p.d.Shell.Clock(), facts.Author(r.Context())
	s, err := fhir.View[struckResponse](v.Resource())
	if err != nil {
		return nil, err
	}
	s.Status = struckStatus
	s.Extension = append(s.Extension, fhir.Extension{URL: reasonURL, Value: fhir.ChoiceOf(f.Text("reason"))})
	doc, err := fhir.Merge(v.Resource(), s)
	if err != nil {
		return nil, err
	}
	ops := []record.Op{{Verb: record.Update, Type: "QuestionnaireResponse", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}
	err = facts.Each(ctx, chart.Session, facts.Of("Observation", chart.ID, facts.Params("derived-from", "QuestionnaireResponse/"+v.ID, "_count", "100")...), func(e *record.Entry) error {
		o, err := fhir.View[struckObservation](e.Resource())
		if err != nil {
			return err
		}
		o.Status, o.Note = struckStatus, append(o.Note, facts.Note("Entered in error: "+f.Text("reason"), author, now))
		doc, err := fhir.Merge(e.Resource(), o)
		ops = append(ops, record.Op{Verb: record.Update, Type: "Observation", ID: e.ID, Resource: doc, IfMatch: e.Version.Version})
		return err
	})
	if err != nil {
		return nil, err
	}
	err = facts.Each(ctx, chart.Session, record.Query{Type: "Task", Params: facts.Params("focus", "QuestionnaireResponse/"+v.ID, "_count", "100"), Strict: true}, func(e *record.Entry) error {
		t, err := fhir.View[facts.Task](e.Resource())
		if err != nil || !t.Open() {
			return err
		}
		t.Status = "cancelled"
		t.StatusReason = fhir.CodeableConcept{Text: "The answers were entered in error."}
		t.Say(author, now, "The answers were entered in error: "+f.Text("reason"))
		doc, err := fhir.Merge(e.Resource(), t)
		ops = append(ops, record.Op{Verb: record.Update, Type: "Task", ID: e.ID, Resource: doc, IfMatch: e.Version.Version})
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(ctx, ops); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		_, resp, v, readErr := p.readOne(r)
		if readErr != nil {
			return nil, readErr
		}
		f.Set("version", strconv.FormatInt(v.Version, 10))
		w, drawErr := p.oneWork(r, chart, resp, v, f, http.StatusConflict)
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "Strike it again if it is still wrong."})
		return w, drawErr
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Struck.", Text: "The answers and what was made of them were entered in error. They stay in the record."}}, nil
}
