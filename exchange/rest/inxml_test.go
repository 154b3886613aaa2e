package rest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir/xml"
)

// A handler that knows JSON alone is asked in XML: it sees JSON, and the answer is the same resource in XML.
func TestInXML(t *testing.T) {
	var got, accept, query string
	h := InXML(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, accept, query = r.Header.Get("Content-Type")+" "+string(body), r.Header.Get("Accept"), r.URL.RawQuery
		switch r.URL.Path {
		case "/text":
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "plain")
		case "/gone":
			w.Header().Set("Content-Type", contentTypes[asJSON])
			w.WriteHeader(http.StatusGone)
			_, _ = io.WriteString(w, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"deleted"}]}`)
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		default:
			w.Header().Set("Content-Type", contentTypes[asJSON])
			w.Header().Set("Content-Length", "39")
			_, _ = io.WriteString(w, `{"resourceType":"Basic","id":"72.50"}`+"\n\n")
		}
	}))
	const basic = `<Basic xmlns="http://hl7.org/fhir"><id value="72.50"/></Basic>`
	for _, tt := range []struct {
		method, path, body, media, accept string
		status                            int
		content, want                     string // of the answer
		saw                               string // Content-Type and body, as the handler sees them
	}{
		{"GET", "/x?a=1&_format=xml&b=2", "", "", "*/*", 200, fhirXML, basic, " "},
		{"GET", "/x", "", "", fhirXML, 200, fhirXML, basic, " "},
		{"GET", "/x", "", "", "application/json", 200, fhirJSON, `{"resourceType":"Basic"`, " "},
		{"HEAD", "/x", "", "", fhirXML, 200, fhirXML, "", " "},
		{"GET", "/text", "", "", fhirXML, 200, "text/plain", "plain", " "},
		{"GET", "/gone", "", "", fhirXML, 410, fhirXML, "<OperationOutcome", " "},
		{"GET", "/none", "", "", fhirXML, 204, "", "", " "},
		{"POST", "/x", basic, fhirXML, fhirXML, 200, fhirXML, basic, fhirJSON + ` {"resourceType":"Basic","id":"72.50"}`},
		{"POST", "/x", basic, "application/xml; charset=utf-8", fhirJSON, 200, fhirJSON, `{"resourceType":"Basic"`, fhirJSON + ` {"resourceType":"Basic","id":"72.50"}`},
		{"POST", "/x", `{"a":1}`, fhirJSON, fhirXML, 200, fhirXML, basic, fhirJSON + ` {"a":1}`},
		{"POST", "/x", "<x", fhirXML, fhirXML, 400, fhirXML, "<OperationOutcome", ""},
		{"POST", "/x", "<x", fhirXML, fhirJSON, 400, fhirJSON, `{"resourceType":"OperationOutcome"`, ""},
		{"POST", "/x", basic, fhirXML + "; charset=utf-16", fhirJSON, 415, fhirJSON, `{"resourceType":"OperationOutcome"`, ""},
		{"POST", "/x", "<!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]><Basic xmlns=\"http://hl7.org/fhir\"><id value=\"&y;\"/></Basic>", fhirXML, fhirJSON, 400, fhirJSON, `{"resourceType":"OperationOutcome"`, ""},
	} {
		got = ""
		r := httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
		r.Header.Set("Accept", tt.accept)
		if tt.media != "" {
			r.Header.Set("Content-Type", tt.media)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := strings.TrimPrefix(w.Body.String(), `<?xml version="1.0" encoding="UTF-8"?>`)
		if w.Code != tt.status || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.content) || !strings.HasPrefix(body, tt.want) || tt.want == "" && body != "" || got != tt.saw {
			t.Errorf("%s %s %q: %d %s %q, saw %q", tt.method, tt.path, tt.body, w.Code, w.Header().Get("Content-Type"), body, got)
		}
		if strings.HasPrefix(tt.content, fhirXML) {
			if _, err := xml.Read(w.Body.Bytes()); err != nil && body != "" {
				t.Errorf("%s %s: no XML: %v", tt.method, tt.path, err)
			}
			if got != "" && accept != fhirJSON || query != "" && query != "a=1&b=2" {
				t.Errorf("the handler sees Accept %q, query %q", accept, query)
			}
		}
	}
}
