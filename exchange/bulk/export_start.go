package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
)

// kickOff begins an export.
func (s *server) kickOff(w http.ResponseWriter, r *http.Request) error {
	q, err := readRequest(r)
	if err != nil {
		return err
	}
	session, err := s.Session(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	owner := slice.OwnerOf(r)
	owner.Outlive = true // the files wait here for whoever comes with a good token
	if err := s.mayBegin(ctx, owner); err != nil {
		return err
	}
	members, err := s.check(ctx, session, q)
	if err != nil {
		return err
	}
	x := &export{
		Owner: owner, Rights: rightsOf(session), Asked: s.address(r, r.URL.RequestURI()), Base: s.address(r, ""), Request: *q,
		Began: s.Clock.Now().UTC().Truncate(time.Millisecond), Status: running, Members: len(members),
	}
	x.Expires = x.Began.Add(s.Keep)
	if x.ID, err = s.newID(); err != nil {
		return err
	}
	if err := s.begin(ctx, x, members); err != nil {
		return err
	}
	w.Header().Set("Content-Location", s.address(r, exportsPath+x.ID))
	writeOutcome(w, http.StatusAccepted, information("the export has begun; ask at the address in Content-Location how far it is"))
	return nil
}

func information(text string) *fhir.Outcome {
	o := &fhir.Outcome{}
	o.Add(fhir.Issue{Severity: fhir.SeverityInformation, Code: "informational", Details: fhir.CodeableConcept{Text: text}})
	return o
}

// mayBegin refuses more exports at a time than one requester may have.
func (s *server) mayBegin(ctx context.Context, owner slice.Owner) error {
	all, err := s.exports(ctx)
	if err != nil {
		return err
	}
	n := 0
	for _, x := range all {
		if x.Status == running && x.Owner.ID == owner.ID && x.Owner.Client == owner.Client {
			n++
		}
	}
	if n >= s.Running {
		return refused(http.StatusTooManyRequests, "throttled", fmt.Sprintf("you have %d exports under way; wait until one is done, or cancel it with DELETE at its address", n))
	}
	return nil
}

// check makes sure that what is asked for can be done, and lists the patients it is about, if it is about some.
func (s *server) check(ctx context.Context, session *record.Session, q *request) (members []string, err error) {
	for _, typ := range q.Types {
		if !session.May(access.Search, typ) {
			return nil, refused(http.StatusForbidden, "forbidden", "your role or scopes do not let you search "+typ+"; leave it out of _type")
		}
	}
	for _, f := range q.Filters {
		if q.Level != systemLevel && f.Type != "Patient" && !s.Index.Owned(f.Type) {
			return nil, bad("_typeFilter: " + f.Type + " is no part of a patient's record; it can be filtered in an export of the whole system only")
		}
		params, err := f.params()
		if err != nil {
			return nil, err
		}
		params = append(params, search.Param{Name: "_count", Value: "1"})
		if _, err := session.Search(ctx, record.Query{Type: f.Type, Params: params, Strict: true}); err != nil {
			return nil, err
		}
	}
	switch {
	case q.Level == groupLevel:
		members, err = groupMembers(ctx, session, q.Group, s.Clock.Now())
		if q.Patients != nil {
			for _, p := range q.Patients {
				if !slices.Contains(members, p) {
					return nil, bad("Patient/" + p + " is not a member of the group")
				}
			}
			members = q.Patients
		}
	case q.Patients != nil:
		members = q.Patients
		for _, p := range members {
			if _, err := session.Read(ctx, "Patient", p); err != nil {
				return nil, err
			}
		}
	}
	return members, err
}

func (f *filter) params() ([]search.Param, error) { return record.ParseParams(f.Query) }

// groupMembers are the patients of a Group, as far as they are members now.
func groupMembers(ctx context.Context, session *record.Session, id string, now time.Time) ([]string, error) {
	v, err := session.Read(ctx, "Group", id)
	if err != nil {
		return nil, err
	}
	g := v.Resource()
	if !g.Get("actual").Bool() {
		return nil, refused(http.StatusBadRequest, "not-supported", "the group describes its members instead of listing them; an export needs a group with a list (actual: true)")
	}
	members := []string{}
	seen := map[string]bool{}
	for m := range g.Get("member").Values() {
		if end := m.Get("period").Get("end").Text(); end != "" && over(end, now) {
			continue
		}
		if m.Get("inactive").Bool() {
			continue
		}
		ref := m.Get("entity").Get("reference").Text()
		if p, ok := strings.CutPrefix(ref, "Patient/"); ok && !seen[p] {
			seen[p] = true
			members = append(members, p)
		}
	}
	return members, nil
}

// over reports whether a period that ends then has ended now. What cannot be read has no end.
func over(text string, now time.Time) bool {
	t, err := fhir.ParseDateTime(text)
	if err != nil {
		return false
	}
	_, end := t.Range(time.UTC)
	return !end.After(now)
}

// begin writes the export down, together with the work that it makes.
func (s *server) begin(ctx context.Context, x *export, members []string) error {
	o := s.newOutput(x)
	for _, text := range x.Request.Ignored {
		warning := &fhir.Outcome{}
		warning.Add(fhir.Issue{Severity: fhir.SeverityWarning, Code: "not-supported", Details: fhir.CodeableConcept{Text: "ignored: " + text}})
		o.warn(warning)
	}
	list, err := json.Marshal(members)
	if err != nil {
		return err
	}
	chunks := o.take()
	state, err := json.Marshal(x)
	if err != nil {
		return err
	}
	return s.spool.Update(ctx, func(tx slice.SpoolTx) error {
		errs := []error{
			tx.SetValue(ctx, stateName(x.ID), state),
			tx.Add(ctx, exportKind, x.ID, x.Began.Add(s.settle), []byte(x.ID)),
			tx.Add(ctx, removeKind, x.ID, x.Expires, []byte("export "+x.ID)),
		}
		if members != nil {
			errs = append(errs, tx.SetFile(ctx, membersName(x.ID), list))
		}
		return errors.Join(append(errs, chunks.write(ctx, tx))...)
	})
}
