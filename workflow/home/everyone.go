package home

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// everyone reads today's appointments of all clinicians, each clinician's in the order of time.
func (h *start) everyone(ctx context.Context, s *record.Session, now time.Time) (_ []Clinic, failed bool) {
	if !may(s, "Appointment", "Patient") {
		return nil, false
	}
	from := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	var list []booked
	var stays []stay
	var err error
	facts.Together(
		func() { list, err = h.booked(ctx, s, "", from, from.AddDate(0, 0, 1)) },
		func() { stays = h.stays(ctx, s, "", from, from.AddDate(0, 0, 1)) },
	)
	if err != nil {
		h.log(ctx, "appointments of all", err)
		return nil, true
	}
	standing(list, stays)
	return clinics(list, now), false
}

// clinics groups appointments by clinician.
func clinics(list []booked, now time.Time) []Clinic {
	at := map[string]int{}
	var out []Clinic
	for _, b := range list {
		if b.who == "" {
			continue
		}
		name := b.clinician()
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, Clinic{Name: name})
		}
		row := Visit{At: format.Time(b.at), Who: b.patient.Name(now).Plain(), Born: b.patient.BornLine(now, now.Location()), What: b.title(), Href: "/patients/" + b.who}
		row.State, row.Now = b.stands()
		out[i].Rows = append(out[i].Rows, row)
	}
	slices.SortStableFunc(out, func(a, b Clinic) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// clinician is with whom an appointment is.
func (b booked) clinician() string {
	for _, p := range b.Participant {
		if t, ok := p.Actor.Target(); ok && strings.HasPrefix(t.Type, "Practitioner") && p.Actor.Display != "" {
			return p.Actor.Display
		}
	}
	return "No clinician named"
}

// stands says where an appointment stands, and whether the patient is in the house.
func (b booked) stands() (text string, here bool) {
	switch b.state {
	case Seen:
		return "Seen", false
	case InRoom, Arrived:
		return b.where, true
	}
	if b.Status == "booked" {
		return "", false
	}
	return upper(b.Status), false
}

// waiting counts the open tasks of the practice by who has them.
func (h *start) waiting(ctx context.Context, s *record.Session) List {
	l := List{ID: "waiting", Title: "Open tasks by person"}
	if !may(s, "Task", "Encounter") {
		return List{}
	}
	all, err := s.Search(ctx, record.Query{Type: "Task", Params: facts.Params("status", "requested,received,accepted,ready,in-progress", "_count", "1000")})
	if err != nil {
		h.log(ctx, "tasks of all", err)
		return List{ID: "waiting", Title: "Open tasks could not be read"}
	}
	if all.Next != "" {
		l.Title = fmt.Sprintf("Open tasks by person, the first %d counted of more", len(all.Entries))
	}
	count := map[string]int{}
	for i := range all.Entries {
		owner := all.Entries[i].Resource().Get("owner").First()
		name := owner.Get("display").First().Text()
		if name == "" {
			name = "Nobody yet"
		}
		count[name]++
	}
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		l.Rows = append(l.Rows, Owed{Strong: name, Since: strconv.Itoa(count[name])})
	}
	return l
}

// staff lists who can sign in.
func (h *start) staff(ctx context.Context) List {
	l := List{ID: "staff", Title: "Who works here"}
	if h.d.Identity == nil {
		return List{}
	}
	accounts, err := h.d.Identity.Accounts(ctx)
	if err != nil {
		h.log(ctx, "accounts", err)
		return List{ID: "staff", Title: "Accounts could not be read"}
	}
	for _, a := range accounts {
		if slices.Equal(a.Roles, []identity.Role{identity.Patient}) || a.Has(identity.ProgramRole) {
			continue
		}
		var roles []string
		for _, r := range a.Roles {
			roles = append(roles, roleNames[r])
		}
		row := Owed{Strong: a.DisplayName, Soft: strings.Join(roles, ", ")}
		switch {
		case a.Disabled:
			row.Since = "disabled"
		case !a.HasPassword:
			row.Since, row.Late = "not set up", true
		}
		l.Rows = append(l.Rows, row)
	}
	slices.SortFunc(l.Rows, func(a, b Owed) int { return strings.Compare(a.Strong, b.Strong) })
	return l
}
