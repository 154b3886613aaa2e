package fhir

// RelatedArtifact is a document or resource that belongs to a published artifact.
type RelatedArtifact struct {
	Type     string
	Label    string
	Display  string
	Citation string // Markdown
	URL      string
	Document Attachment
	Resource string // canonical URL
}

// Read takes the related artifact at n.
func (r *RelatedArtifact) Read(n Node) error {
	*r = RelatedArtifact{}
	var in reader
	if !in.object(n, "a RelatedArtifact object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "type":
			r.Type = in.str(f)
		case "label":
			r.Label = in.str(f)
		case "citation":
			r.Citation = in.str(f)
		case "display":
			r.Display = in.str(f)
		case "url":
			r.URL = in.str(f)
		case "document":
			readOne(&in, f, &r.Document)
		case "resource":
			r.Resource = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the related artifact with its properties in the order of the specification.
func (r RelatedArtifact) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("type", r.Type)
	w.str("label", r.Label)
	w.str("display", r.Display)
	w.str("citation", r.Citation)
	w.str("url", r.URL)
	writeOne(&w, "document", r.Document)
	w.str("resource", r.Resource)
	return w.end()
}

// IsZero is true when nothing is stated.
func (r RelatedArtifact) IsZero() bool {
	return r == RelatedArtifact{}
}
