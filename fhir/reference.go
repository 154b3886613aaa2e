package fhir

// Reference points to another resource, or names it by an identifier. See [Reference.Target].
type Reference struct {
	Reference  string      // relative, absolute, urn:uuid:, urn:oid: or #fragment
	Type       string      // of the resource, such as Patient
	Identifier *Identifier // when there is no address to give
	Display    string
}

// Read takes the reference at n.
func (r *Reference) Read(n Node) error {
	*r = Reference{}
	var in reader
	if !in.object(n, "a Reference object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "reference":
			r.Reference = in.str(f)
		case "type":
			r.Type = in.str(f)
		case "identifier":
			r.Identifier = readPointer[Identifier](&in, f)
		case "display":
			r.Display = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the reference with its properties in the order of the specification.
func (r Reference) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("reference", r.Reference)
	w.str("type", r.Type)
	writePointer(&w, "identifier", r.Identifier)
	w.str("display", r.Display)
	return w.end()
}

// IsZero is true when nothing is stated.
func (r Reference) IsZero() bool {
	return r.Reference == "" && r.Type == "" && (r.Identifier == nil || r.Identifier.IsZero()) && r.Display == ""
}

// To is a reference to a resource on this server.
func To(resourceType, id string) Reference { return Reference{Reference: resourceType + "/" + id} }

// Target takes the address apart; see [ParseReference].
func (r Reference) Target() (Target, bool) { return ParseReference(r.Reference) }
