package inbox

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// mayReconcile are those who reconcile a chart with a document.
var mayReconcile = slice.Roles(access.Clinician, access.Nurse)

// Detail is what is known of one item of the list.
type Detail struct {
	ID          string
	Banner      *clinical.Banner // nil where no patient is named
	Chart       string
	Title       string
	Text        string // of a report in words
	Lead        clinical.Value
	Has         bool // there is a value
	Note        string
	About       string // change, reference
	Preliminary string
	Corrections []Correction
	Trend       *clinical.Trend
	Past        []Past
	Same        []clinical.Result
	Happened    []Event
	Phones      []Contact
	Visit       string
	Owner, Due  string
	Late        bool
	OpenLabel   string
	OpenHref    string
	// ReconcileHref is where the chart is reconciled with the document of the item; "" if it has no C-CDA, or it is not for whoever reads.
	ReconcileHref string
	OpenKey       string // opens beside the list; "" = a page
	Result        bool
	Ordered       bool // it names its order
	Critical      bool
	Acted         bool // an action is recorded
	Seen          string
	Version       int64
	Prev, Next    string
	TellHref      string
	OrderHref     string
}

// Correction is a value that replaced another one.
type Correction struct{ Name, Was, WasAt, Is string }

// Past is one value of the table beside the trend.
type Past struct{ When, Value, Unit, Words string }

// Event is a line of what happened.
type Event struct{ When, Text string }

// Contact is a way to reach the patient.
type Contact struct{ Value, Use string }

func (b *box) detail(ctx context.Context, s *record.Session, j *job, list []*job, duty facts.Duty, visit string, now time.Time) (*Detail, error) {
	zone := now.Location()
	d := &Detail{ID: j.ID, Title: j.Description, Result: j.Kind() == facts.ReviewTask, Critical: j.critical(), Acted: len(j.Output) > 0, Version: j.version, Visit: visit, Owner: facts.PoolName(j.Pool())}
	if j.Owner.Reference != "" {
		d.Owner = j.Owner.Display
		if name := duty.Name(j.Owner.Reference); name != "" {
			d.Owner = name
		}
	}
	if due := j.Due(zone); !due.IsZero() {
		d.Due, d.Late = format.Date(due.Add(-time.Second).In(zone)), !now.Before(due)
		if j.Restriction.Period.End.HasTime() {
			d.Due = format.DateTime(due.In(zone))
		}
	}
	d.Ordered = len(j.BasedOn) > 0 || j.result != nil && len(j.result.BasedOn) > 0
	i := slices.Index(list, j)
	if i > 0 {
		d.Prev = "/inbox?" + url.Values{"tab": {string(tabOf(j.Kind()))}, "item": {list[i-1].ID}}.Encode()
	}
	if i+1 < len(list) {
		d.Next = "/inbox?" + url.Values{"tab": {string(tabOf(j.Kind()))}, "item": {list[i+1].ID}}.Encode()
	}
	patient, _ := strings.CutPrefix(j.For.Reference, "Patient/")
	var err1, err2, err3 error
	facts.Together(
		func() {
			if patient == "" {
				return
			}
			banner, err := facts.ReadBanner(ctx, s, patient, now, zone)
			d.Banner, err1 = &banner, err
			d.Chart = "/patients/" + url.PathEscape(patient)
		},
		func() {
			if j.result != nil && len(j.result.values) > 0 && patient != "" {
				err2 = d.trend(ctx, s, j.result, patient, zone)
			}
		},
		func() {
			if j.result != nil && s.May(access.Search, "Observation") {
				err3 = d.corrections(ctx, s, j.result, zone)
			}
		},
	)
	for _, err := range []error{err1, err2, err3} {
		if err != nil {
			return nil, err
		}
	}
	if t, ok := j.Focus.Target(); ok && t.Type == "DocumentReference" && patient != "" && mayReconcile.Admits(identity.From(ctx)) {
		if v, err := s.Read(ctx, "DocumentReference", t.ID); err == nil { // a document that is gone is said by its own page
			d.ReconcileHref = facts.ReconcileHref(v.Resource(), patient)
		}
	}
	for _, t := range j.patient.Telecom {
		if t.System == "phone" && t.Value != "" {
			d.Phones = append(d.Phones, Contact{t.Value, t.Use})
		}
	}
	if d.Chart != "" {
		d.OrderHref = d.Chart + "/orders/new?from=" + url.QueryEscape(j.ID)
		d.TellHref = at(j.ID) + "/tell"
	}
	switch j.Kind() {
	case facts.RefillTask:
		d.OpenLabel, d.OpenHref, d.OpenKey = "Decide the request", "/refills/"+url.PathEscape(j.ID), "A"
	case facts.MessageTask:
		d.OpenLabel, d.OpenHref = "Read the message", d.Chart+"/messages"
		if t, ok := j.Focus.Target(); ok && t.Type == "Communication" {
			d.OpenHref += "/" + url.PathEscape(t.ID)
		}
	case facts.SafetyTask:
		d.OpenLabel, d.OpenHref, d.OpenKey = "Open the medications", d.Chart+"/medications", "A"
	case facts.DocumentTask, facts.CosignTask:
		d.OpenLabel, d.OpenHref = "Open the documents", d.Chart+"/documents"
		switch t, ok := j.Focus.Target(); {
		case ok && t.Type == "Composition":
			d.OpenLabel, d.OpenHref = "Read and cosign the note", d.Chart+"/notes/"+url.PathEscape(t.ID)
		case ok && t.Type == "DocumentReference":
			d.OpenLabel, d.OpenHref = "Read the document", d.Chart+"/documents/"+url.PathEscape(t.ID)
		}
	}
	if d.Chart == "" {
		d.OpenHref = ""
	}
	if label, href := ownPage(j.Task); href != "" {
		d.OpenLabel, d.OpenHref = label, href
	}
	if r := j.result; r != nil {
		d.result(r, zone)
	} else if d.Result {
		d.Preliminary = "The result cannot be shown: it is gone, or lies outside what your role may see."
	}
	d.happened(j, zone)
	return d, nil
}

