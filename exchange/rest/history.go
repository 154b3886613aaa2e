package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// history answers with versions, newest first: of one resource, of a type, or of all.
func (c *call) history() (answer, error) {
	q := record.HistoryQuery{Type: c.typ, ID: c.id}
	var err error
	if q.Count, err = c.count(); err != nil {
		return answer{}, err
	}
	if q.Since, err = c.moment("_since"); err != nil {
		return answer{}, err
	}
	if q.At, err = c.moment("_at"); err != nil {
		return answer{}, err
	}
	if !q.At.IsZero() && c.id == "" {
		return answer{}, refused(http.StatusBadRequest, "not-supported", "_at is supported for the history of one resource only")
	}
	counted := c.shape.Mode == "count"
	if counted && c.id == "" {
		return answer{}, refused(http.StatusBadRequest, "not-supported", "_summary=count is supported for the history of one resource only")
	}
	q.Page, _ = c.param("_page")
	page, err := c.session.History(c.ctx, q)
	if err != nil {
		return answer{}, err
	}
	size := 512
	for i := range page.Versions {
		size += len(page.Versions[i].Body) + 512
	}
	b := newBuffer(size)
	total := int(page.Total)
	head := fhir.Bundle{Type: "history", Link: []fhir.BundleLink{{Relation: "self", URL: c.here(c.params)}}}
	if q.At.IsZero() && total >= 0 {
		head.Total = &total
	}
	if counted {
		page.Next, page.Versions = "", nil
	}
	if page.Next != "" {
		head.Link = append(head.Link, fhir.BundleLink{Relation: "next", URL: c.here(c.nextPage(page.Next))})
	}
	w := fhir.NewBundleWriter(b.bytes, head)
	for i := range page.Versions {
		c.addVersion(w, &page.Versions[i])
	}
	c.addWarnings(w)
	b.bytes = w.Finish()
	return answer{status: http.StatusOK, body: b.bytes, buffer: b}, nil
}

// addVersion adds one version with the request that made it.
func (c *call) addVersion(w *fhir.BundleWriter, v *record.Version) {
	e := fhir.BundleEntry{
		FullURL:  c.url(v.Type, v.ID),
		Response: fhir.BundleResponse{ETag: fhir.VersionETag(v.Version), LastModified: fhir.InstantOf(v.At)},
	}
	switch {
	case v.Deleted:
		e.Request = fhir.BundleRequest{Method: "DELETE", URL: v.Type + "/" + v.ID}
		e.Response.Status = "204"
	case v.Action == "create" && v.Version > 1: // made again under the id that it had
		e.Request = fhir.BundleRequest{Method: "PUT", URL: v.Type + "/" + v.ID}
		e.Response.Status = "201"
	case v.Action == "create":
		e.Request = fhir.BundleRequest{Method: "POST", URL: v.Type}
		e.Response.Status = "201"
	default:
		e.Request = fhir.BundleRequest{Method: "PUT", URL: v.Type + "/" + v.ID}
		e.Response.Status = "200"
	}
	body := v.Body
	if partial(c.shape) && body != nil {
		body = appendPart(nil, body, c.shape, true)
	}
	w.Add(e, body)
}

// nextPage are the parameters of a next page: those given, with another cursor.
func (c *call) nextPage(cursor string) []search.Param {
	out := c.inFormat()
	for _, p := range c.params {
		if p.Name != "_page" && !formal(p) && c.door.takesParam(p.Name) {
			out = append(out, p)
		}
	}
	return append(out, search.Param{Name: "_page", Value: cursor})
}

// here is the address of this call with parameters.
func (c *call) here(params []search.Param) string {
	out := make([]byte, 0, len(c.base)+128)
	out = append(out, c.base...)
	for _, s := range c.door.segments {
		text := s.text
		switch s.place {
		case typePlace:
			text = c.typ
		case idPlace:
			text = c.id
		case versionPlace:
			text = c.version
		case compartmentPlace:
			text = c.compartment
		}
		if s.place == literal && text == "_search" {
			continue
		}
		out = append(append(out, '/'), text...)
	}
	if len(params) > 0 {
		out = appendQuery(append(out, '?'), params)
	}
	return string(out)
}

func (c *call) count() (int, error) {
	text, ok := c.param("_count")
	if !ok {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, refused(http.StatusBadRequest, "value", "_count must be a number of 1 or more")
	}
	return n, nil
}

// moment reads a parameter that is an instant, or a date, which begins in UTC.
func (c *call) moment(name string) (time.Time, error) {
	text, ok := c.param(name)
	if !ok {
		return time.Time{}, nil
	}
	d, err := fhir.ParseSearchDateTime(unspace(text))
	if err != nil {
		return time.Time{}, refused(http.StatusBadRequest, "value", name+" must be a moment such as 2026-11-24T09:30:00Z, or a date")
	}
	from, to := d.Range(nil)
	switch name {
	case "_at":
		return to.Add(-time.Millisecond), nil
	case "end": // all of the day, month or year counts
		return to, nil
	}
	return from, nil
}
