package charting

import (
	"context"
	"fmt"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/facts"
)

// habit is how often somebody used each template lately, and when that was counted.
type habit struct {
	at    time.Time
	count map[string]int
}

const (
	counted    = 10 * time.Minute // how long a count of somebody's habits holds
	mostHabits = 200              // of the newest notes are counted
)

// habits are the templates that a person began the newest notes with, by how often: an order of the list, and nothing more.
func (n *notes) habits(ctx context.Context, s *record.Session) (map[string]int, error) {
	who, now := identity.From(ctx), n.d.Shell.Clock()
	n.mu.Lock()
	h, ok := n.usual[who.ID]
	n.mu.Unlock()
	if ok && now.Sub(h.at) < counted || who.Resource == "" || !s.May(access.Search, "Composition") {
		return h.count, nil
	}
	h = habit{now, map[string]int{}}
	page, err := s.Search(ctx, record.Query{Type: "Composition", Strict: true, Params: facts.Params("author", who.Resource, "_sort", "-date", "_count", fmt.Sprint(mostHabits))})
	if err != nil {
		return nil, err
	}
	for i := range page.Entries {
		c, err := fhir.View[composition](page.Entries[i].Resource())
		if id := c.said(templateOf); err == nil && id != "" && c.Status != mistaken {
			h.count[id]++
		}
	}
	n.mu.Lock()
	n.usual[who.ID] = h
	n.mu.Unlock()
	return h.count, nil
}
