package prescribing

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// mostTogether is how many requests are looked at and approved at once, so that an answer comes while a person waits.
const mostTogether = 50

// failure is a request that was not approved, with why.
type failure struct{ Name, Why string }

// refillView is what the page of a request shows.
type refillView struct {
	By       string // who asked, and when
	Line     clinical.Medication
	HasLine  bool
	Asked    string // in what it differs from what is taken; "" if in nothing
	Facts    [][2]string
	Fills    []string
	Visit    string
	Tests    []testLine
	Verdict  []Verdict
	Passes   bool
	Protocol string
	Others   bool // services of others are asked too
}

type testLine struct {
	Text string
	Due  bool
}

func (e *editor) refillView(a *asked, now time.Time) refillView {
	zone := now.Location()
	v := refillView{Visit: cmp.Or(a.visit, "None recorded"), Verdict: a.why, Passes: a.passes(), Others: e.outside != nil && e.outside.Any() && a.Open() && a.prior != nil && a.cannot() == ""}
	v.By = cmp.Or(a.Requester.Display, "Not recorded")
	if a.Requester.Reference == "Patient/"+a.patient {
		v.By = "The patient"
	}
	if on := facts.Moment(a.Authored, zone); on != "" {
		v.By += ", " + on
	}
	if a.prior == nil {
		return v
	}
	show := a.prior
	if a.proposal != nil {
		show = a.proposal
	}
	if m, err := line(show); err == nil {
		v.Line, v.HasLine = m, true
	}
	add := func(name, value string) {
		if value != "" {
			v.Facts = append(v.Facts, [2]string{name, value})
		}
	}
	add("Quantity", quantityWords(a.want.Dispense.Quantity))
	if n := a.want.Dispense.Repeats; n != nil {
		add("Refills", strconv.Itoa(*n))
	}
	if a.proposal != nil {
		if m, err := line(a.prior); err == nil {
			was := m.Line() + ", " + quantityWords(a.old.Dispense.Quantity)
			add("Taken now", was)
		}
	}
	add("Written", strings.TrimSuffix(facts.Day(a.old.Authored, zone)+" by "+a.old.Requester.Display, " by "))
	add("Pharmacy", cmp.Or(a.want.Dispense.Performer.Display, a.old.Dispense.Performer.Display))
	for _, f := range a.fills {
		v.Fills = append(v.Fills, f.words(zone))
	}
	for _, t := range a.tests {
		v.Tests = append(v.Tests, testLine{t.words(now), t.due(now) || t.Flag.Critical()})
	}
	return v
}

// waiting reads the open requests that are for whoever asks, the oldest first, looked at from all sides.
func (e *editor) waiting(ctx context.Context, s *record.Session, p Protocol) (out []*asked, more bool, err error) {
	now, who := e.d.Shell.Clock(), identity.From(ctx)
	duty, err := facts.OnDuty(ctx, s, e.d.Identity, now)
	if err != nil {
		return nil, false, err
	}
	q := record.Query{Type: "Task", Params: facts.Params("code", facts.TaskKind+"|"+facts.RefillTask, "status", facts.OpenTask, "_count", "200")}
	err = facts.Each(ctx, s, q, func(entry *record.Entry) error {
		if a, err := askedOf(&entry.Version); err == nil && mine(duty, who, a.Task) {
			out = append(out, a)
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(out, func(x, y *asked) int {
		if c := x.Authored.Time(now.Location()).Compare(y.Authored.Time(now.Location())); c != 0 {
			return c
		}
		return strings.Compare(x.ID, y.ID)
	})
	if len(out) > mostTogether {
		out, more = out[:mostTogether], true
	}
	for _, a := range out {
		if err := e.look(ctx, s, a, p); err != nil {
			k := record.KindOf(err)
			if k != record.KindNotFound && k != record.KindGone && k != record.KindForbidden {
				return nil, false, err
			}
			a.why = []Verdict{{false, "It is about a patient who is not there, or not for your eyes"}}
		}
	}
	return out, more, nil
}

// passing lists the requests by what the protocol says of them, those that pass ticked.
func (e *editor) passing(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	p, err := e.protocol(r.Context())
	if err != nil {
		return nil, err
	}
	return e.passingWork(r.Context(), s, p, nil, nil, 0)
}

// passingRow is a request in that list.
type passingRow struct {
	Tick      string // id and version, as they are sent
	Href      string
	Who, Born string
	What      string
	Note      string // last fill and visit
	Wrong     []string
	Cautions  int
}

func (e *editor) passingWork(ctx context.Context, s *record.Session, p Protocol, done []string, failed []failure, status int) (web.View, error) {
	all, more, err := e.waiting(ctx, s, p)
	if err != nil {
		return nil, err
	}
	now := e.d.Shell.Clock()
	var pass, rest []passingRow
	for _, a := range all {
		row := passingRow{
			Tick: a.ID + " " + strconv.FormatInt(a.version, 10), Href: refillAt(a.ID), Who: a.person.Name(now).Plain(), Born: a.person.BornLine(now, now.Location()),
			What: cmp.Or(a.draft.name, a.Description),
		}
		if a.draft.sigOK {
			row.What += ", " + strings.TrimSuffix(lowerFirst(a.draft.sig.Words()), ".")
			if q := quantityWords(a.want.Dispense.Quantity); q != "" {
				row.What += ". " + q
			}
		}
		last := "no fill recorded"
		if len(a.fills) > 0 {
			last = "last fill " + a.fills[0].words(now.Location())
		}
		row.Note = "Last visit " + cmp.Or(a.visit, "not recorded") + "; " + last
		for _, v := range a.why {
			if !v.OK {
				row.Wrong = append(row.Wrong, v.Text)
			}
		}
		for _, f := range a.checks.Report.Findings {
			if f.Severity > 1 {
				row.Cautions++
			}
		}
		if a.passes() {
			pass = append(pass, row)
		} else {
			rest = append(rest, row)
		}
	}
	w := web.Work{Title: "Refills that pass the protocol", Current: "inbox", Back: refillsAt, Action: "/refills/approve", Body: passingBody(p, pass, rest, more), Status: status}
	if len(done) > 0 {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Done, Lead: format.Count(len(done), "refill", "refills"), Text: "approved: " + strings.Join(done, "; ") + "."})
	}
	for _, f := range failed {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Critical, Lead: f.Name + ": not approved.", Text: f.Why})
	}
	if status != 0 && len(failed) == 0 {
		w.Messages = append(w.Messages, ui.Message{Tone: ui.Caution, Text: "Nothing was approved: tick what is to be renewed."})
	}
	if len(pass) > 0 {
		w.Buttons = []ui.Button{{Label: "Approve those ticked", Kind: ui.Primary, Key: "Enter", Attrs: map[string]any{"autofocus": true}}}
	}
	return w, nil
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// refillID keeps a request of an address within what ids can be.
func refillID(r *http.Request) string {
	if id := r.FormValue("task"); fhir.ValidID(id) {
		return id
	}
	return ""
}
