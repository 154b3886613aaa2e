package growth

// Sex chooses the table. The references know two.
type Sex uint8

// The sexes.
const (
	Male Sex = iota + 1
	Female
)

func (s Sex) String() string {
	switch s {
	case Male:
		return "male"
	case Female:
		return "female"
	}
	return ""
}

// Measure is what was measured, and by what it is judged.
type Measure string

// The measures. Weights are in kg, lengths in cm, BMI in kg/m2; ages in months.
const (
	WeightForAge     Measure = "weight"
	LengthForAge     Measure = "length"  // lying
	StatureForAge    Measure = "stature" // standing
	HeadForAge       Measure = "head"
	BMIForAge        Measure = "bmi"
	WeightForLength  Measure = "weight-length"  // by length, lying
	WeightForStature Measure = "weight-stature" // by stature, standing
)

// Measures are all of them.
var Measures = [...]Measure{WeightForAge, LengthForAge, StatureForAge, HeadForAge, BMIForAge, WeightForLength, WeightForStature}

// ForAge reports whether the measure is judged by age; the others are judged by length or stature.
func (m Measure) ForAge() bool { return m != WeightForLength && m != WeightForStature }

// Unit is the UCUM unit in which values are given.
func (m Measure) Unit() string {
	switch m {
	case WeightForAge, WeightForLength, WeightForStature:
		return "kg"
	case BMIForAge:
		return "kg/m2"
	}
	return "cm"
}
