package fhir

// Money is an amount in a currency. Amounts can be compared with ==, which compares texts: 1.5 and 1.50 differ.
type Money struct {
	Value    Decimal
	Currency string // ISO 4217, such as USD
}

// Read takes the money at n.
func (m *Money) Read(n Node) error {
	*m = Money{}
	var in reader
	if !in.object(n, "a Money object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "value":
			readOne(&in, f, &m.Value)
		case "currency":
			m.Currency = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the money with its properties in the order of the specification.
func (m Money) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "value", m.Value)
	w.str("currency", m.Currency)
	return w.end()
}

// IsZero is true when nothing is stated.
func (m Money) IsZero() bool {
	return m == Money{}
}
