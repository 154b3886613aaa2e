package history

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// observation is an Observation as it is written here.
type observation struct {
	Meta       fhir.Meta
	Identifier []fhir.Identifier
	Status     string
	Category   []fhir.CodeableConcept
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Performer  []fhir.Reference
	Value      fhir.Choice `fhir:"value[x]"`
	Note       []fhir.Annotation
	Component  []part
}

type part struct {
	Code  fhir.CodeableConcept
	Value fhir.Choice `fhir:"value[x]"`
}

// fieldsOf are the names under which a topic is asked, all of them.
var fieldsOf = map[string][]string{
	smoking: {"smoking"}, packYears: {"packyears"}, alcohol: {"alcohol", "drinks", "alcohol-note"}, drugs: {"drugs", "drugs-note"},
	occupation: {"occupation", "industry", "since"}, orientation: {"orientation"},
}

// show fills the fields of a form with what is known.
func (l Social) show(f *web.Form, zone *time.Location) {
	for _, r := range l.Now {
		note := ""
		for _, n := range r.Note {
			note = n.Text
		}
		switch r.topic.name {
		case packYears:
			if q, ok := r.Quantity(); ok {
				f.Set("packyears", q.Value.String())
			}
		case occupation:
			f.Set("occupation", r.Show().Text)
			if p, ok := fhir.ChoiceValue[fhir.Period](r.Effective); ok {
				if !p.End.IsZero() {
					f.Set("occupation", "") // it is over; the next one is asked for
					continue
				}
				f.Set("since", facts.Day(p.Start, zone))
			}
			for _, c := range r.Components {
				f.Set("industry", c.Show().Text)
			}
		default:
			f.Set(r.topic.name, r.answer())
			if r.topic.name == alcohol || r.topic.name == drugs {
				f.Set(r.topic.name+"-note", note)
			}
			for _, c := range r.Components {
				if q, ok := c.Quantity(); ok && r.topic.name == alcohol {
					f.Set("drinks", q.Value.String())
				}
			}
		}
	}
}

// social is the form of a social history, with what is known filled in.
func (e *editor) social(r *http.Request) (web.View, error) {
	chart, l, err := e.readSocial(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	l.show(f, e.d.Shell.Location())
	return socialWork(chart, l, f, 0), nil
}

func (e *editor) readSocial(r *http.Request) (facts.Chart, Social, error) {
	var l Social
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		l, err = readSocial(r.Context(), s, id, e.d.Shell.Location())
		return err
	})
	return chart, l, err
}

