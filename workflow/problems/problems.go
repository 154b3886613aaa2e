package problems

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// Slice is the problem list: a panel of the chart.
func Slice(d slice.Deps) slice.Slice {
	return slice.Slice{
		Name: "problems",
		Panels: []slice.Panel{{Name: "problems", Right: slice.To(access.Search, "Condition"), Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := read(ctx, s, patient, d.Shell.Clock())
			if err != nil {
				return nil, err
			}
			return web.Box{Column: web.Start, Order: 10, Body: p.Draw(), Print: p.Print()}, nil
		}}},
	}
}

// read makes the panel of a patient's conditions.
func read(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	all, err := facts.Find[condition](ctx, s, "Condition", patient, facts.Params("_count", "500")...)
	if err != nil {
		return Panel{}, err
	}
	return list(all, now.Location()), nil
}
