package fhir

// SampledData is a series of measurements, such as an ECG lead.
type SampledData struct {
	Origin     Quantity
	Period     Decimal // milliseconds between samples
	Factor     Decimal // multiply the samples by this, before adding origin
	LowerLimit Decimal
	UpperLimit Decimal
	Dimensions int    // samples at each point of time
	Data       string // samples separated by spaces; E, L and U stand for error, below and above the limits
}

// Read takes the sampled data at n.
func (s *SampledData) Read(n Node) error {
	*s = SampledData{}
	var in reader
	if !in.object(n, "a SampledData object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "origin":
			readOne(&in, f, &s.Origin)
		case "period":
			readOne(&in, f, &s.Period)
		case "factor":
			readOne(&in, f, &s.Factor)
		case "lowerLimit":
			readOne(&in, f, &s.LowerLimit)
		case "upperLimit":
			readOne(&in, f, &s.UpperLimit)
		case "dimensions":
			s.Dimensions = in.integer(f)
		case "data":
			s.Data = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the sampled data with its properties in the order of the specification.
func (s SampledData) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "origin", s.Origin)
	writeOne(&w, "period", s.Period)
	writeOne(&w, "factor", s.Factor)
	writeOne(&w, "lowerLimit", s.LowerLimit)
	writeOne(&w, "upperLimit", s.UpperLimit)
	w.integer("dimensions", s.Dimensions)
	w.str("data", s.Data)
	return w.end()
}

// IsZero is true when nothing is stated.
func (s SampledData) IsZero() bool {
	return s == SampledData{}
}
