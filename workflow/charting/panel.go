package charting

import (
	"context"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// Panel is the box of the chart with the notes that are not signed.
type Panel struct {
	Drafts []Draft
	All    string // the page of all notes
	New    string // where a visit is started
	Mine   string // the draft of today that this person writes; "" if there is none
}

// Draft is one note that is not signed.
type Draft struct{ Title, When, Who, Href string }

func (n *notes) panel(ctx context.Context, s *record.Session, patient string) (Panel, error) {
	drafts, err := readDrafts(ctx, s, patient)
	if err != nil {
		return Panel{}, err
	}
	zone, me := n.d.Shell.Location(), facts.Author(ctx)
	p := Panel{All: base(patient), New: base(patient) + "/new"}
	today := fhir.DateTimeOf(n.d.Shell.Clock(), fhir.Second)
	for _, d := range drafts {
		row := Draft{Title: d.Title, When: facts.Moment(d.Date, zone), Href: at(patient, d.ID)}
		for _, a := range d.Author {
			row.Who = a.Display
			if a == me && p.Mine == "" && d.related("appends") == "" && facts.SameDay(d.Date, today, zone) {
				p.Mine = row.Href
			}
		}
		p.Drafts = append(p.Drafts, row)
	}
	return p, nil
}
