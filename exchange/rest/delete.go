package rest

import (
	"net/http"

	"github.com/osler-ehr/osler/record"
)

// delete removes a resource from sight. Its versions stay.
func (c *call) delete() (record.Op, error) {
	op := record.Op{Verb: record.Delete, Type: c.typ, ID: c.id}
	return op, c.meant(&op)
}

// deleted tells of a delete. What was deleted before counts as done; what never was is not found, just as what
// the caller may not see.
func (c *call) deleted(r *record.Result) (answer, error) {
	if r.Unchanged && c.id != "" && !c.entry {
		if _, err := c.session.Read(c.ctx, c.typ, c.id); record.KindOf(err) != record.KindGone {
			return answer{}, err
		}
	}
	a := answer{status: http.StatusNoContent, version: r.Version.Version, at: r.At}
	if c.prefer.back == outcome {
		a.status = http.StatusOK
		a.body = done("it is deleted")
		if r.Unchanged {
			a.body = done("there was nothing to delete")
		}
	}
	return a, nil
}
