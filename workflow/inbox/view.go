package inbox

import (
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
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// View is what the page shows.
type View struct {
	Tabs    []ui.Tab
	Must    []Row
	Info    []Row
	Hidden  int     // rows that are not drawn
	More    string  // address that draws them
	Detail  *Detail // nil when nothing waits
	Checked string
	Normal  int // results that can be signed together
	Covers  string
	Tab     tab
	Opened  bool // a row was chosen: on a phone the detail is shown instead of the list
}

// Row is one line of the list.
type Row struct {
	ID, Href     string
	Current      bool
	Flag         clinical.Flag
	Icon         string // where there is no flag
	Who, Age     string
	Test, Value  string
	Change       string
	Detail       string // last action and next visit
	Elapsed      string
	Late         bool
	Trend        *clinical.Trend
	Batch        bool // can be ticked
	Version      int64
	after        time.Time
	job          *job
	lead         facts.Value
	hasLead, few bool
}

// drawn is how many rows are drawn at first.
const drawn = 60

// page is the list beside the detail of what was chosen, or of the first.
func (b *box) page(r *http.Request) (web.View, error) {
	s, err := b.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), b.d.Shell.Clock()
	jobs, duty, err := b.waiting(ctx, s, now)
	if err != nil {
		return nil, err
	}
	chosen := r.FormValue("item")
	if r.FormValue("tab") == string(tabRefills) { // what is decided on another page is counted at once
		b.recount(ctx)
	}
	v := View{Checked: format.Time(now), Tab: tab(r.FormValue("tab")), Opened: chosen != ""}
	if !slices.Contains(tabs, v.Tab) {
		v.Tab = tabResults
		for _, j := range jobs {
			if j.ID == chosen {
				v.Tab = tabOf(j.Kind())
			}
		}
	}
	count := map[tab]int{}
	var list []*job
	for _, j := range jobs {
		t := tabOf(j.Kind())
		count[t]++
		if t == v.Tab {
			list = append(list, j)
		}
	}
	slices.SortFunc(list, func(x, y *job) int { return order(x, y, now.Location()) })
	for _, t := range tabs {
		n := ""
		if count[t] > 0 {
			n = strconv.Itoa(count[t])
		}
		v.Tabs = append(v.Tabs, ui.Tab{Label: t.words(), Href: "/inbox?tab=" + string(t), Count: n, Current: t == v.Tab})
	}
	v.Covers = covers(duty, identity.From(ctx).Resource)
	open := b.choose(ctx, s, list, chosen, now)
	shown := list
	if r.FormValue("more") == "" && len(list) > drawn {
		shown, v.Hidden, v.More = list[:drawn], len(list)-drawn, "/inbox?more=all&tab="+string(v.Tab)
		if open != nil && !slices.Contains(shown, open) {
			shown = append(slices.Clone(shown), open)
			v.Hidden--
		}
	}
	rows := make([]Row, len(shown))
	next, err := visits(ctx, s, shown, now)
	if err != nil {
		return nil, err
	}
	var reads []func()
	for i, j := range shown {
		rows[i] = b.row(j, v.Tab, duty, next[j.For.Reference], now)
		rows[i].Current = j == open
		if row := &rows[i]; row.hasLead && s.May(access.Search, "Observation") {
			reads = append(reads, func() { row.history(ctx, s, now) })
		}
	}
	if open != nil {
		reads = append(reads, func() { v.Detail, err = b.detail(ctx, s, open, list, duty, next[open.For.Reference], now) })
	}
	facts.Together(reads...)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.job.must() {
			v.Must = append(v.Must, row)
		} else {
			v.Info = append(v.Info, row)
		}
	}
	for _, j := range list {
		if !j.must() {
			v.Normal++
		}
	}
	return web.Page{Title: "Inbox", Current: "inbox", Fixed: true, Body: page(v)}, nil
}

// choose is what is open beside the list: the row that the address names; if that was dealt with, the one after it.
func (b *box) choose(ctx context.Context, s *record.Session, list []*job, chosen string, now time.Time) *job {
	if len(list) == 0 {
		return nil
	}
	if !fhir.ValidID(chosen) {
		return list[0]
	}
	for _, j := range list {
		if j.ID == chosen {
			return j
		}
	}
	v, err := s.Read(ctx, "Task", chosen)
	if err != nil {
		return list[0]
	}
	t, err := fhir.View[facts.Task](v.Resource())
	if err != nil {
		return list[0]
	}
	gone := &job{Task: t}
	if attach(ctx, s, []*job{gone}) != nil {
		return list[0]
	}
	for _, j := range list {
		if order(gone, j, now.Location()) < 0 {
			return j
		}
	}
	return list[len(list)-1]
}

