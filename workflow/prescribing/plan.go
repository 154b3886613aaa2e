package prescribing

import (
	"context"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// What a practice sets is kept as PlanDefinitions: the refill protocol as one of type protocol, and each rule of the safety checks that
// was tuned as one of type eca-rule. Every change is a version of its own, and audited, as everything else in the record. The access
// rules let administrators alone write them.
const (
	planType     = "http://terminology.hl7.org/CodeSystem/plan-definition-type"
	planSystem   = "https://osler.example/fhir/plan" // of identifiers
	refillPlan   = "refill-protocol"
	refillRule   = "https://osler.example/fhir/CodeSystem/refill-rule"
	visitRule    = "visit-within"
	monitorsRule = "monitoring-within"
)

// plan is the view of a PlanDefinition.
type plan struct {
	ID         string
	Identifier []fhir.Identifier
	Title      string
	Type       fhir.CodeableConcept
	Status     string
	Date       fhir.DateTime
	Author     []fhir.ContactDetail
	Purpose    string // why
	Action     []planAction
}

type planAction struct {
	Title   string
	Code    []fhir.CodeableConcept
	Subject fhir.CodeableConcept `fhir:"subjectCodeableConcept"` // the medicines, as they were written
	Input   []planInput          // the tests
	Timing  fhir.Quantity        `fhir:"timingDuration"` // within which
}

// planInput is a DataRequirement: an Observation by its code.
type planInput struct {
	Type   string
	Filter []planFilter `fhir:"codeFilter"`
}

type planFilter struct {
	Path string
	Code []fhir.Coding
}

// by is who set it.
func (p plan) by() string {
	if len(p.Author) == 0 {
		return ""
	}
	return p.Author[0].Name
}

// plans reads what is set, of one kind, by identifiers of a system.
func plans(ctx context.Context, s *record.Session, kind string) (out []plan, versions []int64, err error) {
	q := record.Query{Type: "PlanDefinition", Params: facts.Params("type", planType+"|"+kind, "status", "active", "_count", "500"), Strict: true}
	err = facts.Each(ctx, s, q, func(e *record.Entry) error {
		p, err := fhir.View[plan](e.Resource())
		out, versions = append(out, p), append(versions, e.Version.Version)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	return out, versions, nil
}

// named is the value of an identifier of a system; "" if there is none.
func (p plan) named(system string) string {
	for _, id := range p.Identifier {
		if id.System == system {
			return strings.TrimSpace(id.Value)
		}
	}
	return ""
}

// keep writes a plan: a new one, or a version of the one that was read.
func keep(ctx context.Context, s *record.Session, p plan, version int64) error {
	op := record.Op{Verb: record.Create, Type: "PlanDefinition"}
	id := p.Identifier[0]
	if p.ID != "" {
		v, err := s.Read(ctx, "PlanDefinition", p.ID)
		if err != nil {
			return err
		}
		op.Verb, op.ID, op.IfMatch = record.Update, p.ID, version
		if op.Resource, err = fhir.Merge(v.Resource(), p); err != nil {
			return err
		}
	} else {
		var err error
		op.Condition = "identifier=" + id.System + "|" + id.Value
		if op.Resource, err = fhir.New("PlanDefinition", p); err != nil {
			return err
		}
	}
	_, err := s.Do(ctx, []record.Op{op})
	return err
}
