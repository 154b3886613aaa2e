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
