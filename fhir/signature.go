package fhir

// Signature is a digital or drawn signature.
type Signature struct {
	Type         []Coding
	When         Instant
	Who          Reference
	OnBehalfOf   Reference
	TargetFormat string
	SigFormat    string
	Data         string // base64, as it stands
}

// Read takes the signature at n.
func (s *Signature) Read(n Node) error {
	*s = Signature{}
	var in reader
	if !in.object(n, "a Signature object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "type":
			s.Type = readList[Coding](&in, f)
		case "when":
			readOne(&in, f, &s.When)
		case "who":
			readOne(&in, f, &s.Who)
		case "onBehalfOf":
			readOne(&in, f, &s.OnBehalfOf)
		case "targetFormat":
			s.TargetFormat = in.str(f)
		case "sigFormat":
			s.SigFormat = in.str(f)
		case "data":
			s.Data = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the signature with its properties in the order of the specification.
func (s Signature) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeList(&w, "type", s.Type)
	writeOne(&w, "when", s.When)
	writeOne(&w, "who", s.Who)
	writeOne(&w, "onBehalfOf", s.OnBehalfOf)
	w.str("targetFormat", s.TargetFormat)
	w.str("sigFormat", s.SigFormat)
	w.str("data", s.Data)
	return w.end()
}

// IsZero is true when nothing is stated.
func (s Signature) IsZero() bool {
	return noneStated(s.Type) && s.When.IsZero() && s.Who.IsZero() && s.OnBehalfOf.IsZero() &&
		s.TargetFormat == "" && s.SigFormat == "" && s.Data == ""
}
