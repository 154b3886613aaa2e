package fhir

// Quantity is a measured amount. Age, Count, Distance, Duration and SimpleQuantity are the same in
// form; R4 only narrows their units. Quantities can be compared with ==, which compares texts: 1.5 and
// 1.50 differ.
type Quantity struct {
	Value      Decimal
	Comparator string // <, <=, >= or >: the true value lies beyond the value stated
	Unit       string // for people
	System     string // of Code, such as http://unitsofmeasure.org
	Code       string // for computing
}

// Read takes the quantity at n.
func (q *Quantity) Read(n Node) error {
	*q = Quantity{}
	var in reader
	if !in.object(n, "a Quantity object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "value":
			readOne(&in, f, &q.Value)
		case "comparator":
			q.Comparator = in.str(f)
		case "unit":
			q.Unit = in.str(f)
		case "system":
			q.System = in.str(f)
		case "code":
			q.Code = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the quantity with its properties in the order of the specification.
func (q Quantity) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "value", q.Value)
	w.str("comparator", q.Comparator)
	w.str("unit", q.Unit)
	w.str("system", q.System)
	w.str("code", q.Code)
	return w.end()
}

// IsZero is true when nothing is stated.
func (q Quantity) IsZero() bool {
	return q == Quantity{}
}

// The kinds of quantity that R4 tells apart by their units alone.
type (
	Age            = Quantity
	Count          = Quantity
	Distance       = Quantity
	Duration       = Quantity
	SimpleQuantity = Quantity
)

// UCUM is the system of units that computers use.
const UCUM = "http://unitsofmeasure.org"

// Measured is value in a UCUM unit, which is shown as it is coded.
func Measured(value Decimal, ucum string) Quantity {
	return Quantity{Value: value, Unit: ucum, System: UCUM, Code: ucum}
}
