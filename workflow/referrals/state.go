package referrals

import (
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/web/facts"
)

// State is where a referral stands. It is a coding in the businessStatus of the Task that follows it.
type State string

// The states, in the order in which most referrals go through them. Of these, a referral in knows Received, Accepted,
// Declined, Booked, Seen and Closed.
const (
	Received  State = "received"  // came in, nobody has decided yet
	Ordered   State = "ordered"   // signed, not sent yet
	Sent      State = "sent"      // left the house, by whichever way the step says
	Accepted  State = "accepted"  // they will see the patient
	Declined  State = "declined"  // they will not: somebody must choose anew
	Booked    State = "booked"    // there is a day
	Missed    State = "missed"    // the patient was not there: somebody must choose anew
	Seen      State = "seen"      // the patient was there; the report is owed
	Report    State = "report"    // the report is here, a clinician must review it
	Closed    State = "closed"    // reviewed
	Cancelled State = "cancelled" // taken back, with the reason
)

const (
	system = "https://osler.example/fhir/CodeSystem/referral-state"
	orders = "https://osler.example/fhir/CodeSystem/order-state"
)

func (s State) words() string {
	switch s {
	case Received:
		return "Came in, to decide"
	case Sent:
		return "Sent"
	case Accepted:
		return "Accepted"
	case Declined:
		return "Declined by them"
	case Booked:
		return "Booked"
	case Missed:
		return "Patient did not come"
	case Seen:
		return "Seen, report to come"
	case Report:
		return "Report here, to review"
	case Closed:
		return "Closed"
	case Cancelled:
		return "Cancelled"
	}
	return "To be sent"
}

func (s State) open() bool { return s != Closed && s != Cancelled }

// asOrder is the state as pages of orders know it, so that both speak of one thing.
func (s State) asOrder() string {
	switch s {
	case Booked, Missed, Seen:
		return "collected" // scheduled, for what has no specimen
	case Report:
		return "resulted"
	case Closed, Cancelled:
		return string(s)
	}
	return "ordered"
}

// concept is the businessStatus: this state, and the one that pages of orders read.
func (s State) concept() fhir.CodeableConcept {
	return fhir.CodeableConcept{Coding: []fhir.Coding{{System: system, Code: string(s), Display: s.words()}, {System: orders, Code: s.asOrder()}}, Text: s.words()}
}

// stateOf is where a referral out stands, by the order and the Task that follows it, which may be nil. A state that only
// pages of orders have set is read as the nearest of ours, and never as one that is over while the Task is open.
func stateOf(status string, t *facts.Task) State {
	switch {
	case t != nil && t.Status == "completed":
		return Closed
	case t != nil && !t.Open(), status == "revoked", status == "entered-in-error":
		return Cancelled
	case t == nil && status == "completed":
		return Closed
	case t == nil:
		return Ordered
	}
	switch s := State(t.Business.In(system)); s {
	case Received, Sent, Accepted, Declined, Booked, Missed, Seen, Report:
		return s
	}
	switch t.Business.In(orders) {
	case "collected":
		return Booked
	case "resulted", "reviewed":
		return Report
	}
	return Ordered
}

// wait is how many days a state may last before somebody must ask: routine, urgent, as soon as possible or stat. They are
// the practice's usual, not a rule of medicine: each step shows the day, and it can be set to another.
type wait struct{ routine, urgent, soon int }

var waits = map[State]wait{
	Received: {2, 1, 0},
	Ordered:  {2, 1, 0},
	Sent:     {7, 2, 1},
	Accepted: {7, 3, 1},
	Declined: {2, 1, 0},
	Booked:   {30, 14, 7}, // where the day is not known
	Missed:   {3, 1, 1},
	Seen:     {14, 7, 3},
	Report:   {3, 1, 1},
}

func (w wait) days(priority string) int {
	switch priority {
	case "urgent":
		return w.urgent
	case "asap", "stat":
		return w.soon
	}
	return w.routine
}

// expected is the day until which a state that begins now may last.
func expected(s State, priority string, now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location()).AddDate(0, 0, waits[s].days(priority))
}

