package rest

import (
	"net/http"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

// performChange carries out one change by itself.
func (c *call) performChange() (answer, error) {
	op, err := c.door.change(c)
	if err != nil {
		return answer{}, err
	}
	results, err := c.session.Do(c.ctx, []record.Op{op})
	if err != nil {
		return answer{}, err
	}
	return c.door.changed(c, &results[0])
}

// saved tells of a create, update or patch.
func (c *call) saved(r *record.Result) (answer, error) {
	a := answer{status: http.StatusOK, version: r.Version.Version, at: r.At}
	if r.Created {
		a.status = http.StatusCreated
	}
	if r.Created || c.door.method == http.MethodPost {
		a.location = c.versionURL(&r.Version)
	}
	back := c.prefer.back
	if back == notSaid {
		back = representation
		if c.entry {
			back = minimal
		}
	}
	if back == representation && !c.session.May(access.Read, c.typ) {
		back = minimal // who may change but not read learns no more than that it was done
	}
	switch back {
	case representation:
		a.body = r.Body
	case outcome:
		a.body = done(c.typ + "/" + r.ID + " is saved as version " + strconv.FormatInt(r.Version.Version, 10))
	}
	return a, nil
}

// done is an OperationOutcome that tells of success.
func done(text string) []byte {
	o := &fhir.Outcome{}
	o.Add(fhir.Issue{Severity: fhir.SeverityInformation, Code: fhir.CodeInformational, Details: fhir.CodeableConcept{Text: text}})
	return o.Bytes()
}

// url is the address of a resource.
func (c *call) url(typ, id string) string { return c.base + "/" + typ + "/" + id }

func (c *call) versionURL(v *record.Version) string {
	return c.url(v.Type, v.ID) + "/_history/" + strconv.FormatInt(v.Version, 10)
}

// condition is the search by which a conditional change says what it is about; "" when the address names it.
func (c *call) condition() (string, error) {
	if c.id != "" {
		return "", nil
	}
	params := c.searchParams()
	if len(params) == 0 {
		return "", refused(http.StatusBadRequest, "required", "say which "+c.typ+" is meant: by its id in the address, or by search parameters behind a question mark")
	}
	return string(appendQuery(nil, params)), nil
}
