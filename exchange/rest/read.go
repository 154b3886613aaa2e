package rest

import (
	"net/http"
	"strconv"

	"github.com/osler-ehr/osler/record"
)

// read answers with the current version of a resource.
func (c *call) read() (answer, error) {
	v, err := c.session.Read(c.ctx, c.typ, c.id)
	if err != nil {
		return answer{}, err
	}
	return c.found(v), nil
}

// readVersion answers with one version of a resource.
func (c *call) readVersion() (answer, error) {
	n, err := strconv.ParseInt(c.version, 10, 64)
	if err != nil || n < 1 {
		return answer{}, refused(http.StatusNotFound, "not-found", "the versions of a resource are numbered 1, 2, 3 ...; there is none of this name")
	}
	v, err := c.session.ReadVersion(c.ctx, c.typ, c.id, n)
	if err != nil {
		return answer{}, err
	}
	return c.found(v), nil
}

func (c *call) found(v *record.Version) answer {
	a := answer{status: http.StatusOK, version: v.Version, at: v.At}
	if c.unchanged(v.Version, v.At) {
		a.status = http.StatusNotModified
		return a
	}
	a.body = v.Body
	if partial(c.shape) {
		a.body = appendPart(nil, v.Body, c.shape, true)
	}
	return a
}
