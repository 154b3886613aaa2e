package home

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// appointment is the view of an Appointment.
type appointment struct {
	ID          string
	Status      string
	Description string
	Comment     string
	Service     []fhir.CodeableConcept `fhir:"serviceType"`
	Reason      []fhir.CodeableConcept `fhir:"reasonCode"`
	Start, End  fhir.Instant
	Minutes     int `fhir:"minutesDuration"`
	Participant []struct{ Actor fhir.Reference }
}

// stay is the view of an Encounter of today.
type stay struct {
	Status      string
	Appointment []fhir.Reference
	Location    []struct {
		Location fhir.Reference
		Status   string
	}
}

// booked is an appointment with its patient.
type booked struct {
	appointment
	at      time.Time
	patient facts.Patient
	who     string // id of the patient
	state   SlotState
	where   string // In room 3
}

// day reads the appointments of one clinician's day and chooses who comes next.
func (h *start) day(ctx context.Context, s *record.Session, me string, now time.Time, v *View) {
	if !strings.HasPrefix(me, "Practitioner/") || !may(s, "Appointment", "Patient") {
		return
	}
	from := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	until := from.AddDate(0, 0, 1)
	var list []booked
	var stays []stay
	var open []Slot
	var err error
	facts.Together(
		func() { list, err = h.booked(ctx, s, me, from, until) },
		func() { stays = h.stays(ctx, s, me, from, until) },
		func() { open = h.open(ctx, s, me, from, until) },
	)
	if err != nil {
		h.log(ctx, "day", err)
		v.Failed = append(v.Failed, "Your appointments could not be read. Load the page again.")
		return
	}
	standing(list, stays)
	if len(list) == 0 && len(open) == 0 {
		v.NoNext = h.nextDay(ctx, s, me, until)
		return
	}
	v.Day = strip(list, open, now.Location())
	if next := following(list, now); next != nil {
		v.Next = h.describe(ctx, s, *next, now)
	} else {
		v.NoNext = "No patient left today. " + h.nextDay(ctx, s, me, until)
	}
}

