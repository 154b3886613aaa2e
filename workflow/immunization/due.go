package immunization

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

// influenza is the forecast's group of the yearly vaccine.
const influenza = "Influenza"

// dueGroups are the vaccine groups that are due on a day, overdue ones first. Where the season's data are missing, influenza is due in the
// season to whoever has no dose of it.
func dueGroups(p person, on forecast.Date, zone *time.Location) (out []string) {
	in, _ := p.input(on, zone)
	if in.Birth == 0 {
		return nil
	}
	var overdue, due []string
	for _, g := range forecast.CDC().Forecast(in, on).Groups {
		switch {
		case g.Status == forecast.Contraindicated, g.Shared || g.Status != forecast.NotComplete && !(g.Outdated && g.Group == influenza):
		case g.Outdated && g.Group == influenza:
			if season(in, on) {
				due = append(due, g.Group)
			}
		case g.Overdue(on):
			overdue = append(overdue, g.Group)
		case g.Due(on):
			due = append(due, g.Group)
		}
	}
	for _, g := range append(overdue, due...) {
		if !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// season reports whether influenza vaccine is given at this time of the year and the patient, of six months or more, has none of the season yet.
func season(in forecast.Patient, on forecast.Date) bool {
	day := on.Time()
	began := day.Year()
	switch {
	case day.Month() <= 6:
		began--
		if day.Month() > 3 {
			return false
		}
	case day.Month() < 9:
		return false
	}
	if in.Birth.Time().AddDate(0, 6, 0).After(day) {
		return false
	}
	since := forecast.NewDate(began, 7, 1)
	return !slices.ContainsFunc(in.Doses, func(d forecast.Dose) bool {
		return d.Given >= since && slices.Contains(forecast.CDC().GroupsOf(d.CVX), influenza)
	})
}

// against is what speaks against giving a vaccine to a person on a day, by CDC's schedule: a contraindication, or that the dose would not
// count, in sentences.
func against(p person, vaccine string, expires fhir.Date, at time.Time) (out []string) {
	on := forecast.DateOf(at)
	in, _ := p.input(on, at.Location())
	groups := forecast.CDC().GroupsOf(vaccine)
	if in.Birth == 0 || len(groups) == 0 {
		return []string{"CDC's schedule could not be asked: the day of birth or the vaccine is not known to it."}
	}
	out = append(out, reactedBefore(p, groups, forecast.CDC().GroupsOf, at.Location())...)
	before := forecast.CDC().Forecast(in, on)
	for _, g := range before.Groups {
		if g.Status == forecast.Contraindicated && slices.Contains(groups, g.Group) {
			out = append(out, named(g.Group)+" is contraindicated: "+because(g)+".")
		}
	}
	in.Doses = append(slices.Clone(in.Doses), forecast.Dose{ID: "now", CVX: vaccine, Given: on, LotExpires: lastDay(expires)})
	counts, needed := false, false
	var why []string
	r := forecast.CDC().Forecast(in, on)
	for _, g := range r.Groups {
		for _, e := range g.Evaluations {
			if r.Doses[e.Dose].ID != "now" {
				continue
			}
			switch e.Status {
			case forecast.Valid:
				counts, needed = true, true
			case forecast.Extraneous:
				counts = true
			default:
				for _, reason := range e.Reasons {
					if words := reason.Words(date); words != "" && !slices.Contains(why, words) {
						why = append(why, words)
					}
				}
			}
		}
	}
	switch {
	case len(why) > 0 && !needed:
		out = append(out, "By CDC's schedule this dose would not count: "+strings.Join(why, "; ")+".")
	case counts && !needed && !slices.ContainsFunc(before.Groups, func(g forecast.GroupForecast) bool { return g.Outdated && slices.Contains(groups, g.Group) }):
		out = append(out, "By CDC's schedule this dose is not needed.")
	}
	for _, d := range in.Doses[:len(in.Doses)-1] {
		if d.Given == on && d.CVX == vaccine {
			out = append(out, "A dose of this vaccine is recorded for this day already.")
		}
	}
	return out
}

// child is the age under which the Vaccines for Children program gives vaccines, in years.
const child = 19

// under reports whether a person is younger than an age in years on a day. Of whom the day of birth is not known nobody can say.
func under(p person, years int, at time.Time) bool {
	born := wholeDate(p.Patient.Birth)
	return born != 0 && at.Before(born.Time().AddDate(years, 0, 0))
}

// funded is what is wrong with who paid for a lot, for a patient of a VFC category; "" if nothing is.
func funded(l stock.Lot, isChild bool, category string) string {
	entitled := isChild && category != "" && category != "V01"
	switch {
	case l.Funding() == stock.VFC && !isChild:
		return "Lot " + l.Number() + " is VFC stock, which is for those under 19 alone."
	case l.Funding() == stock.VFC && category == "":
		return "Lot " + l.Number() + " is VFC stock, and nobody has said that this child is eligible."
	case l.Funding() == stock.VFC && !entitled:
		return "Lot " + l.Number() + " is VFC stock, and this child is not eligible."
	case l.Funding() == stock.Private && entitled:
		return "Lot " + l.Number() + " was bought privately, and this child is eligible for VFC stock."
	}
	return ""
}
