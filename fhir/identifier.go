package fhir

// Identifier is a number or name that some authority gave, such as a medical record number.
type Identifier struct {
	Use      string
	Type     CodeableConcept
	System   string // URI of the namespace
	Value    string
	Period   Period
	Assigner *Reference
}

// Read takes the identifier at n.
func (i *Identifier) Read(n Node) error {
	*i = Identifier{}
	var in reader
	if !in.object(n, "an Identifier object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "use":
			i.Use = in.str(f)
		case "type":
			readOne(&in, f, &i.Type)
		case "system":
			i.System = in.str(f)
		case "value":
			i.Value = in.str(f)
		case "period":
			readOne(&in, f, &i.Period)
		case "assigner":
			i.Assigner = readPointer[Reference](&in, f)
		}
	}
	return in.err
}

// AppendJSON appends the identifier with its properties in the order of the specification.
func (i Identifier) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("use", i.Use)
	writeOne(&w, "type", i.Type)
	w.str("system", i.System)
	w.str("value", i.Value)
	writeOne(&w, "period", i.Period)
	writePointer(&w, "assigner", i.Assigner)
	return w.end()
}

// IsZero is true when nothing is stated.
func (i Identifier) IsZero() bool {
	return i.Use == "" && i.Type.IsZero() && i.System == "" && i.Value == "" && i.Period.IsZero() &&
		(i.Assigner == nil || i.Assigner.IsZero())
}
