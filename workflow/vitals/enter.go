package vitals

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/vitals/growth"
)

// openVisit is the view of the Encounter in which vital signs are taken.
type openVisit struct {
	ID     string
	Status string
	Class  fhir.Coding
	Type   []fhir.CodeableConcept
	Reason []fhir.CodeableConcept `fhir:"reasonCode"`
	Period fhir.Period
}

// title is the visit as the form names it.
func (v openVisit) title() string {
	for _, list := range [][]fhir.CodeableConcept{v.Reason, v.Type} {
		if s := facts.First(list); s != "" {
			return s
		}
	}
	return "Visit"
}

// taking is all that the form is drawn with.
type taking struct {
	chart  facts.Chart
	form   *web.Form
	people patientFacts
	visit  *openVisit // nil if none is open
	in     system
	doubts []question
	// settled are the answers to doubts, by field: they stay while another doubt is asked about.
	settled map[string]string
}

// fieldsOf are the signs that the form asks for: length and head only of small children.
func (t taking) fieldsOf() []*sign {
	small := false
	if age, ok := t.people.age(); ok {
		small = growth.Months(age) < 36
	}
	var out []*sign
	for i := range signs {
		s := &signs[i]
		if (s.name == length || s.name == head) && !small && t.form.Text(s.name) == "" {
			continue
		}
		out = append(out, s)
	}
	return out
}

// blank is the empty form.
func (p *pages) blank(r *http.Request) (web.View, error) {
	now := p.d.Shell.Clock()
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "date": {format.Date(now)}, "time": {format.Time(now)}})
	t, err := p.taking(r, f)
	if err != nil {
		return nil, err
	}
	return t.work(0), nil
}

// taking reads what the form and its checks need.
func (p *pages) taking(r *http.Request, f *web.Form) (taking, error) {
	zone, now := p.d.Shell.Location(), p.d.Shell.Clock()
	t := taking{form: f, in: systemOf(r), people: patientFacts{zone: zone, at: now}}
	var err error
	t.chart, err = facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		var limited bool
		var visitErr, readErr error
		facts.Together(
			func() { readErr = readGrowth(r.Context(), s, id, zone, &t.people.child, &t.people.past, &limited) },
			func() { t.visit, visitErr = readOpenVisit(r.Context(), s, id, zone) },
		)
		if readErr != nil {
			return readErr
		}
		return visitErr
	})
	return t, err
}

// readOpenVisit is the visit that is under way; nil if there is none, or the person may not see visits.
func readOpenVisit(ctx context.Context, s *record.Session, patient string, zone *time.Location) (*openVisit, error) {
	found, err := facts.Find[openVisit](ctx, s, "Encounter", patient, facts.Params("status", "arrived,triaged,in-progress", "_sort", "-date", "_count", "5")...)
	if record.KindOf(err) == record.KindForbidden {
		return nil, nil
	}
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// save takes the form: it is drawn again with what was not understood or is doubtful, or all of it is written at once.
func (p *pages) save(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	t, err := p.taking(r, f)
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	at := whenOf(f, t.people.born, now)
	if !at.IsZero() {
		t.people.at = at.Time(now.Location())
		if !at.HasTime() {
			t.people.at = t.people.at.Add(24*time.Hour - time.Second)
		}
	}
	entries := t.entries()
	if f.OK() {
		entries = t.settle(entries)
	}
	if !f.OK() || len(t.doubts) > 0 {
		return t.work(http.StatusUnprocessableEntity), nil
	}
	v := visit{patient: t.chart.ID, at: at, issued: now, performer: facts.Author(r.Context())}
	if t.visit != nil && t.visit.covers(t.people.at, now.Location()) {
		v.encounter = t.visit.ID
	}
	ops, err := t.ops(entries, v)
	if err != nil {
		return nil, err
	}
	if _, err := t.chart.Session.Do(r.Context(), ops); err != nil {
		if reason := facts.Refused(err); reason != "" {
			w := t.work(http.StatusUnprocessableEntity)
			w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: "Not saved.", Text: reason})
			return w, nil
		}
		return nil, err
	}
	var said []string
	for _, e := range entries {
		said = append(said, lowered(e.sign.label)+" "+e.String())
	}
	return web.Done{To: base(t.chart.ID), Say: ui.Message{Lead: "Vitals of " + t.chart.Banner.Name.Plain() + " recorded:", Text: strings.Join(said, ", ") + "."}}, nil
}

// covers reports whether a moment can belong to the visit: not to one that began on a later day, and not to one of long ago that nobody
// closed.
func (v *openVisit) covers(at time.Time, zone *time.Location) bool {
	if v.Period.Start.IsZero() {
		return true
	}
	start := v.Period.Start.Time(zone).In(zone)
	days := growth.Days(start, at.In(zone))
	return days >= 0 && days <= 30
}

