package instruments

import (
	"context"
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
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// Panel is the newest scores of the chart.
type Panel struct {
	Rows     []clinical.Result
	Bands    []string // of each row
	Warnings []warning
	Href     string
	AddHref  string
}

func readPanel(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, warned, err := readSeries(ctx, s, patient, now)
	if err != nil {
		return Panel{}, err
	}
	p := Panel{Warnings: warned}
	for _, row := range all {
		v := row.values[0]
		p.Rows = append(p.Rows, clinical.Result{Name: row.name, Value: clinical.Value{Text: v.text, Unit: row.unit, Flag: v.flag}, When: facts.Day(v.at, now.Location()), Trend: row.trend})
		p.Bands = append(p.Bands, v.band)
	}
	return p, nil
}

// sheet is the page of all scores and forms.
type sheet struct {
	Series   []series
	Warnings []warning
	Forms    []formRow
	AddHref  string
	zone     *time.Location
}

// formRow is a form that was filled in.
type formRow struct {
	Name, When, By, Note, Href string
	Struck                     bool
}

// shown is how many values of a score the page shows.
const shown = 8

// list is the page of all scores and all forms that were filled in.
func (p *pages) list(r *http.Request) (web.View, error) {
	now := p.d.Shell.Clock()
	l := sheet{zone: now.Location()}
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		ctx := r.Context()
		var seriesErr, formsErr error
		facts.Together(
			func() {
				l.Series, l.Warnings, seriesErr = readSeries(ctx, s, id, now)
				if record.KindOf(seriesErr) == record.KindForbidden {
					seriesErr = nil
				}
			},
			func() { l.Forms, formsErr = readForms(ctx, s, id, now.Location()) },
		)
		if seriesErr != nil {
			return seriesErr
		}
		return formsErr
	})
	if err != nil {
		return nil, err
	}
	if slice.To(access.Create, "QuestionnaireResponse").Admits(identity.From(r.Context())) {
		l.AddHref = base(chart.ID) + "/new"
	}
	return web.Page{Title: "Forms, " + chart.Banner.Name.Short(), Current: "chart", Tab: "forms", Patient: &chart.Banner, Body: sheetPage(l)}, nil
}

// written is the view of a QuestionnaireResponse in a list.
type written struct {
	response
	ID string
}

func readForms(ctx context.Context, s *record.Session, patient string, zone *time.Location) ([]formRow, error) {
	known, err := offered(ctx, s)
	if err != nil {
		return nil, err
	}
	all, err := facts.FindAll[written](ctx, s, "QuestionnaireResponse", patient, facts.Params("_sort", "-authored", "_count", "200")...)
	if err != nil {
		return nil, err
	}
	var out []formRow
	for _, w := range all {
		q := matching(known, w.Questionnaire)
		row := formRow{Name: nameOf(q, w.response), When: facts.Moment(w.Authored, zone), By: w.Author.Display, Href: base(patient) + "/" + url.PathEscape(w.ID)}
		switch w.Status {
		case "in-progress":
			row.Note = "Unfinished"
		case "entered-in-error":
			row.Struck, row.Note = true, "Entered in error"
		default:
			if q != nil && q.builtin {
				row.Note = noteOf(q, w.answers())
			}
		}
		out = append(out, row)
	}
	return out, nil
}

// noteOf is the score that a response holds, or why it holds none.
func noteOf(q *questionnaire, a answers) string {
	s, ok := q.score(a, person{age: -1})
	if !ok {
		return ""
	}
	if held := a[s.item.LinkID]; len(held) > 0 {
		if n, ok := numeric(held[0]); ok {
			return "Score " + n.String()
		}
	}
	if why := s.why(); why != "" {
		return why
	}
	return "No score"
}

// matching is the questionnaire that a canonical names, in this version; nil if it is not here.
func matching(known []*questionnaire, canonical string) *questionnaire {
	i := slices.IndexFunc(known, func(q *questionnaire) bool { return q.canonical() == canonical })
	if i < 0 {
		return nil
	}
	return known[i]
}

// nameOf is what a response answers: the form's title, else the last part of its address.
func nameOf(q *questionnaire, r response) string {
	if q != nil {
		return q.title()
	}
	name, _, _ := strings.Cut(r.Questionnaire, "|")
	if i := strings.LastIndexByte(name, '/'); i >= 0 && i+1 < len(name) {
		return name[i+1:]
	}
	if name == "" {
		return "Form"
	}
	return name
}

// asked is a question with its answer, for reading.
type asked struct {
	question, answer string
	depth            int
}

// lines are the questions and answers of a response, in order.
func (r response) lines(zone *time.Location) (out []asked) {
	var walk func([]given, int)
	walk = func(items []given, depth int) {
		for _, g := range items {
			line := asked{question: g.Text, depth: depth}
			if line.question == "" {
				line.question = g.LinkID
			}
			var parts []string
			for _, a := range g.Answer {
				parts = append(parts, said(a.Value, zone))
			}
			line.answer = strings.Join(parts, ", ")
			out = append(out, line)
			for _, a := range g.Answer {
				walk(a.Item, depth+1)
			}
			walk(g.Item, depth+1)
		}
	}
	walk(r.Item, 0)
	return out
}

// said is an answer of any type for reading.
func said(c fhir.Choice, zone *time.Location) string {
	switch v := c.Value().(type) {
	case fhir.Date:
		d, err := fhir.ParseDateTime(v.String())
		if err == nil {
			return facts.Day(d, zone)
		}
	case fhir.DateTime:
		return facts.Moment(v, zone)
	case fhir.Quantity:
		return strings.TrimSpace(v.Value.String() + " " + v.Unit)
	case fhir.Reference:
		return v.Display
	case fhir.Attachment:
		return "attachment " + v.Title
	}
	return label(c)
}
