package path

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Elements and attributes that a narrative may use: http://hl7.org/fhir/R4/narrative.html#xhtml
var narrativeElements = words(`a abbr acronym b big blockquote br caption cite code col colgroup dd dfn div dl dt em
	h1 h2 h3 h4 h5 h6 hr i img li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var`)

var narrativeAttributes = words(`title style class id lang xml:lang dir accesskey tabindex abbr align alt axis bgcolor border
	cellhalign cellpadding cellspacing cellvalign char charoff charset cite colspan compact coords frame headers height href
	hreflang hspace name noshade nowrap rel rev rowspan rules scope shape span src start summary type valign value
	vspace width xmlns longdesc`)

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

const xhtmlNamespace = "http://www.w3.org/1999/xhtml"

// narrativeFault tells what FHIR's rules for narratives find wrong with the XHTML; "" if nothing.
func narrativeFault(s string) string {
	d := xml.NewDecoder(strings.NewReader(s))
	d.Entity = xml.HTMLEntity
	depth, content := 0, false
	for first := true; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "the narrative is not well-formed XHTML"
		}
		switch t := t.(type) {
		case xml.StartElement:
			if first && (t.Name.Local != "div" || t.Name.Space != xhtmlNamespace) {
				return "a narrative is one div in the XHTML namespace"
			}
			if !first && depth == 0 {
				return "a narrative is one div"
			}
			first = false
			if depth++; depth > 100 {
				return "the narrative is nested too deeply"
			}
			if t.Name.Space != xhtmlNamespace || !narrativeElements[t.Name.Local] {
				return "the element " + t.Name.Local + " is not allowed in a narrative"
			}
			content = content || t.Name.Local == "img"
			for _, a := range t.Attr {
				if fault := attributeFault(t.Name.Local, a); fault != "" {
					return fault
				}
			}
		case xml.EndElement:
			depth--
		case xml.CharData:
			content = content || strings.TrimSpace(string(t)) != ""
			if depth == 0 && strings.TrimSpace(string(t)) != "" {
				return "there is text outside the div"
			}
		case xml.Directive:
			return "a narrative has no document type"
		}
	}
	if !content {
		return "the narrative is empty"
	}
	return ""
}

func attributeFault(element string, a xml.Attr) string {
	name := a.Name.Local
	switch {
	case a.Name.Space == "xmlns" || name == "xmlns":
		return ""
	case a.Name.Space != "" && name != "lang":
		return "the attribute " + name + " is not allowed in a narrative"
	case !narrativeAttributes[name]:
		return "the attribute " + name + " is not allowed in a narrative"
	case (name == "href" || name == "src") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Value)), "javascript:"):
		return "the link of the element " + element + " runs a script"
	}
	return ""
}
