package immunization

// Panel is the vaccinations of the chart, newest first, and below which address what is due is found out.
type Panel struct {
	Given   []Dose
	Href    string
	AddHref string // gives one; "" without the right
	DueHref string // of the fragment that says what is due; it is fetched after the chart is drawn. "" = none
}

// Dose is one row.
type Dose struct {
	Vaccine string
	Date    string
	Note    string // not given: patient's choice
	Href    string
	id      string
}

// all is the label of the link to the whole list.
func (p Panel) all() string {
	if p.Href == "" {
		return ""
	}
	return "Forecast"
}
