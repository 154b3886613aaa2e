package clinical

// Value is a measured value as it stands in a row: number or words, unit, flag.
type Value struct {
	Text string // 5.6, 148/86, or words such as "resistant"
	Unit string
	Flag Flag
	Word bool // Text is words that may wrap, not a number
}

// Result is one row of the results column.
type Result struct {
	Name      string
	Href      string
	Value     Value
	Range     string // 3.5–5.1
	Change    string // +0.7 since 24-Aug-2026
	When      string // the date, where the section has no common one
	Trend     *Trend // nil for a single value
	Previous  string // for print: the value before
	Corrected bool
}
