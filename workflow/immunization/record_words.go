package immunization

import (
	"strings"
	"time"

	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

func forecastDay(t time.Time) forecast.Date { return forecast.DateOf(t) }

// usual says what the lot settles: how, how much, and which information statement.
func (g giving) usual() string {
	var parts []string
	if route := facts.Concept(g.lot.Route()); route != "" {
		parts = append(parts, route)
	}
	if q := g.lot.Dose(); !q.IsZero() {
		parts = append(parts, format.Dose(q.Value.String(), q.Unit))
	}
	if vis := g.lot.Statements(); len(vis) > 0 {
		parts = append(parts, "information statement of "+statementWords(vis))
	}
	lot := "Lot " + g.lot.Number() + ", expires " + fhirDate(g.lot.Expires()) + ": "
	if len(parts) == 0 {
		return lot + "it does not say how and how much, fill it in below."
	}
	return lot + strings.Join(parts, ", ") + "."
}

// usually is a hint for what is left to the lot, where there are lots.
func (g giving) usually(words string) string {
	if len(g.shelf.all) == 0 {
		return "Choose"
	}
	return words
}

// isChild reports whether the Vaccines for Children program concerns the patient.
func (g giving) isChild() bool {
	return under(g.person, child, g.now) || g.form.Error("vfc") != "" // who was a child on the day on which it was given
}

// wrongBelow reports whether something is wrong in the part of the form that is folded.
func (g giving) wrongBelow() bool {
	return g.form.Error("vaccine")+g.form.Error("lotNumber")+g.form.Error("expires") != ""
}

// visitAt is when the visit of today began.
func (g giving) visitAt() string {
	return format.Time(g.who.visit.Period.Start.Time(g.now.Location()).In(g.now.Location()))
}

// statements is the hint of the information statements: a combination has one for each of its parts.
func (g giving) statements() string {
	if len(g.lot.Statements()) > 0 {
		return "Empty: that of the lot. Of a combination: DTaP 06-Aug-2021; Polio 06-Aug-2021"
	}
	return "31-Jan-2025. Of a combination: DTaP 06-Aug-2021; Polio 06-Aug-2021"
}