// dueOf is when a referral out becomes overdue: as its Task says, and before it is sent never later than what is usual
// for sending. Zero if nothing says.
func dueOf(s State, priority string, authored fhir.DateTime, t *facts.Task, zone *time.Location) time.Time {
	var due time.Time
	if t != nil {
		due = t.Due(zone)
	}
	if (s == Ordered || due.IsZero()) && !authored.IsZero() {
		usual := expected(s, priority, authored.Time(zone).In(zone)).AddDate(0, 0, 1)
		if due.IsZero() || usual.Before(due) {
			due = usual
		}
	}
	return due
}

// step is something that can happen to a referral.
type step struct {
	do    string // in the address
	label string // of the button
	to    State
	from  []State
	asks  ask
	only  bool // for clinicians
	care  bool // not for the front desk: who decides this reads the record
	early bool // the day may lie ahead
}

// ask is what a step wants to know besides a note.
type ask uint8

const (
	asksHow     ask = 1 << iota // the way it was sent, and to whom
	asksDay                     // when
	asksReport                  // which document
	asksWhy                     // the note is the reason, and must be there
	asksPatient                 // whose chart it is
)

// steps are those of referrals out.
var steps = []step{
	{do: "sent", label: "Sent", to: Sent, from: []State{Ordered, Declined, Missed}, asks: asksHow | asksDay},
	{do: "accepted", label: "They accepted", to: Accepted, from: []State{Sent}, asks: asksDay},
	{do: "booked", label: "Booked", to: Booked, from: []State{Ordered, Sent, Accepted, Missed}, asks: asksDay, early: true},
	{do: "seen", label: "Patient was seen", to: Seen, from: []State{Sent, Accepted, Booked}, asks: asksDay},
	{do: "report", label: "Report came", to: Report, from: []State{Ordered, Sent, Accepted, Booked, Missed, Seen}, asks: asksReport | asksDay},
	{do: "close", label: "Reviewed, close", to: Closed, from: []State{Report}, only: true},
	{do: "declined", label: "They declined", to: Declined, from: []State{Sent, Accepted}, asks: asksWhy | asksDay},
	{do: "missed", label: "Patient did not come", to: Missed, from: []State{Booked}, asks: asksDay},
	{do: "cancel", label: "Cancel the referral", to: Cancelled, from: []State{Ordered, Sent, Accepted, Declined, Booked, Missed, Seen, Report}, asks: asksWhy, care: true},
}

// stepsIn are those of referrals in.
var stepsIn = []step{
	{do: "accepted", label: "Accept", to: Accepted, from: []State{Received}, asks: asksPatient, care: true},
	{do: "booked", label: "Booked", to: Booked, from: []State{Accepted}, asks: asksDay, early: true},
	{do: "seen", label: "Patient was seen", to: Seen, from: []State{Accepted, Booked}, asks: asksDay},
	{do: "reported", label: "Report given to the referrer", to: Closed, from: []State{Seen}, asks: asksHow | asksDay},
	{do: "told", label: "Referrer told", to: Cancelled, from: []State{Declined}, asks: asksHow | asksDay},
	{do: "declined", label: "Decline", to: Declined, from: []State{Received, Accepted, Booked}, asks: asksWhy, care: true},
}

// open reports whether a step is for somebody to take.
func (s step) open(who identity.Principal) bool {
	switch {
	case s.only:
		return who.Has(identity.Clinician)
	case s.care:
		return who.Has(identity.Clinician) || who.Has(identity.Nurse) || who.Has(identity.Administrator)
	}
	return true
}

func (s step) fits(at State) bool {
	for _, f := range s.from {
		if f == at {
			return true
		}
	}
	return false
}

// ways are how something leaves the house. None of them is done by the program: a person did it and says so.
var ways = []way{
	{"print-patient", "Printed, given to the patient"}, {"print-post", "Printed, posted"}, {"fax", "Faxed by hand"}, {"phone", "By telephone"}, {"portal", "Typed into their portal by hand"}, {"electronic", "By another electronic system"},
}

type way struct{ code, words string }

func wayWords(code string) (string, bool) {
	for _, w := range ways {
		if w.code == code {
			return w.words, true
		}
	}
	return "", false
}
