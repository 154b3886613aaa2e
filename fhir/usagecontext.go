package fhir

// UsageContext is a setting for which a published artifact is meant.
type UsageContext struct {
	Code  Coding
	Value Choice // CodeableConcept, Quantity, Range or Reference
}

// Read takes the usage context at n.
func (u *UsageContext) Read(n Node) error {
	*u = UsageContext{}
	var in reader
	if !in.object(n, "a UsageContext object") {
		return in.err
	}
	for f := range n.Children() {
		switch key := f.Key(); key {
		case "code":
			readOne(&in, f, &u.Code)
		default:
			if suffix, ok := choiceSuffix(key, "value"); ok {
				in.fail(u.Value.read(f, suffix))
			}
		}
	}
	return in.err
}

// AppendJSON appends the usage context with its properties in the order of the specification.
func (u UsageContext) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "code", u.Code)
	u.Value.write(&w, "value")
	return w.end()
}

// IsZero is true when nothing is stated.
func (u UsageContext) IsZero() bool {
	return u.Code.IsZero() && u.Value.IsZero()
}
