package rest

import (
	"github.com/osler-ehr/osler/fhir"
)

// everything answers with a patient's whole record and what it refers to outside of it.
// (http://hl7.org/fhir/OperationDefinition/Patient-everything, without _since, _type and dates.)
func (c *call) everything() (answer, error) {
	count, err := c.count()
	if err != nil {
		return answer{}, err
	}
	cursor, _ := c.param("_page")
	page, err := c.session.Everything(c.ctx, c.id, count, cursor)
	if err != nil {
		return answer{}, err
	}
	head := fhir.Bundle{Type: "searchset", Link: []fhir.BundleLink{{Relation: "self", URL: c.here(c.params)}}}
	if page.Next != "" {
		head.Link = append(head.Link, fhir.BundleLink{Relation: "next", URL: c.here(c.nextPage(page.Next))})
	}
	return c.searchset(head, page), nil
}
