package prescribing

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/drugs"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Slice is the medication list and all that prescribes: a panel of the chart, the page of all that was ever prescribed, the forms that
// write, renew, change and stop, the advice of the safety checks about what is taken already, and what became of their findings.
func Slice(d slice.Deps, medicines *drugs.Library, options ...Option) slice.Slice {
	e := &editor{d: d, library: medicines}
	for _, o := range options {
		o(e)
	}
	p := &pages{d, e}
	read := slice.To(access.Search, "MedicationRequest")
	prescribe := slice.Roles(access.Clinician)
	return slice.Slice{
		Name: "prescribing",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients/{id}/medications", Right: read, Page: p.all},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prescriptions/new", Right: prescribe, Page: e.blank},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prescriptions/medicines", Right: prescribe, Page: e.choose},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions/fields", Right: prescribe, Page: e.fields},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions/check", Right: prescribe, Page: e.check},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions/others", Right: prescribe, Page: e.others},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions", Right: prescribe, Page: e.sign},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prescriptions/{rx}", Right: prescribe, Page: e.page},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prescriptions/{rx}/renew", Right: prescribe, Page: e.renew},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prescriptions/{rx}/change", Right: prescribe, Page: e.change},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions/{rx}/stop", Right: prescribe, Page: e.stop},
			{Method: http.MethodGet, Pattern: "/patients/{id}/prescriptions/{rx}/print", Right: read, Page: e.print},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions/{rx}/favourite", Right: prescribe, Page: e.keepFavourite},
			{Method: http.MethodPost, Pattern: "/patients/{id}/prescriptions/favourites/drop", Right: prescribe, Page: e.dropFavourite},
			{Method: http.MethodGet, Pattern: "/patients/{id}/medications/reported", Right: mayReport, Page: e.reportedForm},
			{Method: http.MethodGet, Pattern: "/patients/{id}/medications/reported/medicines", Right: mayReport, Page: e.choose},
			{Method: http.MethodPost, Pattern: "/patients/{id}/medications/reported", Right: mayReport, Page: e.report},
			{Method: http.MethodGet, Pattern: "/patients/{id}/medications/statements/{st}", Right: prescribe, Page: e.statement},
			{Method: http.MethodPost, Pattern: "/patients/{id}/medications/statements/{st}/stop", Right: prescribe, Page: e.stopStatement},
			{Method: http.MethodGet, Pattern: "/refills", Right: prescribe, Page: e.passing},
			{Method: http.MethodPost, Pattern: "/refills/approve", Right: prescribe, Page: e.together},
			{Method: http.MethodGet, Pattern: "/refills/protocol", Right: slice.Roles(access.Clinician, access.Administrator), Page: e.protocolForm},
			{Method: http.MethodPost, Pattern: "/refills/protocol", Right: slice.Roles(access.Administrator), Page: e.setProtocol},
			{Method: http.MethodGet, Pattern: "/refills/{task}", Right: prescribe, Page: e.refill},
			{Method: http.MethodPost, Pattern: "/refills/{task}/others", Right: prescribe, Page: e.othersOfRefill},
			{Method: http.MethodPost, Pattern: "/refills/{task}/approve", Right: prescribe, Page: e.approve},
			{Method: http.MethodGet, Pattern: "/refills/{task}/deny", Right: prescribe, Page: e.denyForm},
			{Method: http.MethodPost, Pattern: "/refills/{task}/deny", Right: prescribe, Page: e.deny},
			{Method: http.MethodGet, Pattern: "/reports/medication-alerts/rule", Right: mayTune, Page: e.ruleForm},
			{Method: http.MethodPost, Pattern: "/reports/medication-alerts/rule", Right: mayTune, Page: e.setRule},
			{Method: http.MethodGet, Pattern: "/reports/medication-alerts", Right: slice.Roles(access.Clinician, access.Administrator), Page: e.alerts},
		},
		Menu: []web.Entry{{Name: "medications", Label: "Medications", Href: "/patients/{id}/medications", Icon: "pill"}},
		Panels: []slice.Panel{{Name: "medications", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := p.panel(ctx, s, patient)
			if err != nil {
				return nil, err
			}
			return web.Box{Column: web.Start, Order: 20, Body: panel.Draw(), Print: panel.Print()}, nil
		}}},
		Rules: []slice.Rule{e.rule(read)},
		Watch: []slice.Watch{{Name: "medication-recheck", Types: recheckTypes, Page: e.recheck}},
	}
}

// mayReport are those who write down what a patient takes from elsewhere.
var mayReport = slice.Roles(access.Clinician, access.Nurse)

// panel is the list of the chart, with the ways to change it for those who may.
func (p *pages) panel(ctx context.Context, s *record.Session, patient string) (Panel, error) {
	panel, err := read(ctx, s, patient, p.d.Shell.Clock())
	if err != nil {
		return Panel{}, err
	}
	panel.Href = "/patients/" + url.PathEscape(patient) + "/medications"
	if mayReport.Admits(identity.From(ctx)) {
		panel.ReportHref = reportedAt(patient)
	}
	if slice.Roles(access.Clinician).Admits(identity.From(ctx)) {
		panel.AddHref = base(patient) + "/new"
		panel.AddKey = "P"
		for i := range panel.Current {
			id := panel.ids[i]
			if st, ok := strings.CutPrefix(id, statementPrefix); ok {
				panel.Current[i].Href, panel.Current[i].Beside = panel.Href+"/statements/"+url.PathEscape(st), true
			} else if id != "" {
				panel.Current[i].Href, panel.Current[i].Beside = base(patient)+"/"+url.PathEscape(id), true
			}
		}
	}
	return panel, nil
}
