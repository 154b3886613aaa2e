package stock

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// Kind is why the stock of a lot changed.
type Kind string

// The kinds.
const (
	Received Kind = "received"
	Given    Kind = "given"
	Returned Kind = "returned" // a dose was struck, and the vaccine is still there
	Wasted   Kind = "wasted"
	Sent     Kind = "sent"    // to another site
	Arrived  Kind = "arrived" // from another site
	Counted  Kind = "counted"
	Recall   Kind = "recalled" // changes no quantity
	Released Kind = "released" // the recall is taken back

	Corrected Kind = "corrected" // what is said of the lot was wrong; changes no quantity
)

// Words names the kind for people.
func (k Kind) Words() string {
	switch k {
	case Sent:
		return "Moved to another site"
	case Arrived:
		return "Moved here"
	case Recall:
		return "Recalled"
	case Released:
		return "Recall taken back"
	case Returned:
		return "Put back"
	}
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}

const (
	kinds    = "https://osler.example/fhir/CodeSystem/vaccine-movement"
	lotOf    = "https://osler.example/fhir/CodeSystem/vaccine-lot-of"
	becauseU = "https://osler.example/fhir/StructureDefinition/vaccine-movement-reason"
)

// Movement is the SupplyDelivery that is one change of a lot's stock.
type Movement struct {
	ID          string
	Meta        fhir.Meta
	Extension   []fhir.Extension
	Identifier  []fhir.Identifier
	Status      string
	Type        fhir.CodeableConcept
	Supplied    Supplied    `fhir:"suppliedItem"`
	Occurrence  fhir.Choice `fhir:"occurrence[x]"`
	Supplier    fhir.Reference
	Destination fhir.Reference
}

// Supplied is what was moved: the change, and of which vaccine.
type Supplied struct {
	Quantity fhir.Quantity
	Item     fhir.Choice `fhir:"item[x]"`
}

// Kind is why.
func (m Movement) Kind() Kind {
	for _, t := range m.Meta.Tag {
		if t.System == kinds {
			return Kind(t.Code)
		}
	}
	return ""
}

// Change is by how many doses the stock changed.
func (m Movement) Change() int {
	n, _ := m.Supplied.Quantity.Value.Int64()
	return int(n)
}

// Reason is what was said of it.
func (m Movement) Reason() string {
	e, _ := fhir.FindExtension(m.Extension, becauseU)
	s, _ := fhir.ChoiceValue[string](e.Value)
	return s
}

// At is when.
func (m Movement) At() fhir.DateTime {
	d, _ := fhir.ChoiceValue[fhir.DateTime](m.Occurrence)
	return d
}

// key ties movements to their lot before the record has given it an id.
func (l Lot) key() string {
	if len(l.Identifier) > 0 {
		return l.Identifier[0].Value
	}
	return l.ID
}

// Move is a change of stock that somebody makes.
type Move struct {
	Kind   Kind
	By     int // change of the stock; negative for what leaves
	Reason string
	Author fhir.Reference
	At     time.Time
	// Once makes the movement once; nil makes it each time.
	Once      []fhir.Identifier
	Condition string
}

// Short is that more should leave than is on hand.
type Short struct{ Lot Lot }

func (s *Short) Error() string {
	return fmt.Sprintf("By the record %d doses of lot %s are on hand. Count the lot first if more are there.", s.Lot.OnHand, s.Lot.Number())
}

// most bounds what one lot may hold: a slip of the hand is larger.
const most = 100_000

// Ops are the operations that carry out a move: the lot with what is then on hand, if nobody changes it meanwhile, and the movement.
func (l Lot) Ops(m Move) ([]record.Op, error) {
	if l.OnHand+m.By < 0 {
		return nil, &Short{l}
	}
	if l.OnHand+m.By > most {
		return nil, fmt.Errorf("a lot of more than %d doses", most)
	}
	l.OnHand += m.By
	switch m.Kind {
	case Recall:
		l.set("recalled", fhir.ChoiceOf(true))
	case Released:
		l.set("recalled", fhir.ChoiceOf(false))
	}
	group, err := l.op()
	if err != nil {
		return nil, err
	}
	d := Movement{
		Meta: fhir.Meta{Tag: []fhir.Coding{{System: lotOf, Code: l.key()}, {System: kinds, Code: string(m.Kind)}}}, Identifier: m.Once, Status: "completed",
		Type:     fhir.Concept("http://terminology.hl7.org/CodeSystem/supply-item-type", "medication", "Medication"),
		Supplied: Supplied{fhir.Quantity{Value: fhir.DecimalFromInt(int64(m.By)), Unit: "dose"}, fhir.ChoiceOf(l.VaccineCode())}, Occurrence: fhir.ChoiceOf(fhir.DateTimeOf(m.At, fhir.Second)),
		Supplier: m.Author, Destination: l.Site(),
	}
	if m.Reason != "" {
		d.Extension = []fhir.Extension{{URL: becauseU, Value: fhir.ChoiceOf(m.Reason)}}
	}
	doc, err := fhir.New("SupplyDelivery", d)
	if err != nil {
		return nil, err
	}
	return []record.Op{group, {Verb: record.Create, Type: "SupplyDelivery", Resource: doc, Condition: m.Condition}}, nil
}

