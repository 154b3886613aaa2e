package transitions

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
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// Row is a follow-up in a list.
type Row struct {
	Name, Href, State, Due string
	Late                   bool
	Who, Born, Owner       string
	Detail                 string
	by                     time.Time
	patient                string
	task                   facts.Task
}

// Queue is the page of everybody who is home from hospital and not followed up yet. Everybody's are shown.
type Queue struct {
	Overdue, Waiting []Row
	Checked          string
	MayEnter         bool
	Typed            string
	Hits             []Row // patients of whom a notice can be entered
	MoreHits         bool  // there are more than are listed
}

// Panel is the open follow-ups of the chart.
type Panel struct{ Rows []Row }

func rowOf(t facts.Task, now time.Time) Row {
	from := discharged(t, now.Location())
	st, by := next(t, from)
	r := Row{Name: t.Description, Href: at(t.ID), State: "All steps settled", by: by, task: t, Detail: "Discharged " + format.Date(from)}
	r.patient, _ = strings.CutPrefix(t.For.Reference, "Patient/")
	if st != "" {
		r.State = "Next: " + strings.ToLower(st.words())
		r.Due, r.Late = "due "+format.Date(by), !now.Before(by.AddDate(0, 0, 1))
		if r.Late {
			r.Due = "was due " + format.Date(by)
		}
	}
	if n := len(t.Made("attempt")); n > 0 && st == Contact {
		r.State += ", " + format.Count(n, "attempt", "attempts") + " in vain"
	}
	return r
}

func rows(ctx context.Context, s *record.Session, q record.Query, now time.Time) ([]Row, error) {
	var out []Row
	err := facts.Each(ctx, s, q, func(x *record.Entry) error {
		t, err := fhir.View[facts.Task](x.Resource())
		if err == nil {
			out = append(out, rowOf(t, now))
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b Row) int { return cmp.Or(a.by.Compare(b.by), strings.Compare(a.Href, b.Href)) })
	return out, err
}

func (e *desk) queue(r *http.Request) (web.View, error) {
	s, err := e.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), e.d.Shell.Clock()
	list, err := rows(ctx, s, record.Query{Type: "Task", Params: facts.Params("code", facts.TransitionTask, "status", facts.OpenTask+",draft", "_count", "500")}, now)
	if err != nil {
		return nil, err
	}
	duty, err := facts.OnDuty(ctx, s, e.d.Identity, now)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.patient)
	}
	known, err := facts.People(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	q := Queue{Checked: format.Time(now), MayEnter: s.May(access.Create, "Encounter"), Typed: strings.TrimSpace(r.FormValue("q"))}
	if q.MayEnter && q.Typed != "" {
		if len(q.Typed) > 200 {
			return nil, &web.Problem{Kind: web.ErrInvalid, Advice: "Type a part of the name, or the birth date."}
		}
		if q.Hits, q.MoreHits, err = hits(ctx, s, q.Typed, now); err != nil {
			return nil, err
		}
	}
	for _, x := range list {
		x.Who = "No patient named"
		if p, ok := known[x.patient]; ok {
			x.Who, x.Born = p.Name(now).Plain(), p.BornLine(now, now.Location())
		}
		x.Owner = facts.PoolName(x.task.Pool())
		if !x.task.Owner.IsZero() {
			x.Owner = cmp.Or(duty.Name(duty.Answers(x.task.Owner.Reference)), "Everybody")
		}
		if x.Late {
			q.Overdue = append(q.Overdue, x)
		} else {
			q.Waiting = append(q.Waiting, x)
		}
	}
	return web.Page{Title: "Home from hospital", Current: "transitions", Body: queuePage(q)}, nil
}

// hits are the first patients of a name or birth date, and whether there are more.
func hits(ctx context.Context, s *record.Session, typed string, now time.Time) (out []Row, more bool, err error) {
	q := facts.Params("_sort", "family", "_count", "20")
	if iso, ok := format.TypedDate(typed, now); ok {
		q = append(q, facts.Params("birthdate", iso)...)
	} else {
		for _, word := range strings.FieldsFunc(typed, func(r rune) bool { return r == ' ' || r == ',' }) {
			q = append(q, facts.Params("name", word)...)
		}
	}
	page, err := s.Search(ctx, record.Query{Type: "Patient", Params: q})
	if err != nil {
		return nil, false, err
	}
	for i := range page.Entries {
		p, err := fhir.View[facts.Patient](page.Entries[i].Resource())
		if err != nil {
			return nil, false, err
		}
		out = append(out, Row{Who: p.Name(now).Plain(), Born: p.BornLine(now, now.Location()), Href: "/patients/" + url.PathEscape(page.Entries[i].ID) + "/transitions/new"})
	}
	return out, page.Next != "", nil
}

func (e *desk) panel(ctx context.Context, s *record.Session, patient string) (Panel, error) {
	list, err := rows(ctx, s, facts.Of("Task", patient, facts.Params("code", facts.TransitionTask, "status", facts.OpenTask, "_count", "50")...), e.d.Shell.Clock())
	return Panel{list}, err
}

func number(n int) string { return strconv.Itoa(n) }
