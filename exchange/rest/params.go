package rest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
)

// readParams reads the query. What it says about the form of the answer (_format, _pretty) is kept in the call.
func (c *call) readParams(query string) (err error) {
	if query == "" {
		return nil
	}
	c.params, err = record.ParseParams(query)
	return err
}

// check looks at parameters and path once all parameters are there.
func (c *call) check() error {
	if c.typ != "" && c.typ != "*" {
		if err := knownType(c.typ); err != nil {
			return err
		}
	}
	if len(c.params) == 0 || c.door.searches {
		return nil
	}
	var unknown []string
	for _, p := range c.params {
		switch {
		case !c.door.takesParam(p.Name):
			if !slices.Contains(unknown, p.Name) {
				unknown = append(unknown, p.Name)
			}
		case p.Name == "_summary":
			if err := c.summary(p.Value); err != nil {
				return err
			}
		case p.Name == "_elements":
			for name := range strings.SplitSeq(p.Value, ",") {
				if name = strings.TrimSpace(name); name != "" {
					c.shape.Elements = append(c.shape.Elements, name)
				}
			}
		}
	}
	if unknown == nil {
		return nil
	}
	for i := range unknown {
		unknown[i] = clip(unknown[i])
	}
	text := "this address does not take the parameter " + strings.Join(unknown, ", ")
	if c.prefer.strict {
		return refused(http.StatusBadRequest, "not-supported", text+"; leave it away, or send Prefer: handling=lenient")
	}
	c.warn("ignored: " + text)
	return nil
}

func (c *call) summary(mode string) error {
	switch mode {
	case "true", "text", "data", "false":
		c.shape.Mode = mode
		return nil
	case "":
		return nil
	case "count":
		if c.typ != "" && c.id != "" && c.door.name != "history-instance" {
			return refused(http.StatusBadRequest, "value", "_summary=count counts the matches of a search; here is one resource")
		}
		c.shape.Mode = mode
		return nil
	}
	return refused(http.StatusBadRequest, "value", "_summary must be one of true, text, data, count, false")
}

func (c *call) warn(text string) {
	if c.warnings == nil {
		c.warnings = &fhir.Outcome{}
	}
	c.warnings.Add(fhir.Issue{Severity: fhir.SeverityWarning, Code: fhir.CodeNotSupported, Details: fhir.CodeableConcept{Text: text}})
}

// searchParams are the parameters that the record judges: those about the form of the answer are done with.
func (c *call) searchParams() []search.Param {
	if !slices.ContainsFunc(c.params, formal) {
		return c.params
	}
	return slices.DeleteFunc(slices.Clone(c.params), formal)
}

// inFormat are the parameters that ask for the format of this call once more; none where its headers do.
func (c *call) inFormat() []search.Param {
	if format, ok := c.param("_format"); ok && c.format == asXML {
		return []search.Param{{Name: "_format", Value: format}}
	}
	return nil
}

func formal(p search.Param) bool { return p.Name == "_format" || p.Name == "_pretty" }

// appendQuery writes parameters as the query of an address.
func appendQuery(out []byte, params []search.Param) []byte {
	for i, p := range params {
		if i > 0 {
			out = append(out, '&')
		}
		out = append(out, escapeQuery(p.Name)...)
		out = append(out, '=')
		out = append(out, escapeQuery(p.Value)...)
	}
	return out
}
