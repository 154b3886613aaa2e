package fhir

// Annotation is a note with its author. At most one of the two authors may be stated.
type Annotation struct {
	AuthorReference Reference
	AuthorString    string
	Time            DateTime
	Text            string // Markdown
}

// Read takes the annotation at n.
func (a *Annotation) Read(n Node) error {
	*a = Annotation{}
	var in reader
	if !in.object(n, "an Annotation object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "authorReference":
			readOne(&in, f, &a.AuthorReference)
		case "authorString":
			a.AuthorString = in.str(f)
		case "time":
			readOne(&in, f, &a.Time)
		case "text":
			a.Text = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the annotation with its properties in the order of the specification.
func (a Annotation) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "authorReference", a.AuthorReference)
	w.str("authorString", a.AuthorString)
	writeOne(&w, "time", a.Time)
	w.str("text", a.Text)
	return w.end()
}

// IsZero is true when nothing is stated.
func (a Annotation) IsZero() bool {
	return a.AuthorReference.IsZero() && a.AuthorString == "" && a.Time.IsZero() && a.Text == ""
}
