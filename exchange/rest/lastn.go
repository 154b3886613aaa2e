package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// maxLooked bounds how many observations $lastn looks at.
const maxLooked = 10_000

// lastn answers with the newest observations of each kind: as many as max says, one if it says nothing. Two
// observations are of one kind when they share a code. Those without a date come last.
// (http://hl7.org/fhir/R4/observation-operation-lastn.html)
func (c *call) lastn() (answer, error) {
	most := 1
	var params []search.Param
	narrow := false
	for _, p := range c.searchParams() {
		base, _, _ := strings.Cut(p.Name, ":")
		switch {
		case p.Name == "max":
			n, err := strconv.Atoi(p.Value)
			if err != nil || n < 1 {
				return answer{}, refused(http.StatusBadRequest, "value", "max must be a number of 1 or more")
			}
			most = n
			continue
		case slices.Contains([]string{"_sort", "_count", "_include", "_revinclude", "_page", "_total"}, base):
			return answer{}, refused(http.StatusBadRequest, "not-supported", "$lastn does not take "+base)
		case base == "patient" || base == "subject" || strings.HasPrefix(p.Name, "patient.") || strings.HasPrefix(p.Name, "subject."):
			narrow = true
		}
		params = append(params, p)
	}
	if !narrow {
		return answer{}, refused(http.StatusBadRequest, "required", "say whose observations are meant: patient=[id]")
	}
	kinds := kindsOf{}
	out := &record.Page{Total: 0}
	q := record.Query{Type: "Observation", Params: append(params, search.Param{Name: "_sort", Value: "-date"}, search.Param{Name: "_count", Value: "1000"}), Strict: c.prefer.strict, Base: c.base}
	for looked := 0; ; {
		page, err := c.session.Search(c.ctx, q)
		if err != nil {
			return answer{}, err
		}
		if looked == 0 {
			out.Summary = page.Summary
			if page.Warnings != nil {
				c.warnings = page.Warnings
			}
		}
		for _, e := range page.Entries {
			if kinds.count(e.Resource().Get("code")) <= most {
				out.Entries = append(out.Entries, e)
			}
		}
		if page.Next == "" {
			break
		}
		if looked += len(page.Entries); looked >= maxLooked {
			return answer{}, refused(http.StatusBadRequest, "too-costly", "there are more than "+strconv.Itoa(maxLooked)+" observations to look at; add a category, a code or a date")
		}
		q.Page, q.Params = page.Next, nil
	}
	out.Total = int64(len(out.Entries))
	c.shape = out.Summary
	return c.searchset(fhir.Bundle{Type: "searchset", Link: []fhir.BundleLink{{Relation: "self", URL: c.here(c.searchParams())}}}, out), nil
}

// kindsOf counts observations by kind. The names of one kind (its codes, and its text where it has none) share one
// counter.
type kindsOf map[string]*int

// count counts one more of a kind and returns how many there are now.
func (k kindsOf) count(code fhir.Node) int {
	var names []string
	for coding := range code.Get("coding").Values() {
		names = append(names, coding.Get("system").Text()+"|"+coding.Get("code").Text())
	}
	if names == nil {
		names = []string{search.Normalize(code.Get("text").Text())}
	}
	var n *int
	for _, name := range names {
		if n = k[name]; n != nil {
			break
		}
	}
	if n == nil {
		n = new(int)
	}
	for _, name := range names {
		if k[name] == nil {
			k[name] = n
		}
	}
	*n++
	return *n
}
