package ordering

import (
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/ui"
)

const (
	profile = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-servicerequest"
	states  = "https://osler.example/fhir/CodeSystem/order-state"
)

// State is where an order stands. It is the businessStatus of the Task that follows it.
type State string

// The states, in the order in which an order goes through them.
const (
	Ordered   State = "ordered"
	Collected State = "collected" // the specimen was taken; scheduled, for what has none
	Resulted  State = "resulted"  // there is a result that nobody has acknowledged
	Reviewed  State = "reviewed"  // what came so far was acknowledged; the final result is still to come
	Closed    State = "closed"
	Cancelled State = "cancelled"
)

func (s State) concept() fhir.CodeableConcept { return fhir.Concept(states, string(s), s.words()) }

func (s State) words() string {
	switch s {
	case Collected:
		return "Collected"
	case Resulted:
		return "Resulted, to review"
	case Reviewed:
		return "Reviewed, final result to come"
	case Closed:
		return "Closed"
	case Cancelled:
		return "Cancelled"
	}
	return "Ordered"
}

func (s State) open() bool { return s != Closed && s != Cancelled }

// order is the view of a ServiceRequest. Fields stand in the order of the specification.
type order struct {
	ID              string
	Meta            fhir.Meta
	Identifier      []fhir.Identifier
	Status          string
	Intent          string
	Category        []fhir.CodeableConcept
	Priority        string
	Code            fhir.CodeableConcept
	Subject         fhir.Reference
	Encounter       fhir.Reference
	Occurrence      fhir.Choice   `fhir:"occurrence[x]"`
	Authored        fhir.DateTime `fhir:"authoredOn"`
	Requester       fhir.Reference
	Performer       []fhir.Reference
	ReasonCode      []fhir.CodeableConcept
	ReasonReference []fhir.Reference
	Note            []fhir.Annotation
	Instruction     string `fhir:"patientInstruction"`
}

func (o order) name() string {
	if s := facts.Concept(o.Code); s != "" {
		return s
	}
	return "Order not named"
}

// followed reports whether somebody must see to the order: plans and proposals are none, and medicines and what others
// ordered for themselves come with other intents.
func (o order) followed() bool {
	switch o.Intent {
	case "proposal", "plan", "option":
		return false
	}
	return slices.Contains(strings.Split(followedStates, ","), o.Status)
}

// followedStates are the states of an order that is followed, as a search asks for them.
const followedStates = "active,on-hold,unknown"

// referral reports whether the order says so itself, by its category.
func (o order) referral() bool {
	cat := categories[Referral]
	for _, c := range o.Category {
		if c.Has(cat.System, cat.Code) {
			return true
		}
	}
	return false
}

func (o order) when() fhir.DateTime {
	switch v := o.Occurrence.Value().(type) {
	case fhir.DateTime:
		return v
	case fhir.Period:
		return facts.When(v.End, v.Start)
	}
	return fhir.DateTime{}
}

// due is until when it is expected: as the Task says, else by the order's own date, else a month after it was given.
func (o order) due(t *facts.Task, zone *time.Location) time.Time {
	if t != nil {
		if d := t.Due(zone); !d.IsZero() {
			return d
		}
	}
	if when := o.when(); !when.IsZero() {
		_, to := when.Range(zone)
		return to
	}
	if o.Authored.IsZero() {
		return time.Time{}
	}
	return o.Authored.Time(zone).AddDate(0, 1, 0)
}

// state is where an order stands, by the order itself and the Task that follows it, which may be nil.
func state(o order, t *facts.Task) State {
	switch o.Status {
	case "revoked", "entered-in-error":
		return Cancelled
	}
	if t != nil {
		switch s := State(facts.Code(t.Business, states)); {
		case t.Status == "completed":
			return Closed
		case t.Open() && (s == Collected || s == Resulted || s == Reviewed):
			return s
		}
	}
	if o.Status == "completed" {
		return Closed
	}
	return Ordered
}

// kind is what sort of order it is, by the catalogue or its category.
func (c *Catalogue) kind(o order) Kind {
	if line, ok := c.Of(o.Code); ok {
		return line.Kind
	}
	for k, cat := range categories {
		for _, have := range o.Category {
			if have.Has(cat.System, cat.Code) {
				return k
			}
		}
	}
	return Other
}

// categories are R4's categories of service requests, and SNOMED CT's words for the two kinds that it leaves out.
var categories = map[Kind]fhir.Coding{
	Lab:       {System: facts.SNOMED, Code: "108252007", Display: "Laboratory procedure"},
	Imaging:   {System: facts.SNOMED, Code: "363679005", Display: "Imaging"},
	Procedure: {System: facts.SNOMED, Code: "387713003", Display: "Surgical procedure"},
	Referral:  {System: facts.SNOMED, Code: "3457005", Display: "Patient referral"},
	Nursing:   {System: facts.SNOMED, Code: "9632001", Display: "Nursing procedure"},
}

func (k Kind) words() string {
	switch k {
	case Lab:
		return "Laboratory"
	case Imaging:
		return "Imaging"
	case Procedure:
		return "Procedure"
	case Referral:
		return "Referral"
	case Nursing:
		return "Nursing"
	}
	return "In own words"
}

// taken is what it is called when the first step of an order is done.
func (k Kind) taken() string {
	if k == Lab {
		return "Collected"
	}
	return "Scheduled"
}

var priorities = []ui.Option{{Value: "routine", Label: "Routine"}, {Value: "urgent", Label: "Urgent"}, {Value: "asap", Label: "As soon as possible"}, {Value: "stat", Label: "Stat"}}

// trackers are the kinds of Task that follow orders: ours, and those of other systems about an order that is overdue.
const trackers = facts.OrderTask + "," + facts.OverdueTask
