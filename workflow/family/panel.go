package family

// Panel is the family history of the chart.
type Panel struct {
	Rows    []Relative
	Nothing string // what stands in place of an empty list
	Nil     bool   // somebody asked, and there is nothing
	Href    string // the page
	AddHref string // empty without the right to add
}

// Relative is one row.
type Relative struct {
	ID         string
	Relation   string // Mother
	Conditions string // Breast cancer at 52, hypertension
	Deceased   bool
	Href       string // where it is changed
}
