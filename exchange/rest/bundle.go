package rest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// maxEntries bounds a batch or transaction.
const maxEntries = 10_000

// bundle carries out a batch or a transaction. Every entry goes through the door that its method and address
// name, just as a request of its own would.
func (c *call) bundle() (answer, error) {
	if c.resource.Type() != "Bundle" {
		return answer{}, refused(http.StatusBadRequest, "invalid", "here a Bundle of type batch or transaction is taken; a "+clip(c.resource.Type())+" is sent to the address of its type", "resourceType")
	}
	b, err := fhir.ReadBundle(c.resource)
	if err != nil {
		return answer{}, err
	}
	if len(b.Entry) > maxEntries {
		return answer{}, refused(http.StatusRequestEntityTooLarge, "too-long", fmt.Sprintf("the Bundle has %d entries, more than the limit of %d; send it in parts", len(b.Entry), maxEntries), "Bundle.entry")
	}
	switch b.Type {
	case "batch":
		return c.batch(b)
	case "transaction":
		return c.transaction(b)
	}
	return answer{}, refused(http.StatusBadRequest, "not-supported", "the type of the Bundle must be batch or transaction", "Bundle.type")
}

// batch carries out the entries one after the other. What happens to one does not touch the others.
func (c *call) batch(b *fhir.Bundle) (answer, error) {
	out := newResponse("batch-response", len(c.resource.Bytes()))
	for i := range b.Entry {
		if a, ok := c.beside(&b.Entry[i]); ok {
			out.add(a)
			continue
		}
		e, err := c.entryCall(&b.Entry[i], i)
		var a answer
		if err == nil {
			a, err = e.perform()
		}
		if err != nil {
			if ended := c.ctx.Err(); ended != nil {
				return answer{}, ended
			}
			out.refuse(c, err)
			continue
		}
		out.add(e.headed(a))
	}
	return out.answer(), nil
}

// headed is the answer to an entry: without a body where HEAD asks for all but that.
func (c *call) headed(a answer) answer {
	if c.head {
		a.buffer.release()
		a.body, a.buffer = nil, nil
	}
	return a
}

// entryCall makes a call of an entry.
func (c *call) entryCall(e *fhir.BundleEntry, i int) (*call, error) {
	at := "Bundle.entry[" + strconv.Itoa(i) + "].request"
	if e.Request.Method == "" || e.Request.URL == "" {
		return nil, refused(http.StatusBadRequest, "required", "the entry does not say what to do: request.method and request.url are needed", at)
	}
	path, query, err := c.split(e.Request.URL)
	if err != nil {
		return nil, refused(http.StatusBadRequest, "value", "request.url must be an address below the base of this server, such as Patient/123", at+".url")
	}
	door, t, allow := find(c.doors, e.Request.Method, path)
	switch {
	case door == nil && len(allow) > 0:
		return nil, refused(http.StatusMethodNotAllowed, "not-supported", "this address takes "+strings.Join(allow, ", "), at+".method")
	case door == nil:
		return nil, refused(http.StatusNotFound, "not-found", "there is no such address here", at+".url")
	case door.name == "batch" || door.body == formBody:
		return nil, refused(http.StatusBadRequest, "not-supported", "this cannot stand in a Bundle", at+".url")
	}
	n := &call{
		server: c.server, ctx: c.ctx, session: c.session, base: c.base, prefer: c.prefer, entry: true, head: e.Request.Method == http.MethodHead,
		door: door, target: t, fullURL: e.FullURL,
		conditions: conditions{e.Request.IfMatch, e.Request.IfNoneMatch, e.Request.IfNoneExist, e.Request.IfModifiedSince.Time()},
	}
	if e.Resource.Exists() {
		n.resource = e.Resource.Resource()
	}
	if err := n.readParams(query); err != nil {
		return nil, err
	}
	if door.body == operationBody {
		n.unfold()
	}
	return n, n.check()
}

// split takes an entry's address apart: relative to the base, or absolute below it.
func (c *call) split(address string) (path, query string, err error) {
	address = strings.TrimPrefix(address, c.base)
	path, query, _ = strings.Cut(address, "?")
	if strings.Contains(path, ":") {
		return "", "", errors.New("an address on another server")
	}
	path, err = url.PathUnescape(path)
	return path, query, err
}

// response is the Bundle that answers a batch or transaction.
type response struct {
	*fhir.BundleWriter
	buffer *buffer
}

func newResponse(typ string, size int) *response {
	b := newBuffer(size)
	return &response{fhir.NewBundleWriter(b.bytes, fhir.Bundle{Type: typ}), b}
}

// add adds the answer to one entry. An OperationOutcome stands in the response, anything else as the resource.
func (r *response) add(a answer) {
	e := fhir.BundleEntry{Response: fhir.BundleResponse{Status: statusLine(a.status), Location: a.location}}
	if a.version > 0 {
		e.Response.ETag = fhir.VersionETag(a.version)
		e.Response.LastModified = fhir.InstantOf(a.at)
	}
	body := a.body
	if strings.HasPrefix(string(body[:min(len(body), 40)]), `{"resourceType":"OperationOutcome"`) {
		e.Response.Outcome, body = body, nil
	}
	r.Add(e, body)
	a.buffer.release()
}

// refuse adds the error of one entry.
func (r *response) refuse(c *call, err error) {
	status, o := outcomeOf(err)
	if status == http.StatusInternalServerError {
		c.log.LogAttrs(c.ctx, slog.LevelError, "an entry of a fhir batch failed", slog.String("error", err.Error()))
	}
	r.Add(fhir.BundleEntry{Response: fhir.BundleResponse{Status: statusLine(status), Outcome: o.Bytes()}}, nil)
}

func (r *response) answer() answer {
	r.buffer.bytes = r.Finish()
	return answer{status: http.StatusOK, body: r.buffer.bytes, buffer: r.buffer}
}

func statusLine(status int) string { return strconv.Itoa(status) + " " + http.StatusText(status) }
