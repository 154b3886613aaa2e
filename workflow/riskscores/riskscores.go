package riskscores

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

type pages struct {
	d       slice.Deps
	library *drugs.Library
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/risk-scores" }

// Slice is the risk scores: a panel of the chart that is fetched after it, the page of all, one score with its inputs to try others, and
// a rule.
func Slice(d slice.Deps, library *drugs.Library) slice.Slice {
	p := &pages{d, library}
	right, keep, strike := slice.To(access.Search, "Observation"), slice.To(access.Create, "RiskAssessment"), slice.To(access.Update, "RiskAssessment")
	return slice.Slice{
		Name: "riskscores",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/risk-scores", Right: right, Page: p.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/risk-scores/now", Right: right, Page: p.now},
			{Method: http.MethodGet, Pattern: "/patients/{id}/risk-scores/{score}", Right: right, Page: p.one},
			{Method: http.MethodPost, Pattern: "/patients/{id}/risk-scores/{score}", Right: right, Page: p.answer},
			{Method: http.MethodGet, Pattern: "/patients/{id}/risk-scores/kept/{assessment}", Right: right, Page: p.kept},
			{Method: http.MethodPost, Pattern: "/patients/{id}/risk-scores/kept/{assessment}", Right: strike, Page: p.strike},
		},
		Menu: []web.Entry{{Name: "riskscores", Label: "Risk scores", Href: "/patients/{id}/risk-scores", Icon: "trending-up"}},
		Panels: []slice.Panel{{Name: "riskscores", Right: keep, Draw: func(_ context.Context, _ *record.Session, patient string) (templ.Component, error) {
			return web.Box{Column: web.End, Order: 29, Body: panel(base(patient))}, nil
		}}},
		Rules: []slice.Rule{{
			Name: "stroke-prevention", Title: "Stroke prevention in atrial fibrillation", Right: right,
			Description: "Looks at problems, age, sex and medicines; says the CHA2DS2-VASc score of a patient with atrial fibrillation who takes no anticoagulant, where one is recommended or reasonable.",
			Advise: func(ctx context.Context, s *record.Session, patient string) ([]slice.Advice, error) {
				return advise(ctx, s, patient, library, d.Shell.Clock())
			},
		}},
	}
}
