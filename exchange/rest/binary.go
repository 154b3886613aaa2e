package rest

import (
	"encoding/base64"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// A Binary is what it holds: it can be sent and read as the resource, or as the content alone.
// (http://hl7.org/fhir/R4/binary.html#rest)

// maxContent is how large content may be so that its resource stays within the limit of a document.
const maxContent = fhir.MaxSize / 4 * 3

// simpleMedia are the media types that a page of another site can make a browser send without asking. As content
// of a Binary they are taken within the resource only.
var simpleMedia = []string{"text/plain", form, "multipart/form-data"}

// takesContent reports whether the body is the content of a Binary.
func (c *call) takesContent(h http.Header) bool {
	if c.typ != "Binary" || c.door.body != documentBody {
		return false
	}
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && !slices.Contains(jsonMedia, media) && !slices.Contains(xmlMedia, media) && !slices.Contains(simpleMedia, media)
}

// readContent makes a Binary of the body.
func (c *call) readContent(w http.ResponseWriter, r *http.Request) error {
	if r.Header.Get("Content-Encoding") != "" {
		return refused(http.StatusUnsupportedMediaType, "not-supported", "the content must not be compressed; leave Content-Encoding away")
	}
	body, err := readAll(w, r, maxContent)
	if err != nil {
		return err
	}
	doc := append(make([]byte, 0, len(body)/3*4+512), `{"resourceType":"Binary"`...)
	if c.id != "" {
		doc = fhir.AppendString(append(doc, `,"id":`...), c.id)
	}
	doc = fhir.AppendString(append(doc, `,"contentType":`...), r.Header.Get("Content-Type"))
	if about := r.Header.Get("X-Security-Context"); about != "" {
		doc = fhir.AppendString(append(doc, `,"securityContext":{"reference":`...), strings.TrimPrefix(about, c.base+"/"))
		doc = append(doc, '}')
	}
	doc = append(doc, `,"data":"`...)
	doc = append(base64.StdEncoding.AppendEncode(doc, body), `"}`...)
	c.resource, err = fhir.Parse(doc)
	return err
}

// wantsContent reports whether a Binary is read and its content, in some other format than FHIR's, is asked for.
func (c *call) wantsContent() bool {
	return c.typ == "Binary" && (c.door.name == "read" || c.door.name == "vread")
}

// content is a Binary's content. It is false if that is not of a type that the client takes.
func content(doc []byte, accept []string) (media string, data []byte, ok bool) {
	r := fhir.Open(doc)
	media = r.Get("contentType").Text()
	bare, _, err := mime.ParseMediaType(media)
	if err != nil {
		return "", nil, false
	}
	for _, line := range accept {
		for wanted := range strings.SplitSeq(line, ",") {
			w, params, err := mime.ParseMediaType(strings.TrimSpace(wanted))
			if weight, ok := weightOf(params); err != nil || !ok || weight == 0 {
				continue
			}
			if kind, isKind := strings.CutSuffix(w, "/*"); w == bare || isKind && strings.HasPrefix(bare, kind+"/") {
				data, err = base64.StdEncoding.DecodeString(r.Get("data").Text())
				return media, data, err == nil
			}
		}
	}
	return "", nil, false
}

// writeContent sends a Binary's content: to be kept in a file, and never run or shown as a page of this server,
// for anybody may have made it.
func (c *call) writeContent(w http.ResponseWriter, r *http.Request, a answer) bool {
	media, data, ok := content(a.body, r.Header["Accept"])
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", media)
	h.Set("Content-Disposition", "attachment")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(data) // the client went away; there is nobody left to tell
	}
	return true
}
