package problems

// Panel is the problem list of the chart.
type Panel struct {
	Active   []Problem
	Resolved int
	Href     string // the whole list
	AddHref  string // empty without the right to add
}

// Problem is one row.
type Problem struct {
	ID    string
	Name  string
	Since string // 2014, or as exact as is known
	Href  string
	Note  string // severity, body site, verification other than confirmed: suspected
}
