package immunization

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

type pages struct{ d slice.Deps }

// all draws the forecast and what was given.
func (p *pages) all(r *http.Request) (web.View, error) {
	var who person
	chart, err := facts.OpenChart(r, p.d.Session, p.d.Shell, func(s *record.Session, id string) error {
		var err error
		who, err = gather(r.Context(), s, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	v := plan(who, forecast.DateOf(now), now.Location())
	v.link(base(chart.ID))
	if slice.To(access.Create, "Immunization").Admits(identity.From(r.Context())) {
		v.AddHref = base(chart.ID)
	}
	return web.Page{Title: "Immunizations, " + chart.Banner.Name.Short(), Current: "chart", Tab: "immunizations", Patient: &chart.Banner, Body: planPage(v)}, nil
}

// link leads from each dose to what is recorded of it.
func (v *Plan) link(at string) {
	for _, g := range v.History {
		for i := range g.Doses {
			if id := g.Doses[i].id; id != "" {
				g.Doses[i].Href = at + "/doses/" + url.PathEscape(id)
			}
		}
	}
	for i := range v.Left {
		if id := v.Left[i].id; id != "" {
			v.Left[i].Href = at + "/doses/" + url.PathEscape(id)
		}
	}
}

// due draws what is due, for the chart: the chart itself does not wait for it.
func (p *pages) due(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	who, err := gather(r.Context(), s, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	return web.Fragment{Body: dueRows(plan(who, forecast.DateOf(now), now.Location()))}, nil
}

// nothingDue is what stands where nothing is due. It promises no more than was looked at.
func (v Plan) nothingDue() string {
	switch {
	case v.blind():
		return "Not known what is due"
	case len(v.History) == 0 && len(v.Left) == 0:
		return "Nothing due by age; no immunizations recorded"
	}
	return "Nothing due by the record"
}

// warnings are the messages without that of the season, which the chart says in fewer words.
func (v Plan) warnings() []ui.Message {
	if len(v.Outdated) > 0 {
		return v.Messages[:len(v.Messages)-1]
	}
	return v.Messages
}

// blind reports whether there is no forecast at all.
func (v Plan) blind() bool {
	return len(v.Due)+len(v.Shared)+len(v.Upcoming)+len(v.Later)+len(v.Barred)+len(v.Not)+len(v.Complete)+len(v.History) == 0
}

// considered says what the forecast rests on.
func (v Plan) considered() string {
	out := "By age, sex and the doses on record."
	if len(v.Because) > 0 {
		out = "By age, sex, the doses on record, and: " + strings.ToLower(strings.Join(v.Because, "; ")) + "."
	}
	return out + " Exposures, travel and plans that are not recorded as codes are not considered. Doses given elsewhere count once they are recorded."
}
