package letters

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// encounter is the view of an Encounter.
type encounter struct {
	ID          string
	Status      string
	Type        []fhir.CodeableConcept
	Subject     fhir.Reference
	Participant []struct{ Individual fhir.Reference }
	Period      fhir.Period
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Diagnosis   []struct{ Condition fhir.Reference }
}

func (v encounter) with() string {
	for _, p := range v.Participant {
		if p.Individual.Display != "" {
			return p.Individual.Display
		}
	}
	return ""
}

// visitsOf are the visits of a patient that took place, newest first.
func visitsOf(ctx context.Context, s *record.Session, patient string, most int) (out []encounter, err error) {
	if !s.May(access.Search, "Encounter") {
		return nil, nil
	}
	err = each(ctx, s, "Encounter", patient, func(v *record.Version) (bool, error) {
		x, err := fhir.View[encounter](v.Resource())
		if err == nil && x.Status != "planned" && x.Status != "cancelled" && x.Status != mistaken && !x.Period.Start.IsZero() {
			out = append(out, x)
		}
		return len(out) < most, err
	}, "_sort", "-date")
	return out, err
}

// Summary is what a patient takes home from a visit, in plain words. It is the same on the screen and on paper.
type Summary struct {
	Title string
	Parts []Part
	Call  string
}

// Part is a section: rows of two columns, or sentences.
type Part struct {
	Title string
	Rows  [][2]string
	None  string // said where there is nothing
}

