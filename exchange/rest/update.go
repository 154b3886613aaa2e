package rest

import (
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/record"
)

// update stores a new version, or makes a resource under an id of the client's choice.
func (c *call) update() (record.Op, error) {
	if err := c.ofType(); err != nil {
		return record.Op{}, err
	}
	if id := c.resource.ID(); c.id != "" && id != c.id {
		text := "the id in the document is not the id in the address"
		if id == "" {
			text = "the document has no id; it must have the id that the address names"
		}
		return record.Op{}, refused(http.StatusBadRequest, "invalid", text, c.typ+".id")
	}
	op := record.Op{Verb: record.Update, Type: c.typ, ID: c.id, Resource: c.resource, FullURL: c.fullURL}
	return op, c.meant(&op)
}

// meant completes an operation by what tells which resource and version it is about.
func (c *call) meant(op *record.Op) (err error) {
	if op.Condition, err = c.condition(); err != nil {
		return err
	}
	if op.IfMatch, err = matchVersion(c.ifMatch); err != nil || c.ifNoneMatch == "" {
		return err
	}
	if op.Verb != record.Update || strings.TrimSpace(c.ifNoneMatch) != "*" || c.ifMatch != "" {
		return refused(http.StatusBadRequest, "value", "of a change If-None-Match can ask one thing: *, by itself with PUT, that there is no such resource yet")
	}
	op.IfMatch = record.NoVersion
	return nil
}
