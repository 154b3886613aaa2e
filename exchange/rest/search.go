package rest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// search answers with what the parameters find: of a type, of all types, or of a compartment.
func (c *call) search() (answer, error) {
	q := record.Query{Type: c.typ, Params: c.searchParams(), Strict: c.prefer.strict, Base: c.base}
	if c.compartment != "" {
		if err := c.within(&q); err != nil {
			return answer{}, err
		}
	}
	if err := c.continued(&q); err != nil {
		return answer{}, err
	}
	page, err := c.session.Search(c.ctx, q)
	if err != nil {
		return answer{}, err
	}
	self := page.Used
	if q.Page != "" {
		self = []search.Param{{Name: "_page", Value: q.Page}}
	}
	head := fhir.Bundle{Type: "searchset", Link: []fhir.BundleLink{{Relation: "self", URL: c.here(self)}}}
	if page.Next != "" {
		head.Link = append(head.Link, fhir.BundleLink{Relation: "next", URL: c.continuation(page.Type, page.Next)})
	}
	c.shape = page.Summary
	if page.Warnings != nil {
		c.warnings = page.Warnings
	}
	return c.searchset(head, page), nil
}

// within limits the search to a compartment.
func (c *call) within(q *record.Query) error {
	if !slices.Contains(definitions.Compartments(), c.compartment) {
		return refused(http.StatusNotFound, "not-supported", "there are compartments of "+strings.Join(definitions.Compartments(), ", ")+" alone")
	}
	if c.compartment == "Patient" {
		q.CompartmentPatient = c.id
	} else {
		q.Compartment = c.compartment + "/" + c.id
	}
	if c.typ == "*" {
		q.Type = ""
		return nil
	}
	if c.typ != c.compartment && definitions.CompartmentParams(c.compartment, c.typ) == nil {
		return refused(http.StatusNotFound, "not-found", "a "+c.typ+" is never part of the compartment of a "+c.compartment)
	}
	return nil
}

// continued reads the cursor of a page. It holds the parameters of the search, so others would not be heeded.
func (c *call) continued(q *record.Query) error {
	cursor, ok := c.param("_page")
	if !ok {
		return nil
	}
	if len(q.Params) > 1 {
		return refused(http.StatusBadRequest, "invalid", "the address of a page takes no other parameters; it continues the search as it was")
	}
	q.Page, q.Params = cursor, nil
	return nil
}

// continuation is the address of another page. It says nothing but the type: the parameters, which may name a
// patient, are sealed in the cursor.
func (c *call) continuation(typ, cursor string) string {
	if typ != "" {
		typ = "/" + typ
	}
	return c.base + typ + "?" + string(appendQuery(nil, append(c.inFormat(), search.Param{Name: "_page", Value: cursor})))
}

// searchset writes a page as a Bundle.
func (c *call) searchset(head fhir.Bundle, page *record.Page) answer {
	if page.Total >= 0 {
		total := int(page.Total)
		head.Total = &total
	}
	size := 1024
	for i := range page.Entries {
		size += len(page.Entries[i].Body) + 256
	}
	b := newBuffer(size)
	w := fhir.NewBundleWriter(b.bytes, head)
	parts := partial(c.shape)
	var scratch []byte
	for i := range page.Entries {
		e := &page.Entries[i]
		body, mode := e.Body, "match"
		if e.Include {
			mode = "include"
		}
		if parts {
			scratch = appendPart(scratch[:0], body, c.shape, !e.Include)
			body = scratch
		}
		w.Add(fhir.BundleEntry{FullURL: c.url(e.Type, e.ID), Search: fhir.BundleSearch{Mode: mode}}, body)
	}
	c.addWarnings(w)
	b.bytes = w.Finish()
	return answer{status: http.StatusOK, body: b.bytes, buffer: b}
}

// addWarnings adds an entry that tells what was ignored.
func (c *call) addWarnings(w *fhir.BundleWriter) {
	if c.warnings != nil {
		w.Add(fhir.BundleEntry{Search: fhir.BundleSearch{Mode: "outcome"}}, c.warnings.Bytes())
	}
}

func escapeQuery(s string) string { return url.QueryEscape(s) }

// unspace mends a plus sign of a time zone that an unescaped address has turned into a space.
func unspace(s string) string { return strings.ReplaceAll(s, " ", "+") }
