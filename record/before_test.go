package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// A search that begins before a time has what is dated earlier, newest first and to the end, and what has no date behind it.
func TestSearchBefore(t *testing.T) {
	f := recordtest.New(t, clock.At(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)))
	ops := []record.Op{}
	add := func(typ, id, text string) {
		r, err := fhir.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: typ, ID: id, Resource: r})
	}
	add("Patient", "ada", `{"resourceType":"Patient","id":"ada"}`)
	for id, date := range map[string]string{"a": "2026-05-02T23:59:59Z", "b": "2026-05-01", "c": "2026-05-03", "d": "2026-05-03T00:00:00Z", "e": "2025-01-01", "f": ""} {
		if date != "" {
			date = fmt.Sprintf(`,"effectiveDateTime":%q`, date)
		}
		add("Observation", id, fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ada"}%s}`, id, date))
	}
	s := f.As(access.Program)
	if _, err := s.Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	q := record.Query{Type: "Observation", Before: time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC),
		Params: []search.Param{{Name: "patient", Value: "ada"}, {Name: "_sort", Value: "-date"}, {Name: "_count", Value: "2"}}}
	var got []string
	for {
		page, err := s.Search(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			got = append(got, e.ID)
		}
		if q.Page = page.Next; page.Next == "" {
			break
		}
	}
	if strings.Join(got, "") != "abef" {
		t.Errorf("got %v", got)
	}
	q.Page, q.Params = "", q.Params[:1]
	if _, err := s.Search(context.Background(), q); err == nil {
		t.Error("a search without an order began somewhere")
	}
}
