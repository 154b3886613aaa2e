package rest

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The one format for now.
const (
	contentType = "application/fhir+json; charset=utf-8"
	jsonPatch   = "application/json-patch+json"
	fhirJSON    = "application/fhir+json"
)

// negotiate reads what the client prefers, and refuses what cannot be given: with 406 when it takes no JSON.
func (c *call) negotiate(h http.Header) error {
	if len(h["Prefer"]) > 0 {
		c.prefer = preferOf(h)
	}
	if len(c.params) > 0 {
		if format, ok := c.param("_format"); ok { // it overrides Accept (FHIR R4 http.html#mime-type)
			if !jsonName(format) {
				return notAcceptable()
			}
			return nil
		}
	}
	accept := h["Accept"]
	if len(accept) == 0 {
		return nil
	}
	for _, line := range accept {
		for wanted := range strings.SplitSeq(line, ",") {
			if acceptsJSON(strings.TrimSpace(wanted)) {
				return nil
			}
		}
	}
	return notAcceptable()
}

func notAcceptable() error {
	return refused(http.StatusNotAcceptable, "not-supported", "this server answers in "+fhirJSON+" of FHIR version 4.0; ask for that with Accept or _format=json")
}

// jsonName reports whether _format names JSON. A plus sign in an address reads as a space.
func jsonName(format string) bool {
	switch format {
	case "json", "application/json", fhirJSON, "application/fhir json", "text/json":
		return true
	}
	return acceptsJSON(format)
}

// acceptsJSON reports whether one media range of an Accept header takes FHIR R4 as JSON.
func acceptsJSON(wanted string) bool {
	switch wanted {
	case fhirJSON, "application/json", "*/*", "":
		return true
	}
	media, params, err := mime.ParseMediaType(wanted)
	if err != nil {
		return false
	}
	switch media {
	case fhirJSON, "application/json", "text/json", "application/*", "*/*":
	default:
		return false
	}
	if q, ok := params["q"]; ok {
		if weight, err := strconv.ParseFloat(q, 64); err != nil || weight <= 0 {
			return false
		}
	}
	version, ok := params["fhirversion"]
	return !ok || version == "4.0"
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
