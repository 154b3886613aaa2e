package fhir

import "time"

// Period is a span of time. A missing start or end is open: unknown or not yet.
type Period struct {
	Start DateTime
	End   DateTime // included: an end of 2026-11-24 means until that day is over
}

// Read takes the period at n.
func (p *Period) Read(n Node) error {
	*p = Period{}
	var in reader
	if !in.object(n, "a Period object") {
		return in.err
	}
	for f := range n.Children() {
		switch f.Key() {
		case "start":
			readOne(&in, f, &p.Start)
		case "end":
			readOne(&in, f, &p.End)
		}
	}
	return in.err
}

// AppendJSON appends the period with its properties in the order of the specification.
func (p Period) AppendJSON(out []byte) []byte {
	w := begin(out)
	writeOne(&w, "start", p.Start)
	writeOne(&w, "end", p.End)
	return w.end()
}

// IsZero is true when nothing is stated.
func (p Period) IsZero() bool {
	return p == Period{}
}

// Range is the interval that the period means: from included, to not. A zero time is open.
// Days without a zone are taken in loc (UTC if nil).
func (p Period) Range(loc *time.Location) (from, to time.Time) {
	from, _ = p.Start.Range(loc)
	_, to = p.End.Range(loc)
	return from, to
}

// Contains tells whether the moment lies in the period.
func (p Period) Contains(at time.Time, loc *time.Location) bool {
	from, to := p.Range(loc)
	return !at.Before(from) && (to.IsZero() || at.Before(to))
}
