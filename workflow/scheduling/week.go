package scheduling

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

// weekDays are the days of the form, as a working week has them.
var weekDays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// hoursRow is a line of the page of working hours.
type hoursRow struct {
	Name, Site, Href string
	Week             string
}

// hours lists who works when and where.
func (k *desk) hours(r *http.Request) (web.View, error) {
	s, err := k.d.Session(r)
	if err != nil {
		return nil, err
	}
	all, err := books(r.Context(), s, k.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	var rows []hoursRow
	for _, b := range all {
		row := hoursRow{Name: b.Who.Display, Site: b.Site.Display, Href: "/schedule/hours/new?" + url.Values{"who": {b.Who.Reference}, "site": {b.Site.Reference}}.Encode()}
		row.Week = b.week()
		rows = append(rows, row)
	}
	return web.Page{Title: "Working hours", Current: "schedule", Body: hoursPage(rows)}, nil
}

// week writes all hours: Mon 08:00-12:00, 13:00-17:00; Wed 08:00-12:00.
func (b book) week() string {
	var parts []string
	for _, d := range weekDays {
		if text := b.text(d); text != "" {
			parts = append(parts, d.String()[:3]+" "+text)
		}
	}
	return strings.Join(parts, "; ")
}

// choices are the practitioners and sites to choose from.
func (k *desk) choices(ctx context.Context, s *record.Session) (people, sites []ui.Option, err error) {
	staff, err := facts.Staff(ctx, s, k.d.Identity)
	if err != nil {
		return nil, nil, err
	}
	people = []ui.Option{{Value: "", Label: "Choose"}}
	for _, c := range staff {
		people = append(people, ui.Option{Value: c.Ref, Label: c.Name})
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Location", Params: facts.Params("status", "active", "_count", "500")})
	if err != nil {
		return nil, nil, err
	}
	sites = []ui.Option{{Value: "", Label: "Choose"}}
	for i := range page.Entries {
		p, err := fhir.View[struct {
			Name string
			Part fhir.Reference `fhir:"partOf"`
		}](page.Entries[i].Resource())
		if err != nil {
			return nil, nil, err
		}
		if p.Part.Reference == "" && p.Name != "" { // a room is a part of a site
			sites = append(sites, ui.Option{Value: "Location/" + page.Entries[i].ID, Label: p.Name})
		}
	}
	slices.SortFunc(sites[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return people, sites, nil
}

// blankHours is the form of the hours of one person at one site.
func (k *desk) blankHours(r *http.Request) (web.View, error) {
	s, err := k.d.Session(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(url.Values{"who": {r.FormValue("who")}, "site": {r.FormValue("site")}})
	all, err := books(r.Context(), s, k.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.Who.Reference == f.Text("who") && b.Site.Reference == f.Text("site") {
			for _, d := range weekDays {
				f.Set(dayCodes[d], b.text(d))
			}
		}
	}
	role, err := k.roleOf(r.Context(), s, f.Text("who"), f.Text("site"))
	if err != nil {
		return nil, err
	}
	if role != nil {
		f.Set("version", strconv.FormatInt(role.Version, 10))
	}
	return k.hoursForm(r.Context(), s, f, 0)
}

func (k *desk) hoursForm(ctx context.Context, s *record.Session, f *web.Form, status int, messages ...ui.Message) (web.View, error) {
	people, sites, err := k.choices(ctx, s)
	if err != nil {
		return nil, err
	}
	return web.Work{
		Title: "Working hours", Current: "schedule", Back: "/schedule/hours", Action: "/schedule/hours", Body: hoursFields(f, people, sites),
		Buttons: []ui.Button{{Label: "Save", Kind: ui.Primary}}, Status: status, Messages: messages,
	}, nil
}

// keepHours keeps a weekly template: the availableTime of a PractitionerRole, and a Schedule that takes appointments.
func (k *desk) keepHours(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	s, err := k.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	people, sites, err := k.choices(ctx, s)
	if err != nil {
		return nil, err
	}
	who, site := chosen(people, f.Text("who")), chosen(sites, f.Text("site"))
	if who.Reference == "" {
		f.Wrong("who", "Choose whose hours these are.")
	}
	if site.Reference == "" {
		f.Wrong("site", "Choose the site.")
	}
	var times []available
	for _, d := range weekDays {
		windows, ok := typedHours(f.Text(dayCodes[d]), d)
		if !ok {
			f.Wrong(dayCodes[d], "Write 08:00-12:00, 13:00-17:00, one after the other; empty for a day off.")
		}
		for _, w := range windows {
			times = addDay(times, w)
		}
	}
	if !f.OK() {
		return k.hoursForm(ctx, s, f, http.StatusUnprocessableEntity)
	}
	all, err := books(ctx, s, k.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	var b book
	for _, x := range all {
		if x.Who.Reference == who.Reference && x.Site.Reference == site.Reference {
			b = x
		}
	}
	var ops []record.Op
	role, err := k.roleOf(ctx, s, who.Reference, site.Reference)
	if err != nil {
		return nil, err
	}
	if role != nil {
		v, err := fhir.View[workRole](role.Resource())
		if err != nil {
			return nil, err
		}
		// Nobody's hours are put in place of others that the form did not show.
		if facts.Editing(f) != role.Version && len(v.AvailableTime) > 0 {
			f.Set("version", strconv.FormatInt(role.Version, 10))
			return k.hoursForm(ctx, s, f, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "There are other hours by now.", Text: "They are: " + b.week() + ". Save again to put yours in place of them."})
		}
		v.AvailableTime = times
		doc, err := fhir.Merge(role.Resource(), v)
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: "PractitionerRole", ID: role.ID, Resource: doc, IfMatch: role.Version})
	} else {
		yes := true
		doc, err := fhir.New("PractitionerRole", workRole{Active: &yes, Practitioner: who, Location: []fhir.Reference{site}, AvailableTime: times})
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Create, Type: "PractitionerRole", Resource: doc})
	}
	if b.Schedule == "" {
		yes := true
		doc, err := fhir.New("Schedule", schedule{Active: &yes, Actor: []fhir.Reference{who, site}})
		if err != nil {
			return nil, err
		}
		ops = append(ops, record.Op{Verb: record.Create, Type: "Schedule", Resource: doc})
	}
	_, err = s.Do(ctx, ops)
	switch reason := facts.Refused(err); {
	case facts.Changed(err):
		return k.hoursForm(ctx, s, f, http.StatusConflict, ui.Message{Tone: ui.Caution, Lead: "Changed by somebody else.", Text: "Save again to put yours in place of theirs."})
	case reason != "":
		return k.hoursForm(ctx, s, f, http.StatusUnprocessableEntity, ui.Message{Tone: ui.Critical, Lead: "Not saved.", Text: reason})
	case err != nil:
		return nil, err
	}
	return web.Done{To: "/schedule/hours", Say: ui.Message{Lead: who.Display, Text: "has new working hours."}}, nil
}

func chosen(options []ui.Option, value string) fhir.Reference {
	for _, o := range options {
		if o.Value == value && value != "" {
			return fhir.Reference{Reference: value, Display: o.Label}
		}
	}
	return fhir.Reference{}
}

// addDay puts a stretch of time beside the same stretch of other days.
func addDay(times []available, w window) []available {
	from, until := fhir.NewTime(w.From/60, w.From%60, 0), fhir.NewTime(w.Until/60, w.Until%60, 0)
	for i := range times {
		if times[i].From == from && times[i].Until == until {
			times[i].DaysOfWeek = append(times[i].DaysOfWeek, dayCodes[w.Day])
			return times
		}
	}
	return append(times, available{DaysOfWeek: []string{dayCodes[w.Day]}, From: from, Until: until})
}

// roleOf is the PractitionerRole of a person at a site; nil if there is none.
func (k *desk) roleOf(ctx context.Context, s *record.Session, who, site string) (*record.Version, error) {
	if who == "" || site == "" {
		return nil, nil
	}
	page, err := s.Search(ctx, record.Query{Type: "PractitionerRole", Strict: true, Params: facts.Params("practitioner", who, "location", site, "active", "true", "_count", "1")})
	if err != nil || len(page.Entries) == 0 {
		return nil, err
	}
	return &page.Entries[0].Version, nil
}
