package results

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

type pages struct{ d slice.Deps }

// Overview is the page of all tests of a patient.
type Overview struct {
	Rows  []clinical.Result // critical first, then what is out of range, then the rest; newest first among them
	Dates []string          // of each row
	Since string            // how far back the values go, 02-May-2024; empty when these are all
	Older string            // address of what came before
	First bool              // the page begins with the newest values
	All   string            // address of the page that does
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
	Older     string // address of older values
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
		cursor := r.FormValue("page")
		all, next, err := observations(r.Context(), s, id, cursor, facts.Params("category", "laboratory", "_sort", "-date", "_count", listed)...)
		if err != nil {
			return err
		}
		base := "/patients/" + url.PathEscape(id) + "/results"
		v.First, v.All = cursor == "", base
		if next != "" {
			v.Older, v.Since = base+"?"+url.Values{"page": {next}}.Encode(), cmp.Or(facts.Day(all[len(all)-1].At(), zone), "a day that is not known")
		}
		found := tests(all, zone)
		slices.SortStableFunc(found, func(a, b test) int { return cmp.Compare(weight(b.newest().Flag()), weight(a.newest().Flag())) })
		for _, t := range found {
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

// listed is how many values a page reads.
const listed = "400"

// observations reads a page of observations, and the cursor of the next.
func observations(ctx context.Context, s *record.Session, patient, cursor string, params ...search.Param) (all []facts.Observation, next string, err error) {
	page, err := facts.Page(ctx, s, facts.Of("Observation", patient, params...), patient, cursor)
	if err != nil {
		return nil, "", err
	}
	for i := range page.Entries {
		o, err := facts.ReadObservation(page.Entries[i].Resource())
		if err != nil {
			return nil, "", err
		}
		all = append(all, o)
	}
	return all, page.Next, nil
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
		params := facts.Params("_sort", "-date", "_count", listed)
		if system, code, ok := strings.Cut(key, "|"); ok && system == "loinc" {
			params = append(params, facts.Params("combo-code", facts.LOINC+"|"+code)...)
		} else {
			params = append(params, facts.Params("category", "laboratory")...)
		}
		all, next, err := observations(r.Context(), s, id, r.FormValue("page"), params...)
		if err != nil {
			return err
		}
		for _, t := range tests(all, zone) {
			if t.newest().Key() == key {
				h = t.history(id, p.d.Shell)
			}
		}
		if next != "" {
			h.Older = "/patients/" + url.PathEscape(id) + "/results/history?" + url.Values{"test": {key}, "page": {next}}.Encode()
		}
		if h.Values == nil && h.Older == "" {
			return web.ErrNotFound
		}
		if h.Values == nil { // of a test without a code, whose values stand among all others
			h.Name, h.BackHref = "No values of this test here", "/patients/"+url.PathEscape(id)+"/results"
		}
		return nil
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
