package fhir

// Expression is a rule in another language, such as FHIRPath or CQL. Expressions can be compared with ==.
type Expression struct {
	Description string
	Name        string
	Language    string // MIME type
	Expression  string
	Reference   string
}

// Read takes the expression at n.
func (e *Expression) Read(n Node) error {
	*e = Expression{}
	var in reader
	if !in.object(n, "an Expression object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "description":
			e.Description = in.str(f)
		case "name":
			e.Name = in.str(f)
		case "language":
			e.Language = in.str(f)
		case "expression":
			e.Expression = in.str(f)
		case "reference":
			e.Reference = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the expression with its properties in the order of the specification.
func (e Expression) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("description", e.Description)
	w.str("name", e.Name)
	w.str("language", e.Language)
	w.str("expression", e.Expression)
	w.str("reference", e.Reference)
	return w.end()
}

// IsZero is true when nothing is stated.
func (e Expression) IsZero() bool {
	return e == Expression{}
}
