package results

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

type pages struct{ d slice.Deps }

// Overview is the page of all tests of a patient.
type Overview struct {
	Rows    []clinical.Result // newest first
	Dates   []string          // of each row
	Limited bool              // older values were not read
}

// History is the page of one test.
type History struct {
	Name      string
	Newest    clinical.Value
	When      string
	Change    string
	Range     string
	Trend     *clinical.Trend // nil for words and single values
	Values    []Past
	Specimen  string
	BackHref  string
	Corrected bool
}

// Past is one row of the history.
type Past struct {
	When  string
	Value clinical.Value
	Range string
	Note  string // corrected
}

// overview lists every test with its newest value.
func (p *pages) overview(r *http.Request) (web.View, error) {
	var v Overview
	zone := p.d.Shell.Location()
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		all, err := facts.Find[facts.Observation](r.Context(), s, "Observation", id, facts.Params("category", "laboratory", "_sort", "-date", "_count", "1000")...)
		if err != nil {
			return err
		}
		v.Limited = len(all) == 1000
		for _, t := range tests(all, zone) {
			row := t.row(zone)
			row.Href = href(id, t.newest())
			v.Rows = append(v.Rows, row)
			v.Dates = append(v.Dates, facts.Moment(t.newest().At, zone))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Results, " + chart.Banner.Name.Short(), Current: "chart", Tab: "results", Patient: &chart.Banner, Body: overviewPage(v)}, nil
}

// href leads to the history of a test.
func href(id string, v facts.Value) string {
	return "/patients/" + url.PathEscape(id) + "/results/history?" + url.Values{"test": {v.Key()}}.Encode()
}

// history draws one test over time with every value in a table.
func (p *pages) history(r *http.Request) (web.View, error) {
	var h History
	zone, key := p.d.Shell.Location(), r.FormValue("test")
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		params := facts.Params("_sort", "-date", "_count", "1000")
		if system, code, ok := strings.Cut(key, "|"); ok && system == "loinc" {
			params = append(params, facts.Params("combo-code", facts.LOINC+"|"+code)...)
		} else {
			params = append(params, facts.Params("category", "laboratory")...)
		}
		all, err := facts.Find[facts.Observation](r.Context(), s, "Observation", id, params...)
		if err != nil {
			return err
		}
		for _, t := range tests(all, zone) {
			if t.newest().Key() == key {
				h = t.history(id, p.d.Shell)
				return nil
			}
		}
		return web.ErrNotFound
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: h.Name + ", " + chart.Banner.Name.Short(), Current: "chart", Tab: "results", Patient: &chart.Banner, Body: historyPage(h)}, nil
}

func (t test) history(id string, shell *web.Shell) History {
	zone := shell.Location()
	newest := t.newest()
	h := History{Name: newest.Name(), Newest: newest.Show(), When: facts.Moment(newest.At, zone), Range: newest.Range(), BackHref: "/patients/" + url.PathEscape(id) + "/results", Corrected: newest.Corrected}
	h.Change, _ = facts.Change(t.values, zone)
	for _, v := range t.values {
		row := Past{When: facts.Moment(v.At, zone), Value: v.Show(), Range: v.Range()}
		if v.Corrected {
			row.Note = "corrected"
		}
		h.Values = append(h.Values, row)
	}
	if plot := facts.Plot(t.values, zone); plot != nil {
		plot.ID = "history"
		h.Trend = plot
	}
	return h
}

// units tells whether the values of a test came in more than one unit, which one drawing cannot hold.
func (h History) units() bool {
	var seen []string
	for _, v := range h.Values {
		if v.Value.Unit != "" && !slices.Contains(seen, v.Value.Unit) {
			seen = append(seen, v.Value.Unit)
		}
	}
	return len(seen) > 1
}
