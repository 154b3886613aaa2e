package documents

// Panel is the newest documents of the chart.
type Panel struct {
	Rows    []Document
	Total   int
	Unread  int // older documents among which nothing was looked for
	Href    string
	AddHref string
	Desk    bool // the front desk's: administrative documents alone
}

func (p Panel) title() string {
	if p.Desk {
		return "Administrative documents"
	}
	return "Documents"
}

// Document is one row.
type Document struct {
	Title    string
	From     string // Harbor Imaging
	Date     string
	Href     string
	Standing string // not signed, replaced
}

// all is the label of the link to the whole list.
func (p Panel) all() string {
	if p.Href == "" {
		return ""
	}
	return "All"
}
