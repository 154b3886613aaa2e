package forecast

import (
	"fmt"
	"slices"
	"strings"
)

// Words is the reason as a clinician reads it, within a sentence: without a capital and without a stop. day writes a date.
func (r Reason) Words(day func(Date) string) string {
	switch r.Code {
	case TooYoung:
		return fmt.Sprintf("too young: the minimum age is %s, counted from %s on", r.Span, day(r.Date))
	case TooOld:
		return "too old: the dose is for those younger than " + r.Span
	case GracePeriod:
		return fmt.Sprintf("up to 4 days before the minimum of %s, within the grace period", r.Span)
	case TooSoon:
		return fmt.Sprintf("too soon: the minimum interval is %s, counted from %s on", r.Span, day(r.Date))
	case LiveVirusConflict:
		return fmt.Sprintf("too soon after %s, a live vaccine: %s must lie between them", r.Text, r.Span)
	case InadvertentVaccine:
		return "this vaccine is not for this dose (inadvertent administration)"
	case WrongVaccine:
		return r.Text + " is no vaccine for this dose"
	case VaccineAtWrongAge:
		return r.Text + " is no vaccine for this age"
	case LowVolume:
		return "the volume is less than recommended"
	case SeriesComplete:
		return "not needed: the series was complete"
	case LotExpired:
		return "the lot had expired on " + day(r.Date)
	case DoseFlawed:
		return "recorded as not potent or not to be counted"
	}
	return r.forecastWords(day)
}

func (r Reason) forecastWords(day func(Date) string) string {
	switch r.Code {
	case ByAge:
		if r.Span == "" || r.Span == "0 days" {
			return "by age"
		}
		return "by age: at " + r.Span
	case ByInterval:
		if r.Span == "" {
			return "at the recommended interval from the dose before"
		}
		if r.Text != "" {
			return r.Span + " after the " + lower(r.Text)
		}
		return r.Span + " after the dose before"
	case AfterInvalid:
		if r.Span == "" || r.Span == "0 days" {
			return "the last dose does not count and is to be repeated"
		}
		return "the last dose does not count and is to be repeated " + r.Span + " after it"
	case DateNotKnown:
		return "the right time depends on a date that is not known: " + lower(r.Text)
	case AfterConflict:
		return "not before " + day(r.Date) + ", because of a live vaccine given shortly before"
	case BySeason:
		return "for the season that begins on " + day(r.Date)
	case ByRisk:
		return "because of: " + lower(r.Text)
	case PatientComplete:
		return "the series is complete"
	case HistorySuffices:
		return "not recommended, with the doses given so far"
	case EvidenceOfImmunity:
		return "evidence of immunity: " + lower(r.Text)
	case HasContraindication:
		return lower(strings.TrimSuffix(r.Text, "."))
	case SeasonOver:
		return "the season ended on " + day(r.Date)
	case OverMaximumAge:
		return "it is for those younger than " + r.Span
	case CannotFinish:
		return "it could not be given before the maximum age of " + r.Span
	}
	return ""
}

// VaccineName is the name of a vaccine by its CVX code; "" for one that the supporting data do not have.
func (s *Schedule) VaccineName(cvx string) string { return s.vaccines[cvx].name }

// GroupsOf are the vaccine groups for which a vaccine counts.
func (s *Schedule) GroupsOf(cvx string) []string {
	var out []string
	for _, g := range s.Groups {
		for _, a := range s.vaccines[cvx].antigens {
			if slices.Contains(g.Antigens, a.antigen) {
				out = append(out, g.Name)
				break
			}
		}
	}
	return out
}

// AntigensOf are the antigens that a vaccine holds.
func (s *Schedule) AntigensOf(cvx string) (out []string) {
	for _, a := range s.vaccines[cvx].antigens {
		if !slices.Contains(out, a.antigen) {
			out = append(out, a.antigen)
		}
	}
	return out
}

// Preferred reports whether a vaccine is one that the schedule names first for a dose of a group at an age, and not one that is merely
// allowed then; from is the day from which the schedule names it for this person.
func (s *Schedule) Preferred(cvx, group string, birth, on Date) (from Date, ok bool) {
	c := call{patient: Patient{Birth: birth}}
	for _, g := range s.Groups {
		if g.Name != group {
			continue
		}
		for _, a := range s.antigens {
			if !slices.Contains(g.Antigens, a.name) {
				continue
			}
			for _, sr := range a.series {
				for _, d := range sr.doses {
					for _, p := range d.preferable {
						if p.cvx == cvx && c.aged(on, p.begin, p.end) {
							from, ok = max(from, birth.plus(p.begin)), true
						}
					}
				}
			}
		}
	}
	return from, ok
}

// ObservationTitle is what an observation code of the supporting data means.
func (s *Schedule) ObservationTitle(code string) string { return s.observations[code].title }

// ObservationsOf are the observation codes that a SNOMED CT code stands for.
func (s *Schedule) ObservationsOf(snomed string) []string { return s.bySNOMED[snomed] }

// ObservationsAbout are the observation codes that speak of a vaccine or an immune globulin, by its CVX code: a severe
// reaction to it, or that it was given.
func (s *Schedule) ObservationsAbout(cvx string) []string { return s.byCVX[cvx] }

// lower begins a text without a capital, unless it begins with an abbreviation or a name.
func lower(s string) string {
	if len(s) < 2 || s[1] < 'a' || s[1] > 'z' {
		return s
	}
	switch first, _, _ := strings.Cut(s, " "); first {
	case "Hepatitis", "Hodgkin's", "American", "Ebola", "Down":
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
