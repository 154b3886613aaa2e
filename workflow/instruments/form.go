package instruments

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// choose lists the instruments.
func (p *pages) choose(r *http.Request) (web.View, error) {
	var all []*questionnaire
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, _ string) (err error) {
		all, err = offered(r.Context(), s)
		return err
	})
	if err != nil {
		return nil, err
	}
	return web.Work{Title: "Fill in a form", Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Body: chooser(all, base(chart.ID)+"/new/")}, nil
}

// asking is all that a form is drawn with.
type asking struct {
	chart facts.Chart
	q     *questionnaire
	form  *web.Form
	who   person
	visit string
	// from tells of each answer that was filled in from the record where it comes from, by linkId.
	from map[string]string
}

func (p *pages) asking(r *http.Request, f *web.Form) (asking, error) {
	t := asking{form: f, from: map[string]string{}}
	var err error
	now := p.d.Shell.Clock()
	t.chart, err = facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		q, err := questionnaireOf(r.Context(), s, r.PathValue("form"))
		if err != nil {
			return err
		}
		t.q = q
		v, err := s.Read(r.Context(), "Patient", id)
		if err != nil {
			return err
		}
		who, err := fhir.View[asker](v.Resource())
		if err != nil {
			return err
		}
		t.who = person{sex: who.Gender, age: yearsOf(who.Birth, now)}
		t.visit, err = readVisit(r.Context(), s, id)
		return err
	})
	return t, err
}

// yearsOf is an age in whole years; -1 where only a year, or nothing, is known and it does not decide.
func yearsOf(birth fhir.Date, now time.Time) int {
	b, ok := format.Parse(birth.String(), now.Location())
	if !ok {
		return -1
	}
	n := now.Year() - b.Time.Year()
	if b.Precision == format.Year {
		return n
	}
	if now.Month() < b.Time.Month() || now.Month() == b.Time.Month() && b.Precision >= format.Day && now.Day() < b.Time.Day() {
		n--
	}
	return n
}

// blank is an empty form, with the vital signs that it asks for filled in where they are new enough.
func (p *pages) blank(r *http.Request) (web.View, error) {
	now := p.d.Shell.Clock()
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}, "date": {format.Date(now)}})
	t, err := p.asking(r, f)
	if err != nil {
		return nil, err
	}
	if id := r.URL.Query().Get("response"); id != "" {
		v, kept, err := t.unfinished(r.Context(), id)
		if err != nil {
			return nil, err
		}
		f.Set("response", id)
		f.Set("version", strconv.FormatInt(v.Version, 10))
		t.refill(kept)
		return t.work(0), nil
	}
	if err := t.prefill(r.Context(), now); err != nil {
		return nil, err
	}
	return t.work(0), nil
}

// unfinished is a response that can be gone on with. One of another patient or form, or one that is finished, is not there.
func (t *asking) unfinished(ctx context.Context, id string) (*record.Version, response, error) {
	v, err := t.chart.Session.Read(ctx, "QuestionnaireResponse", id)
	if err != nil {
		return nil, response{}, err
	}
	kept, err := fhir.View[response](v.Resource())
	if err != nil {
		return nil, kept, err
	}
	if kept.Subject.Reference != "Patient/"+t.chart.ID || kept.Status != "in-progress" || kept.Questionnaire != t.q.canonical() {
		return nil, kept, web.ErrNotFound
	}
	return v, kept, nil
}

// refill puts what was answered before into the form.
func (t *asking) refill(kept response) {
	for link, list := range kept.answers() {
		it := t.q.find(link)
		if it == nil || !it.asked() {
			continue
		}
		for _, v := range list {
			switch x := v.Value().(type) {
			case bool:
				t.form.Set(it.field(), strconv.FormatBool(x))
			case fhir.Date:
				t.form.Set(it.field(), format.FHIRDate(x.String(), t.chart.Banner.Now.Location()))
			case fhir.Decimal:
				t.form.Set(it.field(), x.String())
			default:
				text, _ := token(v)
				if it.Type == "open-choice" && !slices.ContainsFunc(it.AnswerOption, func(o option) bool { return same(o.Value, v) }) {
					t.form.Set(it.other(), text)
				} else {
					t.form.Add(it.field(), text)
				}
			}
		}
	}
}

