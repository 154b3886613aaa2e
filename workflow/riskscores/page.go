package riskscores

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/riskscores/score"
)

// Row is one score for one patient.
type Row struct {
	*score.Score
	score.Result
	Applies bool   // it concerns this patient; others stand below
	Why     string // what is missing, or why it does not apply
	Href    string
}

// View is the page.
type View struct {
	Rows, Others, Bedside []Row
	Visits                *VisitsRow
	Kept                  []KeptRow
	Dead                  bool
}

// VisitsRow is how appointments were kept.
type VisitsRow struct{ Text, Level, Meaning string }

// rows are the scores for a patient.
func (p *person) rows(href string, now time.Time) (out []Row) {
	for _, s := range score.All {
		values := score.Values{}
		for name, k := range p.of(s, now) {
			values[name] = k.Value
		}
		row := Row{Score: s, Result: s.Evaluate(values), Href: href + "/" + s.ID}
		row.Applies = p.concerns(s) && row.Refused == ""
		switch {
		case row.Refused != "":
			row.Why = row.Refused
		case len(row.Missing) > 0:
			row.Why = p.lacks(s, row.Missing)
			if s.ID == "ascvd-pce-2013" {
				if white, african, ok := score.BothWays(values); ok {
					row.Text, row.Why = white+" or "+african, "With the white or the African American coefficients. Which to use is for the patient to say."
				}
			}
		}
		if s.ID == "egfr-ckd-epi-2021" && p.reported != nil && row.OK() {
			row.Notes = append(row.Notes, "The laboratory reported "+strconv.FormatFloat(p.reported.Number, 'f', -1, 64)+" on "+p.reported.From+".")
		}
		if slices.Contains([]string{"ascvd-pce-2013"}, s.ID) {
			if statins := p.meds.of("statin"); len(statins) > 0 && row.Refused == "" {
				row.Notes = append(row.Notes, "Takes "+names(statins)+": the cholesterol is that of treatment.")
			}
		}
		out = append(out, row)
	}
	return out
}

// concerns reports whether a score is about something that this patient has or may get.
func (p *person) concerns(s *score.Score) bool {
	switch s.ID {
	case "cha2ds2-vasc", "has-bled":
		return p.facts["fibrillation"].Yes
	case "lace":
		return p.stay != nil
	case "fib-4":
		return p.facts["steatosis"].Yes || p.facts["diabetes"].Yes || p.facts["liver"].Yes
	}
	return true
}

// lacks names what is missing, with why.
func (p *person) lacks(s *score.Score, missing []*score.Input) string {
	var labels []string
	for _, in := range missing {
		labels = append(labels, in.Label)
	}
	text := "Missing: " + strings.Join(labels, ", ") + "."
	if len(missing) == 1 {
		text = "Missing: " + labels[0] + ". " + p.why(s, missing[0].Name)
	}
	return text
}

func (p *person) view(href string, now time.Time) View {
	v := View{Dead: p.dead}
	for _, row := range p.rows(href, now) {
		switch {
		case slices.Contains(acute, row.ID):
			v.Bedside = append(v.Bedside, row)
		case row.Applies:
			v.Rows = append(v.Rows, row)
		default:
			v.Others = append(v.Others, row)
		}
	}
	if p.visits != nil {
		row := &VisitsRow{}
		row.Text, row.Level, row.Meaning, _ = p.visits.result(now.Location())
		v.Visits = row
	}
	return v
}

func (p *pages) list(r *http.Request) (web.View, error) {
	now := p.d.Shell.Clock()
	var who *person
	var v View
	var keptRows []KeptRow
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		var err, keptErr error
		facts.Together(
			func() { who, err = gather(r.Context(), s, id, p.library, now) },
			func() { keptRows, keptErr = readKept(r.Context(), s, id, now.Location()) },
		)
		if err == nil {
			err = keptErr
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	v = who.view(base(chart.ID), now)
	v.Kept = keptRows
	return web.Page{Title: "Risk scores, " + chart.Banner.Name.Short(), Current: "chart", Tab: "riskscores", Patient: &chart.Banner, Body: page(v)}, nil
}

// now is what the chart shows of it, after the chart itself is drawn.
func (p *pages) now(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	now, id := p.d.Shell.Clock(), r.PathValue("id")
	who, err := gather(r.Context(), s, id, p.library, now)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: short(who.view(base(id), now))}, nil
}

// levelTone is how a level is marked; the word always stands beside it.
func levelTone(level string) ui.Tone {
	switch level {
	case "high", "likely", "G4", "G5", "G3b":
		return ui.Caution
	}
	return ui.Neutral
}
