package chart

import (
	"context"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// kind is a type of resource in the timeline.
type kind struct {
	typ  string
	date string // search parameter by which it is dated
	// dated are the elements that the parameter looks at.
	dated []string
	read  func(r *fhir.Resource, now time.Time) (happening, bool, error)
}

var kindsOfHappening = []kind{
	{"DiagnosticReport", "date", []string{"effectiveDateTime", "effectivePeriod"}, reportHappening},
	{"MedicationRequest", "authoredon", []string{"authoredOn"}, medicationHappening},
	{"Immunization", "date", []string{"occurrenceDateTime"}, immunizationHappening},
	{"Procedure", "date", []string{"performedDateTime", "performedPeriod"}, procedureHappening},
	{"ServiceRequest", "authored", []string{"authoredOn"}, referralHappening},
	{"Communication", "sent", []string{"sent"}, messageHappening},
	{"DocumentReference", "date", []string{"date"}, noteHappening},
}

// reading is one kind as far as it was read, newest first. It reads in pages, so that a page of the timeline costs what it shows and not
// what the patient has.
type reading struct {
	kind
	query record.Query
	items []item
	next  string // cursor; "" when all was read
	err   error
}

// item is a resource with the date by which searches order it, in UTC as they see it; zero for none.
type item struct {
	at       time.Time
	resource *fhir.Resource
}

// begin reads the first page: what is dated before a day, or all if the day is zero. What has no date comes last.
func (g *reading) begin(ctx context.Context, s *record.Session, patient string, before time.Time, count string) {
	g.query = facts.Of(g.typ, patient, facts.Params("_sort", "-"+g.date, "_count", count)...)
	g.query.Before = before
	g.page(ctx, s)
}

func (g *reading) page(ctx context.Context, s *record.Session) {
	page, err := s.Search(ctx, g.query)
	if err != nil {
		g.err, g.next = err, ""
		return
	}
	for i := range page.Entries {
		r := page.Entries[i].Resource()
		g.items = append(g.items, item{g.when(r), r})
	}
	g.next, g.query.Page = page.Next, page.Next
}

func (g *reading) when(r *fhir.Resource) time.Time {
	for _, name := range g.dated {
		n := r.Get(name)
		if n.Kind() == fhir.Object {
			if start := n.Get("start"); start.Text() != "" {
				n = start
			} else {
				n = n.Get("end")
			}
		}
		if text := strings.TrimSpace(n.Text()); text != "" {
			if d, err := fhir.ParseDateTime(text); err == nil {
				return d.Time(time.UTC).UTC()
			}
		}
	}
	return time.Time{}
}

// last is the date of the oldest item read; zero once undated ones were reached.
func (g *reading) last() time.Time { return g.items[len(g.items)-1].at }

// oneDay reports whether all that was read is of one day.
func (g *reading) oneDay() bool { return day(g.items[0].at).Equal(day(g.last())) }

// until reads on to a day, at most so many, but a whole day at least if that is possible at all.
func (g *reading) until(ctx context.Context, s *record.Session, from time.Time, most int) {
	for g.next != "" && !g.last().Before(from) && (len(g.items) < most || g.oneDay() && len(g.items) < mostOfADay) {
		g.page(ctx, s)
	}
}

// edge is the first day of which all was read, given that more is to come. That is the day after the oldest item's, unless there is only
// that one day.
func (g *reading) edge() time.Time {
	if g.oneDay() {
		return day(g.last())
	}
	return day(g.last()).AddDate(0, 0, 1)
}

// day is the beginning of a day in UTC, by which searches tell days.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
