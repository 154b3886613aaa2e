package terminology

import (
	"errors"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

// valueSet is the value set that a request is about: of its address, of its body, or by its URL.
func (c *call) valueSet(source terms.Source) (*terms.ValueSet, error) {
	if c.id != "" {
		return read[*terms.ValueSet](c.ctx, c.source, "ValueSet", c.id)
	}
	if p, ok := c.params.find("valueSet"); ok && p.resource != nil {
		return makeOf[*terms.ValueSet](p.resource)
	}
	url, version := c.params.text("url"), c.params.text("valueSetVersion")
	if url == "" {
		if c.params.text("context") != "" {
			return nil, refused(http.StatusBadRequest, fhir.CodeNotSupported, "context is not supported; give the url of the value set")
		}
		return nil, refused(http.StatusBadRequest, fhir.CodeRequired, "say which value set: give its url, or the resource as valueSet, or ask below ValueSet/id")
	}
	v, err := source.ValueSet(c.ctx, url, version)
	if errors.Is(err, terms.ErrUnknown) {
		if version != "" {
			url += ", version " + version + ","
		}
		return nil, refused(http.StatusNotFound, fhir.CodeNotFound, "the value set "+clip(url)+" is not here; load it into the record as a ValueSet resource")
	}
	return v, err
}

// content works the value set of a request out.
func (c *call) content() (*terms.ValueSet, *terms.Content, error) {
	source, err := c.withExtras()
	if err != nil {
		return nil, nil, err
	}
	v, err := c.valueSet(source)
	if err != nil {
		return nil, nil, err
	}
	e := terms.Expander{Source: source, Versions: map[string]string{}}
	for _, name := range []string{"system-version", "force-system-version"} {
		for _, canonical := range c.params.all(name) {
			if url, version, ok := strings.Cut(canonical, "|"); ok {
				e.Versions[url] = version
			}
		}
	}
	content, err := e.Content(c.ctx, v)
	return v, content, err
}

// clip keeps what a caller sent from making a message long.
func clip(s string) string {
	if len(s) > 120 {
		return s[:120] + "…"
	}
	return s
}