// booked reads appointments with their patients, of one clinician or, where me is empty, of all.
func (h *start) booked(ctx context.Context, s *record.Session, me string, from, until time.Time) ([]booked, error) {
	params := facts.Params("date", "ge"+stamp(from), "date", "lt"+stamp(until), "_sort", "date", "_count", "200", "_include", "Appointment:patient")
	if me != "" {
		params = append(params, facts.Params("actor", me)...)
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Appointment", Params: params})
	if err != nil {
		return nil, err
	}
	patients := map[string]facts.Patient{}
	var list []booked
	for i := range page.Entries {
		e := &page.Entries[i]
		if e.Type == "Patient" {
			p, err := fhir.View[facts.Patient](e.Resource())
			if err != nil {
				return nil, err
			}
			patients[e.ID] = p
			continue
		}
		a, err := fhir.View[appointment](e.Resource())
		if err != nil {
			return nil, err
		}
		switch a.Status {
		case "cancelled", "noshow", "entered-in-error":
			continue
		}
		b := booked{appointment: a, at: a.Start.Time().In(from.Location())}
		for _, p := range a.Participant {
			if t, ok := p.Actor.Target(); ok && t.Type == "Patient" {
				b.who = t.ID
			}
		}
		list = append(list, b)
	}
	for i := range list {
		list[i].patient = patients[list[i].who]
	}
	return list, nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// stays reads today's encounters, which say who is in a room.
func (h *start) stays(ctx context.Context, s *record.Session, me string, from, until time.Time) []stay {
	if !may(s, "Encounter") {
		return nil
	}
	params := facts.Params("date", "ge"+stamp(from), "date", "lt"+stamp(until), "_count", "200")
	if me != "" {
		params = append(params, facts.Params("participant", me)...)
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Encounter", Params: params})
	if err != nil {
		h.log(ctx, "encounters", err)
		return nil
	}
	var out []stay
	for i := range page.Entries {
		if st, err := fhir.View[stay](page.Entries[i].Resource()); err == nil {
			out = append(out, st)
		}
	}
	return out
}

// open reads the free slots of the day.
func (h *start) open(ctx context.Context, s *record.Session, me string, from, until time.Time) []Slot {
	if !may(s, "Slot", "Schedule") {
		return nil
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Slot", Params: facts.Params("schedule.actor", me, "status", "free", "start", "ge"+stamp(from), "start", "lt"+stamp(until), "_count", "100")})
	if err != nil {
		h.log(ctx, "slots", err)
		return nil
	}
	var out []Slot
	for i := range page.Entries {
		v, err := fhir.View[struct{ Start, End fhir.Instant }](page.Entries[i].Resource())
		if err != nil {
			continue
		}
		at := v.Start.Time().In(from.Location())
		out = append(out, Slot{Start: at, Minutes: int(v.End.Time().Sub(v.Start.Time()).Minutes()), State: Open, What: "Open"})
	}
	return out
}

// standing tells where each appointment stands, from its own status and from the encounter that belongs to it.
func standing(list []booked, stays []stay) {
	byAppointment := map[string]stay{}
	for _, st := range stays {
		for _, ref := range st.Appointment {
			byAppointment[idOf(ref.Reference)] = st
		}
	}
	for i := range list {
		b := &list[i]
		switch b.Status {
		case "fulfilled":
			b.state = Seen
		case "arrived", "checked-in", "waitlist":
			b.state, b.where = Arrived, "Arrived"
		}
		st, ok := byAppointment[b.ID]
		if !ok {
			continue
		}
		switch st.Status {
		case "finished":
			b.state = Seen
		case "arrived":
			b.state, b.where = Arrived, "Arrived"
		case "triaged", "in-progress", "onleave":
			b.state, b.where = InRoom, "In room"
			for _, l := range st.Location {
				if l.Status == "active" && l.Location.Display != "" {
					b.where = l.Location.Display
				}
			}
		}
	}
}

// title is what the visit is for.
func (b booked) title() string {
	return cmp.Or(b.Description, facts.First(b.Reason), facts.First(b.Service), "Visit")
}

// strip lays the day out.
func strip(list []booked, open []Slot, zone *time.Location) *Day {
	d := &Day{Start: 8, End: 17}
	seen, total := 0, 0
	for _, b := range list {
		s := Slot{Start: b.at, Minutes: cmp.Or(b.Minutes, int(b.End.Time().Sub(b.Start.Time()).Minutes()), 30), State: b.state, What: b.title(), Href: "/patients/" + b.who}
		s.Who = b.patient.Name(b.at).FamilyUpper()
		if b.who == "" {
			s.State, s.Href, s.Who = Break, "", ""
		} else {
			total++
		}
		if s.Who == "" && b.who != "" {
			s.Who = "Patient"
		}
		if b.state == Seen {
			seen++
		}
		if b.where != "" {
			s.What = b.where
		}
		d.Slots = append(d.Slots, s)
	}
	free := 0
	for _, o := range open {
		if !slices.ContainsFunc(d.Slots, func(s Slot) bool { return overlaps(s, o) }) {
			d.Slots = append(d.Slots, o)
			free++
		}
	}
	slices.SortStableFunc(d.Slots, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	for _, s := range d.Slots {
		end := s.Start.Add(time.Duration(s.Minutes) * time.Minute)
		d.Start = min(d.Start, s.Start.Hour())
		if end.Day() == s.Start.Day() {
			d.End = max(d.End, end.Add(59*time.Minute).Hour())
		}
	}
	d.End = min(max(d.End, d.Start+1), d.Start+14, 24)
	d.Summary = fmt.Sprintf("%s, %d seen", format.Count(total, "patient", "patients"), seen)
	if free > 0 {
		d.Summary += ", " + format.Count(free, "open slot", "open slots")
	}
	return d
}

func overlaps(a, b Slot) bool {
	return a.Start.Before(b.Start.Add(time.Duration(b.Minutes)*time.Minute)) && b.Start.Before(a.Start.Add(time.Duration(a.Minutes)*time.Minute))
}

// following is who comes next: whoever is in a room and waits longest, else whoever has arrived, else the next one booked.
func following(list []booked, now time.Time) *booked {
	for _, want := range []SlotState{InRoom, Arrived, Booked} {
		for i := range list {
			if list[i].who != "" && list[i].state == want && (want != Booked || list[i].at.After(now.Add(-30*time.Minute))) {
				return &list[i]
			}
		}
	}
	return nil
}

// describe says what to know about the next patient: abnormal results of the last weeks.
func (h *start) describe(ctx context.Context, s *record.Session, b booked, now time.Time) *Next {
	n := &Next{Name: b.patient.Name(now), About: b.patient.Age(now, now.Location()), Born: b.patient.BornLine(now, now.Location()), ChartURL: "/patients/" + b.who, Why: b.title()}
	n.When = "Next, " + format.Time(b.at)
	switch {
	case b.state == InRoom:
		n.When += " in " + strings.ToLower(b.where)
	case b.state == Arrived:
		n.When += ", arrived"
	}
	if p := b.patient.Pronouns(); p != "" {
		n.About += ", " + p
	}
	if b.Comment != "" {
		n.Why += ". “" + strings.Trim(b.Comment, "“”\"") + "”"
	}
	if !may(s, "Observation") {
		return n
	}
	all, err := facts.Find[facts.Observation](ctx, s, "Observation", b.who, facts.Params("category", "laboratory", "date", "ge"+now.AddDate(0, 0, -45).Format("2006-01-02"), "_sort", "-date", "_count", "100")...)
	if err != nil {
		h.log(ctx, "results of the next patient", err)
		return n
	}
	seen := map[string]bool{}
	for _, o := range all {
		for _, v := range o.Values() {
			if !o.Valid() || seen[v.Key()] {
				continue
			}
			seen[v.Key()] = true
			shown := v.Show()
			if shown.Flag != clinical.Normal && len(n.Know) < 4 {
				n.Know = append(n.Know, Finding{Text: strings.TrimSpace(v.Name() + " " + shown.Text + " " + shown.Unit), Flag: shown.Flag})
			}
		}
	}
	slices.SortStableFunc(n.Know, func(a, b Finding) int {
		return cmp.Compare(map[bool]int{true: 0, false: 1}[a.Flag.Critical()], map[bool]int{true: 0, false: 1}[b.Flag.Critical()])
	})
	return n
}

// nextDay says when the next day with patients begins.
func (h *start) nextDay(ctx context.Context, s *record.Session, me string, from time.Time) string {
	list, err := h.booked(ctx, s, me, from, from.AddDate(0, 0, 14))
	if err != nil || len(list) == 0 {
		return "No appointments in the next two weeks."
	}
	return "Next appointment " + format.Weekday(list[0].at) + " " + format.DateTime(list[0].at) + "."
}
