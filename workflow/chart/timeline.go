package chart

import (
	"context"
	"errors"
	"slices"
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
	older  string // cursor; "" at the end
}

// readTimeline reads a page of visits and all that happened from the oldest of them on.
func readTimeline(ctx context.Context, s *record.Session, patient, cursor string, now time.Time) (line, error) {
	q := facts.Of("Encounter", patient, facts.Params("_sort", "-date", "_count", "20")...)
	q.Page = cursor
	page, err := s.Search(ctx, q)
	if err != nil {
		return line{}, err
	}
	var encounters []encounter
	for i := range page.Entries {
		e, err := fhir.View[encounter](page.Entries[i].Resource())
		if err != nil {
			return line{}, err
		}
		if e.shown() {
			encounters = append(encounters, e)
		}
	}
	from, until := time.Time{}, now.AddDate(0, 0, 1)
	if len(encounters) > 0 {
		if page.Next != "" {
			from = encounters[len(encounters)-1].Period.Start.Time(now.Location())
		}
		if cursor != "" {
			until = encounters[0].Period.Start.Time(now.Location()).AddDate(0, 0, 1)
		}
	}
	found, err := happenings(ctx, s, patient, from, until, now)
	if err != nil {
		return line{}, err
	}
	return line{visits: assemble(encounters, found, now), older: page.Next}, nil
}

// happenings reads what happened in a span of time, each kind as far as the session may.
func happenings(ctx context.Context, s *record.Session, patient string, from, until, now time.Time) ([]happening, error) {
	readers := []struct {
		typ, date string
		read      func(r *fhir.Resource, now time.Time) (happening, bool, error)
	}{
		{"DiagnosticReport", "date", reportHappening}, {"MedicationRequest", "authoredon", medicationHappening}, {"Immunization", "date", immunizationHappening},
		{"Procedure", "date", procedureHappening}, {"ServiceRequest", "authored", referralHappening}, {"Communication", "sent", messageHappening},
		{"DocumentReference", "date", noteHappening},
	}
	found := make([][]happening, len(readers))
	errs := make([]error, len(readers))
	var reads []func()
	for i, r := range readers {
		if !s.May(access.Search, r.typ) {
			continue
		}
		reads = append(reads, func() {
			params := facts.Params("_sort", "-"+r.date, "_count", "300")
			if !from.IsZero() {
				params = append(params, facts.Params(r.date, "ge"+from.Format("2006-01-02"))...)
			}
			if until.Before(now) {
				params = append(params, facts.Params(r.date, "lt"+until.Format("2006-01-02"))...)
			}
			page, err := s.Search(ctx, facts.Of(r.typ, patient, params...))
			if err != nil {
				errs[i] = err
				return
			}
			for n := range page.Entries {
				h, ok, err := r.read(page.Entries[n].Resource(), now)
				if err != nil {
					errs[i] = err
					return
				}
				if ok {
					found[i] = append(found[i], h)
				}
			}
		})
	}
	var flags map[string]measured
	reads = append(reads, func() {
		if s.May(access.Search, "Observation") {
			flags = flagged(ctx, s, patient, from)
		}
	})
	facts.Together(reads...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all := slices.Concat(found...)
	for i := range all {
		fill(&all[i].entry, flags)
	}
	return all, nil
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
