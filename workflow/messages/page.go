package messages

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// The views of the page.
const (
	tabWaits = "waits"
	tabDone  = "done"
	tabSent  = "sent"
)

// View is the page of all messages that are for somebody.
type View struct {
	Tabs    []ui.Tab
	Tab     string
	Rows    []Row
	Open    *Opened
	Opened  bool // a row was chosen: on a phone the thread is shown instead of the list
	Checked string
	Cut     bool // older ones are not listed
}

// Row is one thread, or one message that was sent.
type Row struct {
	ID, Href, Title, Text, When string
	Who, Age                    string
	Count, State                string
	Due                         string
	Late, Unread, Pressing      bool
	Current                     bool
	patient                     string
}

// drawn is how many rows of what is over are listed.
const drawn = 60

// page is the list of what waits, of what is done, or of what was sent, beside the thread that is open.
func (p *post) page(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now, who := r.Context(), p.d.Shell.Clock(), identity.From(r.Context())
	v := View{Tab: r.FormValue("tab"), Checked: format.Time(now), Opened: r.FormValue("item") != ""}
	if v.Tab != tabDone && v.Tab != tabSent {
		v.Tab = tabWaits
	}
	jobs, duty, err := waiting(ctx, s, p.d.Identity, who, now)
	if err != nil {
		return nil, err
	}
	names := people{s: s, found: map[string]facts.Patient{}}
	switch v.Tab {
	case tabWaits:
		v.Rows, err = p.waits(ctx, s, jobs, duty, names, now)
	case tabDone:
		v.Rows, v.Cut, err = p.done(ctx, s, duty, names, now)
	case tabSent:
		v.Rows, v.Cut, err = p.sent(ctx, s, names, now)
	}
	if err != nil {
		return nil, err
	}
	if err := p.choose(ctx, s, &v, r.FormValue("item"), now); err != nil {
		return nil, err
	}
	if v.Open != nil && v.Open.Unread { // it was opened by this
		for i := range v.Rows {
			v.Rows[i].Unread = v.Rows[i].Unread && !v.Rows[i].Current
		}
	}
	if jobs, _, err = waiting(ctx, s, p.d.Identity, who, now); err != nil {
		return nil, err
	}
	c := p.keep(who, jobs, now) // the number in the menu is that of this page
	unread := ""
	if c.n > 0 {
		unread = ", " + strconv.Itoa(c.n) + " unread"
	}
	for _, t := range []ui.Tab{{Label: "Waiting", Href: "/messages", Count: strconv.Itoa(len(jobs)) + unread}, {Label: "Done", Href: "/messages?tab=" + tabDone}, {Label: "Sent", Href: "/messages?tab=" + tabSent}} {
		t.Current = strings.HasSuffix(t.Href, v.Tab) || v.Tab == tabWaits && t.Href == "/messages"
		v.Tabs = append(v.Tabs, t)
	}
	return web.Page{Title: "Messages", Current: "messages", Fixed: true, Body: page(v)}, nil
}

// choose opens the thread that the address names, else the first of the list on a wide screen.
func (p *post) choose(ctx context.Context, s *record.Session, v *View, chosen string, now time.Time) error {
	i := slices.IndexFunc(v.Rows, func(r Row) bool { return r.ID == chosen })
	patient, id := "", chosen
	switch {
	case i >= 0:
		patient = v.Rows[i].patient
	case fhir.ValidID(chosen): // it is not in this list any more
		read, err := s.Read(ctx, "Communication", chosen)
		if err != nil {
			return nil
		}
		m, err := fhir.View[message](read.Resource())
		if err != nil {
			return nil
		}
		patient = m.patient()
	default: // nothing is opened, and so marked as read, that nobody chose
		return nil
	}
	if patient == "" {
		return nil
	}
	zone := now.Location()
	t, err := find(ctx, s, patient, id, zone)
	if err != nil {
		return nil // it is gone
	}
	banner, err := facts.ReadBanner(ctx, s, patient, now, zone)
	if err != nil {
		return err
	}
	if v.Open, err = p.show(ctx, s, patient, banner.Name.Plain(), t, now); err != nil {
		return err
	}
	v.Open.Banner = &banner
	if i >= 0 {
		v.Rows[i].Current = true
	}
	return nil
}

// people are the names of patients, each read once.
type people struct {
	s     *record.Session
	found map[string]facts.Patient
}

func (p people) load(ctx context.Context, refs []string) error {
	refs = slices.Compact(slices.Sorted(slices.Values(refs)))
	for chunk := range slices.Chunk(refs, 100) {
		page, err := facts.Whole(ctx, p.s, record.Query{Type: "Patient", Params: facts.Params("_id", strings.Join(chunk, ","), "_count", "200")})
		if err != nil {
			return err
		}
		for i := range page.Entries {
			if x, err := fhir.View[facts.Patient](page.Entries[i].Resource()); err == nil {
				p.found[page.Entries[i].ID] = x
			}
		}
	}
	return nil
}

func (p people) name(row *Row, now time.Time) {
	if x, ok := p.found[row.patient]; ok {
		row.Who, row.Age = x.Name(now).Plain(), x.Age(now, now.Location())
	} else {
		row.Who = "No patient named"
	}
}

// written reads messages by their references.
func written(ctx context.Context, s *record.Session, refs []string) (map[string]message, error) {
	out := map[string]message{}
	for chunk := range slices.Chunk(refs, 100) {
		page, err := facts.Whole(ctx, s, record.Query{Type: "Communication", Params: facts.Params("_id", strings.Join(chunk, ","), "_count", "200")})
		if err != nil {
			return nil, err
		}
		for i := range page.Entries {
			if m, err := fhir.View[message](page.Entries[i].Resource()); err == nil {
				out["Communication/"+m.ID] = m
			}
		}
	}
	return out, nil
}

