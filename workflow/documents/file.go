package documents

import (
	"context"
	"encoding/base64"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
)

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
	// A browser shows what is what it is said to be, and nothing else: a page that is called a picture is a file to keep.
	if shown[kind] && hasSignature(kind, body) {
		how = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	if kind == mediaText {
		h.Set("Content-Type", "text/plain; charset=utf-8")
	}
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": fileName(kind)}))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// Whatever the file holds, it runs nothing and fetches nothing. A browser's own viewer of PDF does not work in a sandbox; the page of
	// the document frames it.
	policy := "default-src 'none'; style-src 'unsafe-inline'; "
	if kind == mediaPDF && how == "inline" {
		policy += "object-src 'self'; frame-ancestors 'self'"
		h.Set("X-Frame-Options", "SAMEORIGIN")
	} else {
		policy += "img-src 'self'; frame-ancestors 'none'; sandbox"
	}
	h.Set("Content-Security-Policy", policy)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser went away; there is nobody left to tell
	}
}

// attachment reads the bytes of the attachment that the address names: those in the document, or those of a Binary beside it.
func (p *pages) attachment(r *http.Request) ([]byte, attachment, error) {
	s, err := p.d.Session(r)
	if err != nil {
		return nil, attachment{}, err
	}
	var d document
	if patient := r.PathValue("id"); patient != "" {
		_, d, err = p.ofPatient(r.Context(), s, patient, r.PathValue("document"))
	} else {
		_, _, d, err = p.item(r)
	}
	if err != nil {
		return nil, attachment{}, err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(d.Content) {
		return nil, attachment{}, web.ErrNotFound
	}
	return bytesOf(r.Context(), s, d, n)
}

// bytesOf reads what the attachment with the number n of a document holds.
func bytesOf(ctx context.Context, s *record.Session, d document, n int) ([]byte, attachment, error) {
	a := d.Content[n].Attachment
	data := a.Data
	if data == "" {
		t, ok := fhir.ParseReference(a.URL)
		if !ok || t.Kind != fhir.RelativeTarget || t.Type != "Binary" {
			return nil, a, &web.Problem{Kind: web.ErrNotFound, Advice: "This file is kept by another system, and only its address is recorded here. Ask whoever sent the document for it."}
		}
		v, err := s.File(ctx, d.ID, n)
		if err != nil {
			return nil, a, err
		}
		data = v.Resource().Get("data").Text()
		if kind := v.Resource().Get("contentType").Text(); kind != "" {
			a.ContentType = kind
		}
	}
	body, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, a, &web.Problem{Kind: web.ErrInvalid, Advice: "The file of this document is damaged. Ask whoever sent it for a new copy."}
	}
	return body, a, nil
}

// fileName is what a browser proposes when the file is kept. It holds no name of a patient.
func fileName(kind string) string {
	return "document" + map[string]string{
		mediaPDF: ".pdf", mediaPNG: ".png", mediaJPEG: ".jpg", mediaTIFF: ".tif", "image/gif": ".gif", "image/webp": ".webp",
		mediaText: ".txt", "text/xml": ".xml", mediaCCDA: ".xml", "text/html": ".html",
	}[strings.ToLower(kind)]
}
