package careplans

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// desk is where plans are kept.
type desk struct {
	d     slice.Deps
	table *Table
}

// Slice is the care plan: a panel of the chart, its page, and the forms by which plan, goals, activities and team change.
func Slice(d slice.Deps) slice.Slice {
	table, err := LoadTable()
	if err != nil { // it ships with the program, so a test has read it; own words always are there
		d.Log.Error("the table of goals is not whole", "error", err.Error())
	}
	e := &desk{d, table}
	read, create, update := slice.To(access.Search, "CarePlan"), slice.To(access.Create, "CarePlan"), slice.To(access.Update, "CarePlan")
	goalNew, goalChange := slice.To(access.Create, "Goal"), slice.To(access.Update, "Goal")
	team := slice.To(access.Update, "CareTeam")
	const one = "/patients/{id}/careplans/{plan}"
	return slice.Slice{
		Name: "careplans",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/careplans", Right: read, Page: e.page},
			{Method: http.MethodGet, Pattern: "/patients/{id}/careplans/new", Right: create, Page: e.blankPlan},
			{Method: http.MethodPost, Pattern: "/patients/{id}/careplans", Right: create, Page: e.createPlan},
			{Method: http.MethodGet, Pattern: "/patients/{id}/careplans/goals", Right: goalNew, Page: e.goalOptions},
			{Method: http.MethodGet, Pattern: one, Right: update, Page: e.openPlan},
			{Method: http.MethodPost, Pattern: one, Right: update, Page: e.changePlan},
			{Method: http.MethodGet, Pattern: one + "/goals/new", Right: goalNew, Page: e.blankGoal},
			{Method: http.MethodPost, Pattern: one + "/goals", Right: goalNew, Page: e.createGoal},
			{Method: http.MethodGet, Pattern: one + "/goals/{goal}", Right: goalChange, Page: e.openGoal},
			{Method: http.MethodPost, Pattern: one + "/goals/{goal}", Right: goalChange, Page: e.changeGoal},
			{Method: http.MethodGet, Pattern: one + "/activities/{n}", Right: update, Page: e.openActivity},
			{Method: http.MethodPost, Pattern: one + "/activities/{n}", Right: update, Page: e.changeActivity},
			{Method: http.MethodGet, Pattern: "/patients/{id}/careteam/{n}", Right: team, Page: e.openMember},
			{Method: http.MethodPost, Pattern: "/patients/{id}/careteam/{n}", Right: team, Page: e.changeMember},
		},
		Menu: []web.Entry{{Name: "careplans", Label: "Care plan", Href: "/patients/{id}/careplans", Icon: "clipboard-list"}},
		Panels: []slice.Panel{{Name: "careplans", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			p, err := panel(ctx, s, patient, d.Shell.Clock())
			if err != nil || len(p.Goals) == 0 && p.Plans == 0 {
				return nil, err
			}
			return web.Box{Column: web.Start, Order: 45, Body: p.Draw()}, nil
		}}},
	}
}
