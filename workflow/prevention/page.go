package prevention

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

type pages struct{ d slice.Deps }

// View is the page: what is due with the reasons, what is done, what was left out.
type View struct {
	Due, Done, Left []Row
}

// Row is one recommendation.
type Row struct {
	Standing
	Tests []string // what counts, each with how long it lasts
	Last  string   // "colonoscopy 02-Mar-2019"
	Href  string   // where it is left out, or taken up again; "" without the right
}

func (p *pages) list(r *http.Request) (web.View, error) {
	var all []Standing
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) (err error) {
		all, err = stand(r.Context(), s, id, p.d.Shell.Clock())
		return err
	})
	if err != nil {
		return nil, err
	}
	may := slice.To(access.Create, "ServiceRequest").Admits(identity.From(r.Context()))
	var v View
	for _, s := range all {
		row := Row{Standing: s}
		for _, t := range s.Recommendation.Tests {
			row.Tests = append(row.Tests, t.Name+" "+every(t.Months))
		}
		if s.Last != nil {
			row.Last = s.Last.Test + " " + format.Date(s.Last.On)
		}
		if may {
			row.Href = base(chart.ID) + "/" + s.ID
		}
		switch s.State {
		case LeftOut:
			v.Left = append(v.Left, row)
		case UpToDate:
			v.Done = append(v.Done, row)
		default:
			v.Due = append(v.Due, row)
		}
	}
	return web.Page{Title: "Prevention, " + chart.Banner.Name.Short(), Current: "chart", Tab: "prevention", Patient: &chart.Banner, Body: page(v)}, nil
}

// every says how often.
func every(months int) string {
	switch {
	case months == 0:
		return "once"
	case months == year:
		return "every year"
	case months%year == 0:
		return "every " + format.Count(months/year, "year", "years")
	}
	return "every " + format.Count(months, "month", "months")
}

// reasons why something is left out, as codes of our own and words.
var reasons = []ui.Option{
	{Value: "declined", Label: "The patient declines"}, {Value: "done-elsewhere", Label: "Done elsewhere, no report here"}, {Value: "not-suitable", Label: "Not suitable for this patient"},
	{Value: "limited-life", Label: "Limited life expectancy"}, {Value: "organ-absent", Label: "The organ was removed"}, {Value: "later", Label: "Put off"},
}

func find(id string) *Recommendation {
	i := slices.IndexFunc(recommendations, func(r Recommendation) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return &recommendations[i]
}

// ask is the form by which something is left out, or taken up again.
func (p *pages) ask(r *http.Request) (web.View, error) {
	chart, rec, left, err := p.open(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"once": {facts.NewUUID()}})
	return work(chart, rec, left, f, 0), nil
}

func (p *pages) open(r *http.Request) (chart facts.Chart, rec *Recommendation, left *Decision, err error) {
	if rec = find(r.PathValue("recommendation")); rec == nil {
		return chart, nil, nil, web.ErrNotFound
	}
	chart, err = facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		in := &reader{ctx: r.Context(), s: s, patient: id, zone: p.d.Shell.Location(), now: p.d.Shell.Clock()}
		if d, ok := in.decisions()[rec.ID]; ok {
			left = &d
		}
		return in.err
	})
	return chart, rec, left, err
}

func work(chart facts.Chart, rec *Recommendation, left *Decision, f *web.Form, status int) web.Work {
	w := web.Work{
		Title: "Leave out: " + rec.Name, Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID) + "/" + rec.ID,
		Body: fields(f, left), Status: status, Buttons: []ui.Button{{Label: "Leave out", Kind: ui.Primary}},
	}
	if left != nil {
		w.Title = "Left out: " + rec.Name
		w.Buttons = []ui.Button{{Label: "Take up again", Kind: ui.Primary, Attrs: map[string]any{"name": "again", "value": "yes"}}}
	}
	return w
}

// request is a decision as the record keeps it.
type request struct {
	Identifier   []fhir.Identifier
	Status       string
	Intent       string
	DoNotPerform bool
	Code         fhir.CodeableConcept
	Subject      fhir.Reference
	Occurrence   fhir.Choice   `fhir:"occurrence[x]"`
	Authored     fhir.DateTime `fhir:"authoredOn"`
	Requester    fhir.Reference
	Reason       []fhir.CodeableConcept `fhir:"reasonCode"`
}

func (p *pages) decide(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, rec, left, err := p.open(r)
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	var ops []record.Op
	if left != nil { // one decision stands at a time
		ops = append(ops, record.Op{Verb: record.Patch, Type: "ServiceRequest", ID: left.ID, Patch: func(doc *fhir.Resource) (*fhir.Resource, error) {
			v, err := fhir.View[request](doc)
			if err != nil {
				return nil, err
			}
			v.Status = "revoked"
			return fhir.Merge(doc, v)
		}})
	}
	done := web.Done{To: base(chart.ID), Say: ui.Message{Lead: rec.Name, Text: "is asked for again."}}
	if !f.Has("again") {
		made := p.fill(f, rec, chart, now, facts.Author(r.Context()))
		if !f.OK() {
			return work(chart, rec, left, f, http.StatusUnprocessableEntity), nil
		}
		op := record.Op{Verb: record.Create, Type: "ServiceRequest"}
		made.Identifier, op.Condition = facts.Once(f, "")
		if op.Resource, err = fhir.New("ServiceRequest", made); err != nil {
			return nil, err
		}
		ops = append(ops, op)
		done.Say.Text = "is left out: " + strings.ToLower(facts.First(made.Reason)) + "."
	}
	if _, err := chart.Session.Do(r.Context(), ops); err != nil {
		return nil, err
	}
	return done, nil
}

func (p *pages) fill(f *web.Form, rec *Recommendation, chart facts.Chart, now time.Time, author fhir.Reference) request {
	reason := ""
	for _, o := range reasons {
		if o.Value == f.Text("reason") {
			reason = o.Label
		}
	}
	if reason == "" {
		f.Wrong("reason", "Say why it is left out.")
	}
	if note := f.Text("note"); note != "" {
		reason += ": " + note
	}
	q := request{
		Status: "active", Intent: "directive", DoNotPerform: true, Code: fhir.Concept(system, rec.ID, rec.Name), Subject: fhir.To("Patient", chart.ID),
		Authored: fhir.DateTimeOf(now, fhir.Second), Requester: author, Reason: []fhir.CodeableConcept{{Text: reason}},
	}
	q.Code.Text = rec.Name
	period := fhir.Period{Start: fhir.DateTimeOf(now, fhir.Day)}
	if text := f.Text("until"); text != "" {
		iso, ok := format.TypedDate(text, now)
		d, err := fhir.ParseDateTime(iso)
		switch {
		case !ok || err != nil:
			f.Wrong("until", "Not a date. Write 14-Mar-2027, Mar 2027, or m+6 for six months from now; empty = for good.")
		case !d.Time(now.Location()).After(now):
			f.Wrong("until", "This has passed: "+format.FHIRDate(iso, now.Location())+".")
		default:
			period.End = d
		}
	} else if f.Text("reason") == "later" {
		f.Wrong("until", "Say until when it is put off.")
	}
	q.Occurrence = fhir.ChoiceOf(period)
	return q
}