// covers says for whom a person stands in.
func covers(d facts.Duty, me string) string {
	var names []string
	for ref, a := range d.Away {
		if d.Answers(ref) == me && me != "" && ref != me {
			names = append(names, d.Name(ref)+" until "+format.Date(a.Until.Add(-time.Second)))
		}
	}
	slices.Sort(names)
	if a, ok := d.Away[me]; ok && me != "" {
		by := a.By.Display
		if by == "" {
			by = "everybody"
		}
		return "You are away until " + format.Date(a.Until.Add(-time.Second)) + "; what is yours goes to " + by + "."
	}
	if len(names) == 0 {
		return ""
	}
	return "You stand in for " + strings.Join(names, " and ") + "."
}

// row makes a line of the list.
func (b *box) row(j *job, t tab, duty facts.Duty, visit string, now time.Time) Row {
	zone := now.Location()
	authored := j.Authored.Time(zone)
	row := Row{ID: j.ID, Href: "/inbox?" + url.Values{"tab": {string(t)}, "item": {j.ID}}.Encode(), Test: j.Description, Elapsed: format.Elapsed(now.Sub(authored)), after: authored, job: j, Icon: icons[tabOf(j.Kind())]}
	if j.patient.ID != "" {
		row.Who, row.Age = j.patient.Name(now).Plain(), j.patient.Age(now, zone)
	} else if j.Kind() == facts.ReviewTask {
		row.Who = "No patient named"
	}
	var last []string
	if due := j.Due(zone); !due.IsZero() && !now.Before(due) {
		row.Late = true
		last = append(last, "Overdue since "+format.Date(due.Add(-time.Second).In(zone)))
	}
	if esc := escalated(j.Task); esc != "" {
		esc, _, _ = strings.Cut(esc, ":")
		last = append(last, esc)
	} else if n := len(j.Note); n > 0 {
		last = append(last, strings.TrimSuffix(j.Note[n-1].Text, "."))
	}
	if ref := j.Owner.Reference; ref != "" && ref != duty.Answers(ref) {
		last = append(last, "For "+strings.TrimSpace(duty.Name(ref)+" "+map[bool]string{true: "", false: j.Owner.Display}[duty.Name(ref) != ""]))
	} else if ref == "" && escalated(j.Task) == "" {
		last = append(last, facts.PoolName(j.Pool()))
	}
	if visit == "" && j.For.Reference != "" && j.Kind() == facts.ReviewTask {
		visit = "No next visit"
	}
	if visit != "" {
		last = append(last, visit)
	}
	row.Detail = strings.Join(last, ". ")
	row.Version = j.version
	row.Batch = t == tabTasks && !hasOwnPage(j.Task)
	if r := j.result; r != nil {
		row.Flag, row.Test = r.flag(), r.name()
		switch {
		case len(r.values) == 0 && r.Conclusion != "":
			row.Value = clip(r.Conclusion, 60)
		case len(r.values) == 0:
			row.Value = "to read"
		case r.normal() && len(r.values) > 1:
			row.Value = "normal"
		default:
			row.lead = lead(r.values[0])
			row.hasLead = j.For.Reference != ""
			show := row.lead.Show()
			row.Test, row.Value = row.lead.Name(), strings.TrimSpace(show.Text+" "+show.Unit)
			if n := abnormal(r) - 1; n > 0 {
				row.Change = strconv.Itoa(n) + " more in this report"
				row.few = true
			}
		}
	}
	return row
}

var icons = map[tab]string{tabResults: "flask-conical", tabMessages: "message-square", tabRefills: "pill", tabDocuments: "file-text", tabTasks: "clipboard-list"}

// lead is the worst value of an observation.
func lead(m measured) facts.Value {
	values := m.Values()
	best := values[0]
	for _, v := range values[1:] {
		if worse(v.Flag()) > worse(best.Flag()) {
			best = v
		}
	}
	return best
}

func abnormal(r *result) (n int) {
	for _, m := range r.values {
		if m.flag() != clinical.Normal {
			n++
		}
	}
	return n
}

func clip(s string, most int) string {
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most])) + "…"
	}
	return s
}

// history adds how the value changed and its sparkline. Without them the row stands all the same.
func (row *Row) history(ctx context.Context, s *record.Session, now time.Time) {
	id := strings.TrimPrefix(row.job.For.Reference, "Patient/")
	values, err := series(ctx, s, id, row.lead, "13", now.Location())
	if err != nil {
		return
	}
	values = from(values, row.lead.ID)
	change, _ := facts.Change(values, now.Location())
	if row.few && change != "" {
		row.Change = change + ", " + row.Change
	} else if change != "" {
		row.Change = change
	}
	row.Trend = facts.Trend(clinical.Spark, values, now.Location())
}

// from drops what was measured after the observation given: the row tells of that one.
func from(values []facts.Value, id string) []facts.Value {
	for i, v := range values {
		if v.ID == id {
			return values[i:]
		}
	}
	return values
}
