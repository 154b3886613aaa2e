package chart

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// happening is one thing that happened, on its way into the timeline.
type happening struct {
	at        fhir.DateTime
	encounter string // id of its visit; "" for none
	entry     clinical.Entry
	group     string // things of one group and day without a visit stand under one heading
	title     string // of that heading
	meta      string
	text      string // for a visit: what its note says
	href      string // id of that note
}

// show is what a filter of the timeline lets through.
type show string

// The filters.
const (
	everything      show = ""
	onlyVisits      show = "visits"
	onlyResults     show = "results"
	onlyMedications show = "medications"
	onlyMessages    show = "messages"
)

// line is a page of the timeline.
type line struct {
	visits []clinical.Visit
	older  string    // the day before which it goes on, 2026-11-20; "" at the end
	from   time.Time // the first day that it holds; zero when it holds all
	cut    string    // the day of which not all is shown; "" for none
}

// extent is how much a page of the timeline holds: so many visits and what happened from the oldest of them on, but of each kind about
// as many things as it says at most. Where there is more, the page ends earlier and the next goes on from there.
type extent struct{ visits, things int }

var (
	// aPage is what a chart opens with.
	aPage = extent{visits: 10, things: 90}
	// aSearch is how far a filter or a search looks at a time.
	aSearch = extent{visits: 60, things: 400}
)

// mostOfADay bounds what is read of one kind and one day.
const mostOfADay = 1000

// readTimeline reads a page of visits and of all that happened meanwhile. before is the day before which it begins; zero for the newest.
func readTimeline(ctx context.Context, s *record.Session, patient string, before time.Time, size extent, now time.Time) (line, error) {
	seen := &reading{kind: kind{typ: "Encounter", date: "date", dated: []string{"period"}}}
	reads := []func(){func() { seen.begin(ctx, s, patient, before, strconv.Itoa(size.visits+1)) }}
	var kinds []*reading
	for _, k := range kindsOfHappening {
		if s.May(access.Search, k.typ) {
			g := &reading{kind: k}
			kinds = append(kinds, g)
			reads = append(reads, func() { g.begin(ctx, s, patient, before, "30") })
		}
	}
	facts.Together(reads...)
	if seen.err != nil {
		return line{}, seen.err
	}
	var out line
	var from time.Time
	seen.until(ctx, s, time.Time{}, 0)
	if seen.err != nil {
		return line{}, seen.err
	}
	end := func(g *reading) {
		from = g.edge()
		if g.next != "" && g.oneDay() {
			out.cut = facts.Day(fhir.DateTimeOf(from, fhir.Day), time.UTC)
		}
	}
	if seen.next != "" || len(seen.items) > size.visits {
		end(seen)
	}
	reads = nil
	for _, g := range kinds {
		reads = append(reads, func() { g.until(ctx, s, from, size.things) })
	}
	facts.Together(reads...)
	for _, g := range kinds {
		if g.err != nil {
			return line{}, g.err
		}
		if g.next != "" && !g.last().Before(from) {
			end(g)
		}
	}
	all := append([]*reading{seen}, kinds...)
	last := !slices.ContainsFunc(all, func(g *reading) bool {
		return g.next != "" || slices.ContainsFunc(g.items, func(i item) bool { return !i.at.IsZero() && i.at.Before(from) })
	})
	if !last {
		out.older, out.from = from.Format(time.DateOnly), from
	}
	shown := func(i item) bool { return last && i.at.IsZero() || !i.at.IsZero() && !i.at.Before(from) }
	var encounters []encounter
	for _, i := range seen.items {
		e, err := fhir.View[encounter](i.resource)
		if err != nil {
			return line{}, err
		}
		if shown(i) && e.shown() {
			encounters = append(encounters, e)
		}
	}
	var found []happening
	for _, g := range kinds {
		for _, i := range g.items {
			if !shown(i) {
				continue
			}
			h, ok, err := g.read(i.resource, now)
			if err != nil {
				return line{}, err
			}
			if ok {
				found = append(found, h)
			}
		}
	}
	notes, err := complete(ctx, s, patient, encounters, found, before, now)
	if err != nil {
		return line{}, err
	}
	out.visits = assemble(encounters, append(found, notes...), now)
	return out, nil
}

// complete fills in the values of reports, and reads the notes of visits that were written on another page's days.
func complete(ctx context.Context, s *record.Session, patient string, encounters []encounter, found []happening, before, now time.Time) (notes []happening, err error) {
	var entries []*clinical.Entry
	noted := map[string]bool{}
	for i := range found {
		entries = append(entries, &found[i].entry)
		noted[found[i].encounter] = noted[found[i].encounter] || found[i].text != ""
	}
	var lacking []string
	for _, e := range encounters {
		if !noted[e.ID] && fhir.ValidID(e.ID) {
			lacking = append(lacking, "Encounter/"+e.ID)
		}
	}
	reads := []func(){func() {
		if !s.May(access.Search, "Observation") {
			for _, e := range entries {
				fill(e, nil)
			}
			return
		}
		v, err := values(ctx, s, patient, entries, before)
		for _, e := range entries {
			if err != nil {
				unread(e)
			} else {
				fill(e, v)
			}
		}
	}}
	if len(lacking) > 0 && s.May(access.Search, "DocumentReference") {
		reads = append(reads, func() {
			var page *record.Page
			page, err = s.Search(ctx, facts.Of("DocumentReference", patient, facts.Params("encounter", strings.Join(lacking, ","), "_count", "200")...))
			if err != nil {
				return
			}
			for i := range page.Entries {
				h, ok, bad := noteHappening(page.Entries[i].Resource(), now)
				if err = bad; err != nil {
					return
				}
				if ok && h.text != "" {
					notes = append(notes, h)
				}
			}
		})
	}
	facts.Together(reads...)
	return notes, err
}

// assemble groups by visit first; what belongs to none stands on its own day, things of one kind together.
func assemble(encounters []encounter, found []happening, now time.Time) []clinical.Visit {
	type dated struct {
		at    time.Time
		visit clinical.Visit
	}
	var list []*dated
	byEncounter := map[string]*dated{}
	for _, e := range encounters {
		d := &dated{at: e.Period.Start.Time(now.Location()), visit: e.visit(now)}
		byEncounter[e.ID] = d
		list = append(list, d)
	}
	byDay := map[string]*dated{}
	for _, h := range found {
		d := byEncounter[h.encounter]
		if d == nil {
			if h.encounter != "" && h.text != "" {
				continue // the note of a visit on another page
			}
			date, sub := when(h.at, now)
			key := date + "|" + h.group
			if d = byDay[key]; d == nil {
				d = &dated{at: h.at.Time(now.Location()), visit: clinical.Visit{Date: date, Sub: sub, Title: h.title, Meta: h.meta, Text: h.text}}
				byDay[key] = d
				list = append(list, d)
			} else if d.visit.Text == "" {
				d.visit.Text = h.text
			}
		} else if h.text != "" {
			d.visit.Text = h.text
			d.visit.Meta = joinParts(d.visit.Meta, h.meta)
			d.visit.Href = h.href
		}
		if len(h.entry.Parts) > 0 {
			d.visit.Items = append(d.visit.Items, h.entry)
		}
	}
	slices.SortStableFunc(list, func(a, b *dated) int { return b.at.Compare(a.at) })
	visits := make([]clinical.Visit, len(list))
	for i, d := range list {
		visits[i] = d.visit
	}
	return visits
}

func joinParts(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}
