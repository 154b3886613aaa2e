package vitals

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// struckStatus is the status of what was a mistake. It stays in the record, and is shown struck through.
const struckStatus = "entered-in-error"

// measured is the view of an Observation that is to be struck: only these elements are changed.
type measured struct {
	Status  string
	Subject fhir.Reference
	Issued  fhir.Instant
	Note    []fhir.Annotation
}

// detail is what the page of one measurement shows.
type detail struct {
	rows   []fact
	struck bool
	notes  []string
}

// fact is one line of it.
type fact struct{ name, value string }

// one is the page of one measurement, with the form that strikes it.
func (p *pages) one(r *http.Request) (web.View, error) {
	chart, v, err := p.readOne(r)
	if err != nil {
		return nil, err
	}
	return p.oneWork(chart, v, web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}}), 0)
}

// strike marks a measurement as entered in error, with the reason.
func (p *pages) strike(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, v, err := p.readOne(r)
	if err != nil {
		return nil, err
	}
	f.Need("reason", "Say why it is wrong: wrong patient, wrong unit, not taken.")
	if !f.OK() {
		return p.oneWork(chart, v, f, http.StatusUnprocessableEntity)
	}
	m, err := fhir.View[measured](v.Resource())
	if err != nil {
		return nil, err
	}
	if m.Status == struckStatus {
		return web.Done{To: base(chart.ID), Say: ui.Message{Text: "It is struck already."}}, nil
	}
	now := p.d.Shell.Clock()
	note := fhir.Annotation{Time: fhir.DateTimeOf(now, fhir.Second), Text: "Entered in error: " + f.Text("reason")}
	if author := facts.Author(r.Context()); author.Reference != "" {
		note.AuthorReference = author
	} else {
		note.AuthorString = author.Display
	}
	m.Status, m.Note = struckStatus, append(m.Note, note)
	doc, err := fhir.Merge(v.Resource(), m)
	if err != nil {
		return nil, err
	}
	_, err = chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "Observation", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}})
	switch {
	case facts.Changed(err):
		_, v, readErr := p.readOne(r)
		if readErr != nil {
			return nil, readErr
		}
		f.Set("version", strconv.FormatInt(v.Version, 10))
		view, drawErr := p.oneWork(chart, v, f, http.StatusConflict)
		if drawErr != nil {
			return nil, drawErr
		}
		view.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "What it says now stands below. Strike it again if it is still wrong."}}
		return view, nil
	case facts.Refused(err) != "":
		view, drawErr := p.oneWork(chart, v, f, http.StatusUnprocessableEntity)
		if drawErr != nil {
			return nil, drawErr
		}
		view.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not struck.", Text: facts.Refused(err)}}
		return view, nil
	case err != nil:
		return nil, err
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Struck:", Text: said(v) + " was entered in error. It stays in the record, struck through."}}, nil
}

// readOne reads the vital sign that the address names. One of another patient, or another kind of observation, is not there.
func (p *pages) readOne(r *http.Request) (facts.Chart, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "Observation", r.PathValue("observation"))
		return err
	})
	if err != nil {
		return chart, nil, err
	}
	m, err := fhir.View[measured](v.Resource())
	if err != nil {
		return chart, nil, err
	}
	o, err := facts.ReadObservation(v.Resource())
	if err != nil {
		return chart, nil, err
	}
	if t, ok := m.Subject.Target(); !ok || t.Type != "Patient" || t.ID != chart.ID || len(readingsOf(o)) == 0 {
		return chart, nil, web.ErrNotFound
	}
	return chart, v, nil
}

func said(v *record.Version) string {
	o, err := facts.ReadObservation(v.Resource())
	if err != nil {
		return "it"
	}
	var out []string
	for _, r := range readingsOf(o) {
		out = append(out, lowered(labelOf(r.sign))+" "+r.String())
	}
	return strings.Join(out, ", ")
}

func labelOf(name string) string {
	if s := signOf(name); s != nil {
		return s.label
	}
	return "BMI"
}

// oneWork draws one measurement: what, when, by whom, and what happened to it.
func (p *pages) oneWork(chart facts.Chart, v *record.Version, f *web.Form, status int) (web.Work, error) {
	o, err := facts.ReadObservation(v.Resource())
	if err != nil {
		return web.Work{}, err
	}
	m, err := fhir.View[measured](v.Resource())
	if err != nil {
		return web.Work{}, err
	}
	zone := p.d.Shell.Location()
	s := detail{struck: o.Status == struckStatus}
	add := func(name, value string) {
		if value != "" {
			s.rows = append(s.rows, fact{name, value})
		}
	}
	title := "Measurement"
	for i, r := range readingsOf(o) {
		if i == 0 {
			title = labelOf(r.sign)
		}
		add(labelOf(r.sign), r.String())
	}
	for _, part := range o.Components {
		if q, ok := part.Quantity(); ok && part.Code.In(facts.LOINC) == oxygenFlow {
			add("On oxygen", amountOf(q).String())
		}
	}
	add("Taken", facts.Moment(o.At(), zone))
	var by []string
	for _, who := range o.Performer {
		if who.Display != "" {
			by = append(by, who.Display)
		}
	}
	add("By", strings.Join(by, ", "))
	if !m.Issued.IsZero() {
		add("Recorded", format.DateTime(m.Issued.Time().In(zone)))
	}
	for _, n := range m.Note {
		text := n.Text
		if who := n.AuthorReference.Display + n.AuthorString; who != "" {
			text += " (" + who
			if !n.Time.IsZero() {
				text += ", " + facts.Moment(n.Time, zone)
			}
			text += ")"
		}
		s.notes = append(s.notes, text)
	}
	w := web.Work{Title: title, Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Body: singlePage(s, f), Status: status}
	if !s.struck {
		w.Action = base(chart.ID) + "/" + url.PathEscape(v.ID)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger}}
	}
	return w, nil
}
