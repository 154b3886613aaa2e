package rest

import (
	"iter"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/search"
)

// readOperation reads what an operation is posted with: nothing, a Parameters resource, or the one resource that
// the operation is about. (FHIR R4 operations.html#executing)
func (c *call) readOperation(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength == 0 {
		return nil
	}
	if err := c.readDocument(w, r); err != nil {
		return err
	}
	c.unfold()
	return nil
}

// unfold makes parameters of a Parameters resource that are plain values parameters of the call, so that they are
// checked and read like those in an address.
func (c *call) unfold() {
	if c.resource == nil || c.resource.Type() != "Parameters" {
		return
	}
	for p := range c.resource.Get("parameter").Values() {
		name := p.Get("name").Text()
		for v := range p.Children() {
			switch v.Kind() {
			case fhir.String, fhir.Number, fhir.Bool:
				if strings.HasPrefix(v.Key(), "value") {
					c.params = append(c.params, search.Param{Name: name, Value: v.Text()})
				}
			}
		}
	}
}

// given are the parameters of a name in the body.
func (c *call) given(name string) iter.Seq[fhir.Node] {
	return func(yield func(fhir.Node) bool) {
		if c.resource == nil || c.resource.Type() != "Parameters" {
			return
		}
		for p := range c.resource.Get("parameter").Values() {
			if p.Get("name").Text() == name && !yield(p) {
				return
			}
		}
	}
}

// subject is the resource that an operation is given: as the parameter "resource", or as the body itself.
func (c *call) subject() *fhir.Resource {
	for p := range c.given("resource") {
		if r := p.Get("resource"); r.Exists() {
			return r.Resource()
		}
	}
	if c.resource != nil && c.resource.Type() != "Parameters" {
		return c.resource
	}
	return nil
}

// returned is a Parameters resource with one parameter.
func parametersOf(name, kind string, value []byte) []byte {
	out := append([]byte(`{"resourceType":"Parameters","parameter":[{"name":"`), name...)
	out = append(append(append(out, `","value`...), kind...), `":`...)
	return append(append(out, value...), `}]}`...)
}
