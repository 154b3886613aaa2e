package devices

import (
	"net/http"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// list is the page of all devices.
func (e *editor) list(r *http.Request) (web.View, error) {
	var l List
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		l, err = readList(r.Context(), s, id, e.d.Shell.Clock())
		return err
	})
	if err != nil {
		return nil, err
	}
	if slice.To(access.Create, "Device").Admits(identity.From(r.Context())) {
		l.AddHref = base(chart.ID) + "/new"
	}
	return web.Page{Title: "Implanted devices, " + chart.Banner.Name.Short(), Current: "chart", Tab: "history", Patient: &chart.Banner, Body: listPage(l, e.d.Shell.Clock())}, nil
}

// oneWork shows a device with what can happen to it.
func (e *editor) oneWork(r *http.Request, chart facts.Chart, i implant, f *web.Form, code int) web.Work {
	w := web.Work{Title: i.name(), Current: "chart", Patient: &chart.Banner, Back: base(chart.ID), Status: code}
	may := slice.To(access.Update, "Device").Admits(identity.From(r.Context())) && i.Status != "entered-in-error"
	if may {
		w.Action = i.href
		w.Buttons = []ui.Button{{Label: "Entered in error", Kind: ui.Danger, Attrs: map[string]any{"name": "mistake", "value": "yes"}}}
		if i.active() {
			w.Buttons = append(w.Buttons, ui.Button{Label: "Taken out", Kind: ui.Primary})
		}
	}
	w.Body = onePage(i, f, may, e.d.Shell.Clock())
	return w
}

// nothing is what stands in place of an empty list: what is known, or that nobody asked.
func (l List) nothing() string {
	if l.Nil == nil {
		return "None recorded; not known whether there are any"
	}
	return l.Nil.Words("None", l.zone)
}
