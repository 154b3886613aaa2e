package coverage

import (
	"context"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Slice is coverage: a panel of the chart.
func Slice(d slice.Deps) slice.Slice {
	return slice.Slice{
		Name: "coverage",
		Panels: []slice.Panel{{Name: "coverage", Right: slice.To(access.Search, "Coverage"), Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			return web.Box{Column: web.End, Order: 60, Body: p.Draw()}, nil
		}}},
	}
}
