package charting

import (
	"net/http"
	"net/url"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// List is the page of a patient's visit notes.
type List struct {
	Rows  []ListRow
	Older string
}

// ListRow is one note.
type ListRow struct {
	Title, When, Who, Href string
	Draft, Replaced        bool
}

// list is the page of all notes that were written here, newest first.
func (n *notes) list(r *http.Request) (web.View, error) {
	var v List
	zone := n.d.Shell.Location()
	chart, err := facts.OpenChart(r, n.d.Session, n.d.Shell, func(s *record.Session, id string) error {
		q := facts.Of("Composition", id, facts.Params("_sort", "-date", "_count", "100")...)
		q.Page = r.FormValue("page")
		page, err := s.Search(r.Context(), q)
		if err != nil {
			return err
		}
		replaced := map[string]bool{}
		var all []composition
		for i := range page.Entries {
			c, err := fhir.View[composition](page.Entries[i].Resource())
			if err != nil {
				return err
			}
			if c.Status == mistaken || c.said(templateOf) == "" {
				continue
			}
			if c.locked() {
				replaced[c.related("replaces")] = true
			}
			all = append(all, c)
		}
		for _, c := range all {
			row := ListRow{Title: c.Title, When: facts.Moment(c.Date, zone), Href: at(id, c.ID), Draft: !c.locked(), Replaced: replaced[c.ID]}
			for _, a := range c.Author {
				row.Who = a.Display
			}
			v.Rows = append(v.Rows, row)
		}
		if page.Next != "" {
			v.Older = base(id) + "?" + url.Values{"page": {page.Next}}.Encode()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Visit notes, " + chart.Banner.Name.Short(), Current: "chart", Tab: "documents", Patient: &chart.Banner, Body: listPage(v)}, nil
}
