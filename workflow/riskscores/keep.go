package riskscores

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
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// system names the scores, as methods of RiskAssessments.
const system = "https://osler.example/fhir/CodeSystem/risk-score"

// codes are the LOINC codes of scores that have one which was looked up.
var codes = map[string]fhir.CodeableConcept{
	"ascvd-pce-2013": fhir.Concept(facts.LOINC, "79423-0", "Cardiovascular disease 10Y risk [Likelihood] ACC-AHA Pooled Cohort by Goff 2013"),
}

// assessment is a RiskAssessment as it is written here. (https://hl7.org/fhir/R4/riskassessment.html)
type assessment struct {
	Identifier []fhir.Identifier
	Status     string
	Method     fhir.CodeableConcept
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Occurrence fhir.Choice `fhir:"occurrence[x]"`
	Performer  fhir.Reference
	Basis      []fhir.Reference
	Prediction []prediction
	Note       []fhir.Annotation
}

type prediction struct {
	Outcome     fhir.CodeableConcept
	Probability fhir.Choice          `fhir:"probability[x]"`
	Qualitative fhir.CodeableConcept `fhir:"qualitativeRisk"`
	When        fhir.Choice          `fhir:"when[x]"`
	Rationale   string
}

// assessment makes what is kept of a result: its inputs as the basis, and all of them with their origin as a note.
func (a *asked) assessment(patient string, now time.Time, author fhir.Reference) (record.Op, error) {
	x := assessment{
		Status: "final", Method: fhir.Concept(system, a.score.ID, a.score.Name), Code: codes[a.score.ID], Subject: fhir.To("Patient", patient),
		Occurrence: fhir.ChoiceOf(fhir.DateTimeOf(now, fhir.Second)), Performer: author,
	}
	x.Method.Text = a.score.Name + ", " + a.score.Version
	pr := prediction{Outcome: fhir.CodeableConcept{Text: a.score.Purpose}, Qualitative: fhir.CodeableConcept{Text: a.result.Level}, Rationale: a.result.Text + ". " + a.result.Meaning}
	if a.result.Percent != nil {
		d, err := fhir.ParseDecimal(strconv.FormatFloat(*a.result.Percent, 'f', -1, 64))
		if err != nil {
			return record.Op{}, err
		}
		pr.Probability = fhir.ChoiceOf(d)
	}
	if a.score.Horizon > 0 {
		n := fhir.DecimalFromInt(int64(a.score.Horizon))
		pr.When = fhir.ChoiceOf(fhir.Range{Low: fhir.Measured(fhir.DecimalFromInt(0), a.score.Per), High: fhir.Measured(n, a.score.Per)})
	}
	x.Prediction = []prediction{pr}
	lines := []string{a.score.Name + ": " + a.result.Text}
	for i := range a.score.Inputs {
		in := &a.score.Inputs[i]
		v := a.values[in.Name]
		k, ok := a.known[in.Name]
		origin := "asked"
		if ok && k.Value == v {
			origin = k.From
			for _, ref := range k.Basis {
				if !slices.Contains(x.Basis, ref) {
					x.Basis = append(x.Basis, ref)
				}
			}
		}
		lines = append(lines, in.Label+": "+in.Show(v)+" ("+origin+")")
	}
	if len(a.result.Parts) > 0 {
		lines = append(lines, "Points: "+parts(a.result.Parts))
	}
	x.Note = []fhir.Annotation{facts.Note(strings.Join(lines, "\n"), author, now)}
	op := record.Op{Verb: record.Create, Type: "RiskAssessment"}
	x.Identifier, op.Condition = facts.Once(a.form, "")
	var err error
	op.Resource, err = fhir.New("RiskAssessment", x)
	return op, err
}

// KeptRow is a result that was kept.
type KeptRow struct {
	Name, Result, When, Href string
	Struck                   bool
}

// stored is the view of a RiskAssessment of the record, of ours or another system's.
type stored struct {
	ID         string
	Status     string
	Method     fhir.CodeableConcept
	Code       fhir.CodeableConcept
	Subject    fhir.Reference
	Occurrence fhir.Choice `fhir:"occurrence[x]"`
	Performer  fhir.Reference
	Prediction []prediction
	Note       []fhir.Annotation
}

func (x stored) name() string {
	for _, c := range []fhir.CodeableConcept{x.Method, x.Code} {
		if s := facts.Concept(c); s != "" {
			return s
		}
	}
	return "Risk assessment"
}

// result is what was predicted, in words.
func (x stored) result() (short, meaning string) {
	if len(x.Prediction) == 0 {
		return "", ""
	}
	p := x.Prediction[0]
	if short, meaning, ok := strings.Cut(p.Rationale, ". "); ok {
		return short, meaning
	}
	if d, ok := fhir.ChoiceValue[fhir.Decimal](p.Probability); ok {
		return d.String() + " %", p.Rationale
	}
	return facts.Concept(p.Qualitative), p.Rationale
}

