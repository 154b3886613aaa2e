package facts

import (
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/format"
)

// Measured is what an Observation or one of its components found.
type Measured struct {
	Code           fhir.CodeableConcept
	Value          fhir.Choice          `fhir:"value[x]"`
	Absent         fhir.CodeableConcept `fhir:"dataAbsentReason"`
	Interpretation []fhir.CodeableConcept
	Ranges         []ReferenceRange `fhir:"referenceRange"`
}

// ReferenceRange is what a value is judged by.
type ReferenceRange struct {
	Low, High fhir.Quantity
	Type      fhir.CodeableConcept
	Text      string
}

// Observation is the view of an Observation.
type Observation struct {
	Measured
	ID         string
	Status     string
	Category   []fhir.CodeableConcept
	Effective  fhir.Choice `fhir:"effective[x]"`
	Issued     fhir.Instant
	Components []Measured `fhir:"component"`
	Encounter  fhir.Reference
	Performer  []fhir.Reference
	HasMember  []fhir.Reference
}

// ReadObservation takes an Observation from the record.
func ReadObservation(r *fhir.Resource) (Observation, error) { return fhir.View[Observation](r) }

// Valid reports whether the observation says something true: not entered in error, not cancelled, not merely registered.
func (o Observation) Valid() bool {
	switch o.Status {
	case "entered-in-error", "cancelled", "registered":
		return false
	}
	return true
}

// At is when the observation was true of the patient.
func (o Observation) At() fhir.DateTime {
	switch v := o.Effective.Value().(type) {
	case fhir.DateTime:
		return v
	case fhir.Instant:
		return v.DateTime()
	case fhir.Period:
		return When(v.Start, v.End)
	}
	return o.Issued.DateTime()
}

// Key names what was observed: the same for all values of a trend.
func (m Measured) Key() string {
	if code := m.Code.In(LOINC); code != "" {
		return "loinc|" + code
	}
	if len(m.Code.Coding) > 0 {
		return m.Code.Coding[0].System + "|" + m.Code.Coding[0].Code
	}
	return "text|" + strings.ToLower(m.Code.Text)
}

// Name is what was observed, without the parts of a LOINC name that a reader does not need.
func (m Measured) Name() string { return ShortTestName(Concept(m.Code)) }

// Show is the value as it stands in a row.
func (m Measured) Show() clinical.Value {
	v := clinical.Value{Flag: m.Flag()}
	switch x := m.Value.Value().(type) {
	case fhir.Quantity:
		v.Text, v.Unit = number(x), unit(x)
	case fhir.CodeableConcept:
		v.Text, v.Word = Concept(x), true
	case string:
		v.Text, v.Word = x, true
	case bool:
		v.Text, v.Word = map[bool]string{true: "Yes", false: "No"}[x], true
	case int:
		v.Text = format.Thousands(strconv.Itoa(x))
	case fhir.Range:
		v.Text, v.Unit = format.Range(x.Low.Value.String(), x.High.Value.String()), unit(x.Low)
	case fhir.Ratio:
		v.Text = number(x.Numerator) + ":" + number(x.Denominator)
	case fhir.DateTime:
		v.Text = format.FHIRDateTime(x.String(), time.UTC)
	default:
		if a := Concept(m.Absent); a != "" {
			v.Text, v.Word = "Not measured: "+strings.ToLower(a), true
		}
	}
	return v
}

// Number is the value as a number; ok is false for words.
func (m Measured) Number() (y float64, ok bool) {
	switch x := m.Value.Value().(type) {
	case fhir.Quantity:
		return x.Value.Float64(), !x.Value.IsZero()
	case int:
		return float64(x), true
	}
	return 0, false
}

// Quantity is the value with its unit; ok is false for anything else.
func (m Measured) Quantity() (q fhir.Quantity, ok bool) {
	return fhir.ChoiceValue[fhir.Quantity](m.Value)
}

// Flag is how the value stands to its reference range: as the laboratory said or, where it said nothing, by the range.
func (m Measured) Flag() clinical.Flag {
	worst := clinical.Normal
	said := false
	for _, i := range m.Interpretation {
		for _, c := range i.Coding {
			said = said || c.Code != ""
			worst = max(worst, clinical.FlagOf(c.Code))
		}
	}
	if said {
		return worst
	}
	q, ok := m.Quantity()
	if !ok || q.Comparator != "" {
		return clinical.Normal
	}
	r, ok := m.normal()
	if !ok {
		return clinical.Normal
	}
	return clinical.FlagFromRange(q.Value.Float64(), bound(r.Low, q), bound(r.High, q))
}

// Range is the reference range in words: the numbers, else the laboratory's text.
func (m Measured) Range() string {
	r, ok := m.normal()
	if !ok {
		return ""
	}
	if s := format.Range(r.Low.Value.String(), r.High.Value.String()); s != "" {
		return s
	}
	return r.Text
}

// Band is the reference range for a trend; nil where there are no numbers.
func (m Measured) Band() *clinical.Band {
	r, ok := m.normal()
	if !ok || r.Low.Value.IsZero() && r.High.Value.IsZero() {
		return nil
	}
	b := &clinical.Band{Text: m.Range()}
	if !r.Low.Value.IsZero() {
		v := r.Low.Value.Float64()
		b.Low = &v
	}
	if !r.High.Value.IsZero() {
		v := r.High.Value.Float64()
		b.High = &v
	}
	return b
}

// normal is the range that a normal value lies in: the one so named, or the only one without a type.
func (m Measured) normal() (ReferenceRange, bool) {
	for _, r := range m.Ranges {
		if code := Code(r.Type, "http://terminology.hl7.org/CodeSystem/referencerange-meaning"); code == "" || code == "normal" {
			return r, true
		}
	}
	return ReferenceRange{}, false
}

// bound is a limit as a number, if it is in the unit of the value.
func bound(limit, value fhir.Quantity) *float64 {
	if limit.Value.IsZero() || limit.Code != "" && value.Code != "" && limit.Code != value.Code {
		return nil
	}
	v := limit.Value.Float64()
	return &v
}

func number(q fhir.Quantity) string {
	return format.Comparator(q.Comparator, format.LabNumber(q.Value.String()))
}

// unit prefers what the sender wrote for people, unless it is a code.
func unit(q fhir.Quantity) string {
	if q.Unit != "" {
		return format.Unit(q.Unit)
	}
	return format.Unit(q.Code)
}
