package immunization

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// report is a form by which what was not given here and now is recorded.
type report struct {
	part, title, button, said string
	fields                    func(*web.Form) templ.Component
	dose                      func(f *web.Form, chart facts.Chart, e *editor, author fhir.Reference) dose
}

var (
	declined       = report{"refused", "Record that a vaccine was refused", "Record", "recorded as not given to ", refusedFields, refusedDose}
	elsewhereGiven = report{"history", "Record a dose given elsewhere", "Record", "added to the history of ", historyFields, historyDose}
)

func refusedDose(f *web.Form, chart facts.Chart, e *editor, author fhir.Reference) dose {
	now := e.d.Shell.Clock()
	vaccine := vaccineField(f)
	why, ok := chosen(refused, reasonSystem, f.Text("reason"))
	if !ok {
		f.Wrong("reason", "Choose why it was not given.")
	}
	f.Need("on", "Write when: t for today.")
	d := begin(chart.ID, notDone, vaccine, facts.PastDate(f, "on", now), now)
	d.StatusReason = why
	d.Performer = nil
	if note := f.Text("note"); note != "" {
		d.Note = []fhir.Annotation{facts.Note(note, author, now)}
	}
	return d
}

func historyDose(f *web.Form, chart facts.Chart, e *editor, author fhir.Reference) dose {
	now := e.d.Shell.Clock()
	vaccine := vaccineField(f)
	origin, ok := chosen(origins, originSystem, f.Text("origin"))
	if !ok {
		f.Wrong("origin", "Choose where this is known from.")
	}
	f.Need("on", "Write when, as exactly as it is known: 2014, Mar 2014, 14-Mar-2014.")
	at := facts.PastDate(f, "on", now)
	if born := chart.Banner.Birth.Time; !at.IsZero() && !born.IsZero() {
		if _, end := at.Range(now.Location()); !end.After(born) {
			f.Wrong("on", "This lies before the birth.")
		}
	}
	d := begin(chart.ID, completed, vaccine, at, now)
	elsewhere := false
	d.Primary, d.Origin, d.Lot = &elsewhere, origin, f.Text("lotNumber")
	if note := f.Text("note"); note != "" {
		d.Note = []fhir.Annotation{facts.Note(note, author, now)}
	}
	return d
}

func nothing(*record.Session, string) error { return nil }

func (e *editor) reportForm(kind report) web.Handler {
	return func(r *http.Request) (web.View, error) {
		chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
		if err != nil {
			return nil, err
		}
		f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
		if kind.part == declined.part {
			f.Set("on", format.Date(e.d.Shell.Clock()))
		}
		return kind.work(chart, f, 0), nil
	}
}

func (e *editor) reported(kind report) web.Handler {
	return func(r *http.Request) (web.View, error) {
		f, err := web.ReadForm(r)
		if err != nil {
			return nil, err
		}
		chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, nothing)
		if err != nil {
			return nil, err
		}
		d := kind.dose(f, chart, e, facts.Author(r.Context()))
		if !f.OK() {
			return kind.work(chart, f, http.StatusUnprocessableEntity), nil
		}
		op := record.Op{Verb: record.Create, Type: "Immunization"}
		d.Identifier, op.Condition = facts.Once(f, "")
		if op.Resource, err = fhir.New("Immunization", d); err != nil {
			return nil, err
		}
		if _, err := chart.Session.Do(r.Context(), []record.Op{op}); err != nil {
			reason := facts.Refused(err)
			if reason == "" {
				return nil, err
			}
			w := kind.work(chart, f, http.StatusUnprocessableEntity)
			w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
			return w, nil
		}
		return web.Done{To: base(chart.ID), Say: ui.Message{Lead: d.name(), Text: kind.said + chart.Banner.Name.Plain() + "."}}, nil
	}
}

func (k report) work(chart facts.Chart, f *web.Form, status int) web.Work {
	at := base(chart.ID)
	return web.Work{Title: k.title, Current: "chart", Patient: &chart.Banner, Back: at, Action: at + "/" + k.part, Body: k.fields(f), Status: status,
		Buttons: []ui.Button{{Label: k.button, Kind: ui.Primary}}}
}
