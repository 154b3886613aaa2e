package immunization

// Panel is the vaccinations of the chart, newest first.
type Panel struct {
	Given []Dose
	Href  string
}

// Dose is one row.
type Dose struct {
	Vaccine string
	Date    string
	Note    string // not given: patient's choice
	Href    string
}

// all is the label of the link to the whole list.
func (p Panel) all() string {
	if p.Href == "" {
		return ""
	}
	return "All"
}
