package rest

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
)

// InXML lets a handler that reads and writes resources as JSON alone be spoken to in XML: what comes as XML it gets as JSON, and
// what is asked for as XML, by Accept or _format, is written so. Anything else passes as it is.
func InXML(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, sent := formatOf(r) == asXML, sendsXMLBody(r)
		if !asked && !sent {
			h.ServeHTTP(w, r)
			return
		}
		r = r.Clone(r.Context())
		if sent {
			if err := bodyInJSON(w, r); err != nil {
				status, o := outcomeOf(err)
				writeOutcome(w, formatOf(r), status, o)
				return
			}
		}
		if !asked {
			h.ServeHTTP(w, r)
			return
		}
		r.Header.Set("Accept", fhirJSON)
		r.URL.RawQuery = withoutFormat(r.URL.RawQuery)
		answer := &kept{header: w.Header()}
		h.ServeHTTP(answer, r)
		answer.inXML(w, r)
	})
}

func sendsXMLBody(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && slices.Contains(xmlMedia, media)
}

// bodyInJSON makes the XML of a request's body the same in JSON.
func bodyInJSON(w http.ResponseWriter, r *http.Request) error {
	if _, err := bodyMedia(r.Header, xmlMedia...); err != nil {
		return err
	}
	if r.ContentLength == 0 {
		return nil
	}
	body, err := readAll(w, r, fhir.MaxSize)
	if err != nil {
		return err
	}
	doc, err := xml.Read(body)
	if err != nil {
		return err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(doc.Bytes())), int64(len(doc.Bytes()))
	r.Header.Set("Content-Type", fhirJSON)
	return nil
}

// inXML writes what was kept: in XML if it is a resource, else as it is.
func (k *kept) inXML(w http.ResponseWriter, r *http.Request) {
	body, status := k.body.Bytes(), max(k.status, http.StatusOK)
	media, _, _ := mime.ParseMediaType(k.header.Get("Content-Type"))
	if slices.Contains(jsonMedia, media) {
		doc, err := fhir.Parse(body)
		if err == nil {
			body, err = xml.Write(doc)
		}
		if err != nil {
			writeOutcome(w, asXML, http.StatusInternalServerError, internalFault())
			return
		}
		k.header["Content-Type"] = mediaTypes[asXML]
	}
	k.header.Del("Content-Length")
	w.WriteHeader(status)
	if r.Method != http.MethodHead && len(body) > 0 {
		_, _ = w.Write(body) // the client went away; there is nobody left to tell
	}
}

// withoutFormat is a query without _format.
func withoutFormat(query string) string {
	if !strings.Contains(query, "_format") {
		return query
	}
	parts := slices.DeleteFunc(strings.Split(query, "&"), func(part string) bool {
		name, _, _ := strings.Cut(part, "=")
		name, _ = url.QueryUnescape(name)
		return name == "_format"
	})
	return strings.Join(parts, "&")
}
