package prescribing

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// open reads a prescription. One of another patient is not there.
func (e *editor) open(ctx context.Context, s *record.Session, patient, id string) (*record.Version, prescription, error) {
	v, err := s.Read(ctx, "MedicationRequest", id)
	if err != nil {
		return nil, prescription{}, err
	}
	p, err := fhir.View[prescription](v.Resource())
	if err != nil {
		return nil, p, err
	}
	if p.Subject.Reference != "Patient/"+patient {
		return nil, p, web.ErrNotFound
	}
	return v, p, nil
}

// line is the prescription as it stands in the list.
func line(v *record.Version) (clinical.Medication, error) {
	o, err := fhir.View[request](v.Resource())
	if err != nil {
		return clinical.Medication{}, err
	}
	return o.medication(nil), nil
}

// page shows a prescription with what can be done with it.
func (e *editor) page(r *http.Request) (web.View, error) {
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	v, p, err := e.open(r.Context(), chart.Session, chart.ID, r.PathValue("rx"))
	if err != nil {
		return nil, err
	}
	return e.shown(r, chart, v, p, web.NewForm(nil), 0)
}

func (e *editor) shown(r *http.Request, chart facts.Chart, v *record.Version, p prescription, f *web.Form, status int) (web.View, error) {
	m, err := line(v)
	if err != nil {
		return nil, err
	}
	at := base(chart.ID) + "/" + url.PathEscape(v.ID)
	f.Set("version", strconv.FormatInt(v.Version, 10))
	w := web.Work{
		Title: "Prescription", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID) + "/medications", Action: at + "/stop", Status: status,
	}
	shown := rxOf(m, p, e.d.Shell.Location())
	fills, err := e.fills(r.Context(), chart.Session, chart.ID, v.ID, "6")
	if err != nil {
		return nil, err
	}
	for i, fill := range fills {
		name := "Last fill"
		if i > 0 {
			name = "Before that"
		}
		shown.Facts = append(shown.Facts, [2]string{name, fill.words(e.d.Shell.Location())})
	}
	w.Body = rx(shown, f)
	if wrong := f.Error("state"); wrong != "" {
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing was changed.", Text: wrong}}
	}
	w.Buttons = []ui.Button{{Label: "Print", Href: at + "/print", Attrs: map[string]any{"target": "_blank"}}}
	if p.Status == "active" || p.Status == "on-hold" {
		var opens templ.Attributes
		if r.Header.Get("HX-Request") != "" { // beside a page, one form takes the place of the other
			opens = web.Opens()
		}
		if p.Intent == "plan" {
			w.Title = "A medicine from elsewhere"
			w.Buttons = append(w.Buttons, ui.Button{Label: "Stop", Kind: ui.Danger}, ui.Button{Label: "Prescribe here", Href: at + "/renew", Kind: ui.Primary, Attrs: opens})
			return w, nil
		}
		if keepable(p) {
			w.Buttons = append(w.Buttons, ui.Button{Label: "Favourite", Attrs: map[string]any{"formaction": at + "/favourite", "title": "Keep as one of your favourites"}})
		}
		w.Buttons = append(w.Buttons,
			ui.Button{Label: "Stop", Kind: ui.Danger},
			ui.Button{Label: "Change", Href: at + "/change", Attrs: opens},
			ui.Button{Label: "Renew", Href: at + "/renew", Kind: ui.Primary, Key: "A", Attrs: opens})
	}
	return w, nil
}

// renew is the form of a new prescription filled with an earlier one, which it replaces; change is the same for one that is to be
// another.
func (e *editor) renew(r *http.Request) (web.View, error)  { return e.again(r, "renew") }
func (e *editor) change(r *http.Request) (web.View, error) { return e.again(r, "change") }

func (e *editor) again(r *http.Request, mode string) (web.View, error) {
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	v, p, err := e.open(r.Context(), chart.Session, chart.ID, r.PathValue("rx"))
	if err != nil {
		return nil, err
	}
	values := url.Values{"once": {facts.NewUUID()}, "replaces": {v.ID}, "mode": {mode}, "version": {strconv.FormatInt(v.Version, 10)}, "task": {refillID(r)}}
	f := web.NewForm(values)
	known := Snapshot(r.Context(), chart.Session, chart.ID, e.library, e.d.Shell.Clock())
	lost := e.show(p, f)
	if lost == "" {
		e.defaults(f, known.Weight)
	}
	d := e.read(web.NewForm(values), known.Weight) // what is missing is no mistake yet
	w := e.work(chart, f, e.composing(r.Context(), chart.ID, f, d, known), 0)
	if lost != "" {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Write the directions anew.", Text: lost})
	}
	return w, nil
}

// stop ends a prescription, with the reason.
func (e *editor) stop(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, err := e.chart(r)
	if err != nil {
		return nil, err
	}
	v, p, err := e.open(r.Context(), chart.Session, chart.ID, r.PathValue("rx"))
	if err != nil {
		return nil, err
	}
	f.Need("why", "Say why it is stopped.")
	on := facts.PastDate(f, "on", e.d.Shell.Clock())
	if p.Status != "active" && p.Status != "on-hold" {
		f.Wrong("state", "It is not active any more.")
	}
	if !f.OK() {
		return e.shown(r, chart, v, p, f, http.StatusUnprocessableEntity)
	}
	doc, err := facts.Stopped(v.Resource(), f.Text("why"), on, f.Has("mistake"))
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "MedicationRequest", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		if v, p, err = e.open(r.Context(), chart.Session, chart.ID, r.PathValue("rx")); err != nil {
			return nil, err
		}
		f.Wrong("state", "Somebody else changed it meanwhile: this is how it stands now.")
		return e.shown(r, chart, v, p, f, http.StatusConflict)
	}
	m, err := line(v)
	if err != nil {
		return nil, err
	}
	name := m.Product
	if m.Generic != "" {
		name = clinical.TallMan(m.Generic)
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID) + "/medications", Say: ui.Message{Lead: name, Text: "stopped: " + f.Text("why") + "."}}, nil
}
