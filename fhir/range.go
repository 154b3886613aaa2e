package fhir

// Range is an interval of amounts, ends included. A missing end is open.
type Range struct {
	Low  Quantity
	High Quantity
}

// Read takes the range at n.
func (r *Range) Read(n Node) error {
	*r = Range{}
	var in reader
	if !in.object(n, "a Range object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "low":
			readOne(&in, f, &r.Low)
		case "high":
			readOne(&in, f, &r.High)
		}
	}
	return in.err
}

// AppendJSON appends the range with its properties in the order of the specification.
func (r Range) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "low", r.Low)
	writeOne(&w, "high", r.High)
	return w.end()
}

// IsZero is true when nothing is stated.
func (r Range) IsZero() bool {
	return r == Range{}
}
