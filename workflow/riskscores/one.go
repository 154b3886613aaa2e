package riskscores

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/riskscores/score"
)

// asked is one score for one patient with its inputs in a form.
type asked struct {
	score   *score.Score
	who     *person
	known   map[string]known
	form    *web.Form
	values  score.Values
	result  score.Result
	changed []string // inputs that were given otherwise than the record measured them
	both    string
	mayKeep bool
}

var yesNo = []score.Option{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}}

func options(list []score.Option, none string) []ui.Option {
	out := []ui.Option{{Label: none}}
	for _, o := range list {
		out = append(out, ui.Option{Value: o.Value, Label: o.Label})
	}
	return out
}

// label is an input with its unit.
func label(in *score.Input) string {
	if in.Unit == "" {
		return in.Label
	}
	return in.Label + ", " + in.Unit
}

// hint says where an input comes from or why it is asked, and what it means.
func (a asked) hint(in *score.Input) string {
	said := a.who.why(a.score, in.Name)
	if k, ok := a.known[in.Name]; ok {
		said = "Record: " + in.Show(k.Value) + " (" + k.From + ")."
	}
	if in.Hint != "" {
		said += " " + strings.ToUpper(in.Hint[:1]) + in.Hint[1:] + "."
	}
	return said
}

func parts(list []score.Part) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Label+" "+strings.Replace(strconv.Itoa(p.Points), "-", "−", 1))
	}
	return strings.Join(out, ", ") + "."
}

func missing(list []*score.Input) string {
	var out []string
	for _, in := range list {
		out = append(out, in.Label)
	}
	return strings.Join(out, ", ")
}

// lacking are the labels of what a score lacks, at most two.
func (row Row) lacking() string {
	if len(row.Missing) > 2 {
		return strconv.Itoa(len(row.Missing)) + " inputs"
	}
	return strings.ToLower(missing(row.Missing))
}

// text is a value as a field holds it.
func text(in *score.Input, v score.Value) string {
	switch in.Kind {
	case score.YesNo:
		if v.Yes {
			return "yes"
		}
		return "no"
	case score.Choice:
		return v.Choice
	}
	return strconv.FormatFloat(v.Number, 'f', -1, 64)
}

// read takes the inputs from the form: what is empty is not known.
func (a *asked) read() {
	a.values = score.Values{}
	for i := range a.score.Inputs {
		in := &a.score.Inputs[i]
		typed := a.form.Text(in.Name)
		if typed == "" {
			continue
		}
		var v score.Value
		switch in.Kind {
		case score.YesNo:
			if typed != "yes" && typed != "no" {
				a.form.Wrong(in.Name, "Choose yes, no or not known.")
				continue
			}
			v.Yes = typed == "yes"
		case score.Choice:
			if !slices.ContainsFunc(in.Options, func(o score.Option) bool { return o.Value == typed }) {
				a.form.Wrong(in.Name, "Choose one of these.")
				continue
			}
			v.Choice = typed
		default:
			n, err := fhir.ParseDecimal(strings.Replace(typed, ",", ".", 1))
			switch {
			case err != nil:
				a.form.Wrong(in.Name, "Not a number. Write it with a point: 4.5.")
				continue
			case n.Float64() < in.Least || in.Most > 0 && n.Float64() > in.Most:
				a.form.Wrong(in.Name, "Not possible: it is between "+strconv.FormatFloat(in.Least, 'f', -1, 64)+" and "+strconv.FormatFloat(in.Most, 'f', -1, 64)+" "+in.Unit+".")
				continue
			}
			v.Number = n.Float64()
		}
		a.values[in.Name] = v
		if k, ok := a.known[in.Name]; ok && len(k.Basis) > 0 && k.Value != v {
			a.changed = append(a.changed, in.Label+" "+in.Show(v)+" in place of "+in.Show(k.Value))
		}
	}
	// An input that the record has and the form does not is a what-if too.
	for i := range a.score.Inputs {
		in := &a.score.Inputs[i]
		if k, ok := a.known[in.Name]; ok && len(k.Basis) > 0 && a.form.Text(in.Name) == "" {
			a.changed = append(a.changed, in.Label+" left out")
		}
	}
	a.result = a.score.Evaluate(a.values)
	if white, african, ok := score.BothWays(a.values); ok && a.score.ID == "ascvd-pce-2013" {
		a.both = white + " with the white coefficients, " + african + " with the African American ones."
	}
}