// ownPage is where work is done that has steps of its own, and so cannot be marked as done from the list; "" for any other.
func ownPage(t facts.Task) (label, href string) {
	switch t.Kind() {
	case facts.ReferralInTask:
		return "Open the referral", "/referrals/in/" + url.PathEscape(t.ID)
	case facts.TransitionTask:
		return "Open the follow-up", "/transitions/" + url.PathEscape(t.ID)
	}
	return "", ""
}

func hasOwnPage(t facts.Task) bool {
	_, href := ownPage(t)
	return href != ""
}

// result takes what the result itself says.
func (d *Detail) result(r *result, zone *time.Location) {
	d.Title, d.Text, d.Seen = r.name(), r.Conclusion, r.seen()
	switch r.Status {
	case "preliminary", "partial":
		d.Preliminary = "Preliminary: the final result is still to come. It will come back to you then."
	}
	if r.missing > 0 {
		d.Note = format.Count(r.missing, "value", "values") + " of this report cannot be shown."
	}
	if len(r.values) == 0 {
		return
	}
	v := lead(r.values[0])
	d.Has, d.Lead = true, v.Show()
	if len(r.values) > 1 || r.alone {
		d.Title = v.Name()
	}
	if ref := v.Range(); ref != "" {
		d.About = strings.TrimPrefix(d.About+", reference "+ref, ", ")
	}
	for i, m := range r.values {
		for _, x := range m.Values() {
			if i == 0 && x.Key() == v.Key() {
				continue
			}
			d.Same = append(d.Same, clinical.Result{Name: x.Name(), Value: x.Show(), Range: x.Range()})
		}
		if m.note != "" {
			d.Note = strings.TrimSpace(d.Note + " " + m.note)
		}
	}
}

// trend reads the values before, and draws them over a year.
func (d *Detail) trend(ctx context.Context, s *record.Session, r *result, patient string, zone *time.Location) error {
	v := lead(r.values[0])
	values, err := series(ctx, s, patient, v, "60", zone)
	if err != nil {
		return err
	}
	values = from(values, v.ID)
	d.About, _ = facts.Change(values, zone)
	year := v.At.Time(zone).AddDate(-1, 0, -7)
	for i, x := range values {
		if i > 1 && x.At.Time(zone).Before(year) {
			values = values[:i]
			break
		}
	}
	for _, x := range values {
		show := x.Show()
		d.Past = append(d.Past, Past{facts.Day(x.At, zone), show.Text, show.Unit, x.Flag().Words()})
	}
	if plot := facts.Plot(values, zone); plot != nil {
		plot.ID = "trend"
		d.Trend = plot
	}
	return nil
}

// corrections compares the values with their versions before.
func (d *Detail) corrections(ctx context.Context, s *record.Session, r *result, zone *time.Location) error {
	for _, m := range r.values {
		if m.version < 2 {
			continue
		}
		page, err := s.History(ctx, record.HistoryQuery{Type: "Observation", ID: m.ID, Count: 10})
		if err != nil {
			return err
		}
		for _, v := range page.Versions[1:] {
			doc := v.Resource()
			if doc == nil {
				continue
			}
			old, err := facts.ReadObservation(doc)
			if err != nil || len(old.Values()) == 0 {
				continue
			}
			was, is := lead(measured{Observation: old}).Show(), lead(m).Show()
			if was.Text == is.Text && was.Unit == is.Unit {
				continue
			}
			when := old.Issued.DateTime()
			if when.IsZero() {
				when = fhir.DateTimeOf(v.At, fhir.Second)
			}
			d.Corrections = append(d.Corrections, Correction{lead(m).Name(), strings.TrimSpace(was.Text + " " + was.Unit), facts.Moment(when, zone), strings.TrimSpace(is.Text + " " + is.Unit)})
			break
		}
	}
	return nil
}

// happened lists what was done, oldest first.
func (d *Detail) happened(j *job, zone *time.Location) {
	add := func(when fhir.DateTime, text string) {
		if !when.IsZero() {
			d.Happened = append(d.Happened, Event{facts.Moment(when, zone), text})
		}
	}
	if r := j.result; r != nil {
		by := ""
		if len(r.Performer) > 0 && r.Performer[0].Display != "" {
			by = ", " + r.Performer[0].Display
		}
		add(r.when(), "Collected"+by)
		switch r.Status {
		case "corrected", "amended", "appended":
			add(r.Issued.DateTime(), "Corrected report"+by)
		default:
			add(r.Issued.DateTime(), "Reported"+by)
		}
	} else {
		by := ""
		if j.Requester.Display != "" {
			by = " by " + j.Requester.Display
		}
		add(j.Authored, "Asked"+by)
	}
	for _, n := range j.Note {
		who := n.AuthorReference.Display + n.AuthorString
		if who == "Osler" {
			who = ""
		}
		add(n.Time, strings.TrimSpace(n.Text+" "+who))
	}
}

// link are the attributes by which a row opens in place.
func link(key string) templ.Attributes {
	a := templ.Attributes{"hx-target": "#main", "hx-select": "#main", "hx-swap": "outerMorph", "hx-push-url": "true"}
	if key != "" {
		a["data-key"], a["aria-keyshortcuts"] = key, key
	}
	return a
}
