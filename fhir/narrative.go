package fhir

// Narrative is the human-readable summary of a resource. Its XHTML comes from outside: clean it before it is shown.
type Narrative struct {
	Status string // generated, extensions, additional or empty
	Div    string // XHTML
}

// Read takes the narrative at n.
func (nv *Narrative) Read(n Node) error {
	*nv = Narrative{}
	var in reader
	if !in.object(n, "a Narrative object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "status":
			nv.Status = in.str(f)
		case "div":
			nv.Div = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the narrative with its properties in the order of the specification.
func (nv Narrative) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("status", nv.Status)
	w.str("div", nv.Div)
	return w.end()
}

// IsZero is true when nothing is stated.
func (nv Narrative) IsZero() bool {
	return nv == Narrative{}
}
