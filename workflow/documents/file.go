package documents

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web"
)

// shown are the kinds of file that a browser may show by itself. Everything else is offered to be kept: a file from elsewhere that runs
// in our pages' place could read the chart.
var shown = map[string]bool{"application/pdf": true, "image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// file sends one attachment of a document.
func (p *pages) file(w http.ResponseWriter, r *http.Request) {
	body, a, err := p.attachment(r)
	if err != nil {
		p.d.Shell.Error(w, r, err)
		return
	}
	kind, _, err := mime.ParseMediaType(a.ContentType)
	if err != nil {
		kind = "application/octet-stream"
	}
	how := "attachment"
	if shown[kind] {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": fileName(a, kind)}))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// Whatever the file holds, it runs nothing and fetches nothing.
	policy := "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
	if kind != "application/pdf" { // a browser's own viewer does not work in a sandbox
		policy += "; img-src 'self'; sandbox"
	}
	h.Set("Content-Security-Policy", policy)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}

// attachment reads the bytes of the attachment that the address names: those in the document, or those of a Binary beside it.
func (p *pages) attachment(r *http.Request) ([]byte, attachment, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, attachment{}, err
	}
	d, err := p.find(r.Context(), s, r.PathValue("id"), r.PathValue("document"))
	if err != nil {
		return nil, attachment{}, err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(d.Content) {
		return nil, attachment{}, web.ErrNotFound
	}
	a := d.Content[n].Attachment
	data := a.Data
	if data == "" {
		t, ok := fhir.ParseReference(a.URL)
		if !ok || t.Kind != fhir.RelativeTarget || t.Type != "Binary" {
			return nil, attachment{}, &web.Problem{Kind: web.ErrNotFound, Advice: "This file is kept by another system, and only its address is recorded here. Ask whoever sent the document for it."}
		}
		v, err := s.Read(r.Context(), "Binary", t.ID)
		if err != nil {
			return nil, attachment{}, err
		}
		data = v.Resource().Get("data").Text()
		if kind := v.Resource().Get("contentType").Text(); kind != "" {
			a.ContentType = kind
		}
	}
	body, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, attachment{}, &web.Problem{Kind: web.ErrInvalid, Advice: "The file of this document is damaged. Ask whoever sent it for a new copy."}
	}
	return body, a, nil
}

// fileName is what a browser proposes when the file is kept. It holds no name of a patient.
func fileName(a attachment, kind string) string {
	ext := map[string]string{"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "text/plain": ".txt", "text/xml": ".xml", "application/xml": ".xml", "text/html": ".html"}[kind]
	return strings.TrimSuffix("document", ext) + ext
}
