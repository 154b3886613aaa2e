package patients

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

func demographicsOf(patient string) string {
	return "/patients/" + url.PathEscape(patient) + "/demographics"
}

// read reads the patient whom the address names.
func (g *registry) read(r *http.Request) (chart facts.Chart, p demographics, v *record.Version, err error) {
	chart, err = facts.OpenChart(r, g.d.Session, g.d.Shell, func(s *record.Session, id string) (err error) {
		v, err = s.Read(r.Context(), "Patient", id)
		return err
	})
	if err != nil {
		return chart, p, nil, err
	}
	p, err = fhir.View[demographics](v.Resource())
	return chart, p, v, err
}

// filled is the form of a patient as the record has it.
func (g *registry) filled(p demographics) *web.Form {
	now := g.d.Shell.Clock()
	f := web.NewForm(url.Values{"race": categories(p.Extension, race)})
	p.form(f, now.Location(), now)
	return f
}

// open is the form of a patient.
func (g *registry) open(r *http.Request) (web.View, error) {
	chart, p, v, err := g.read(r)
	if err != nil {
		return nil, err
	}
	f := g.filled(p)
	f.Set("version", strconv.FormatInt(v.Version, 10))
	return g.work(chart, f, 0), nil
}

// update changes the patient, unless somebody else did so meanwhile: then the form says what stands there now beside what was typed.
func (g *registry) update(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, p, v, err := g.read(r)
	if err != nil {
		return nil, err
	}
	if shown := facts.Editing(f); shown != v.Version {
		return g.again(chart, p, v, f), nil
	}
	p.fill(f, g.d.Shell.Clock())
	if !f.OK() {
		return g.work(chart, f, http.StatusUnprocessableEntity), nil
	}
	doc, err := fhir.Merge(v.Resource(), p)
	if err != nil {
		return nil, err
	}
	_, err = chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "Patient", ID: v.ID, Resource: doc, IfMatch: v.Version}})
	switch reason := facts.Refused(err); {
	case facts.Changed(err):
		if chart, p, v, err = g.read(r); err != nil {
			return nil, err
		}
		return g.again(chart, p, v, f), nil
	case reason != "":
		w := g.work(chart, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
		return w, nil
	case err != nil:
		return nil, err
	}
	return web.Done{To: "/patients/" + url.PathEscape(chart.ID), Say: ui.Message{Lead: "Demographics", Text: "of " + chart.Banner.Name.Plain() + " changed."}}, nil
}

// asked are the fields of the form by which a conflict is told, in its order.
var askedFields = []struct{ name, label string }{
	{"family", "Family name"}, {"given", "Given name"}, {"middle", "Middle names"}, {"suffix", "Suffix"}, {"preferred", "Called"}, {"born", "Born"}, {"born-at", "Time of birth"}, {"sex", "Sex"}, {"mobile", "Mobile phone"}, {"texts", "Text messages"}, {"home", "Home phone"},
	{"email", "Email"}, {"line", "Street address"}, {"city", "Town"}, {"state", "State"}, {"zip", "ZIP code"}, {"language", "Language"}, {"interpreter", "Interpreter"}, {"race", "Race"}, {"ethnicity", "Ethnicity"},
	{"birth-sex", "Sex assigned at birth"}, {"contact", "Emergency contact"}, {"relation", "Relation"}, {"contact-phone", "Phone of the contact"},
}

// again draws the form of a change for which somebody else was faster: each field that differs, with both texts.
func (g *registry) again(chart facts.Chart, p demographics, v *record.Version, f *web.Form) web.Work {
	theirs := g.filled(p)
	var parts []string
	say := func(f *web.Form, name string) string {
		text := strings.Join(f.All(name), ", ")
		if text == "" {
			return "nothing"
		}
		return "“" + text + "”"
	}
	for _, field := range askedFields {
		if a, b := say(theirs, field.name), say(f, field.name); a != b {
			parts = append(parts, field.label+": now "+a+", you have "+b)
		}
	}
	f.Set("version", strconv.FormatInt(v.Version, 10))
	text := "It now says the same as you typed."
	if len(parts) > 0 {
		text = strings.Join(parts, ". ") + ". Save again to put yours in place of theirs, or change a field to what it now says."
	}
	w := g.work(chart, f, http.StatusConflict)
	w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else at " + format.Time(v.At.In(g.d.Shell.Location())) + ".", Text: text}}
	return w
}

func (g *registry) work(chart facts.Chart, f *web.Form, status int) web.Work {
	return web.Work{
		Title: "Demographics", Current: "chart", Patient: &chart.Banner, Back: "/patients/" + url.PathEscape(chart.ID), Action: demographicsOf(chart.ID),
		Body: changeFields(f), Status: status, Buttons: []ui.Button{{Label: "Save", Kind: ui.Primary}},
	}
}
