package family

// Panel is the family history of the chart.
type Panel struct {
	Rows []Relative
}

// Relative is one row.
type Relative struct {
	Relation   string // Mother
	Conditions string // Breast cancer at 52, hypertension
	Deceased   bool
}
