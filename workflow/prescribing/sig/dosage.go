package sig

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

const (
	snomed     = "http://snomed.info/sct"
	timingCode = "http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation"
	doseType   = "http://terminology.hl7.org/CodeSystem/dose-rate-type"
)

var one = big.NewRat(1, 1)

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// Decimal writes an exact amount for a document. ok is false for what has no end in decimals, such as a third.
func Decimal(r *big.Rat) (fhir.Decimal, bool) {
	digits, exact := r.FloatPrec()
	if !exact || digits > 18 {
		return fhir.Decimal{}, false
	}
	d, err := fhir.ParseDecimal(r.FloatString(digits))
	return d, err == nil
}

func quantity(r *big.Rat, unit string) (fhir.Quantity, error) {
	d, ok := Decimal(r)
	if !ok {
		return fhir.Quantity{}, fmt.Errorf("the amount %s cannot be written in decimals", r.RatString())
	}
	u := units[unit]
	return fhir.Quantity{Value: d, Unit: Unit(unit, false), System: fhir.UCUM, Code: u.ucum}, nil
}

// Quantity is an amount in a unit of a sig, for dispenseRequest.quantity and the like.
func Quantity(r *big.Rat, unit string) (fhir.Quantity, error) { return quantity(r, unit) }

// Dosage is the sig as FHIR has it, with its words as text.
func (s Sig) Dosage() (fhir.Dosage, error) {
	if err := s.Check(); err != nil {
		return fhir.Dosage{}, err
	}
	r := routes[s.Route]
	d := fhir.Dosage{Text: s.Words(), Route: fhir.CodeableConcept{Text: RouteWords(s.Route)}}
	if r.code != "" {
		d.Route.Coding = []fhir.Coding{{System: snomed, Code: r.code, Display: r.display}}
	}
	low, err := quantity(s.Low, s.Unit)
	if err != nil {
		return fhir.Dosage{}, err
	}
	dose := fhir.DoseAndRate{Type: fhir.Concept(doseType, "ordered", "Ordered"), DoseQuantity: low}
	if s.High != nil {
		high, err := quantity(s.High, s.Unit)
		if err != nil {
			return fhir.Dosage{}, err
		}
		dose.DoseQuantity, dose.DoseRange = fhir.Quantity{}, fhir.Range{Low: low, High: high}
	}
	d.DoseAndRate = []fhir.DoseAndRate{dose}
	if err := s.timing(&d.Timing); err != nil {
		return fhir.Dosage{}, err
	}
	switch {
	case s.Reason != "":
		d.AsNeededCodeableConcept = fhir.CodeableConcept{Text: s.Reason}
	case s.AsNeeded:
		d.AsNeededBoolean = true
	}
	if s.MaxPerDay != nil {
		most, err := quantity(s.MaxPerDay, s.Unit)
		if err != nil {
			return fhir.Dosage{}, err
		}
		d.MaxDosePerPeriod = fhir.Ratio{Numerator: most, Denominator: fhir.Quantity{Value: fhir.DecimalFromInt(24), Unit: "hours", System: fhir.UCUM, Code: "h"}}
	}
	if s.Note != "" {
		d.AdditionalInstruction = []fhir.CodeableConcept{{Text: s.Note}}
	}
	return d, nil
}

func (s Sig) timing(t *fhir.Timing) error {
	f := s.Frequency
	if f.Once {
		t.Repeat.Count = 1
	} else if !f.IsZero() {
		t.Repeat.Frequency, t.Repeat.FrequencyMax = f.Times, f.TimesMax
		t.Repeat.Period, t.Repeat.PeriodUnit = fhir.DecimalFromInt(int64(f.Every)), f.Period
		if f.EveryMax > 0 {
			t.Repeat.PeriodMax = fhir.DecimalFromInt(int64(f.EveryMax))
		}
		if f.When != "" {
			t.Repeat.When = []string{f.When}
		}
		for _, n := range named {
			if n.f == f && n.code != "" && s.Days == 0 {
				t.Code = fhir.CodeableConcept{Coding: []fhir.Coding{{System: timingCode, Code: n.code}}, Text: n.words}
			}
		}
	}
	if s.Days > 0 {
		t.Repeat.BoundsDuration = fhir.Quantity{Value: fhir.DecimalFromInt(int64(s.Days)), Unit: "days", System: fhir.UCUM, Code: "d"}
	}
	return nil
}

