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

// formatOf is the format of an answer to a request that is refused before it was looked at.
func formatOf(r *http.Request) format {
	if strings.Contains(r.URL.RawQuery, "_format=") {
		if name := r.URL.Query().Get("_format"); name != "" {
			if f := formatNamed(name); f != noFormat {
				return f
			}
		}
	}
	return accepted(r.Header["Accept"])
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
	return accepted([]string{strings.Replace(name, "fhir ", "fhir+", 1)})
}

// accepted is the format that Accept prefers: of JSON and XML the one of the greater weight, each having that of the most
// specific range that fits it; of equal ones the one that was named first, JSON if none was. (RFC 9110, 12.4.2 and 12.5.1)
func accepted(lines []string) format {
	if len(lines) == 0 {
		return asJSON
	}
	if len(lines) == 1 {
		switch lines[0] {
		case fhirJSON, "application/json", "*/*", "":
			return asJSON
		case fhirXML:
			return asXML
		}
	}
	var offers [asXML + 1]offer
	place := 0
	for _, line := range lines {
		for wanted := range strings.SplitSeq(line, ",") {
			place++
			if wanted = strings.TrimSpace(wanted); wanted != "" {
				weigh(&offers, wanted, place)
			}
		}
	}
	best := noFormat
	for f := range offers {
		switch o := &offers[f]; {
		case o.weight == 0:
		case best == noFormat, o.weight > offers[best].weight, o.weight == offers[best].weight && o.place < offers[best].place:
			best = format(f)
		}
	}
	return best
}

// offer is how much a client wants a format.
type offer struct {
	specific int // 0 = not named, 1 = by */*, 2 = by application/*, 3 = by its name, 4 = by its name and the version of FHIR
	weight   float64
	place    int // of the range in the header
}

// weigh applies one media range of an Accept header to the formats that it fits.
func weigh(offers *[asXML + 1]offer, wanted string, place int) {
	media, params, err := mime.ParseMediaType(wanted)
	if err != nil {
		return
	}
	weight, ok := weightOf(params)
	if !ok {
		return
	}
	specific := 3
	if version, named := params["fhirversion"]; named {
		if version != "4.0" {
			return
		}
		specific = 4
	}
	var fits []format
	switch media {
	case fhirJSON, "application/json", "text/json":
		fits = []format{asJSON}
	case fhirXML, "application/xml", "text/xml":
		fits = []format{asXML}
	case "application/*":
		fits, specific = []format{asJSON, asXML}, 2
	case "*/*":
		fits, specific = []format{asJSON, asXML}, 1
	}
	for _, f := range fits {
		// A format has several names: the one that is wanted most counts.
		if o := &offers[f]; specific > o.specific || specific == o.specific && weight > o.weight {
			*o = offer{specific, weight, place}
		}
	}
}

// weightOf is the weight of a media range, from 0, which is none, to 1; false if it is none of RFC 9110.
func weightOf(params map[string]string) (float64, bool) {
	q, ok := params["q"]
	if !ok {
		return 1, true
	}
	weight, err := strconv.ParseFloat(q, 64)
	return weight, err == nil && weight >= 0 && weight <= 1
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
