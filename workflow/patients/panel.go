package patients

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// panelRow is a line of the panel.
type panelRow struct{ Label, Value string }

// panel is the box of the chart that says how to reach the patient and whom to call.
func (g *registry) panel(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
	v, err := s.Read(ctx, "Patient", patient)
	if err != nil {
		return nil, err
	}
	p, err := fhir.View[demographics](v.Resource())
	if err != nil {
		return nil, err
	}
	edit := ""
	if mayChange.Admits(identity.From(ctx)) {
		edit = demographicsOf(patient)
	}
	return web.Box{Column: web.End, Order: 90, Body: demographicsPanel(p.rows(g.d.Shell.Clock()), edit)}, nil
}

func (p *demographics) rows(now time.Time) (out []panelRow) {
	add := func(label, value string) {
		if value != "" {
			out = append(out, panelRow{label, value})
		}
	}
	mobile := p.number("phone", "mobile")
	if p.mayText(mobile) {
		add("Mobile", mobile+", texts agreed")
	} else {
		add("Mobile", mobile)
	}
	add("Home", p.number("phone", "home"))
	add("Email", p.number("email", ""))
	if a := p.address(); a != nil {
		last := strings.TrimSpace(strings.TrimSpace(a.City+" "+a.State) + " " + a.PostalCode)
		add("Address", strings.Join(slices.DeleteFunc(append(slices.Clone(a.Line), last), func(s string) bool { return s == "" }), ", "))
	}
	if c := p.language(); c != nil {
		spoken := facts.Concept(c.Language)
		if e, ok := fhir.FindExtension(p.Extension, interpreter); ok {
			if yes, _ := fhir.ChoiceValue[bool](e.Value); yes {
				spoken += ", needs an interpreter"
			}
		}
		add("Language", spoken)
	}
	if len(p.Contact) > 0 {
		c := p.Contact[0]
		parts := []string{c.Name.String()}
		if r := label(relations, relationOf(c.Relationship)); r != "" {
			parts = append(parts, strings.ToLower(r))
		}
		for _, t := range c.Telecom {
			if t.Value != "" {
				parts = append(parts, t.Value)
				break
			}
		}
		add("To call", strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", "))
	}
	return out
}