// rows makes lines of work about messages.
func (p *post) rows(ctx context.Context, s *record.Session, jobs []facts.Task, duty facts.Duty, names people, tab string, now time.Time) ([]Row, error) {
	var refs, who []string
	for _, t := range jobs {
		if id, ok := strings.CutPrefix(t.Focus.Reference, "Communication/"); ok {
			refs = append(refs, id)
		}
		if id, ok := strings.CutPrefix(t.For.Reference, "Patient/"); ok {
			who = append(who, id)
		}
	}
	found, err := written(ctx, s, refs)
	if err == nil {
		err = names.load(ctx, who)
	}
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, t := range jobs {
		m := found[t.Focus.Reference]
		row := Row{ID: strings.TrimPrefix(t.Focus.Reference, "Communication/"), Title: cmp.Or(t.Description, m.title()), Text: clip(m.words(), 110), patient: strings.TrimPrefix(t.For.Reference, "Patient/"), Unread: t.Status == "requested", Pressing: pressing(t)}
		if row.patient == "" {
			row.patient = m.patient()
		}
		row.When = format.Elapsed(now.Sub(t.Authored.Time(now.Location())))
		row.State = owner(t, duty)
		row.Due, row.Late = due(t, now)
		if !t.Open() {
			row.Unread, row.Pressing, row.Late, row.Due = false, false, false, ""
			row.When = facts.Day(t.Modified, now.Location())
			if n := len(t.Note); n > 0 {
				row.State = strings.TrimSpace(t.Note[n-1].Text + " " + t.Note[n-1].AuthorReference.Display + t.Note[n-1].AuthorString)
			}
		}
		row.Href = "/messages?" + url.Values{"tab": {tab}, "item": {row.ID}}.Encode()
		names.name(&row, now)
		out = append(out, row)
	}
	return out, nil
}

// waits are the threads that wait for this person: what presses first, then by when an answer is due, then the oldest.
func (p *post) waits(ctx context.Context, s *record.Session, jobs []facts.Task, duty facts.Duty, names people, now time.Time) ([]Row, error) {
	zone := now.Location()
	far := now.AddDate(100, 0, 0)
	until := func(t facts.Task) time.Time {
		if d := t.Due(zone); !d.IsZero() {
			return d
		}
		return far
	}
	slices.SortFunc(jobs, func(a, b facts.Task) int {
		if pressing(a) != pressing(b) {
			if pressing(a) {
				return -1
			}
			return 1
		}
		return cmp.Or(until(a).Compare(until(b)), a.Authored.Time(zone).Compare(b.Authored.Time(zone)), strings.Compare(a.ID, b.ID))
	})
	return p.rows(ctx, s, jobs, duty, names, tabWaits, now)
}

// done are the threads that were answered or closed, the newest first.
func (p *post) done(ctx context.Context, s *record.Session, duty facts.Duty, names people, now time.Time) ([]Row, bool, error) {
	who := identity.From(ctx)
	page, err := s.Search(ctx, record.Query{Type: "Task", Params: facts.Params("code", facts.TaskKind+"|"+facts.MessageTask, "status", "completed,cancelled", "_sort", "-modified", "_count", strconv.Itoa(4*drawn))})
	if err != nil {
		return nil, false, err
	}
	var jobs []facts.Task
	for i := range page.Entries {
		t, err := fhir.View[facts.Task](page.Entries[i].Resource())
		if err != nil {
			return nil, false, err
		}
		if len(jobs) < drawn && duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), t) {
			jobs = append(jobs, t)
		}
	}
	rows, err := p.rows(ctx, s, jobs, duty, names, tabDone, now)
	return rows, page.Next != "" || len(jobs) == drawn, err
}

// sent are the messages that this person wrote, the newest first, and whether they were read.
func (p *post) sent(ctx context.Context, s *record.Session, names people, now time.Time) ([]Row, bool, error) {
	me := identity.From(ctx).Resource
	if me == "" {
		return nil, false, nil
	}
	page, err := s.Search(ctx, record.Query{Type: "Communication", Params: facts.Params("sender", me, "_sort", "-sent", "_count", strconv.Itoa(drawn))})
	if err != nil {
		return nil, false, err
	}
	var list []message
	var who []string
	for i := range page.Entries {
		m, err := fhir.View[message](page.Entries[i].Resource())
		if err == nil && m.written() {
			list, who = append(list, m), append(who, m.patient())
		}
	}
	if err := names.load(ctx, slices.DeleteFunc(who, func(s string) bool { return s == "" })); err != nil {
		return nil, false, err
	}
	var rows []Row
	for _, m := range list {
		i := item(m, m.patient(), "", now.Location())
		row := Row{ID: m.ID, Title: m.title(), Text: clip(m.words(), 110), When: i.When, State: strings.TrimSpace(i.State), patient: m.patient(), Href: "/messages?" + url.Values{"tab": {tabSent}, "item": {m.ID}}.Encode()}
		if !m.toPatient() {
			row.State = "To " + cmp.Or(i.To, "staff")
			if m.internal() {
				row.State += ", internal"
			}
			if !m.Received.IsZero() {
				row.State += ", read " + facts.Moment(m.Received, now.Location())
			}
		}
		names.name(&row, now)
		rows = append(rows, row)
	}
	return rows, page.Next != "", nil
}
