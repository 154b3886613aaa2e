package fhir

// Coding is one code of a code system. Codings can be compared with ==.
type Coding struct {
	System       string // URI of the code system, such as http://loinc.org
	Version      string
	Code         string
	Display      string // as the system defines it
	UserSelected bool   // chosen by a person, not derived
}

// Read takes the coding at n.
func (c *Coding) Read(n Node) error {
	*c = Coding{}
	var in reader
	if !in.object(n, "a Coding object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "system":
			c.System = in.str(f)
		case "version":
			c.Version = in.str(f)
		case "code":
			c.Code = in.str(f)
		case "display":
			c.Display = in.str(f)
		case "userSelected":
			c.UserSelected = in.boolean(f)
		}
	}
	return in.err
}

// AppendJSON appends the coding with its properties in the order of the specification.
func (c Coding) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("system", c.System)
	w.str("version", c.Version)
	w.str("code", c.Code)
	w.str("display", c.Display)
	w.boolean("userSelected", c.UserSelected)
	return w.end()
}

// IsZero is true when nothing is stated.
func (c Coding) IsZero() bool {
	return c == Coding{}
}

// Is tells whether c is that code of that system, whatever its version and display.
func (c Coding) Is(system, code string) bool { return c.System == system && c.Code == code }
