package rest

import "net/http"

// convert gives a resource back in the format that is asked for: XML for JSON, JSON for XML.
// (http://hl7.org/fhir/R4/resource-operation-convert.html)
func (c *call) convert() (answer, error) {
	if c.resource == nil {
		return answer{}, refused(http.StatusBadRequest, "required", "the resource to be converted is missing")
	}
	r := c.resource
	for p := range c.given("input") {
		if inner := p.Get("resource"); inner.Exists() {
			r = inner.Resource()
		}
	}
	return answer{status: http.StatusOK, body: r.Bytes()}, nil
}
