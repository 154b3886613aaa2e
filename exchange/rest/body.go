package rest

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/xml"
	"github.com/osler-ehr/osler/record"
)

// maxForm bounds the body of a search.
const maxForm = 1 << 20

// readBody reads the body as the door takes it.
func (c *call) readBody(w http.ResponseWriter, r *http.Request) error {
	switch c.door.body {
	case formBody:
		return c.readForm(w, r)
	case operationBody:
		return c.readOperation(w, r)
	case patchBody:
		return c.readDocument(w, r, jsonPatch, xmlPatch)
	}
	if c.takesContent(r.Header) {
		return c.readContent(w, r)
	}
	return c.readDocument(w, r)
}

// readDocument reads a resource in JSON or XML, or a patch of another media type.
func (c *call) readDocument(w http.ResponseWriter, r *http.Request, patches ...string) error {
	media, err := bodyMedia(r.Header, slices.Concat(jsonMedia, xmlMedia, patches)...)
	if err != nil {
		return err
	}
	body, err := readAll(w, r, fhir.MaxSize)
	if err != nil {
		return err
	}
	switch {
	case slices.Contains(patches, media):
		c.media, c.body = media, body
		return nil
	case slices.Contains(xmlMedia, media):
		c.resource, err = xml.Read(body)
	default:
		c.resource, err = fhir.Parse(body)
	}
	return err
}

// readForm adds the parameters of a posted search to those of the address.
func (c *call) readForm(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength == 0 {
		return nil
	}
	if _, err := bodyMedia(r.Header, form); err != nil {
		return err
	}
	body, err := readAll(w, r, maxForm)
	if err != nil {
		return err
	}
	posted, err := record.ParseParams(string(body))
	c.params = append(c.params, posted...)
	return err
}

// readAll reads a body of at most limit bytes, in one piece where its length is known.
func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var body []byte
	var err error
	in := http.MaxBytesReader(w, r.Body, limit)
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(in, body)
	} else {
		body, err = io.ReadAll(in)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge(limit)
	}
	if err != nil {
		return nil, refused(http.StatusBadRequest, "incomplete", "the body ended before its announced length; send it again")
	}
	if len(body) == 0 {
		return nil, refused(http.StatusBadRequest, "required", "the body is empty")
	}
	return body, nil
}

func tooLarge(limit int64) error {
	return refused(http.StatusRequestEntityTooLarge, "too-long", "the body is larger than the limit of "+strconv.FormatInt(limit>>20, 10)+" MiB; send it in parts")
}
