package fhir

// Ratio is a relation of two amounts, such as 5 mg per 1 mL or a titre of 1:128.
type Ratio struct {
	Numerator   Quantity
	Denominator Quantity
}

// Read takes the ratio at n.
func (r *Ratio) Read(n Node) error {
	*r = Ratio{}
	var in reader
	if !in.object(n, "a Ratio object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "numerator":
			readOne(&in, f, &r.Numerator)
		case "denominator":
			readOne(&in, f, &r.Denominator)
		}
	}
	return in.err
}

// AppendJSON appends the ratio with its properties in the order of the specification.
func (r Ratio) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "numerator", r.Numerator)
	writeOne(&w, "denominator", r.Denominator)
	return w.end()
}

// IsZero is true when nothing is stated.
func (r Ratio) IsZero() bool {
	return r == Ratio{}
}
