package immunization

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/ui"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// advise is the rule immunizations-due.
func (p *pages) advise(ctx context.Context, s *record.Session, patient string) ([]slice.Advice, error) {
	who, err := gather(ctx, s, patient)
	if err != nil {
		return nil, err
	}
	now := p.d.Shell.Clock()
	a, ok := advice(plan(who, forecast.DateOf(now), now.Location()))
	if !ok {
		return nil, nil
	}
	a.Href = "/patients/" + url.PathEscape(patient) + "/immunizations"
	return []slice.Advice{a}, nil
}

// advice is what a plan comes to; nothing if no vaccine is due.
func advice(v Plan) (slice.Advice, bool) {
	if len(v.Due) == 0 {
		return slice.Advice{}, false
	}
	a := slice.Advice{Urgency: slice.Info, Source: "CDC", SourceURL: "https://www.cdc.gov/vaccines/hcp/imz-schedules/"}
	overdue := 0
	var due, barred []string
	for _, l := range v.Due {
		if l.Tone == ui.Caution {
			overdue++
		}
		due = append(due, l.Name+": "+strings.ToLower(l.Tag)+" "+l.When)
	}
	for _, l := range v.Barred {
		barred = append(barred, l.Name)
	}
	a.Summary = strconv.Itoa(len(v.Due)) + " vaccines due"
	if len(v.Due) == 1 {
		a.Summary = "1 vaccine due"
	}
	if overdue > 0 {
		a.Urgency = slice.Warning
		a.Summary += ", " + strconv.Itoa(overdue) + " of them overdue"
	}
	a.Detail = strings.Join(due, "\n")
	if len(barred) > 0 {
		a.Detail += "\nContraindicated: " + strings.Join(barred, ", ")
	}
	if len(v.Outdated) > 0 {
		a.Detail += "\nNot known for this season: " + strings.Join(v.Outdated, ", ")
	}
	return a, true
}
