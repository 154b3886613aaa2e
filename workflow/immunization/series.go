package immunization

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/workflow/immunization/forecast"
)

// protocol says which dose of a series a dose was meant to be.
type protocol struct {
	Series string
	Target []fhir.CodeableConcept `fhir:"targetDisease"`
	Number int                    `fhir:"doseNumberPositiveInt"`
}

// mostDoses is more than any series has.
const mostDoses = 20

// protocols are the numbers of the dose in the series that it belongs to: as the form says, or as CDC's schedule counts it. A seasonal
// vaccine is not counted, for its doses are of no one series.
func (g *giving) protocols(vaccine string, expires fhir.Date, at time.Time) (out []protocol) {
	if text := g.form.Text("number"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostDoses {
			g.form.Wrong("number", "Write which dose of the series it is, as a number: 1, 2, 3.")
			return nil
		}
		groups := forecast.CDC().GroupsOf(vaccine)
		var name []string
		for _, group := range groups {
			name = append(name, named(group))
		}
		return []protocol{{Series: strings.Join(name, " and "), Target: targets(groups, vaccine), Number: n}}
	}
	on := forecast.DateOf(at)
	in, _ := g.person.input(on, at.Location())
	if in.Birth == 0 || vaccine == "" {
		return nil
	}
	in.Doses = append(slices.Clone(in.Doses), forecast.Dose{ID: "now", CVX: vaccine, Given: on, LotExpires: lastDay(expires)})
	r := forecast.CDC().Forecast(in, on)
	for _, group := range r.Groups {
		if group.Group == influenza || group.Group == "COVID-19" || group.Kind == forecast.EvaluationOnly {
			continue
		}
		for _, e := range group.Evaluations {
			known := slices.ContainsFunc(out, func(p protocol) bool { return p.Series == named(group.Group) })
			if r.Doses[e.Dose].ID == "now" && e.Status == forecast.Valid && e.Number > 0 && !known {
				out = append(out, protocol{Series: named(group.Group), Target: targets([]string{group.Group}, vaccine), Number: e.Number})
			}
		}
	}
	return out
}

// targets are the diseases of vaccine groups that a vaccine protects from.
func targets(groups []string, vaccine string) (out []fhir.CodeableConcept) {
	for _, a := range forecast.CDC().AntigensOf(vaccine) {
		for _, g := range forecast.CDC().Groups {
			if code := diseases[a]; code != "" && slices.Contains(groups, g.Name) && slices.Contains(g.Antigens, a) {
				c := fhir.Concept(snomedSystem, code, "")
				c.Text = named(a)
				out = append(out, c)
			}
		}
	}
	return out
}

// protocolWords say which dose of which series it was.
func protocolWords(list []protocol) string {
	var out []string
	for _, p := range list {
		if p.Number > 0 {
			out = append(out, strings.TrimSpace("dose "+strconv.Itoa(p.Number)+" of "+p.Series))
		}
	}
	return strings.Join(out, "; ")
}

// counted is the hint of the field. It names the lot that it speaks of: another may be chosen while it stands there.
func (g giving) counted() string {
	vaccine, expires := g.lot.CVX(), g.lot.Expires()
	if vaccine == "" {
		return "Empty: as CDC's schedule counts it"
	}
	probe := g
	probe.form = web.NewForm(nil)
	if words := protocolWords(probe.protocols(vaccine, expires, g.now)); words != "" {
		return "Empty: of lot " + g.lot.Number() + " " + words
	}
	return "Empty: of lot " + g.lot.Number() + " not counted"
}
