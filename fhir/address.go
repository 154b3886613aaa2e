package fhir

// Address is a postal or physical address.
type Address struct {
	Use        string // home, work, temp, old or billing
	Type       string // postal, physical or both
	Text       string // the whole address as it is shown
	Line       []string
	City       string
	District   string // county
	State      string
	PostalCode string
	Country    string
	Period     Period
}

// Read takes the address at n.
func (a *Address) Read(n Node) error {
	*a = Address{}
	var in reader
	if !in.object(n, "an Address object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "use":
			a.Use = in.str(f)
		case "type":
			a.Type = in.str(f)
		case "text":
			a.Text = in.str(f)
		case "line":
			a.Line = in.strs(f)
		case "city":
			a.City = in.str(f)
		case "district":
			a.District = in.str(f)
		case "state":
			a.State = in.str(f)
		case "postalCode":
			a.PostalCode = in.str(f)
		case "country":
			a.Country = in.str(f)
		case "period":
			readOne(&in, f, &a.Period)
		}
	}
	return in.err
}

// AppendJSON appends the address with its properties in the order of the specification.
func (a Address) AppendJSON(out []byte) []byte {
	w := begin(out)
	w.str("use", a.Use)
	w.str("type", a.Type)
	w.str("text", a.Text)
	w.strs("line", a.Line)
	w.str("city", a.City)
	w.str("district", a.District)
	w.str("state", a.State)
	w.str("postalCode", a.PostalCode)
	w.str("country", a.Country)
	writeOne(&w, "period", a.Period)
	return w.end()
}

// IsZero is true when nothing is stated.
func (a Address) IsZero() bool {
	return a.Use == "" && a.Type == "" && a.Text == "" && noText(a.Line) && a.City == "" && a.District == "" &&
		a.State == "" && a.PostalCode == "" && a.Country == "" && a.Period.IsZero()
}
