package facts

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
)

// TaskKind is the code system of what a Task asks for.
const TaskKind = "https://osler.example/fhir/CodeSystem/task"

// The kinds of work that pages know.
const (
	OrderTask    = "order"         // follow an order until it is closed; focus is the ServiceRequest
	ReviewTask   = "review-result" // look at a result; focus is the DiagnosticReport or Observation
	RefillTask   = "refill"
	MessageTask  = "message"
	OverdueTask  = "overdue-order" // of other systems: ours tell it by the due time of an OrderTask
	DocumentTask = "document"
	CosignTask   = "cosign"
	CoverTask    = "cover" // stands in for the requester during executionPeriod
	OtherTask    = "todo"

	ReferralInTask = "referral-in"       // somebody else sends us a patient, who may not be known here yet
	SafetyTask     = "medication-safety" // look at medicines that a change of the record makes unsafe; focus is what changed
	TransitionTask = "transition"        // follow a patient home from hospital; focus is the Encounter there
)

// FollowReferral is what a Task says that follows an order by which a patient is sent to somebody else: the front desk sends and chases
// those.
func FollowReferral() fhir.CodeableConcept {
	c := fhir.Concept(TaskKind, OrderTask, "Follow an order")
	c.Coding = append(c.Coding, fhir.Coding{System: SNOMED, Code: "3457005", Display: "Patient referral"})
	return c
}

// referTo is the input of a referral's Task that says to whom the patient is sent.
const referTo = "refer to"

// ReferTo is to whom the patient is sent, as the Task of a referral says it; "" if it does not.
func (t Task) ReferTo() string {
	for _, p := range t.Input {
		if Concept(p.Type) == referTo {
			s, _ := fhir.ChoiceValue[string](p.Value)
			return s
		}
	}
	return ""
}

// SetReferTo says to whom the patient is sent; "" takes it back.
func (t *Task) SetReferTo(name string) {
	t.Input = slices.DeleteFunc(slices.Clone(t.Input), func(p TaskPart) bool { return Concept(p.Type) == referTo })
	if name != "" {
		t.Input = append(t.Input, Part(referTo, fhir.ChoiceOf(name)))
	}
}

// Pools are kinds of people to whom work may be given instead of one person. (Task.performerType)
const (
	TaskPool       = "https://osler.example/fhir/CodeSystem/task-pool"
	ClinicianPool  = "clinicians"
	NursePool      = "nurses"
	everybodysPool = "" // nobody's: everybody sees it
)

// OpenTask are the states of work that is not over, for a search.
const OpenTask = "requested,received,accepted,ready,in-progress,on-hold"

// Task is the view of a Task, for reading and writing. Fields stand in the order of the specification.
type Task struct {
	ID            string
	Identifier    []fhir.Identifier
	BasedOn       []fhir.Reference
	Status        string
	StatusReason  fhir.CodeableConcept
	Business      fhir.CodeableConcept `fhir:"businessStatus"`
	Intent        string
	Priority      string
	Code          fhir.CodeableConcept
	Description   string
	Focus         fhir.Reference
	For           fhir.Reference
	Execution     fhir.Period   `fhir:"executionPeriod"`
	Authored      fhir.DateTime `fhir:"authoredOn"`
	Modified      fhir.DateTime `fhir:"lastModified"`
	Requester     fhir.Reference
	PerformerType []fhir.CodeableConcept
	Owner         fhir.Reference
	Note          []fhir.Annotation
	Restriction   struct{ Period fhir.Period }
	Input         []TaskPart
	Output        []TaskPart
}

// TaskPart is something that work needs or has made.
type TaskPart struct {
	Type  fhir.CodeableConcept
	Value fhir.Choice `fhir:"value[x]"`
}

// Part is a TaskPart of a type named in words.
func Part(kind string, value fhir.Choice) TaskPart {
	return TaskPart{Type: fhir.CodeableConcept{Text: kind}, Value: value}
}

// Kind is what the task asks for; OtherTask where it says nothing.
func (t Task) Kind() string {
	if c := Code(t.Code, TaskKind); c != "" {
		return c
	}
	return OtherTask
}

// Open reports whether the work is not over.
func (t Task) Open() bool {
	for s := range strings.SplitSeq(OpenTask, ",") {
		if t.Status == s {
			return true
		}
	}
	return t.Status == "draft"
}

// Due is when it must be done; zero if nothing says.
func (t Task) Due(zone *time.Location) time.Time {
	end := t.Restriction.Period.End
	if end.IsZero() {
		return time.Time{}
	}
	if !end.HasTime() { // until the day is over
		_, to := end.Range(zone)
		return to
	}
	return end.Time(zone)
}

// Pool is the kind of people who may do it, where it has no owner.
func (t Task) Pool() string {
	for _, c := range t.PerformerType {
		if code := c.In(TaskPool); code != "" {
			return code
		}
	}
	return everybodysPool
}

// Give hands the task to a person ("Practitioner/rao") or to a pool ("pool:nurses"); anything else leaves it to everybody.
func (t *Task) Give(to, name string) {
	t.Owner, t.PerformerType = fhir.Reference{}, nil
	if pool, ok := strings.CutPrefix(to, "pool:"); ok {
		t.PerformerType = []fhir.CodeableConcept{fhir.Concept(TaskPool, pool, PoolName(pool))}
	} else if to != "" {
		t.Owner = fhir.Reference{Reference: to, Display: name}
	}
}

// PoolName is a pool in words.
func PoolName(pool string) string {
	switch pool {
	case ClinicianPool:
		return "All clinicians"
	case NursePool:
		return "All nurses"
	}
	return "Everybody"
}

// Say adds a note.
func (t *Task) Say(author fhir.Reference, at time.Time, text string) {
	a := fhir.Annotation{Time: fhir.DateTimeOf(at, fhir.Second), Text: text}
	if author.Reference == "" {
		a.AuthorString = author.Display
	} else {
		a.AuthorReference = author
	}
	t.Note = append(t.Note, a)
	t.Modified = a.Time
}

// Made is what the work has made of a kind, newest last.
func (t Task) Made(kind string) (out []TaskPart) {
	for _, p := range t.Output {
		if Concept(p.Type) == kind {
			out = append(out, p)
		}
	}
	return out
}

// Seen is what a completed review says was looked at: a fingerprint of the versions of a result and of its values. It is
// kept as an input "seen", so that a correction which comes later is told from what was reviewed.
func Seen(result int64, values ...int64) string {
	sum := result * 1000
	for _, v := range values {
		sum += v
	}
	return strconv.FormatInt(sum, 10)
}
