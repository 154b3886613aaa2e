package rest

import (
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/record"
)

// create makes a new resource; with If-None-Exist only if the search given there finds none.
func (c *call) create() (record.Op, error) {
	if err := c.ofType(); err != nil {
		return record.Op{}, err
	}
	return record.Op{
		Verb: record.Create, Type: c.typ, Resource: c.resource, FullURL: c.fullURL,
		Condition: queryOf(c.ifNoneExist),
	}, nil
}

// queryOf is the search in If-None-Exist, which some clients write with the type in front.
func queryOf(condition string) string {
	if _, query, ok := strings.Cut(condition, "?"); ok {
		return query
	}
	return condition
}

// ofType refuses a document of another type than the address names.
func (c *call) ofType() error {
	if c.resource == nil {
		return refused(http.StatusBadRequest, "required", "the resource to be stored is missing")
	}
	if c.resource.Type() != c.typ {
		return refused(http.StatusBadRequest, "invalid", "the document is a "+clip(c.resource.Type())+", but the address names "+c.typ, "resourceType")
	}
	return nil
}
