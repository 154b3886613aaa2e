package terminology

import (
	"net/http"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/terms"
)

// subsumes is CodeSystem/$subsumes.
func (c *call) subsumes() (any, error) {
	a, err := c.side("A")
	if err != nil {
		return nil, err
	}
	b, err := c.side("B")
	if err != nil {
		return nil, err
	}
	if a.System != b.System {
		return nil, refused(http.StatusBadRequest, fhir.CodeValue, "both codes must be of one code system")
	}
	s, err := c.system(a.System, a.Version)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, refused(http.StatusUnprocessableEntity, fhir.CodeNotSupported, "units of UCUM have no hierarchy")
	}
	var ids [2]terms.ID
	for i, k := range []fhir.Coding{a, b} {
		id, ok := s.Find(k.Code)
		if !ok {
			return nil, refused(http.StatusNotFound, fhir.CodeNotFound, shown(k)+" is not in "+s.Info().Canonical()+part(s)+c.explain(k))
		}
		ids[i] = id
	}
	outcome := "not-subsumed"
	switch {
	case ids[0] == ids[1]:
		outcome = "equivalent"
	case s.IsA(ids[1], ids[0]):
		outcome = "subsumes"
	case s.IsA(ids[0], ids[1]):
		outcome = "subsumed-by"
	}
	return newParameters(codeParam("outcome", outcome)), nil
}

// side is one of the two codes.
func (c *call) side(which string) (fhir.Coding, error) {
	if p, ok := c.params.find("coding" + which); ok && p.value.Exists() {
		return coding(p.value)
	}
	k := fhir.Coding{System: c.params.text("system"), Version: c.params.text("version"), Code: c.params.text("code" + which)}
	if k.Code == "" {
		return k, refused(http.StatusBadRequest, fhir.CodeRequired, "give code"+which+" with system, or coding"+which)
	}
	return k, nil
}
