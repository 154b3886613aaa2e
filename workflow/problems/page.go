package problems

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// List is the page of the whole problem list.
type List struct {
	Active, Past []Problem
	AddHref      string
}

// list is the page of all problems: what is active, and what was.
func (e *editor) list(r *http.Request) (web.View, error) {
	var l List
	zone := e.d.Shell.Location()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) error {
		all, err := facts.FindAll[condition](r.Context(), s, "Condition", id, facts.Params("_count", "1000")...)
		if err != nil {
			return err
		}
		p := list(all, zone)
		l.Active = p.Active
		for _, c := range slices.DeleteFunc(all, func(c condition) bool { return !c.listed() || c.active() }) {
			l.Past = append(l.Past, Problem{ID: c.ID, Name: c.name(), Since: c.span(zone), Note: c.note()})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if slice.To(access.Update, "Condition").Admits(identity.From(r.Context())) {
		l.AddHref = base(chart.ID) + "/new"
		for _, rows := range [][]Problem{l.Active, l.Past} {
			for i := range rows {
				rows[i].Href = base(chart.ID) + "/" + url.PathEscape(rows[i].ID)
			}
		}
	}
	return web.Page{Title: "Problems, " + chart.Banner.Name.Short(), Current: "chart", Tab: "problems", Patient: &chart.Banner, Body: listPage(l)}, nil
}
