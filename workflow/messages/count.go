package messages

import (
	"context"
	"net/http"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// counted is how much was unread for somebody at a moment.
type counted struct {
	at     time.Time
	n      int
	urgent bool
}

// holds is how long a count may be shown that nothing has changed since. Changes that this server hears of end it at once; those of
// another server are seen after this time at the latest.
const holds = 15 * time.Second

// unread is the number in the menu: what waits for this person and was opened by nobody yet.
func (p *post) unread(r *http.Request) (int, bool) {
	ctx := r.Context()
	who, now := identity.From(ctx), p.d.Shell.Clock()
	p.mu.Lock()
	c, ok := p.counts[who.ID]
	p.mu.Unlock()
	if age := now.Sub(c.at); ok && age >= 0 && age < holds {
		return c.n, c.urgent
	}
	s, err := p.d.Session(r)
	if err == nil {
		c, err = p.tally(ctx, s, who, now)
	}
	if err != nil {
		p.d.Log.ErrorContext(ctx, "unread messages could not be counted", "error", err.Error())
		return 0, false
	}
	return c.n, c.urgent
}

// tally counts anew.
func (p *post) tally(ctx context.Context, s *record.Session, who identity.Principal, now time.Time) (counted, error) {
	jobs, _, err := waiting(ctx, s, p.d.Identity, who, now)
	if err != nil {
		return counted{}, err
	}
	return p.keep(who, jobs, now), nil
}

// keep takes what waits as the count that is shown from now on.
func (p *post) keep(who identity.Principal, jobs []facts.Task, now time.Time) counted {
	c := counted{at: now}
	for _, t := range jobs {
		if t.Status == "requested" {
			c.n++
			c.urgent = c.urgent || pressing(t)
		}
	}
	p.mu.Lock()
	p.counts[who.ID] = c
	p.mu.Unlock()
	return c
}

// recount has all numbers made anew.
func (p *post) recount() {
	p.mu.Lock()
	clear(p.counts)
	p.mu.Unlock()
}

// pressing reports whether somebody marked the work as urgent, or urgent words did.
func pressing(t facts.Task) bool {
	return t.Priority == "urgent" || t.Priority == "asap" || t.Priority == "stat"
}

// waiting are the open messages that are for a person.
func waiting(ctx context.Context, s *record.Session, ids *identity.Service, who identity.Principal, now time.Time) (out []facts.Task, duty facts.Duty, err error) {
	if duty, err = facts.OnDuty(ctx, s, ids, now); err != nil {
		return nil, duty, err
	}
	q := record.Query{Type: "Task", Params: facts.Params("code", facts.TaskKind+"|"+facts.MessageTask, "status", facts.OpenTask, "_count", "1000")}
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return nil, duty, err
		}
		for i := range page.Entries {
			t, err := fhir.View[facts.Task](page.Entries[i].Resource())
			if err != nil {
				return nil, duty, err
			}
			if duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), t) {
				out = append(out, t)
			}
		}
		if page.Next == "" {
			return out, duty, nil
		}
		q.Page = page.Next
	}
}