// entries are what the line and the fields say. What is wrong is noted in the form.
func (t *taking) entries() []entry {
	f := t.form
	var out []entry
	add := func(field string, e entry) {
		for _, o := range out {
			if o.sign == e.sign {
				f.Wrong(field, first(lowered(e.sign.label))+" stands there twice; leave one.")
				return
			}
		}
		if wrong := refuse(e); wrong != "" {
			f.Wrong(field, wrong)
			return
		}
		out = append(out, e)
	}
	for i := range signs {
		s := &signs[i]
		text := f.Text(s.name)
		if text == "" {
			continue
		}
		e, err := parseField(s, text, t.in)
		if err != nil && s.name == bloodPressure { // the first field takes a whole line too
			if line, lineErr := parseLine(text, t.in); lineErr == nil && len(line) > 0 {
				for _, e := range line {
					add(s.name, e)
				}
				continue
			}
		}
		if err != nil {
			f.Wrong(s.name, first(err.Error())+".")
			continue
		}
		add(s.name, e)
	}
	if line := f.Text("line"); line != "" {
		parsed, err := parseLine(line, t.in)
		if err != nil {
			f.Wrong("line", first(err.Error())+".")
		}
		for _, e := range parsed {
			add("line", e)
		}
	}
	slices.SortStableFunc(out, func(a, b entry) int { return a.sign.place() - b.sign.place() })
	if len(out) == 0 && f.OK() {
		f.Wrong(bloodPressure, "Nothing is filled in yet. Type at least one sign.")
	}
	return out
}

// settle asks about what is doubtful, and takes the answers: a value that was confirmed stays, one that was replaced by what was proposed
// is that. What is still open stands in doubts.
func (t *taking) settle(entries []entry) []entry {
	t.settled = map[string]string{}
	for _, q := range doubts(entries, t.people) {
		switch answer := t.form.Text(q.field()); answer {
		case "keep " + q.typed:
			t.settled[q.field()] = answer
			continue
		case "take " + q.proposed:
			if e, err := parseField(q.sign, q.proposed, t.in); err == nil && q.proposed != "" && refuse(e) == "" {
				for i := range entries {
					if entries[i].sign == q.sign {
						entries[i] = e
					}
				}
				t.settled[q.field()] = answer
				continue
			}
		}
		t.doubts = append(t.doubts, q)
	}
	return entries
}

// field is the name under which a doubt is answered.
func (q question) field() string { return "sure-" + q.sign.name }

// ops make the Observations, all in one transaction. A form that is sent twice makes them once.
func (t *taking) ops(entries []entry, v visit) ([]record.Op, error) {
	var ops []record.Op
	for _, e := range entries {
		id, condition := facts.Once(t.form, e.sign.name)
		doc, err := observe(e, v, id)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Create, Type: "Observation", Resource: doc, Condition: condition})
	}
	return ops, nil
}

// work draws the form.
func (t taking) work(status int) web.Work {
	patient := t.chart.ID
	w := web.Work{
		Title: "Record vitals", Current: "chart", Patient: &t.chart.Banner, Back: base(patient), Action: base(patient), Status: status,
		Body: fields(t), Buttons: []ui.Button{{Label: "Save vitals", Kind: ui.Primary}},
	}
	if t.visit != nil {
		w.Title = "Record vitals, " + t.visit.title()
	}
	if len(t.doubts) > 0 {
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Not saved yet.", Text: "Look at what is marked: say that it is right, or correct it."}}
	}
	return w
}

// field is the input of one sign, with the value before as its hint.
func (t taking) field(s *sign) ui.Field {
	label := s.label
	if u := unitName(t.in.defaultUnit(s)); s.name != pain {
		label += ", " + u
	} else {
		label += ", 0 to 10"
	}
	f := ui.Field{Name: s.name, Label: label, Autocomplete: "off", Attrs: map[string]any{"inputmode": "text", "spellcheck": "false"}}
	if before := t.people.before(s.name); before != "" {
		f.Hint = before
	}
	return t.form.Field(f)
}

// doubt is the question about a sign, if there is one.
func (t taking) doubt(s *sign) (question, bool) {
	for _, q := range t.doubts {
		if q.sign == s {
			return q, true
		}
	}
	return question{}, false
}

// isFirst reports whether the question is the first of the form: the cursor goes there.
func (t taking) isFirst(q question) bool { return len(t.doubts) > 0 && t.doubts[0].sign == q.sign }

// answers are what a question can be answered with.
func (q question) answers() []ui.Option {
	out := []ui.Option{{Value: "keep " + q.typed, Label: q.typed + " is right"}}
	if q.proposed != "" {
		out = append(out, ui.Option{Value: "take " + q.proposed, Label: "It is " + q.proposed})
	}
	return out
}

// asks is the question in a sentence, with the value before.
func (q question) asks() string {
	s := q.typed + "? " + q.text
	if q.previous != "" {
		s += " Before: " + q.previous + "."
	}
	return s
}
