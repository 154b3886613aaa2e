package documents

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web/facts"
)

// document is the view of a DocumentReference, for reading and writing. Fields stand in the order of the specification.
type document struct {
	ID            string
	Meta          fhir.Meta
	Identifier    []fhir.Identifier
	Status        string
	DocStatus     string
	Type          fhir.CodeableConcept
	Category      []fhir.CodeableConcept
	Subject       fhir.Reference
	Date          fhir.Instant
	Author        []fhir.Reference
	Authenticator fhir.Reference
	Custodian     fhir.Reference
	Description   string
	Content       []content
	Context       care
}

// content is one form of what the document says.
type content struct{ Attachment attachment }

// care is the visit or time that the document is about.
type care struct {
	Encounter         []fhir.Reference
	Period            fhir.Period
	SourcePatientInfo fhir.Reference
	Related           []fhir.Reference
}

// noteOf is the id of the note whose signed text the document is; "" for any other document.
func (d document) noteOf() string {
	for _, ref := range d.Context.Related {
		if t, ok := ref.Target(); ok && t.Type == "Composition" {
			return t.ID
		}
	}
	return ""
}

// attachment is what a document holds.
type attachment struct {
	ContentType string
	Data        string
	URL         string
	Size        int
	Title       string
	Creation    fhir.DateTime
}

const newest = 6

// newestOf makes the panel of a patient's documents: as many are read as it takes to fill it, since notes may be most of them. Where the
// first page does not fill it, the rest comes in large pages, which are not counted again.
func newestOf(ctx context.Context, s *record.Session, patient string, now time.Time) (Panel, error) {
	p, looked, seen := Panel{}, 0, map[string]bool{}
	first, err := s.Search(ctx, facts.Of("DocumentReference", patient, facts.Params("_sort", "-date", "_count", "40", "_total", "accurate")...))
	if err != nil {
		return Panel{}, err
	}
	p.Total = int(first.Total)
	take := func(entries []record.Entry) error {
		for i := range entries {
			if seen[entries[i].ID] {
				continue
			}
			seen[entries[i].ID] = true
			looked++
			d, err := fhir.View[document](entries[i].Resource())
			if err != nil {
				return err
			}
			if d.mistaken() || d.note() || len(p.Rows) == newest {
				continue
			}
			p.Rows = append(p.Rows, Document{Title: d.title(), From: d.from(), Date: facts.Day(d.at(), now.Location()), Href: base(patient) + "/" + d.ID, Standing: d.standing()})
		}
		return nil
	}
	if err := take(first.Entries); err != nil || first.Next == "" || len(p.Rows) == newest {
		return p, err
	}
	q := facts.Of("DocumentReference", patient, facts.Params("_sort", "-date", "_count", strconv.Itoa(maxLooked))...)
	q.MaxBytes = maxHeld
	for {
		page, err := s.Search(ctx, q)
		if err != nil {
			return Panel{}, err
		}
		if err := take(page.Entries); err != nil || page.Next == "" || len(p.Rows) == newest {
			return p, err
		}
		if looked >= maxLooked {
			p.Unread = p.Total - looked
			return p, nil
		}
		q.Page = page.Next
	}
}

// maxHeld bounds the bytes of documents that are held at a time.
const maxHeld = 4 << 20

// mistaken reports whether the document, or what it holds, was entered in error.
func (d document) mistaken() bool {
	return d.Status == "entered-in-error" || d.DocStatus == "entered-in-error"
}

// standing is what must be known of a document before it is read; "" for one that stands.
func (d document) standing() string {
	switch {
	case d.Status == "superseded":
		return "replaced"
	case d.DocStatus == "preliminary":
		return "not signed"
	}
	return ""
}

// note reports whether the document is a note of a visit, which the timeline shows.
func (d document) note() bool {
	return slices.ContainsFunc(d.Category, func(c fhir.CodeableConcept) bool {
		return c.In("http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category") == "clinical-note"
	}) &&
		len(d.Context.Encounter) > 0
}

func (d document) at() fhir.DateTime {
	if !d.Context.Period.Start.IsZero() {
		return d.Context.Period.Start
	}
	if len(d.Content) > 0 && !d.Content[0].Attachment.Creation.IsZero() {
		return d.Content[0].Attachment.Creation
	}
	return d.Date.DateTime()
}

func (d document) title() string {
	if len(d.Content) > 0 && d.Content[0].Attachment.Title != "" {
		return d.Content[0].Attachment.Title
	}
	if d.Description != "" {
		return d.Description
	}
	if t := facts.Concept(d.Type); t != "" {
		return t
	}
	return "Untitled document"
}

func (d document) from() string {
	for _, a := range d.Author {
		if a.Display != "" {
			return a.Display
		}
	}
	return d.Custodian.Display
}