// saveSocial keeps what the form says otherwise than the record does. What stays the same is asked again, not written again, unless the
// person says that all of it was asked today.
func (e *editor) saveSocial(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, l, err := e.readSocial(r)
	if err != nil {
		return nil, err
	}
	now, author := e.d.Shell.Clock(), facts.Author(r.Context())
	was := web.NewForm(nil)
	l.show(was, e.d.Shell.Location())
	var ops []record.Op
	var said []string
	for _, t := range topics {
		changed, filled := false, false
		for _, name := range fieldsOf[t.name] {
			changed = changed || f.Text(name) != was.Text(name)
			filled = filled || f.Text(name) != ""
		}
		if !filled || !changed && !f.Has("again") {
			continue
		}
		o, ok := t.observe(f, chart.ID, author, now)
		if !ok {
			continue
		}
		op := record.Op{Verb: record.Create, Type: "Observation"}
		o.Identifier, op.Condition = facts.Once(f, t.name)
		if op.Resource, err = checked(o); err != nil {
			return nil, err
		}
		ops = append(ops, op)
		said = append(said, lower(t.label))
	}
	if f.OK() && len(ops) == 0 {
		w := socialWork(chart, l, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Nothing is changed.", Text: "Tick that it was asked again, or change what is not so any more."}}
		return w, nil
	}
	if !f.OK() {
		return socialWork(chart, l, f, http.StatusUnprocessableEntity), nil
	}
	if _, err := chart.Session.Do(r.Context(), ops); err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		w := socialWork(chart, l, f, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not saved.", Text: reason}}
		return w, nil
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Social history of " + chart.Banner.Name.Plain() + " recorded:", Text: strings.Join(said, ", ") + "."}}, nil
}

// observe makes the Observation of a topic; ok is false if something is wrong, which the form then says.
func (t topic) observe(f *web.Form, patient string, author fhir.Reference, now time.Time) (o observation, ok bool) {
	o = observation{
		Meta: fhir.Meta{Profile: []string{usCore + t.profile}}, Status: "final", Category: []fhir.CodeableConcept{fhir.Concept(facts.ObservationCategory, "social-history", "Social History")},
		Code: fhir.Concept(t.system, t.code, t.title), Subject: fhir.To("Patient", patient), Effective: fhir.ChoiceOf(fhir.DateTimeOf(now, fhir.Second)), Issued: fhir.InstantOf(now),
	}
	o.Code.Text = t.label
	if !author.IsZero() {
		o.Performer = []fhir.Reference{author}
	}
	number := func(name string, most int64) (fhir.Decimal, bool) {
		d, err := fhir.ParseDecimal(strings.ReplaceAll(f.Text(name), ",", "."))
		if err != nil || d.Sign() < 0 || d.Compare(fhir.DecimalFromInt(most)) > 0 {
			f.Wrong(name, fmt.Sprintf("A number from 0 to %d.", most))
			return d, false
		}
		return d, true
	}
	switch t.name {
	case packYears:
		n, ok := number("packyears", 300)
		if s := f.Text("smoking"); ok && n.Sign() > 0 && s == "never" {
			f.Wrong("packyears", "Who never smoked has no pack-years. Correct one of both.")
			return o, false
		}
		o.Value = fhir.ChoiceOf(fhir.Quantity{Value: n, Unit: "pack-years", System: fhir.UCUM, Code: "{PackYears}"})
		return o, ok
	case occupation:
		if f.Text("occupation") == "" {
			f.Wrong("occupation", "Say what the occupation is, such as teacher, or retired.")
			return o, false
		}
		o.Value = fhir.ChoiceOf(fhir.CodeableConcept{Text: f.Text("occupation")})
		if industry := f.Text("industry"); industry != "" {
			o.Component = []part{{fhir.Concept(facts.LOINC, "86188-0", "History of Occupation industry"), fhir.ChoiceOf(fhir.CodeableConcept{Text: industry})}}
		}
		since := facts.PastDate(f, "since", now)
		if f.Error("since") != "" {
			return o, false
		}
		if !since.IsZero() {
			o.Effective = fhir.ChoiceOf(fhir.Period{Start: since})
		}
		return o, true
	}
	chosen := f.Text(t.name)
	for _, a := range t.answers {
		if a.value == chosen {
			o.Value = fhir.ChoiceOf(fhir.CodeableConcept{Coding: a.coding, Text: a.text})
			ok = true
		}
	}
	if !ok {
		f.Wrong(t.name, "Choose an answer.")
		return o, false
	}
	if t.name == alcohol && f.Text("drinks") != "" {
		n, right := number("drinks", 300)
		if !right {
			return o, false
		}
		if chosen == "never" && n.Sign() > 0 {
			f.Wrong("drinks", "Who never drank has no drinks a week. Correct one of both.")
			return o, false
		}
		o.Component = []part{{fhir.CodeableConcept{Text: "Drinks a week"}, fhir.ChoiceOf(fhir.Quantity{Value: n, Unit: "drinks a week", System: fhir.UCUM, Code: "{drinks}/wk"})}}
	}
	if note := f.Text(t.name + "-note"); note != "" {
		o.Note = []fhir.Annotation{facts.Note(note, author, now)}
	}
	return o, true
}

// checked makes the Observation and holds it against the profile that it claims: what would not pass is a fault of the program.
func checked(o observation) (*fhir.Resource, error) {
	r, err := fhir.New("Observation", o)
	if err != nil {
		return nil, err
	}
	for _, issue := range validate.Claimed(r) {
		if issue.Severity == fhir.SeverityError || issue.Severity == fhir.SeverityFatal {
			return nil, fmt.Errorf("the Observation of a social history does not follow its profile at %s (%s)", issue.Expression, issue.Code)
		}
	}
	return r, nil
}

func socialWork(chart facts.Chart, l Social, f *web.Form, status int) web.Work {
	return web.Work{
		Title: "Social history", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID) + "/social", Status: status, Body: socialFields(f, len(l.Now) > 0),
		Buttons: []ui.Button{{Label: "Save social history", Kind: ui.Primary}},
	}
}

// struck is what striking changes.
type struck struct {
	Status string
	Note   []fhir.Annotation
}

func (e *editor) readOne(r *http.Request) (facts.Chart, Row, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "Observation", r.PathValue("observation"))
		return err
	})
	if err != nil {
		return chart, Row{}, nil, err
	}
	f, err := fhir.View[finding](v.Resource())
	if err != nil {
		return chart, Row{}, nil, err
	}
	zone := e.d.Shell.Location()
	for _, t := range topics {
		if t.is(f.Code) && f.Subject.Reference == "Patient/"+chart.ID {
			return chart, Row{topic: t, Label: t.label, Text: f.text(), When: f.when(zone), finding: f}, v, nil
		}
	}
	return chart, Row{}, nil, web.ErrNotFound
}

// one is an entry of the social history, with the form that strikes it.
func (e *editor) one(r *http.Request) (web.View, error) {
	chart, row, v, err := e.readOne(r)
	if err != nil {
		return nil, err
	}
	return oneWork(chart, row, v, web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}}), 0), nil
}

func oneWork(chart facts.Chart, row Row, v *record.Version, f *web.Form, status int) web.Work {
	w := web.Work{Title: row.Label, Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Status: status, Body: entry(row, f)}
	if row.Status != "entered-in-error" {
		w.Action = base(chart.ID) + "/social/" + url.PathEscape(v.ID)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger}}
	}
	return w
}

// strike marks an entry as entered in error, with the reason.
func (e *editor) strike(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, row, v, err := e.readOne(r)
	if err != nil {
		return nil, err
	}
	if row.Status == "entered-in-error" {
		return nil, facts.Struck()
	}
	f.Need("reason", "Say why it is wrong: wrong patient, misheard.")
	if !f.OK() {
		return oneWork(chart, row, v, f, http.StatusUnprocessableEntity), nil
	}
	s, err := fhir.View[struck](v.Resource())
	if err != nil {
		return nil, err
	}
	s.Status, s.Note = "entered-in-error", append(s.Note, facts.Note("Entered in error: "+f.Text("reason"), facts.Author(r.Context()), e.d.Shell.Clock()))
	doc, err := fhir.Merge(v.Resource(), s)
	if err != nil {
		return nil, err
	}
	_, err = chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "Observation", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}})
	if facts.Changed(err) {
		_, row, v, err := e.readOne(r)
		if err != nil {
			return nil, err
		}
		f.Set("version", strconv.FormatInt(v.Version, 10))
		w := oneWork(chart, row, v, f, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "Strike it again if it is still wrong."}}
		return w, nil
	}
	if err != nil {
		return nil, err
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: row.Label, Text: "struck as entered in error. It stays in the record."}}, nil
}