// summarize reads what the summary of a visit says.
func (e *desk) summarize(ctx context.Context, s *record.Session, patient, visit string) (Summary, error) {
	now, zone := e.d.Shell.Clock(), e.d.Shell.Location()
	read, err := s.Read(ctx, "Encounter", visit)
	if err != nil {
		return Summary{}, err
	}
	v, err := fhir.View[encounter](read.Resource())
	if err != nil {
		return Summary{}, err
	}
	if !of(v.Subject, "Patient", patient) || v.Status == mistaken {
		return Summary{}, web.ErrNotFound
	}
	day := facts.Day(v.Period.Start, zone)
	from, _ := v.Period.Start.Range(zone)
	sum := Summary{Title: strings.TrimSuffix("Your visit on "+day+" with "+v.with(), " with "), Call: "If you have questions, or if something gets worse, call us"}
	if e.d.Shell.Phone != "" {
		sum.Call += ": " + e.d.Shell.Phone
	}
	sum.Call += ". In an emergency call 911."
	var why, found, measured, taking, ordered, given, next, due Part
	here := func(ref fhir.Reference) bool { return of(ref, "Encounter", visit) }
	errs := make([]error, 6)
	for _, r := range v.Reason {
		why.add(facts.Concept(r), "")
	}
	facts.Together(
		func() {
			errs[0] = each(ctx, s, "Condition", patient, func(x *record.Version) (bool, error) {
				p, err := problemOf(x)
				if err != nil || !p.stands() {
					return true, err
				}
				if here(p.Encounter) || slices.ContainsFunc(v.Diagnosis, func(d struct{ Condition fhir.Reference }) bool { return of(d.Condition, "Condition", p.ID) }) {
					found.add(p.name(), map[bool]string{true: "we are not sure yet"}[strings.Contains(p.state(), "suspected")])
				}
				return true, nil
			})
		},
		func() {
			if !s.May(access.Search, "Observation") {
				return
			}
			errs[1] = values(ctx, s, patient, "vital-signs", func(o facts.Observation) bool {
				if here(o.Encounter) {
					for _, m := range o.Values() {
						if text := value(m.Measured); text != "" {
							measured.add(m.Name(), text)
						}
					}
				}
				return !o.At().Time(zone).Before(from.AddDate(0, 0, -1))
			}, "date", "ge"+from.AddDate(0, 0, -1).Format(time.DateOnly))
		},
		func() { errs[2] = e.medicinesOf(ctx, s, patient, &taking, here, from, zone) },
		func() {
			if !s.May(access.Search, "ServiceRequest") {
				return
			}
			errs[3] = each(ctx, s, "ServiceRequest", patient, func(x *record.Version) (bool, error) {
				o, err := fhir.View[order](x.Resource())
				if err != nil || o.Status == mistaken || o.Status == "revoked" || o.Status == "draft" {
					return true, err
				}
				when := ""
				if d, ok := fhir.ChoiceValue[fhir.DateTime](o.Occurrence); ok {
					when = facts.Day(d, zone)
				} else if p, ok := fhir.ChoiceValue[fhir.Period](o.Occurrence); ok && !p.End.IsZero() {
					when = "until " + facts.Day(p.End, zone)
				}
				words := cmp.Or(o.Patient, when)
				if here(o.Encounter) {
					ordered.add(cmp.Or(facts.Concept(o.Code), "Order"), map[bool]string{true: "done", false: words}[o.Status == "completed"])
				} else if o.Status == "active" {
					due.add(cmp.Or(facts.Concept(o.Code), "Order"), words)
				}
				return true, nil
			}, "_sort", "-authored")
		},
		func() {
			if !s.May(access.Search, "Immunization") {
				return
			}
			errs[4] = each(ctx, s, "Immunization", patient, func(x *record.Version) (bool, error) {
				i, err := fhir.View[vaccine](x.Resource())
				if err == nil && i.Status == "completed" && here(i.Encounter) {
					given.add(cmp.Or(facts.Concept(i.Vaccine), "Vaccine"), strings.TrimSuffix("lot "+i.Lot, "lot "))
				}
				return true, err
			})
		},
		func() {
			if !s.May(access.Search, "Appointment") {
				return
			}
			errs[5] = each(ctx, s, "Appointment", patient, func(x *record.Version) (bool, error) {
				a, err := fhir.View[booking](x.Resource())
				if err != nil || a.Status != "booked" && a.Status != "pending" || a.Start.Time().Before(now) {
					return true, err
				}
				who := ""
				for _, p := range a.Participant {
					if t, ok := p.Actor.Target(); ok && t.Type == "Practitioner" && p.Actor.Display != "" {
						who = "with " + p.Actor.Display
					}
				}
				next.add(format.DateTime(a.Start.Time().In(zone)), strings.TrimSpace(cmp.Or(a.Description, facts.First(a.Service), "Visit")+" "+who))
				return len(next.Rows) < 10, nil
			}, "date", "ge"+now.Format(time.DateOnly), "_sort", "date")
		},
	)
	for _, err := range errs {
		if err != nil {
			return Summary{}, err
		}
	}
	who := identity.From(ctx)
	for _, rule := range e.rules {
		if rule.Advise == nil || !rule.Right.Admits(who) {
			continue
		}
		list, err := rule.Advise(ctx, s, patient)
		if err != nil {
			return Summary{}, err
		}
		for _, a := range list {
			due.add(a.Summary, a.Due)
		}
	}
	for _, x := range []struct {
		part        Part
		title, none string
	}{
		{why, "Why you came", ""}, {found, "What was found", "Nothing new was written down."}, {measured, "What was measured", ""},
		{taking, "Your medicines now", "No medicines are written down."}, {given, "Vaccines given", ""}, {ordered, "Tests and referrals ordered", ""}, {due, "What is due", ""}, {next, "Your next visits", "None is booked yet."},
	} {
		x.part.Title, x.part.None = x.title, x.none
		if len(x.part.Rows) > 0 || x.none != "" {
			sum.Parts = append(sum.Parts, x.part)
		}
	}
	return sum, nil
}

// add adds a row once.
func (p *Part) add(what, words string) {
	if what != "" && !slices.Contains(p.Rows, [2]string{what, words}) {
		p.Rows = append(p.Rows, [2]string{what, words})
	}
}