// prefill fills in what was measured within the period that an item names. (SDC: observationLinkPeriod)
func (t *asking) prefill(ctx context.Context, now time.Time) error {
	var wanted []*item
	for _, it := range t.q.all() {
		if _, ok := fhir.FindExtension(it.Extension, linkURL); ok && len(it.Code) > 0 {
			wanted = append(wanted, it)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	found, err := facts.Find[facts.Observation](ctx, t.chart.Session, "Observation", t.chart.ID, facts.Params("category", "vital-signs", "_sort", "-date", "_count", "60")...)
	if err != nil {
		return err
	}
	for _, it := range wanted {
		e, _ := fhir.FindExtension(it.Extension, linkURL)
		period, _ := fhir.ChoiceValue[fhir.Quantity](e.Value)
		hours, ok := period.Value.Int64()
		if !ok || period.Code != "h" {
			continue
		}
		if text, at, ok := newest(found, it, now.Add(-time.Duration(hours)*time.Hour), now); ok {
			t.form.Set(it.field(), text)
			t.from[it.LinkID] = "Measured " + at
		}
	}
	return nil
}

// newest is the newest value of an item since a moment, in its unit.
func newest(found []facts.Observation, it *item, since, now time.Time) (text, at string, ok bool) {
	zone := now.Location()
	unit, _ := it.unit()
	for _, o := range found {
		when := o.At()
		if !o.Valid() || !when.HasTime() || when.Time(zone).Before(since) || when.Time(zone).After(now) {
			continue
		}
		for _, v := range o.Values() {
			if !slices.ContainsFunc(v.Code.Coding, func(c fhir.Coding) bool { return c.Is(it.Code[0].System, it.Code[0].Code) }) {
				continue
			}
			q, isQuantity := v.Quantity()
			if !isQuantity || q.Comparator != "" {
				continue
			}
			if q.Code == "[degF]" && unit.Code == "Cel" {
				c, err := fhir.DecimalFromFloat((q.Value.Float64()-32)*5/9, 1)
				if err != nil {
					continue
				}
				return c.String(), facts.Moment(when, zone), true
			}
			if q.Code == unit.Code {
				return q.Value.String(), facts.Moment(when, zone), true
			}
		}
	}
	return "", "", false
}

// save takes a form: it is drawn again with what is wrong, or the answers and what follows from them are written at once.
func (p *pages) save(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	t, err := p.asking(r, f)
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	x := filled{q: t.q, form: f, who: t.who, patient: t.chart.ID, encounter: t.visit, now: now, author: facts.Author(r.Context()), unfinished: f.Has("unfinished")}
	if id := f.Text("response"); id != "" {
		if x.continues, _, err = t.unfinished(r.Context(), id); err != nil {
			return nil, err
		}
	}
	x.at = t.day(now)
	x.answers = t.q.take(f, now, x.unfinished)
	x.alerts = t.q.alerts(x.answers)
	if f.OK() && len(x.answers) == 0 {
		f.Wrong("", "Nothing is answered yet.")
	}
	if !x.at.HasTime() && !x.at.IsZero() {
		x.encounter = "" // of an earlier day
	}
	if !x.unfinished && f.OK() {
		for _, it := range t.q.enabled(x.answers) {
			if it.Required && it.unsupported() != "" {
				f.Wrong("", "“"+it.Text+"” must be answered and cannot be answered here. Save the form unfinished.")
			}
		}
	}
	if !f.OK() {
		w := t.work(http.StatusUnprocessableEntity)
		w.Messages = append(warnings(x.alerts), w.Messages...)
		return w, nil
	}
	x.score, x.scored = t.q.score(x.answers, t.who)
	ops, err := x.ops()
	if err != nil {
		return nil, err
	}
	if _, err := t.chart.Session.Do(r.Context(), ops); err != nil {
		if facts.Changed(err) && x.continues != nil {
			w := t.work(http.StatusConflict)
			w.Messages = append(warnings(x.alerts), ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "Close this form and open the unfinished one again."})
			return w, nil
		}
		if reason := facts.Refused(err); reason != "" {
			w := t.work(http.StatusUnprocessableEntity)
			w.Messages = append(append(warnings(x.alerts), w.Messages...), ui.Message{Tone: ui.Critical, Lead: "Not saved.", Text: reason})
			return w, nil
		}
		return nil, err
	}
	return web.Done{To: base(t.chart.ID), Say: x.said(t.chart.Banner.Name.Plain())}, nil
}

// day is when the form was answered: now if it was today, else the day.
func (t *asking) day(now time.Time) fhir.DateTime {
	if t.form.Text("date") == "" {
		return fhir.DateTimeOf(now, fhir.Second)
	}
	d := facts.PastDate(t.form, "date", now)
	switch {
	case d.IsZero():
	case d.Precision() < fhir.Day:
		t.form.Wrong("date", "The day is needed. Write it like 23-Nov-2026, or t for today.")
	case d.Date() == fhir.DateOf(now):
		return fhir.DateTimeOf(now, fhir.Second)
	}
	return d
}

// said is what was done, in past tense, the alerts first.
func (x *filled) said(name string) ui.Message {
	m := ui.Message{Lead: x.q.title() + " of " + name + " saved."}
	switch {
	case x.unfinished:
		m.Lead = x.q.title() + " of " + name + " saved unfinished."
	case x.counts():
		m.Text = "Score " + strconv.Itoa(x.score.value) + " of " + strconv.Itoa(x.score.most) + ": " + x.score.band.label + "."
	case x.scored:
		m.Text = x.score.why()
	}
	if len(x.alerts) > 0 {
		a := x.alerts[0]
		m.Text = a.text + " A task was made. " + m.Lead + " " + m.Text
		m.Tone, m.Lead = ui.Critical, a.lead
	}
	return m
}

// warnings are the alerts above a form that could not be saved yet: they do not wait until it can.
func warnings(alerts []alert) (out []ui.Message) {
	for _, a := range alerts {
		out = append(out, ui.Message{Tone: ui.Critical, Lead: a.lead, Text: a.text})
	}
	return out
}

// work draws the form.
func (t asking) work(status int) web.Work {
	w := web.Work{
		Title: t.q.title(), Current: "chart", Patient: &t.chart.Banner, Back: base(t.chart.ID), Action: base(t.chart.ID) + "/new/" + url.PathEscape(t.q.ID), Status: status,
		Body:    fields(t),
		Buttons: []ui.Button{{Label: "Save unfinished", Attrs: map[string]any{"name": "unfinished", "value": "yes"}}, {Label: "Save", Kind: ui.Primary}},
	}
	if wrong := t.form.Error(""); wrong != "" {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Not saved yet.", Text: wrong})
	}
	if left := t.left(); len(left) > 0 {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Lead: "Not all of this form can be filled in here:", Text: strings.Join(left, "; ") + "."})
	}
	return w
}

// left names the items that cannot be answered here.
func (t asking) left() (out []string) {
	for _, it := range t.q.all() {
		why := it.unsupported()
		if why == "" && it.ReadOnly {
			if _, scored := fhir.FindExtension(it.Extension, scoreURL); !scored {
				why = "a value that is computed elsewhere"
			}
		}
		if why != "" {
			name := it.Text
			if name == "" {
				name = it.LinkID
			}
			out = append(out, "“"+name+"” is "+why)
		}
	}
	return out
}
