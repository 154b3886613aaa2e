package ucum

import (
	"math"
	"math/big"
)

// scale is how a special unit counts: from a number on the scale to the number of the unit that it counts in, and
// back (UCUM, table of special units).
type scale struct {
	// offset is for scales with another zero: number + offset, exactly.
	offset *big.Rat
	// to and from are for all others. They are nil for scales with an offset.
	to, from func(float64) float64
}

var scales = map[string]scale{
	"Cel":         {offset: big.NewRat(27315, 100)},
	"degF":        {offset: big.NewRat(45967, 100)},
	"degRe":       {offset: big.NewRat(21852, 100)},
	"tanTimes100": slope(1),
	"100tan":      slope(math.Pi / 180),
	"pH":          {to: func(x float64) float64 { return math.Pow(10, -x) }, from: func(x float64) float64 { return -math.Log10(x) }},
	"ln":          {to: math.Exp, from: math.Log},
	"lg":          {to: func(x float64) float64 { return math.Pow(10, x) }, from: math.Log10},
	"lgTimes2":    {to: func(x float64) float64 { return math.Pow(10, x/2) }, from: func(x float64) float64 { return 2 * math.Log10(x) }},
	"ld":          {to: math.Exp2, from: math.Log2},
	"sqrt":        {to: func(x float64) float64 { return x * x }, from: math.Sqrt},
	"hpX":         homeopathic(10),
	"hpC":         homeopathic(100),
	"hpM":         homeopathic(1000),
	"hpQ":         homeopathic(50000),
}

// slope is a tangent in percent. unit is the angle's unit in radians.
func slope(unit float64) scale {
	return scale{to: func(x float64) float64 { return math.Atan(x/100) / unit }, from: func(x float64) float64 { return math.Tan(x*unit) * 100 }}
}

func homeopathic(base float64) scale {
	return scale{to: func(x float64) float64 { return math.Pow(base, -x) }, from: func(x float64) float64 { return -math.Log(x) / math.Log(base) }}
}

// proper is the number of the counting unit for a number on the scale; false where there is none.
func (s *scale) proper(x *big.Rat) (*big.Rat, bool) {
	if s.offset != nil {
		return new(big.Rat).Add(x, s.offset), true
	}
	return through(s.to, x)
}

// onScale is the number on the scale for a number of the counting unit; false where there is none, such as the
// logarithm of a negative number.
func (s *scale) onScale(x *big.Rat) (*big.Rat, bool) {
	if s.offset != nil {
		return new(big.Rat).Sub(x, s.offset), true
	}
	return through(s.from, x)
}

func through(f func(float64) float64, x *big.Rat) (*big.Rat, bool) {
	v, _ := x.Float64()
	v = f(v)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, false
	}
	return new(big.Rat).SetFloat64(v), true
}
