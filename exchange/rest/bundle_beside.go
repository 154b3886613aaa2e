package rest

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
)

// beside answers an entry of a batch that is for an operation of another slice, such as ValueSet/$expand; false if it is
// for none. The operation sees the caller of the batch.
func (c *call) beside(e *fhir.BundleEntry) (answer, bool) {
	if c.mux == nil {
		return answer{}, false
	}
	path, query, err := c.split(e.Request.URL)
	if err != nil || !strings.Contains(path, "$") {
		return answer{}, false
	}
	var body []byte
	if e.Resource.Exists() {
		body = e.Resource.Resource().Bytes()
	}
	r, err := http.NewRequestWithContext(c.ctx, e.Request.Method, "http://batch"+Root+"/"+escapePath(strings.TrimPrefix(path, "/"))+"?"+query, bytes.NewReader(body))
	if err != nil {
		return answer{}, false
	}
	if _, pattern := c.mux.Handler(r); pattern == "" {
		return answer{}, false
	}
	r.Header.Set("Accept", fhirJSON)
	if body != nil {
		r.Header.Set("Content-Type", fhirJSON)
	}
	w := &kept{header: http.Header{}}
	c.mux.ServeHTTP(w, r)
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return answer{status: w.status, body: bytes.TrimSpace(w.body.Bytes())}, true
}

// escapePath makes a path that was unescaped one of an address again.
func escapePath(path string) string {
	return strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23", " ", "%20").Replace(path)
}

// kept keeps an answer.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) {
	if k.status == 0 {
		k.status = status
	}
}

func (k *kept) Write(b []byte) (int, error) {
	k.WriteHeader(http.StatusOK)
	return k.body.Write(b)
}
