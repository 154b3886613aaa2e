package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// A page of large documents has fewer of them than were asked for, and every one is on some page.
func TestPagesEndAtABound(t *testing.T) {
	s := recordtest.New(t, clock.System{}).As(access.Administrator)
	docs := []string{`{"resourceType":"Patient","id":"p"}`}
	for i := range 20 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Observation","id":"o%d","status":"final","code":{"text":%q},"subject":{"reference":"Patient/p"}}`, i, strings.Repeat("long ", 2000)))
	}
	putAll(t, s, docs...)
	for name, next := range map[string]func(page string) (*record.Page, error){
		"search": func(page string) (*record.Page, error) {
			return s.Search(context.Background(), record.Query{Type: "Observation", Params: []search.Param{{Name: "_count", Value: "10"}}, Page: page, MaxBytes: 30_000})
		},
		"ordered": func(page string) (*record.Page, error) {
			return s.Search(context.Background(), record.Query{Type: "Observation", Params: []search.Param{{Name: "_count", Value: "10"}, {Name: "_sort", Value: "-_id"}}, Page: page, MaxBytes: 30_000})
		},
		"everything": func(page string) (*record.Page, error) {
			return s.Everything(context.Background(), record.EverythingQuery{Patient: "p", Types: []string{"Observation"}, Count: 10, Page: page, MaxBytes: 30_000})
		},
	} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			pages := 0
			for page := ""; ; pages++ {
				p, err := next(page)
				if err != nil {
					t.Fatal(err)
				}
				if len(p.Entries) > 3 || len(p.Entries) == 0 {
					t.Errorf("%d entries on a page", len(p.Entries))
				}
				for _, e := range p.Entries {
					if seen[e.ID] {
						t.Errorf("%s stands on two pages", e.ID)
					}
					seen[e.ID] = true
				}
				if page = p.Next; page == "" {
					break
				}
			}
			if len(seen) != 20 || pages < 6 {
				t.Errorf("%d found on %d pages", len(seen), pages+1)
			}
		})
	}
}
