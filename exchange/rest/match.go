package rest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/mpi"
)

// defaultMatches is how many matches are told when the caller does not say.
const defaultMatches = 20

// match finds the patients that may be the one described, each with how sure that is, best first. With
// onlyCertainMatches it finds one that is certain, or nothing. It changes nothing: what to do about two records of
// one person is for people to decide.
// (http://hl7.org/fhir/R4/patient-operation-match.html)
func (c *call) match() (answer, error) {
	described := c.subject()
	if described == nil || described.Type() != "Patient" {
		return answer{}, refused(http.StatusBadRequest, "required", "post a Parameters resource with the parameter resource, a Patient that describes who is looked for")
	}
	certain, _ := c.param("onlyCertainMatches")
	most := defaultMatches
	if text, ok := c.param("count"); ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return answer{}, refused(http.StatusBadRequest, "value", "count must be a number of 1 or more")
		}
		most = min(n, mpi.MaxCandidates)
	}
	want, err := fhir.View[mpi.Person](described)
	if err != nil {
		return answer{}, err
	}
	if !want.Described() {
		return answer{}, refused(http.StatusBadRequest, "required", "this describes nobody: give an identifier, a phone number, or a name with a birth date", "Patient")
	}
	found, err := mpi.Find(c.ctx, c.session, want)
	if err != nil {
		return answer{}, err
	}
	if certain == "true" {
		found = slices.DeleteFunc(found, func(f mpi.Found) bool { return f.Grade != mpi.Certain })
		if len(found) > 1 {
			found = nil // which of them is not certain
		}
	}
	found = found[:min(len(found), most)]
	total, size := len(found), 512
	for _, f := range found {
		size += len(f.Version.Body) + 512
	}
	b := newBuffer(size)
	w := fhir.NewBundleWriter(b.bytes, fhir.Bundle{Type: "searchset", Total: &total})
	for _, f := range found {
		w.Add(fhir.BundleEntry{
			FullURL: c.url("Patient", f.Version.ID),
			Search:  fhir.BundleSearch{Mode: "match", Score: fhir.NewDecimal(int64(f.Score), 2), Grade: string(f.Grade)},
		}, f.Version.Body)
	}
	c.addWarnings(w)
	b.bytes = w.Finish()
	return answer{status: http.StatusOK, body: b.bytes, buffer: b}, nil
}
