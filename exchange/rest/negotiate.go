package rest

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Media types.
const (
	fhirJSON  = "application/fhir+json"
	fhirXML   = "application/fhir+xml"
	jsonPatch = "application/json-patch+json"
	xmlPatch  = "application/xml-patch+xml"
	form      = "application/x-www-form-urlencoded"
)

// format is the form of an answer.
type format uint8

const (
	asJSON format = iota // what is not said otherwise is JSON, as documents are stored
	asXML
	asContent // what a Binary holds
	noFormat
)

// contentTypes of answers, by format.
var contentTypes = [...]string{asJSON: fhirJSON + "; charset=utf-8", asXML: fhirXML + "; charset=utf-8"}

// documentMedia are the media types of a resource in a body, by format.
var (
	jsonMedia = []string{fhirJSON, "application/json", "text/json"}
	xmlMedia  = []string{fhirXML, "application/xml", "text/xml"}
)

// negotiate reads what the client prefers, and refuses with 406 what cannot be given.
func (c *call) negotiate(h http.Header) error {
	if len(h["Prefer"]) > 0 {
		c.prefer = preferOf(h)
	}
	wanted := accepted(h["Accept"])
	if len(c.params) > 0 {
		if name, ok := c.param("_format"); ok { // it overrides Accept (FHIR R4 http.html#mime-type)
			wanted = formatNamed(name)
		}
	}
	if wanted == noFormat && c.wantsContent() {
		wanted = asContent
	}
	if wanted == noFormat {
		return notAcceptable()
	}
	c.format = wanted
	return nil
}

func notAcceptable() error {
	return refused(http.StatusNotAcceptable, "not-supported", "this server answers in "+fhirJSON+" or "+fhirXML+" of FHIR version 4.0; ask for one of them with Accept, or with _format=json or _format=xml")
}

// formatNamed is the format that _format names. A plus sign in an address reads as a space.
func formatNamed(name string) format {
	switch name {
	case "json":
		return asJSON
	case "xml":
		return asXML
	}
	f, _ := acceptedRange(strings.Replace(name, "fhir ", "fhir+", 1))
	return f
}

// accepted is the format that Accept prefers: the one of the greatest weight, of equal ones the first.
func accepted(lines []string) format {
	if len(lines) == 0 {
		return asJSON
	}
	best, weight := noFormat, 0.0
	for _, line := range lines {
		if strings.Contains(line, "text/html") { // a person with a browser, which is better at showing JSON
			return asJSON
		}
		for wanted := range strings.SplitSeq(line, ",") {
			if f, q := acceptedRange(strings.TrimSpace(wanted)); f != noFormat && q > weight {
				best, weight = f, q
			}
		}
	}
	return best
}

// acceptedRange is the format of FHIR R4 that one media range of an Accept header takes, and its weight.
func acceptedRange(wanted string) (format, float64) {
	switch wanted {
	case fhirJSON, "application/json", "*/*", "":
		return asJSON, 1
	case fhirXML:
		return asXML, 1
	}
	media, params, err := mime.ParseMediaType(wanted)
	if err != nil {
		return noFormat, 0
	}
	f := noFormat
	switch media {
	case fhirJSON, "application/json", "text/json", "application/*", "*/*":
		f = asJSON
	case fhirXML, "application/xml", "text/xml":
		f = asXML
	}
	if version, ok := params["fhirversion"]; ok && version != "4.0" {
		return noFormat, 0
	}
	weight := 1.0
	if q, ok := params["q"]; ok {
		if weight, err = strconv.ParseFloat(q, 64); err != nil || weight <= 0 {
			return noFormat, 0
		}
	}
	return f, weight
}

// bodyMedia is the media type of a request's body; an error with status 415 if it is none of those allowed, or
// not in UTF-8.
func bodyMedia(h http.Header, allowed ...string) (string, error) {
	given, packed := h.Get("Content-Type"), h.Get("Content-Encoding") != ""
	for _, a := range allowed {
		if given == a && !packed {
			return a, nil
		}
	}
	media, params, err := mime.ParseMediaType(given)
	if err == nil && (params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8")) && !packed {
		if version, ok := params["fhirversion"]; !ok || version == "4.0" {
			for _, a := range allowed {
				if media == a {
					return a, nil
				}
			}
		}
	}
	return "", refused(http.StatusUnsupportedMediaType, "not-supported", "the body must be "+strings.Join(allowed, " or ")+", in UTF-8 and not compressed; say so in Content-Type")
}
