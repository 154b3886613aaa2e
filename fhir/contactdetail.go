package fhir

// ContactDetail is whom to ask about a published artifact.
type ContactDetail struct {
	Name    string
	Telecom []ContactPoint
}

// Read takes the contact detail at n.
func (c *ContactDetail) Read(n Node) error {
	*c = ContactDetail{}
	var in reader
	if !in.object(n, "a ContactDetail object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "name":
			c.Name = in.str(f)
		case "telecom":
			c.Telecom = readList[ContactPoint](&in, f)
		}
	}
	return in.err
}

// AppendJSON appends the contact detail with its properties in the order of the specification.
func (c ContactDetail) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("name", c.Name)
	writeList(&w, "telecom", c.Telecom)
	return w.end()
}

// IsZero is true when nothing is stated.
func (c ContactDetail) IsZero() bool {
	return c.Name == "" && noneStated(c.Telecom)
}
