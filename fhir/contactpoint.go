package fhir

// ContactPoint is a telephone number, mail address or the like. Contact points can be compared with ==.
type ContactPoint struct {
	System string // phone, fax, email, pager, url, sms or other
	Value  string
	Use    string // home, work, temp, old or mobile
	Rank   int    // 1 is preferred
	Period Period
}

// Read takes the contact point at n.
func (c *ContactPoint) Read(n Node) error {
	*c = ContactPoint{}
	var in reader
	if !in.object(n, "a ContactPoint object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "system":
			c.System = in.str(f)
		case "value":
			c.Value = in.str(f)
		case "use":
			c.Use = in.str(f)
		case "rank":
			c.Rank = in.integer(f)
		case "period":
			readOne(&in, f, &c.Period)
		}
	}
	return in.err
}

// AppendJSON appends the contact point with its properties in the order of the specification.
func (c ContactPoint) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("system", c.System)
	w.str("value", c.Value)
	w.str("use", c.Use)
	w.integer("rank", c.Rank)
	writeOne(&w, "period", c.Period)
	return w.end()
}

// IsZero is true when nothing is stated.
func (c ContactPoint) IsZero() bool {
	return c == ContactPoint{}
}
