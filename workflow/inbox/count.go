package inbox

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// counted is how much waited for somebody at a moment.
type counted struct {
	at     time.Time
	n      int
	urgent bool
}

// holds is how long a count is shown to somebody before it is made anew; one's own actions end it at once.
const holds = 20 * time.Second

// count is the number in the menu: what a person must act on. Results that were normal when they came are not counted. A
// count that cannot be made shows no number: the page itself says what is wrong.
func (b *box) count(r *http.Request) (int, bool) {
	ctx := r.Context()
	who, now := identity.From(ctx), b.d.Shell.Clock()
	b.mu.Lock()
	c, ok := b.counts[who.ID]
	b.mu.Unlock()
	if age := now.Sub(c.at); ok && age >= 0 && age < holds {
		return c.n, c.urgent
	}
	s, err := b.d.Session(r)
	if err != nil {
		return 0, false
	}
	c, err = b.tally(ctx, s, who, now)
	if err != nil {
		b.d.Log.ErrorContext(ctx, "the inbox could not be counted", "error", err.Error())
		return 0, false
	}
	b.mu.Lock()
	b.counts[who.ID] = c
	b.mu.Unlock()
	return c.n, c.urgent
}

func (b *box) tally(ctx context.Context, s *record.Session, who identity.Principal, now time.Time) (counted, error) {
	c := counted{at: now}
	duty, err := facts.OnDuty(ctx, s, b.d.Identity, now)
	if err != nil {
		return c, err
	}
	add := func(e *record.Entry) error {
		t, err := fhir.View[facts.Task](e.Resource())
		if err != nil {
			return err
		}
		switch t.Kind() {
		case facts.OrderTask, facts.OverdueTask, facts.CoverTask:
			return nil
		case facts.ReviewTask:
			if t.Priority == "routine" {
				return nil
			}
		}
		if duty.Sees(who.Resource, who.Has(identity.Nurse), who.Has(identity.Clinician), t) {
			c.n++
			c.urgent = c.urgent || t.Priority == "stat"
		}
		return nil
	}
	queries := [][]string{{"owner:missing", "true"}}
	if owners := duty.Answered(who.Resource); len(owners) > 0 {
		queries = append(queries, []string{"owner", strings.Join(owners, ",")})
	}
	for _, q := range queries {
		if err := facts.Each(ctx, s, record.Query{Type: "Task", Params: facts.Params(append(q, "status", facts.OpenTask, "_count", "1000")...)}, add); err != nil {
			return c, err
		}
	}
	return c, nil
}

// recount has the number of whoever acts made anew.
func (b *box) recount(ctx context.Context) {
	b.mu.Lock()
	delete(b.counts, identity.From(ctx).ID)
	b.mu.Unlock()
}