// FromDosage reads a dosage. The error tells what of it a Sig cannot hold, so that nobody takes a part for the whole.
func FromDosage(d fhir.Dosage) (Sig, error) {
	var s Sig
	if len(d.DoseAndRate) != 1 {
		return s, errors.New("there is not exactly one dose")
	}
	dr := d.DoseAndRate[0]
	if !dr.RateQuantity.IsZero() || !dr.RateRange.IsZero() || !dr.RateRatio.IsZero() {
		return s, errors.New("the dose is a rate")
	}
	var err error
	if !dr.DoseRange.IsZero() {
		var high string
		if s.Low, s.Unit, err = amount(dr.DoseRange.Low); err != nil {
			return s, err
		}
		if s.High, high, err = amount(dr.DoseRange.High); err != nil {
			return s, err
		}
		if high != s.Unit {
			return s, errors.New("the range of the dose has two units")
		}
	} else if s.Low, s.Unit, err = amount(dr.DoseQuantity); err != nil {
		return s, err
	}
	s.Route = routeOf(d.Route)
	if s.Route == "" {
		return s, fmt.Errorf("the route %q has no words here", d.Route.Display())
	}
	if s.Frequency, s.Days, err = frequencyOf(d.Timing); err != nil {
		return s, err
	}
	s.AsNeeded, s.Reason = d.AsNeededBoolean, d.AsNeededCodeableConcept.Display()
	s.AsNeeded = s.AsNeeded || s.Reason != ""
	if !d.MaxDosePerPeriod.IsZero() {
		var unit string
		if s.MaxPerDay, unit, err = amount(d.MaxDosePerPeriod.Numerator); err != nil {
			return s, err
		}
		hours := d.MaxDosePerPeriod.Denominator
		if unit != s.Unit || !(hours.Code == "h" && hours.Value.Compare(fhir.DecimalFromInt(24)) == 0 || hours.Code == "d" && hours.Value.Compare(fhir.DecimalFromInt(1)) == 0) {
			return s, errors.New("the largest dose is not for 24 hours in the unit of the dose")
		}
	}
	switch {
	case len(d.AdditionalInstruction) == 1:
		s.Note = d.AdditionalInstruction[0].Display()
	case len(d.AdditionalInstruction) > 1:
		return s, errors.New("there are several additional instructions")
	}
	return s, s.Check()
}

// Means reports whether a quantity is in a unit of a sig, by its code or its word.
func Means(q fhir.Quantity, unit string) bool {
	u, ok := units[unit]
	word := strings.ToLower(q.Unit)
	return ok && (q.System == fhir.UCUM && q.Code == u.ucum || word == strings.ToLower(u.one) || word == strings.ToLower(u.many) || q.Unit == "" && q.Code == unit)
}

// amount reads a quantity into a unit of units.
func amount(q fhir.Quantity) (*big.Rat, string, error) {
	if q.Value.IsZero() || q.Comparator != "" {
		return nil, "", errors.New("the dose has no exact amount")
	}
	for key, u := range units {
		if q.System == fhir.UCUM && q.Code == u.ucum || q.Code == "" && (q.Unit == u.one || q.Unit == u.many) || q.System != fhir.UCUM && (q.Unit == u.one || q.Unit == u.many) {
			return q.Value.Rat(), key, nil
		}
	}
	return nil, "", fmt.Errorf("the unit %q of the dose is not known here", cmp.Or(q.Unit, q.Code))
}

func frequencyOf(t fhir.Timing) (Frequency, int, error) {
	r := t.Repeat
	days := 0
	if !r.BoundsDuration.IsZero() {
		n, ok := r.BoundsDuration.Value.Int64()
		per := map[string]int64{"d": 1, "wk": 7}[r.BoundsDuration.Code]
		if !ok || per == 0 || n < 1 || n > 3650 {
			return Frequency{}, 0, errors.New("the duration is not in whole days or weeks")
		}
		days = int(n * per)
	}
	if len(t.Event) > 0 || !r.BoundsPeriod.IsZero() || !r.BoundsRange.IsZero() || len(r.DayOfWeek) > 0 || len(r.TimeOfDay) > 0 || r.CountMax > 0 || r.Count > 1 || !r.Duration.IsZero() || r.Offset != 0 || len(r.When) > 1 {
		return Frequency{}, 0, errors.New("the timing says more than how often")
	}
	if r.Count == 1 {
		return Frequency{Times: 1, Once: true}, days, nil
	}
	if r.Frequency == 0 && r.Period.IsZero() && len(r.When) == 0 {
		code := t.Code.In(timingCode)
		for _, n := range named {
			if code != "" && n.code == code {
				return n.f, days, nil
			}
		}
		if t.Code.Text != "" {
			f, err := ParseFrequency(t.Code.Text)
			return f, days, err
		}
		return Frequency{}, days, nil
	}
	f := Frequency{Times: max(r.Frequency, 1), TimesMax: r.FrequencyMax, Period: r.PeriodUnit}
	every, ok := r.Period.Int64()
	if r.Period.IsZero() {
		every, ok, f.Period = 1, true, "d"
	}
	most, okMost := int64(0), true
	if !r.PeriodMax.IsZero() {
		most, okMost = r.PeriodMax.Int64()
	}
	if !ok || !okMost || every < 1 || every > 999 || most > 999 {
		return Frequency{}, 0, errors.New("the period is no whole number")
	}
	f.Every, f.EveryMax = int(every), int(most)
	if code := t.Code.In(timingCode); code != "" && len(r.When) == 0 {
		for _, n := range named { // a code may add the moment of the day: AM
			plain := n.f
			if plain.When = ""; n.code == code && plain == f {
				f = n.f
			}
		}
	}
	if len(r.When) == 1 {
		f.When = r.When[0]
		if _, ok := moments[f.When]; !ok {
			return Frequency{}, 0, fmt.Errorf("the moment %s has no words here", f.When)
		}
		if (f.When == "AC" || f.When == "C" || f.When == "PC") && r.Frequency == 0 {
			f.Times = 3
		}
	}
	if _, ok := map[string]bool{"h": true, "d": true, "wk": true, "mo": true}[f.Period]; !ok {
		return Frequency{}, 0, fmt.Errorf("the period %q has no words here", f.Period)
	}
	return f, days, nil
}
