package fhir

// Element is what may accompany a primitive value under its name with an underscore, such as _birthDate.
type Element struct {
	ID        string
	Extension []Extension
}

// Read takes the element at n.
func (e *Element) Read(n Node) error {
	*e = Element{}
	var in reader
	if !in.object(n, "an Element object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "id":
			e.ID = in.str(f)
		case "extension":
			e.Extension = readList[Extension](&in, f)
		}
	}
	return in.err
}

// AppendJSON appends the element with its properties in the order of the specification.
func (e Element) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("id", e.ID)
	writeList(&w, "extension", e.Extension)
	return w.end()
}

// IsZero is true when nothing is stated.
func (e Element) IsZero() bool {
	return e.ID == "" && noneStated(e.Extension)
}
