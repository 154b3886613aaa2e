package documents

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// Queue is the page of what came in and is not filed.
type Queue struct {
	Rows      []Incoming
	Total     int
	Discarded bool // the page of what was discarded
	More      int
	Checked   string
	Messages  []ui.Message
}

// Incoming is one document of the queue.
type Incoming struct {
	ID, Title, From, Source, Kind, Size string
	At, Age                             string
	Late                                bool // waits since more than a working day
	By, Why                             string
}

// queued is how many rows the page draws; the rest is counted.
const queued = "100"

// waits is how long a document may wait before it counts as late.
const waits = 24 * time.Hour

func at(id string) string { return "/documents/" + url.PathEscape(id) }

// incoming asks for what is nobody's yet, oldest first.
func incoming(more ...string) record.Query {
	return record.Query{Type: "DocumentReference", Strict: true, Params: facts.Params(append([]string{"subject:missing", "true", "status", "current", "_sort", "date"}, more...)...)}
}

func (p *pages) queue(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), p.d.Shell.Clock()
	q := Queue{Checked: format.Time(now), Messages: p.unscanned(ctx), Discarded: r.FormValue("show") == "discarded"}
	query := incoming("_count", queued, "_total", "accurate")
	if q.Discarded {
		query = record.Query{Type: "DocumentReference", Strict: true, Params: facts.Params("subject:missing", "true", "status", "entered-in-error", "_sort", "-_lastUpdated", "_count", "50", "_total", "accurate")}
	}
	page, err := s.Search(ctx, query)
	if err != nil {
		return nil, err
	}
	var ids []string
	for i := range page.Entries {
		d, err := fhir.View[document](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		q.Rows = append(q.Rows, d.incoming(now))
		ids = append(ids, d.ID)
	}
	q.Total, q.More = int(page.Total), int(page.Total)-len(q.Rows)
	if q.Discarded && len(ids) > 0 {
		done, err := trace(ctx, s, ids)
		if err != nil {
			return nil, err
		}
		for i := range q.Rows {
			for _, x := range done[q.Rows[i].ID] {
				if x.Activity.Text == discarded.text {
					q.Rows[i].By, q.Rows[i].Why = x.who()+", "+facts.Moment(x.Recorded.DateTime(), now.Location()), facts.First(x.Reason)
				}
			}
		}
	}
	return web.Page{Title: "Incoming documents", Current: "incoming", Body: queuePage(q)}, nil
}

// incoming is the row of a document of the queue.
func (d document) incoming(now time.Time) Incoming {
	x := Incoming{ID: d.ID, Title: d.title(), From: d.from(), Source: d.source()}
	if len(d.Content) > 0 {
		x.Kind, x.Size = mediaName(d.Content[0].Attachment.ContentType), size(d.Content[0].Attachment.Size)
	}
	if !d.Date.IsZero() {
		age := now.Sub(d.Date.Time())
		x.At, x.Age, x.Late = facts.Moment(d.Date.DateTime(), now.Location()), format.Elapsed(age), age > waits
	}
	return x
}

// trace is what was done with documents, by their ids, oldest first.
func trace(ctx context.Context, s *record.Session, ids []string) (map[string][]provenance, error) {
	refs := make([]string, len(ids))
	for i, id := range ids {
		refs[i] = "DocumentReference/" + id
	}
	page, err := s.Search(ctx, record.Query{Type: "Provenance", Params: []search.Param{{Name: "target", Value: strings.Join(refs, ",")}, {Name: "_sort", Value: "recorded"}, {Name: "_count", Value: "500"}}, Strict: true})
	if err != nil {
		return nil, err
	}
	out := map[string][]provenance{}
	for i := range page.Entries {
		x, err := fhir.View[provenance](page.Entries[i].Resource())
		if err != nil {
			return nil, err
		}
		for _, ref := range x.Target {
			if id, ok := strings.CutPrefix(ref.Reference, "DocumentReference/"); ok {
				out[id] = append(out[id], x)
			}
		}
	}
	return out, nil
}

// who did it.
func (x provenance) who() string {
	for _, a := range x.Agent {
		if a.Who.Display != "" {
			return a.Who.Display
		}
	}
	return "somebody"
}

// counted is how many documents waited at a moment, as somebody sees them.
type counted struct {
	at time.Time
	n  int
}

// holds is how long a count is shown before it is made anew; one's own actions end it at once.
const holds = 20 * time.Second

// count is the number in the menu. A count that cannot be made shows none: the page itself says what is wrong.
func (p *pages) count(r *http.Request) (int, bool) {
	who, now := identity.From(r.Context()), p.d.Shell.Clock()
	p.mu.Lock()
	c, ok := p.counts[who.ID]
	p.mu.Unlock()
	if age := now.Sub(c.at); ok && age >= 0 && age < holds {
		return c.n, false
	}
	s, err := p.d.Session(r)
	if err != nil {
		return 0, false
	}
	page, err := s.Search(r.Context(), incoming("_count", "1", "_total", "accurate"))
	if err != nil {
		p.log(r.Context(), slog.LevelError, "incoming documents could not be counted", "error", err.Error())
		return 0, false
	}
	p.mu.Lock()
	if len(p.counts) > 1000 {
		clear(p.counts)
	}
	p.counts[who.ID] = counted{now, int(page.Total)}
	p.mu.Unlock()
	return int(page.Total), false
}

// recount has the numbers made anew.
func (p *pages) recount() {
	p.mu.Lock()
	clear(p.counts)
	p.mu.Unlock()
}

// restore takes a document that was discarded back into the queue.
func (p *pages) restore(r *http.Request) (web.View, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, err
	}
	v, err := s.Read(r.Context(), "DocumentReference", r.PathValue("document"))
	if err != nil {
		return nil, err
	}
	d, err := fhir.View[document](v.Resource())
	if err != nil {
		return nil, err
	}
	if !d.Subject.IsZero() || d.Status != "entered-in-error" {
		return nil, web.ErrNotFound
	}
	d.Status = "current"
	op, err := change(v, d)
	if err != nil {
		return nil, err
	}
	said, err := note(restored, "DocumentReference/"+v.ID, facts.Author(r.Context()), "", p.d.Shell.Clock())
	if err != nil {
		return nil, err
	}
	if _, err := s.Do(r.Context(), []record.Op{op, said}); err != nil {
		return nil, err
	}
	p.recount()
	return web.Done{To: "/documents", Say: ui.Message{Lead: d.title(), Text: "is in the queue again."}}, nil
}
