package letters

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// List is the page of letters and prints.
type List struct {
	Letters   []Row
	Visits    []Row
	Templates []Row
	PrintHref string
}

// Row is one letter, visit or kind of letter.
type Row struct {
	Title, To, When, State, Href string
	Draft                        bool
}

// shownVisits is how many visits are offered for a summary.
const shownVisits = 12

func (e *desk) list(r *http.Request) (web.View, error) {
	var l List
	zone := e.d.Shell.Location()
	mine := writes(identity.From(r.Context()))
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		var err1, err2 error
		facts.Together(func() { l.Letters, err1 = e.letters(r.Context(), s, id, mine) }, func() {
			var visits []encounter
			if visits, err2 = visitsOf(r.Context(), s, id, shownVisits); err2 != nil {
				return
			}
			for _, v := range visits {
				title := facts.First(v.Type)
				if len(v.Reason) > 0 {
					title = strings.TrimPrefix(title+": "+facts.First(v.Reason), ": ")
				}
				l.Visits = append(l.Visits, Row{Title: title, To: v.with(), When: facts.Day(v.Period.Start, zone), Href: chartOf(id) + "/summary/" + url.PathEscape(v.ID)})
			}
		})
		if err1 != nil {
			return err1
		}
		return err2
	})
	if err != nil {
		return nil, err
	}
	l.PrintHref = chartOf(chart.ID) + "/print"
	if mine {
		for _, t := range templates() {
			l.Templates = append(l.Templates, Row{Title: t.Name, Href: base(chart.ID) + "/new?template=" + t.ID})
		}
	}
	return web.Page{Title: "Letters and print, " + chart.Banner.Name.Short(), Current: "chart", Tab: "letters", Patient: &chart.Banner, Body: listPage(l)}, nil
}

// letters are those of a patient, newest first; drafts for who may write them.
func (e *desk) letters(ctx context.Context, s *record.Session, patient string, drafts bool) (out []Row, err error) {
	err = each(ctx, s, "Composition", patient, func(v *record.Version) (bool, error) {
		l, err := fhir.View[letter](v.Resource())
		if err != nil || l.said(templateOf) == "" || l.Status == mistaken || !l.signed() && !drafts {
			return true, err
		}
		row := Row{Title: l.Title, To: l.said(goesTo), When: facts.Day(l.Date, e.d.Shell.Location()), Href: at(patient, l.ID), State: "Draft", Draft: true}
		for _, a := range l.Attester {
			row.State, row.Draft = "Signed by "+a.Party.Display, false
		}
		out = append(out, row)
		return len(out) < 200, nil
	}, "_sort", "-date")
	return out, err
}
