package rest

import (
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

var everythingTakes = []string{"start", "end", "_since", "_type", "_count", "_page"}

// everything answers with a patient's whole record and what it refers to outside of it.
// (http://hl7.org/fhir/R4/patient-operation-everything.html)
func (c *call) everything() (answer, error) {
	q := record.EverythingQuery{Patient: c.id}
	var err error
	if q.Count, err = c.count(); err != nil {
		return answer{}, err
	}
	if q.Since, err = c.moment("_since"); err != nil {
		return answer{}, err
	}
	if q.Start, err = c.moment("start"); err != nil {
		return answer{}, err
	}
	if q.End, err = c.moment("end"); err != nil {
		return answer{}, err
	}
	for _, p := range c.params { // several mean all of them
		if p.Name == "_type" {
			for name := range strings.SplitSeq(p.Value, ",") {
				if name = strings.TrimSpace(name); name != "" {
					q.Types = append(q.Types, name)
				}
			}
		}
	}
	q.Page, _ = c.param("_page")
	page, err := c.session.Everything(c.ctx, q)
	if err != nil {
		return answer{}, err
	}
	head := fhir.Bundle{Type: "searchset", Link: []fhir.BundleLink{{Relation: "self", URL: c.here(c.params)}}}
	if page.Next != "" {
		head.Link = append(head.Link, fhir.BundleLink{Relation: "next", URL: c.here(c.nextPage(page.Next))})
	}
	return c.searchset(head, page), nil
}