// open gathers what the record says for the score that the address names.
func (p *pages) open(r *http.Request) (facts.Chart, *asked, error) {
	a := &asked{score: score.Find(r.PathValue("score"))}
	if a.score == nil {
		return facts.Chart{}, nil, web.ErrNotFound
	}
	now := p.d.Shell.Clock()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) (err error) {
		a.who, err = gather(r.Context(), s, id, p.library, now)
		a.mayKeep = s.May(access.Create, "RiskAssessment") && s.May(access.Search, "RiskAssessment")
		return err
	})
	if err != nil {
		return chart, nil, err
	}
	a.known = a.who.of(a.score, now)
	return chart, a, nil
}

// one shows a score with what the record says.
func (p *pages) one(r *http.Request) (web.View, error) {
	chart, a, err := p.open(r)
	if err != nil {
		return nil, err
	}
	a.form = web.NewForm(url.Values{"once": {facts.NewUUID()}})
	for i := range a.score.Inputs {
		if k, ok := a.known[a.score.Inputs[i].Name]; ok {
			a.form.Set(a.score.Inputs[i].Name, text(&a.score.Inputs[i], k.Value))
		}
	}
	a.read()
	return a.work(chart, 0), nil
}

func (a *asked) work(chart facts.Chart, status int) web.Work {
	w := web.Work{
		Title: a.score.Name, Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Action: base(chart.ID) + "/" + a.score.ID, Body: fields(*a), Status: status,
		Buttons: []ui.Button{{Label: "Recalculate", Kind: ui.Plain, Attrs: map[string]any{"name": "what", "value": "if", web.EnterAttr: true}}},
	}
	if a.keepable() {
		w.Buttons = append(w.Buttons, ui.Button{Label: "Keep in the record", Kind: ui.Primary})
	} else {
		w.Buttons[0].Kind = ui.Primary
	}
	return w
}

// keepable reports whether a result may be kept: there is one, it is a risk, and it rests on what is recorded or was asked.
func (a *asked) keepable() bool {
	return a.mayKeep && a.form.OK() && a.result.OK() && len(a.changed) == 0 && a.score.ID != "egfr-ckd-epi-2021"
}

// answer works the score out again, and keeps it if that was asked for.
func (p *pages) answer(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, a, err := p.open(r)
	if err != nil {
		return nil, err
	}
	a.form = f
	a.read()
	switch {
	case !f.OK():
		return a.work(chart, http.StatusUnprocessableEntity), nil
	case f.Has("what"):
		return a.work(chart, 0), nil
	case !a.mayKeep:
		return nil, web.ErrForbidden
	case !a.keepable():
		w := a.work(chart, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Not kept.", Text: a.refusal()}}
		return w, nil
	}
	doc, err := a.assessment(chart.ID, p.d.Shell.Clock(), facts.Author(r.Context()))
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(r.Context(), []record.Op{doc}); err != nil {
		reason := facts.Refused(err)
		if reason == "" {
			return nil, err
		}
		w := a.work(chart, http.StatusUnprocessableEntity)
		w.Messages = []ui.Message{{Tone: ui.Critical, Lead: "Not kept.", Text: reason}}
		return w, nil
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: a.score.Name + " " + a.result.Text, Text: "kept in the record of " + chart.Banner.Name.Plain() + " on " + format.Date(p.d.Shell.Clock()) + "."}}, nil
}

// refusal says why a result is not kept.
func (a *asked) refusal() string {
	switch {
	case len(a.changed) > 0:
		return "The record says otherwise: " + strings.Join(a.changed, "; ") + ". Record the value first, or put it back."
	case a.score.ID == "egfr-ckd-epi-2021":
		return "An eGFR is worked out wherever it is needed and is not kept."
	}
	return "There is no result."
}
