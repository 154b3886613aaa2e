package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
)

// Values of headers that are always the same. They are shared and never changed.
var (
	mediaTypes = [...][]string{asJSON: {contentTypes[asJSON]}, asXML: {contentTypes[asXML]}}
	noStore    = []string{"no-store"}
	noSniff    = []string{"nosniff"}
	noContents = []string{"default-src 'none'; frame-ancestors 'none'"}
	noReferrer = []string{"no-referrer"}
)

// setHeaders sets what every answer says, also when nothing stands around this handler: that no browser keeps
// it, takes it for something else, or shows it inside another page.
func setHeaders(h http.Header) {
	h["Content-Type"] = mediaTypes[asJSON]
	h["Cache-Control"] = noStore
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = noContents
	h["Referrer-Policy"] = noReferrer
}

// write sends the answer.
func (c *call) write(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	values := new([4]string) // one allocation for the values of this answer's own headers
	if a.version > 0 {
		values[0] = fhir.VersionETag(a.version)
		h["Etag"] = values[0:1:1]
		values[1] = a.at.UTC().Format(http.TimeFormat)
		h["Last-Modified"] = values[1:2:2]
	}
	if a.location != "" {
		values[2] = a.location
		h["Location"] = values[2:3:3]
	}
	if a.body == nil {
		delete(h, "Content-Type")
		w.WriteHeader(a.status)
		return
	}
	body := a.body
	if c.format == asContent {
		if !c.writeContent(w, r, a) {
			c.fail(w, r, c, notAcceptable())
		}
		return
	}
	if c.format == asXML {
		var err error
		if body, err = xml.Write(fhir.Open(body)); err != nil {
			s := c.server
			s.fail(w, r, &call{server: s}, fmt.Errorf("write XML: %w", err))
			return
		}
		h["Content-Type"] = mediaTypes[asXML]
	} else if pretty, ok := c.param("_pretty"); ok && pretty == "true" {
		body = indented(body)
	}
	values[3] = strconv.Itoa(len(body))
	h["Content-Length"] = values[3:4:4]
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client went away; there is nobody left to tell
	}
	a.buffer.release()
}

// writeOutcome sends an OperationOutcome; as JSON unless XML is wanted.
func writeOutcome(w http.ResponseWriter, f format, status int, o *fhir.Outcome) {
	body := o.Bytes()
	h := w.Header()
	setHeaders(h)
	if f == asXML {
		if written, err := xml.Write(fhir.Open(body)); err == nil {
			body = written
			h["Content-Type"] = mediaTypes[asXML]
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// indented is the document with white space for people. Numbers keep their digits.
func indented(doc []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, doc, "", "  "); err != nil {
		return doc
	}
	return out.Bytes()
}

// buffer is memory for a Bundle, used again and again: pages are large, and gone once written.
type buffer struct{ bytes []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// maxKept keeps one large answer from holding its memory for good.
const maxKept = 4 << 20

// newBuffer gives an empty buffer with room for size bytes.
func newBuffer(size int) *buffer {
	b := buffers.Get().(*buffer)
	if cap(b.bytes) < size {
		b.bytes = make([]byte, 0, size)
	}
	b.bytes = b.bytes[:0]
	return b
}

func (b *buffer) release() {
	if b != nil && cap(b.bytes) <= maxKept {
		buffers.Put(b)
	}
}
