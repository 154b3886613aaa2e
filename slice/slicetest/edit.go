package slicetest

import (
	"net/http"
	"slices"
	"strings"
)

// Edit sends a form as somebody does who has just opened it: with the version that the page at the address shows, its form, or the page above it.
// A form that names its version, and one of which no page shows a version, is sent as it is.
func (p Person) Edit(address string, pairs ...string) Answer {
	p.s.T.Helper()
	named := false
	for i := 0; i < len(pairs); i += 2 {
		named = named || pairs[i] == "version"
	}
	for _, at := range []string{address, address + "/edit", address[:max(strings.LastIndexByte(address, '/'), 1)]} {
		if named {
			break
		}
		if form := p.ask(http.MethodGet, at, nil); form.Code == http.StatusOK && strings.Contains(form.Body, `name="version"`) {
			return p.Post(address, append(slices.Clone(pairs), "version", form.Value("version"))...)
		}
	}
	return p.Post(address, pairs...)
}
