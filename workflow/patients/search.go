package patients

import "github.com/osler-ehr/osler/web/format"

// Results is what the search page shows.
type Results struct {
	Query    string
	Hits     []Hit
	More     bool // there are more than are listed
	Recent   []Hit
	NewHref  string // registers a new patient; empty without the right
	Searched bool
}

// summary counts what was found.
func (r Results) summary() string {
	if r.More && len(r.Hits) == 0 {
		return "So many names begin so that not all were looked at. Type more of the name, a birth date or a record number."
	}
	if r.More {
		return "The first " + format.Count(len(r.Hits), "patient", "patients") + ". Type more of the name, a birth date or a record number."
	}
	found := format.Count(len(r.Hits), "patient", "patients")
	if Alike(r.Hits) {
		found += ". Alike names: check the date of birth"
	}
	return found
}
