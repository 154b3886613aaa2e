package chart

import (
	"strings"

	"github.com/osler-ehr/osler/web/clinical"
)

// kinds are the entries that each filter lets through, by their names for screen readers.
var kinds = map[show][]string{onlyResults: {"Result"}, onlyMedications: {"Medication"}, onlyMessages: {}}

// only keeps what a filter asks for: the visits themselves, or the days on which something of a kind happened.
func only(visits []clinical.Visit, s show) []clinical.Visit {
	if s == everything {
		return visits
	}
	var out []clinical.Visit
	for _, v := range visits {
		switch s {
		case onlyVisits:
			if v.ID == "" {
				continue
			}
		case onlyMessages:
			if !strings.HasPrefix(v.Title, "Message") {
				continue
			}
		default:
			v.Items = entries(v.Items, kinds[s])
			v.Text, v.Facts = "", nil
			if len(v.Items) == 0 {
				continue
			}
		}
		out = append(out, v)
	}
	return out
}

func entries(all []clinical.Entry, kinds []string) []clinical.Entry {
	var out []clinical.Entry
	for _, e := range all {
		for _, k := range kinds {
			if e.Kind == k {
				out = append(out, e)
			}
		}
	}
	return out
}

// matching keeps the visits in which every word of a query stands somewhere.
func matching(visits []clinical.Visit, query string) []clinical.Visit {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return visits
	}
	var out []clinical.Visit
	for _, v := range visits {
		text := strings.ToLower(plainText(v))
		all := true
		for _, w := range words {
			all = all && strings.Contains(text, w)
		}
		if all {
			out = append(out, v)
		}
	}
	return out
}

// plainText is all that a visit says.
func plainText(v clinical.Visit) string {
	parts := []string{v.Date, v.Title, v.Meta, v.State, v.Text}
	for _, f := range v.Facts {
		parts = append(parts, f.Label, f.Value)
	}
	for _, e := range v.Items {
		parts = append(parts, e.Kind, e.End)
		for _, p := range e.Parts {
			parts = append(parts, p.Text)
		}
	}
	return strings.Join(parts, " ")
}
