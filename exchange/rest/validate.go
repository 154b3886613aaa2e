package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/path"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
)

// validate tells what is wrong with a resource, and what would keep it from being created, updated or deleted.
// (http://hl7.org/fhir/R4/resource-operation-validate.html)
func (c *call) validate() (answer, error) {
	mode, _ := c.param("mode")
	given := c.subject()
	switch mode {
	case "", "profile":
	case "create":
		if c.id != "" {
			return answer{}, refused(http.StatusBadRequest, "invalid", "what is to be created has no id yet: post it to "+c.typ+"/$validate")
		}
	case "update", "delete":
		if c.id == "" {
			return answer{}, refused(http.StatusBadRequest, "required", "say which "+c.typ+" is meant: post to "+c.typ+"/[id]/$validate")
		}
	default:
		return answer{}, refused(http.StatusBadRequest, "value", "mode must be one of create, update, delete, profile")
	}
	profile, _ := c.param("profile")
	if mode == "profile" && profile == "" {
		return answer{}, refused(http.StatusBadRequest, "required", "say which profile the resource is to be checked against: profile=[address]")
	}
	var about *fhir.Resource
	switch {
	case mode == "delete":
	case given != nil:
		if given.Type() != c.typ {
			return answer{}, refused(http.StatusBadRequest, "invalid", "the resource is a "+clip(given.Type())+", but the address names "+c.typ, "resourceType")
		}
		about = given
	case c.id != "":
		v, err := c.session.Read(c.ctx, c.typ, c.id)
		if err != nil {
			return answer{}, err
		}
		about = v.Resource()
	default:
		return answer{}, refused(http.StatusBadRequest, "required", "the resource to be checked is missing: post it, or a Parameters resource with it as the parameter resource")
	}
	out := &fhir.Outcome{}
	if about != nil {
		defined := c.session.Definitions()
		stored := c.session.Resolver(c.ctx, c.base)
		out.Issue = c.faults(about, profile, validate.Checker{Definitions: defined, Resolve: stored.Resolve, Targets: true})
		if err := cmp.Or(defined.Err(), stored.Err()); err != nil { // then it was held against less than there is
			return answer{}, err
		}
	}
	if mode != "" && mode != "profile" && !slices.ContainsFunc(out.Issue, grave) {
		if err := c.wouldBe(mode, about, out); err != nil {
			return answer{}, err
		}
	}
	if len(out.Issue) == 0 {
		text := "nothing is wrong with this " + c.typ
		if mode == "delete" {
			text = "nothing keeps this " + c.typ + " from being deleted"
		}
		out.Add(fhir.Issue{Severity: fhir.SeverityInformation, Code: fhir.CodeInformational, Details: fhir.CodeableConcept{Text: text}})
	}
	return answer{status: http.StatusOK, body: out.Bytes()}, nil
}

func grave(i fhir.Issue) bool {
	return i.Severity == fhir.SeverityError || i.Severity == fhir.SeverityFatal
}

// faults are what R4, the profiles that a resource claims, and one more profile have to say of it. In a Bundle the
// entries are held against the profiles that they claim.
func (c *call) faults(r *fhir.Resource, profile string, checker validate.Checker) []fhir.Issue {
	issues := validate.Base(r)
	if slices.ContainsFunc(issues, func(i fhir.Issue) bool { return i.Code == fhir.CodeStructure && grave(i) }) {
		return issues // rules are about what has the form of a resource
	}
	issues = append(issues, validate.Invariants(r, path.Env{Now: c.clock.Now()})...)
	issues = append(issues, checker.Claimed(r)...)
	if profile != "" && !claims(r, profile) {
		issues = append(issues, checker.Profile(r, profile)...)
	}
	if r.Type() != "Bundle" {
		return issues
	}
	n := 0
	checker = checker.Within(r)
	for e := range r.Get("entry").Values() {
		if inner := e.Get("resource"); inner.Exists() {
			inner := inner.Resource()
			for _, i := range checker.Claimed(inner) {
				for k, x := range i.Expression {
					i.Expression[k] = fmt.Sprintf("Bundle.entry[%d].resource%s", n, strings.TrimPrefix(x, inner.Type()))
				}
				issues = append(issues, i)
			}
		}
		n++
	}
	return issues
}

// claims reports whether a resource says of itself that it follows a profile.
func claims(r *fhir.Resource, profile string) bool {
	for p := range r.Get("meta").Get("profile").Values() {
		if p.Text() == profile {
			return true
		}
	}
	return false
}

// wouldBe adds what would keep the change from being carried out.
func (c *call) wouldBe(mode string, r *fhir.Resource, out *fhir.Outcome) error {
	op := record.Op{Type: c.typ, ID: c.id, Resource: r}
	switch mode {
	case "create":
		op.Verb = record.Create
	case "update":
		op.Verb = record.Update
		if !c.session.May(access.Read, c.typ) { // whether there is one is for those who may read it
			op.ID = ""
		}
	case "delete":
		op.Verb = record.Delete
	}
	err := c.session.Check(c.ctx, op)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*record.Error](err)
	if !ok || e.Kind == record.KindForbidden {
		return err
	}
	for _, i := range e.Outcome.Issue {
		out.Add(i)
	}
	return nil
}