// op writes the lot: anew, or over the version that was read.
func (l Lot) op() (record.Op, error) {
	l.mark()
	if l.Version == 0 {
		doc, err := fhir.New("Group", l)
		op := record.Op{Verb: record.Create, Type: "Group", Resource: doc}
		if len(l.Identifier) > 0 {
			op.Condition = "identifier=" + l.Identifier[0].System + "|" + l.Identifier[0].Value
		}
		return op, err
	}
	doc, err := fhir.Merge(l.read, l)
	return record.Op{Verb: record.Update, Type: "Group", ID: l.ID, Resource: doc, IfMatch: l.Version}, err
}

// Read reads a lot.
func Read(ctx context.Context, s *record.Session, id string) (Lot, error) {
	v, err := s.Read(ctx, "Group", id)
	if err != nil {
		return Lot{}, err
	}
	return lotOfVersion(v)
}

func lotOfVersion(v *record.Version) (Lot, error) {
	l, err := fhir.View[Lot](v.Resource())
	l.Version, l.read = v.Version, v.Resource()
	return l, err
}

// IsLot reports whether the Group is a lot, and not one of people.
func (l Lot) IsLot() bool {
	return l.Type == "medication" && slices.ContainsFunc(l.Meta.Tag, func(c fhir.Coding) bool { return c.Is(Lots.System, Lots.Code) })
}

// All lists the lots of the practice, those used up included.
func All(ctx context.Context, s *record.Session) ([]Lot, error) { return find(ctx, s) }

// OnHand lists the lots of which doses are left.
func OnHand(ctx context.Context, s *record.Session) ([]Lot, error) {
	all, err := find(ctx, s, "_tag:not", usedUp.System+"|"+usedUp.Code)
	return slices.DeleteFunc(all, func(l Lot) bool { return l.OnHand == 0 }), err
}

func find(ctx context.Context, s *record.Session, more ...string) (out []Lot, err error) {
	q := record.Query{Type: "Group", Params: facts.Params(append([]string{"_tag", Lots.System + "|" + Lots.Code, "_count", "500"}, more...)...), Strict: true}
	err = facts.Each(ctx, s, q, func(e *record.Entry) error {
		l, err := lotOfVersion(&e.Version)
		out = append(out, l)
		return err
	})
	return out, err
}

// Ledger lists the movements of a lot.
func Ledger(ctx context.Context, s *record.Session, l Lot) (out []Movement, err error) {
	q := record.Query{Type: "SupplyDelivery", Params: facts.Params("_tag", lotOf+"|"+l.key(), "_count", "500"), Strict: true}
	err = facts.Each(ctx, s, q, func(e *record.Entry) error {
		m, err := fhir.View[Movement](e.Resource())
		out = append(out, m)
		return err
	})
	return out, err
}

// OfMovement finds the lot of the movement that has an identifier; ok is false if there is none.
func OfMovement(ctx context.Context, s *record.Session, id fhir.Identifier) (l Lot, m Movement, ok bool, err error) {
	page, err := s.Search(ctx, record.Query{Type: "SupplyDelivery", Params: facts.Params("identifier", id.System+"|"+id.Value, "_count", "1"), Strict: true})
	if err != nil || len(page.Entries) == 0 {
		return l, m, false, err
	}
	if m, err = fhir.View[Movement](page.Entries[0].Resource()); err != nil {
		return l, m, false, err
	}
	key := ""
	for _, t := range m.Meta.Tag {
		if t.System == lotOf {
			key = t.Code
		}
	}
	all, err := All(ctx, s)
	for _, l := range all {
		if l.key() == key {
			return l, m, true, nil
		}
	}
	return l, m, false, err
}
