package vitals

import (
	"math/big"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms/ucum"
	"github.com/osler-ehr/osler/web/format"
)

// system is the units that a person wants to see and to type without naming them. It belongs to the screen, like the theme.
type system string

// The systems of units. What is stored never depends on them.
const (
	asMeasured system = ""
	metric     system = "metric" // kg, cm, °C
	customary  system = "us"     // lb, in, °F
)

const unitsCookie = "units"

func systemOf(r *http.Request) system {
	if c, err := r.Cookie(unitsCookie); err == nil {
		switch s := system(c.Value); s {
		case metric, customary:
			return s
		}
	}
	return asMeasured
}

// pairs are the units of both systems that measure the same.
var pairs = []struct{ metric, customary string }{{"kg", "[lb_av]"}, {"g", "[lb_av]"}, {"cm", "[in_i]"}, {"m", "[in_i]"}, {"Cel", "[degF]"}}

// unitIn is the unit of the system for a value that was measured in another; the same unit if the system has no other.
func (s system) unitIn(ucum string) string {
	for _, p := range pairs {
		switch {
		case s == customary && p.metric == ucum:
			return p.customary
		case s == metric && p.customary == ucum:
			return p.metric
		}
	}
	return ucum
}

// defaultUnit is the unit of a number that is typed without one.
func (s system) defaultUnit(of *sign) unit {
	want := s.unitIn(of.units[0].ucum)
	for _, u := range of.units {
		if u.ucum == want {
			return u
		}
	}
	return of.units[0]
}

// amount is a number with its UCUM unit. The number is text, digit for digit as it was typed or stored.
type amount struct{ number, unit string }

func (a amount) isZero() bool { return a.number == "" }

// String is the amount as it is read: 81.5 kg.
func (a amount) String() string {
	return format.Quantity(a.number, a.unit)
}

// rat is the number, exactly; nil if it is none.
func (a amount) rat() *big.Rat {
	if strings.ContainsAny(a.number, "/eE_") {
		return nil
	}
	r, ok := new(big.Rat).SetString(a.number)
	if !ok {
		return nil
	}
	return r
}

// in is the number in another unit, exactly; nil where that cannot be.
func (a amount) in(unit string) *big.Rat {
	r := a.rat()
	if r == nil || a.unit == unit {
		return r
	}
	out, err := ucum.ConvertRat(r, a.unit, unit)
	if err != nil {
		return nil
	}
	return out
}

// float is the number in another unit; ok is false where that cannot be.
func (a amount) float(unit string) (v float64, ok bool) {
	r := a.in(unit)
	if r == nil {
		return 0, false
	}
	v, _ = r.Float64()
	return v, true
}

// to is the amount in the unit of a system, with as many digits as keep what was measured; the amount itself
// where the system has the same unit.
func (a amount) to(s system) amount {
	unit := s.unitIn(a.unit)
	if unit == a.unit {
		return a
	}
	r := a.in(unit)
	if r == nil {
		return a
	}
	digits := decimals(a.number) + 1
	switch a.unit {
	case "[in_i]", "Cel": // a digit says more in the smaller unit
		digits--
	case "g", "m":
		digits += 2
	}
	return amount{r.FloatString(digits), unit}
}

func decimals(number string) int {
	_, frac, _ := strings.Cut(number, ".")
	return len(frac)
}

// quantity is the amount as FHIR writes it.
func (a amount) quantity() (fhir.Quantity, error) {
	v, err := fhir.ParseDecimal(a.number)
	if err != nil {
		return fhir.Quantity{}, err
	}
	q := fhir.Measured(v, a.unit)
	if shown := format.Unit(a.unit); shown != "" {
		q.Unit = shown
	}
	return q, nil
}

// amountOf takes a quantity from the record. A unit without a code is taken by its words where they are plain.
func amountOf(q fhir.Quantity) amount {
	unit := q.Code
	if unit == "" {
		unit = q.Unit
		if coded, ok := plainUnits[strings.ToLower(strings.TrimSpace(q.Unit))]; ok {
			unit = coded
		}
	}
	if q.Value.IsZero() || q.Comparator != "" {
		return amount{}
	}
	return amount{q.Value.String(), unit}
}

// plainUnits are units that senders without UCUM write.
var plainUnits = func() map[string]string {
	out := map[string]string{"degc": "Cel", "degf": "[degF]", "mm[hg]": "mm[Hg]", "[in_i]": "[in_i]", "[lb_av]": "[lb_av]", "kg/m2": "kg/m2"}
	for _, u := range []unit{celsius, fahrenheit, kilogram, pound, gram, centimetre, inch, percent, mercury, perMinute} {
		for _, w := range u.words {
			out[w] = u.ucum
		}
	}
	return out
}()