// medicinesOf says what is taken now and what this visit changed of it.
func (e *desk) medicinesOf(ctx context.Context, s *record.Session, patient string, p *Part, here func(fhir.Reference) bool, from time.Time, zone *time.Location) error {
	list, whole, err := facts.Medicines(ctx, s, patient, true)
	if err != nil {
		return err
	}
	sameDay := func(t time.Time) bool { return t.In(zone).Format(time.DateOnly) == from.In(zone).Format(time.DateOnly) }
	replaced := map[string]bool{}
	for _, m := range list {
		if t, ok := m.Prior.Target(); ok && m.Current() {
			replaced[t.ID] = true
		}
	}
	var rows [3][][2]string // what changed first, then what stays, then what was stopped
	for _, m := range list {
		begun := here(m.Encounter) || m.Encounter.IsZero() && sameDay(m.Authored.Time(zone))
		switch {
		case m.Current() && m.State() != "": // it is not to be taken as it stands, whatever the visit did
			rows[1] = append(rows[1], [2]string{m.Name, how(m)})
		case m.Current() && begun && !m.Prior.IsZero():
			rows[0] = append(rows[0], [2]string{m.Name, "CHANGED: " + how(m)})
		case m.Current() && begun:
			rows[0] = append(rows[0], [2]string{m.Name, "NEW: " + how(m)})
		case m.Current():
			rows[1] = append(rows[1], [2]string{m.Name, how(m)})
		case (m.Status == "stopped" || m.Status == "cancelled") && sameDay(m.Changed) && !replaced[m.ID]:
			rows[2] = append(rows[2], [2]string{m.Name, "STOPPED: do not take it any more"})
		}
	}
	for _, list := range rows {
		for _, r := range list {
			p.add(r[0], r[1])
		}
	}
	if !whole {
		p.add("There are more", "ask us for the whole list")
	}
	return nil
}

// summary is the page of a visit's summary.
func (e *desk) summary(r *http.Request) (web.View, error) {
	var sum Summary
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		sum, err = e.summarize(r.Context(), s, id, r.PathValue("visit"))
		return err
	})
	if err != nil {
		return nil, err
	}
	return web.Page{Title: "Visit summary, " + chart.Banner.Name.Short(), Current: "chart", Tab: "letters", Patient: &chart.Banner, Body: summaryPage(sum, r.URL.Path+"/pdf", base(chart.ID))}, nil
}

// summaryPDF is the same as a file.
func (e *desk) summaryPDF(w http.ResponseWriter, r *http.Request) {
	var sum Summary
	var b bytes.Buffer
	ctx, now := r.Context(), e.d.Shell.Clock()
	chart, err := facts.OpenChart(r, e.d.Session, e.d.Shell, func(s *record.Session, id string) (err error) {
		sum, err = e.summarize(ctx, s, id, r.PathValue("visit"))
		return err
	})
	if err == nil {
		d := e.begin(&b, chart, "Visit summary", printedBy(ctx, now), now)
		d.Title(sum.Title)
		for _, p := range sum.Parts {
			d.Heading(p.Title)
			for _, row := range p.Rows {
				if row[1] == "" {
					d.Row(true, []float64{1}, row[0])
				} else {
					d.Row(true, []float64{2, 3}, row[0], row[1])
				}
			}
			if len(p.Rows) == 0 {
				d.Paragraph(p.None)
			}
		}
		d.Gap(10)
		d.Paragraph(sum.Call)
		err = finish(d)
	}
	if err == nil {
		err = e.disclosed(ctx, chart.ID, "Encounter/"+r.PathValue("visit"), "Visit summary as PDF")
	}
	if err != nil {
		e.d.Shell.Error(w, r, err)
		return
	}
	header(w, "visit-summary.pdf")
	_, _ = b.WriteTo(w) // the browser went away; there is nobody left to tell
}
