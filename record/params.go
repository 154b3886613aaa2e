package record

import (
	"net/url"
	"strings"

	"github.com/osler-ehr/osler/record/search"
)

// ParseParams reads a query string in the order in which it is written.
func ParseParams(query string) ([]search.Param, error) {
	var out []search.Param
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, fail(KindBad, "the query has a wrong %%-escape")
		}
		out = append(out, search.Param{Name: n, Value: v})
	}
	return out, nil
}
