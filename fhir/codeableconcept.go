package fhir

// CodeableConcept is a concept: its codes, and how a person put it.
type CodeableConcept struct {
	Coding []Coding
	Text   string
}

// Read takes the codeable concept at n.
func (c *CodeableConcept) Read(n Node) error {
	*c = CodeableConcept{}
	var in reader
	if !in.object(n, "a CodeableConcept object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "coding":
			c.Coding = readList[Coding](&in, f)
		case "text":
			c.Text = in.str(f)
		}
	}
	return in.err
}

// AppendJSON appends the codeable concept with its properties in the order of the specification.
func (c CodeableConcept) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeList(&w, "coding", c.Coding)
	w.str("text", c.Text)
	return w.end()
}

// IsZero is true when nothing is stated.
func (c CodeableConcept) IsZero() bool {
	return noneStated(c.Coding) && c.Text == ""
}

// Has tells whether one of the codings is that code of that system.
func (c CodeableConcept) Has(system, code string) bool {
	for _, k := range c.Coding {
		if k.Is(system, code) {
			return true
		}
	}
	return false
}

// In is the first code from the system given; "" if there is none.
func (c CodeableConcept) In(system string) string {
	for _, k := range c.Coding {
		if k.System == system {
			return k.Code
		}
	}
	return ""
}

// Display is what to show a person: the text, else the first display, else the first code.
func (c CodeableConcept) Display() string {
	if c.Text != "" {
		return c.Text
	}
	for _, k := range c.Coding {
		if k.Display != "" {
			return k.Display
		}
	}
	for _, k := range c.Coding {
		if k.Code != "" {
			return k.Code
		}
	}
	return ""
}

// Concept is a concept of one coding.
func Concept(system, code, display string) CodeableConcept {
	return CodeableConcept{Coding: []Coding{{System: system, Code: code, Display: display}}}
}