func (x stored) when(zone *time.Location) string {
	switch v := x.Occurrence.Value().(type) {
	case fhir.DateTime:
		return facts.Day(v, zone)
	case fhir.Period:
		return facts.Day(facts.When(v.Start, v.End), zone)
	}
	return ""
}

func readKept(ctx context.Context, s *record.Session, patient string, zone *time.Location) ([]KeptRow, error) {
	if !s.May(access.Search, "RiskAssessment") {
		return nil, nil
	}
	list, err := facts.FindAll[stored](ctx, s, "RiskAssessment", patient, facts.Params("_sort", "-date", "_count", "100")...)
	if err != nil {
		return nil, err
	}
	var out []KeptRow
	for _, x := range list {
		row := KeptRow{Name: x.name(), When: x.when(zone), Href: base(patient) + "/kept/" + url.PathEscape(x.ID), Struck: x.Status == struckStatus}
		row.Result, _ = x.result()
		out = append(out, row)
	}
	return out, nil
}

const struckStatus = "entered-in-error"

// keptView is the page of a result that was kept.
type keptView struct {
	Result, Meaning, By string
	Inputs              []string
	Struck, MayStrike   bool
	Form                *web.Form
}

// readOne reads the assessment that the address names. One of another patient is not there.
func (p *pages) readOne(r *http.Request) (facts.Chart, stored, *record.Version, error) {
	var v *record.Version
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, _ string) (err error) {
		v, err = s.Read(r.Context(), "RiskAssessment", r.PathValue("assessment"))
		return err
	})
	if err != nil {
		return chart, stored{}, nil, err
	}
	x, err := fhir.View[stored](v.Resource())
	if err != nil {
		return chart, x, nil, err
	}
	if x.Subject.Reference != "Patient/"+chart.ID {
		return chart, x, nil, web.ErrNotFound
	}
	return chart, x, v, nil
}

func (p *pages) kept(r *http.Request) (web.View, error) {
	chart, x, v, err := p.readOne(r)
	if err != nil {
		return nil, err
	}
	return p.keptWork(chart, x, v, web.NewForm(url.Values{"version": {strconv.FormatInt(v.Version, 10)}}), 0), nil
}

func (p *pages) keptWork(chart facts.Chart, x stored, v *record.Version, f *web.Form, status int) web.Work {
	k := keptView{Struck: x.Status == struckStatus, By: x.when(p.d.Shell.Location()), Form: f}
	k.Result, k.Meaning = x.result()
	if x.Performer.Display != "" {
		k.By += ", " + x.Performer.Display
	}
	for _, n := range x.Note {
		k.Inputs = append(k.Inputs, strings.Split(n.Text, "\n")...)
	}
	w := web.Work{Title: x.name(), Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Status: status}
	if !k.Struck && chart.Session.May(access.Update, "RiskAssessment") {
		k.MayStrike = true
		w.Action = base(chart.ID) + "/kept/" + url.PathEscape(v.ID)
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger}}
	}
	w.Body = keptPage(k)
	return w
}

// strike marks a kept result as entered in error, with the reason.
func (p *pages) strike(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chart, x, v, err := p.readOne(r)
	if err != nil {
		return nil, err
	}
	if x.Status == struckStatus {
		return web.Done{To: base(chart.ID), Say: ui.Message{Text: "It is struck already."}}, nil
	}
	f.Need("reason", "Say why it is wrong: wrong patient, wrong input.")
	if !f.OK() {
		return p.keptWork(chart, x, v, f, http.StatusUnprocessableEntity), nil
	}
	s, err := fhir.View[struct {
		Status string
		Note   []fhir.Annotation
	}](v.Resource())
	if err != nil {
		return nil, err
	}
	s.Status = struckStatus
	s.Note = append(s.Note, facts.Note("Entered in error: "+f.Text("reason"), facts.Author(r.Context()), p.d.Shell.Clock()))
	doc, err := fhir.Merge(v.Resource(), s)
	if err != nil {
		return nil, err
	}
	if _, err := chart.Session.Do(r.Context(), []record.Op{{Verb: record.Update, Type: "RiskAssessment", ID: v.ID, Resource: doc, IfMatch: facts.Editing(f)}}); err != nil {
		if !facts.Changed(err) {
			return nil, err
		}
		_, x, v, readErr := p.readOne(r)
		if readErr != nil {
			return nil, readErr
		}
		f.Set("version", strconv.FormatInt(v.Version, 10))
		w := p.keptWork(chart, x, v, f, http.StatusConflict)
		w.Messages = []ui.Message{{Tone: ui.Caution, Lead: "Changed by somebody else meanwhile.", Text: "Strike it again if it is still wrong."}}
		return w, nil
	}
	return web.Done{To: base(chart.ID), Say: ui.Message{Lead: "Struck.", Text: "The result was entered in error. It stays in the record."}}, nil
}
