package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Origins are other sites whose pages may use the interfaces for programs from a browser, as apps do. Each is written as
// browsers write it: scheme and host, such as https://app.example. The zero value admits none.
//
// A page of such a site never acts as the person who happens to be signed in here in the same browser: the cookies of its
// requests are not heeded, it needs a token of its own. So nothing is gained by being admitted but that the page can read
// what its token permits. (Fetch standard, CORS protocol; FHIR R4 security.html#cors)
type Origins struct {
	list  []string
	roots []string
}

// NewOrigins reads a list of origins that may use what stands at and below the roots, such as /fhir. It refuses what is
// no origin, "*" and "null", which would admit anybody, and plain http of other machines.
func NewOrigins(list []string, roots ...string) (Origins, error) {
	out := Origins{roots: roots}
	for _, text := range list {
		u, err := url.Parse(text)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Hostname() == "" || strings.Contains(u.Host, "*") || u.User != nil || strings.TrimPrefix(text, u.Scheme+"://"+u.Host) != "" {
			return Origins{}, fmt.Errorf("%q is not the origin of a site; write scheme and host alone, such as https://app.example", text)
		}
		host := u.Hostname()
		if u.Scheme != "https" && (u.Scheme != "http" || host != "localhost" && host != "127.0.0.1" && host != "::1") {
			return Origins{}, fmt.Errorf("%q is not encrypted; write an address of https (http is for localhost alone)", text)
		}
		origin := u.Scheme + "://" + strings.ToLower(u.Host)
		origin = strings.TrimSuffix(origin, map[string]string{"https": ":443", "http": ":80"}[u.Scheme]) // browsers leave these away
		out.list = append(out.list, origin)
	}
	return out, nil
}

const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsTakes   = "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Exist, If-None-Match, Prefer, Range, X-Request-Id, X-Requested-With"
	corsShows   = "Allow, Content-Disposition, Content-Location, ETag, Expires, Last-Modified, Link, Location, Retry-After, WWW-Authenticate, X-Progress, X-Request-Id"
)

// admit sets the headers for a request from a page of another site. It answers what next is to see, which is r itself
// unless the site is admitted; nil if the request was a preflight, which is answered then.
func (o Origins) admit(w http.ResponseWriter, r *http.Request) (_ *http.Request, admitted bool) {
	if len(o.list) == 0 || !slices.ContainsFunc(o.roots, func(root string) bool {
		rest, below := strings.CutPrefix(r.URL.Path, root)
		return below && (rest == "" || rest[0] == '/')
	}) {
		return r, false
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origins := r.Header["Origin"]
	if len(origins) != 1 || !slices.Contains(o.list, origins[0]) {
		return r, false
	}
	if _, host, _ := strings.Cut(origins[0], "://"); host == r.Host {
		return r, false // a page of this server
	}
	h.Set("Access-Control-Allow-Origin", origins[0])
	h.Set("Access-Control-Expose-Headers", corsShows)
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
		h.Set("Access-Control-Allow-Methods", corsMethods)
		h.Set("Access-Control-Allow-Headers", corsTakes)
		h.Set("Access-Control-Max-Age", "600") // seconds; so a site that is taken off the list is out soon
		w.WriteHeader(http.StatusNoContent)
		return nil, true
	}
	r = r.Clone(r.Context())
	r.Header.Del("Cookie")
	return r, true
}
