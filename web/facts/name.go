package facts

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/format"
)

// Name chooses the name to show of all that a person has: the official one in force, else the usual one, else the first that is not
// old. A nickname, or the usual name's first given name where it differs, becomes the preferred name.
func Name(names []fhir.HumanName, now time.Time) format.PersonName {
	current := slices.DeleteFunc(slices.Clone(names), func(n fhir.HumanName) bool {
		return n.Use == "old" || n.Use == "maiden" || !n.Period.IsZero() && !n.Period.Contains(now, now.Location())
	})
	if len(current) == 0 {
		current = names
	}
	use := func(u string) *fhir.HumanName {
		for i := range current {
			if current[i].Use == u {
				return &current[i]
			}
		}
		return nil
	}
	shown := use("official")
	if shown == nil {
		shown = use("usual")
	}
	if shown == nil {
		for i := range current {
			if current[i].Use != "nickname" {
				shown = &current[i]
				break
			}
		}
	}
	if shown == nil {
		return format.PersonName{}
	}
	out := format.PersonName{Family: shown.Family, Given: strings.Join(shown.Given, " "), Title: strings.Join(shown.Prefix, " ")}
	if out.Family == "" && out.Given == "" {
		out.Given = shown.Text
	}
	if nick := use("nickname"); nick != nil {
		out.Preferred = nick.String()
	} else if usual := use("usual"); usual != nil && usual != shown && len(usual.Given) > 0 && !slices.Contains(shown.Given, usual.Given[0]) {
		out.Preferred = usual.Given[0]
	}
	return out
}
