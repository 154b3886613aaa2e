package documents

import (
	"strconv"

	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// line is what stands below a title of the list.
func (row Row) line() string {
	if row.Kind != "" && row.From != "" && row.Kind != row.Title {
		return row.Kind + ", " + row.From
	}
	if row.From != "" {
		return row.From
	}
	return row.Kind
}

// line is what is known of a document beside its title.
func (v Opened) line() string {
	s := v.Date
	filed := ""
	if v.Filed != "" && v.State == "" {
		filed = "kept " + v.Filed
	}
	for _, part := range []string{v.Kind, v.From, v.Source, v.State, filed} {
		switch {
		case part == "" || part == v.Title:
		case s == "":
			s = part
		default:
			s += ", " + part
		}
	}
	return s
}

// wide reports whether the document needs more room than text.
func (v Opened) wide() bool {
	for _, f := range v.Files {
		if f.Shown != "" {
			return true
		}
	}
	return false
}

// printable reports whether the page prints the document: all but PDF, which its viewer prints, and what is not shown. A note has a page
// for its print.
func (v Opened) printable() bool {
	if v.NoteHref != "" || len(v.Texts)+len(v.Files) == 0 {
		return false
	}
	for _, f := range v.Files {
		if f.Shown != asPicture {
			return false
		}
	}
	return true
}

func (f File) line() string {
	if f.Size == "" {
		return f.Kind
	}
	return f.Kind + ", " + f.Size
}

// verb is what a click on the file does.
func (f File) verb() string {
	if f.Shown == "" && f.Kind != mediaName(mediaText) {
		return "Save"
	}
	return "Open"
}

func (v List) query() string {
	if v.Found == nil {
		return ""
	}
	return v.Found.Query
}

// line says what was found, and how far the search looked.
func (f Found) line() string {
	s := format.Count(len(f.Rows), "document", "documents") + " found. "
	if f.Looked < f.All {
		s += "Looked at the newest " + strconv.Itoa(f.Looked) + " of " + strconv.Itoa(f.All) + " documents"
	} else {
		s += "Looked at all " + format.Count(f.Looked, "document", "documents")
	}
	s += ", " + strconv.Itoa(f.Texts) + " of them text; PDF and pictures are found by title alone."
	if f.Unopened > 0 {
		s += " " + format.Count(f.Unopened, "text", "texts") + " in files of their own were not opened."
	}
	return s
}

func (p Proposal) about() string {
	if p.MRN == "" {
		return p.Why
	}
	return p.MRN + ", " + p.Why
}

func (x Incoming) line() string {
	s := x.Source
	for _, part := range []string{x.From, x.Kind, x.Size} {
		switch {
		case part == "" || part == x.Title:
		case s == "":
			s = part
		default:
			s += ", " + part
		}
	}
	return s
}

func (q Queue) chips() []ui.Chip {
	waiting := ui.Chip{Label: "To file", Href: "/documents", Current: !q.Discarded}
	if !q.Discarded {
		waiting.Count = strconv.Itoa(q.Total)
	}
	return []ui.Chip{waiting, {Label: "Discarded", Href: "/documents?show=discarded", Current: q.Discarded}}
}
