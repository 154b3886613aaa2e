package rest

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/record"
)

// matchVersion reads If-Match: the version that must be current, as W/"3", or * for any (RFC 9110, 13.1.1). 0 = none was
// given.
func matchVersion(tag string) (int64, error) {
	if tag == "" {
		return 0, nil
	}
	if strings.TrimSpace(tag) == "*" {
		return record.AnyVersion, nil
	}
	if v, ok := tagVersion(tag); ok {
		return v, nil
	}
	return 0, refused(http.StatusBadRequest, "value", `If-Match must be the ETag of one version, such as W/"3", or *`)
}

// tagVersion is the version that an entity tag names.
func tagVersion(tag string) (int64, bool) {
	text := strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	if len(text) < 3 || text[0] != '"' || text[len(text)-1] != '"' {
		return 0, false
	}
	v, err := strconv.ParseInt(text[1:len(text)-1], 10, 64)
	return v, err == nil && v > 0
}

// unchanged reports whether the client has what it asks for already, so that 304 answers it. If-Modified-Since
// counts only without If-None-Match (RFC 9110, 13.2.2).
func (c *call) unchanged(version int64, at time.Time) bool {
	if c.ifNoneMatch != "" {
		for tag := range strings.SplitSeq(c.ifNoneMatch, ",") {
			if strings.TrimSpace(tag) == "*" {
				return true
			}
			if v, ok := tagVersion(tag); ok && v == version {
				return true
			}
		}
		return false
	}
	// HTTP dates have no fractions of a second.
	return !c.ifModifiedSince.IsZero() && !at.Truncate(time.Second).After(c.ifModifiedSince)
}
