package letters

import (
	"cmp"
	"context"
	"strings"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
)

// fill puts what the chart says into a text. What cannot be read stands as ***, so that nobody signs a gap as if it were a finding.
func (e *desk) fill(ctx context.Context, chart facts.Chart, text string) string {
	s, id, now := chart.Session, chart.ID, e.d.Shell.Clock()
	given := chart.Banner.Name.Preferred
	if given == "" {
		given, _, _ = strings.Cut(chart.Banner.Name.Given, " ")
	}
	pairs := []string{"{name}", fullName(chart.Banner), "{given}", given, "{born}", chart.Banner.Birth.String(), "{practice}", e.d.Shell.Practice, "{phone}", cmp.Or(e.d.Shell.Phone, "the practice")}
	add := func(key string, read func() (string, error)) {
		if !strings.Contains(text, key) {
			return
		}
		got, err := read()
		if err != nil {
			got = "***"
		}
		pairs = append(pairs, key, got)
	}
	add("{problems}", func() (string, error) {
		var names []string
		err := each(ctx, s, "Condition", id, func(v *record.Version) (bool, error) {
			p, err := problemOf(v)
			if err == nil && p.stands() && p.listed() && p.active() {
				names = append(names, p.name())
			}
			return len(names) < 30, nil
		})
		return cmp.Or(strings.Join(unique(names), ", "), "none recorded"), err
	})
	add("{medications}", func() (string, error) {
		list, whole, err := facts.Medicines(ctx, s, id, false)
		var names []string
		for _, m := range list {
			names = append(names, m.Name+": "+lower(strings.TrimSuffix(how(m), ".")))
		}
		if !whole {
			names = append(names, "and more, see the chart")
		}
		return bullets(unique(names), "none recorded"), err
	})
	add("{allergies}", func() (string, error) {
		list, state, err := facts.Allergies(ctx, s, id)
		return allergyWords(list, state), err
	})
	add("{results}", func() (string, error) {
		if !s.May(access.Search, "Observation") {
			return "***", nil
		}
		var lines []string
		seen := map[string]bool{}
		err := values(ctx, s, id, "laboratory", func(o facts.Observation) bool {
			for _, m := range o.Values() {
				if v := value(m.Measured); v != "" && !seen[m.Key()] && len(lines) < 12 {
					seen[m.Key()] = true
					lines = append(lines, m.Name()+" "+v+", "+facts.Day(o.At(), now.Location()))
				}
			}
			return len(lines) < 12
		}, "date", "ge"+now.AddDate(-1, 0, 0).Format("2006-01-02"))
		return bullets(lines, "none within a year"), err
	})
	add("{visit}", func() (string, error) {
		visits, err := visitsOf(ctx, s, id, 1)
		if err != nil || len(visits) == 0 {
			return "***", err
		}
		return facts.Day(visits[0].Period.Start, now.Location()), nil
	})
	return strings.NewReplacer(pairs...).Replace(text)
}

// bullets is a list with a line for each entry.
func bullets(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return "- " + strings.Join(list, "\n- ")
}

// fullName is how a person is called in running text: Adaeze Okafor.
func fullName(b clinical.Banner) string { return strings.TrimSpace(b.Name.Given + " " + b.Name.Family) }

// lower begins a name within a sentence with a small letter, unless it is an abbreviation.
func lower(s string) string {
	r := []rune(s)
	if len(r) > 1 && strings.ToUpper(string(r[1])) == string(r[1]) {
		return s
	}
	if len(r) == 0 {
		return s
	}
	return strings.ToLower(string(r[0])) + string(r[1:])
}

func unique(list []string) (out []string) {
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[strings.ToLower(s)] {
			seen[strings.ToLower(s)] = true
			out = append(out, s)
		}
	}
	return out
}

func allergyWords(list []facts.Allergy, state clinical.AllergyState) string {
	if state != clinical.KnownAllergies {
		return lower(clinical.Banner{Allergies: state}.AllergyText())
	}
	var out []string
	for _, a := range list {
		out = append(out, strings.TrimSuffix(a.Substance()+" ("+cmp.Or(a.Reaction(), "reaction not recorded")+")", " ()"))
	}
	return strings.Join(out, ", ")
}
