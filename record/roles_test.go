package record_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// Groups of types, as people who run a practice would name them.
var (
	money    = strings.Fields("Account Claim ClaimResponse ExplanationOfBenefit Invoice")
	people   = strings.Fields("Practitioner PractitionerRole Organization Location HealthcareService")
	closed   = strings.Fields("AuditEvent Schedule Slot Person Task Flag Basic Group List Subscription Endpoint")
	deskSees = append(strings.Fields("Person Schedule InsurancePlan CoverageEligibilityResponse Endpoint ValueSet CodeSystem Questionnaire"), people...)
	billSees = append(strings.Fields("RelatedPerson Appointment Encounter Condition Procedure ServiceRequest InsurancePlan ValueSet CodeSystem ChargeItemDefinition"), people...)
)

// ruled are the types of which the front desk may what the resource itself decides: TestDesk… ask for those.
var ruled = strings.Fields("DocumentReference Binary Task Provenance")

// may is what each role may do with each type, written down apart from package access. It answers with some of
// the letters of create, read, update, delete, search.
func may(role access.Role, typ string) string {
	in := func(types []string) bool { return slices.Contains(types, typ) }
	one := func(types string) bool { return slices.Contains(strings.Fields(types), typ) }
	switch role {
	case access.Administrator, access.Program:
		return "cruds"
	case access.Clinician, access.Nurse:
		switch {
		case typ == "AuditEvent":
			return ""
		case in(money), typ == "SearchParameter", typ == "PlanDefinition": // which searches, protocols and alerts there are is for the administrator to say
			return "rs"
		case role == access.Nurse:
			return "crus"
		}
		return "cruds"
	case access.FrontDesk:
		switch {
		case typ == "Appointment":
			return "cruds"
		case one("Patient RelatedPerson Coverage AppointmentResponse Slot"):
			return "crus"
		case typ == "CoverageEligibilityRequest":
			return "crs"
		case in(deskSees):
			return "rs"
		}
		return ""
	case access.Biller:
		switch {
		case typ == "Patient":
			return "rus"
		case in(money), one("Coverage ChargeItem PaymentNotice PaymentReconciliation"):
			return "crus"
		case one("CoverageEligibilityRequest CoverageEligibilityResponse"):
			return "crs"
		case in(billSees):
			return "rs"
		}
		return ""
	case access.Patient:
		if in(closed) {
			return ""
		}
		if typ == "Communication" { // a message to the practice
			return "crs"
		}
		return "rs"
	}
	return ""
}

// house is a record with patients a and b, and of every type one resource of each and one of nobody.
type house struct {
	*recordtest.Fixture
	root *record.Session
}

func build(t testing.TB) *house {
	f := recordtest.New(t, nil)
	h := &house{f, f.As(access.Program)}
	var ops []record.Op
	for _, id := range []string{"a", "b", "spare"} {
		ops = append(ops, put(instance(t, "Patient", id, `"name":[{"family":"`+id+`"}]`)))
	}
	h.do(t, ops...)
	ops = nil
	for _, typ := range definitions.ResourceTypes() {
		if typ == "Patient" {
			continue
		}
		for _, whose := range []string{"a", "b"} {
			ops = append(ops, h.instance(t, typ, whose))
		}
		ops = append(ops, put(instance(t, typ, "nobodys", "")))
	}
	h.do(t, ops...)
	return h
}

func put(doc *fhir.Resource) record.Op {
	return record.Op{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc, LooseReferences: true}
}

// instance is a resource of a type that is part of a patient's record, or tells of the patient, under the
// patient's id.
func (h *house) instance(t testing.TB, typ, whose string) record.Op {
	extra := ""
	if in, ok := ofPatient[typ]; ok {
		extra = fmt.Sprintf(in, `{"reference":"Patient/`+whose+`"}`)
	} else if in, ok := about[typ]; ok {
		extra = fmt.Sprintf(in, `{"reference":"Patient/`+whose+`"}`)
	}
	return put(instance(t, typ, whose, extra))
}

func (h *house) do(t testing.TB, ops ...record.Op) {
	t.Helper()
	if _, err := h.root.Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
}

// version is how a program of the machine itself sees a resource: its version and bytes, or that it is gone.
func (h *house) version(t testing.TB, typ, id string) string {
	t.Helper()
	v, err := h.root.Read(context.Background(), typ, id)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(v.Version, " ", string(v.Body))
}

// TestA2EveryRoleAndType asks every role for every action on every type, on resources of patient a.
func TestA2EveryRoleAndType(t *testing.T) {
	h := build(t)
	var cells, allowed atomic.Int64
	t.Run("roles", func(t *testing.T) {
		for _, role := range access.Roles {
			t.Run(string(role), func(t *testing.T) {
				t.Parallel() // so that they share the flushes to the disk
				s := h.As(role)
				if role == access.Patient {
					s = h.AsPatient(t, "a")
				}
				for i, typ := range definitions.ResourceTypes() {
					if role == access.FrontDesk && slices.Contains(ruled, typ) {
						continue
					}
					if testing.Short() && i%12 != 0 && typ != "Patient" {
						continue
					}
					n, yes := h.ask(t, s, role, typ)
					cells.Add(n)
					allowed.Add(yes)
				}
			})
		}
	})
	t.Logf("%d cells, %d of them allowed", cells.Load(), allowed.Load())
}

// ask asks a role for every action on a type.
func (h *house) ask(t *testing.T, s *record.Session, role access.Role, typ string) (cells, allowed int64) {
	ctx := context.Background()
	rights := may(role, typ)
	id, doomed, chosen := "of-"+string(role), "doomed-"+string(role), "chosen-"+string(role)
	mine := func(id, extra string) *fhir.Resource {
		return instance(t, typ, id, ownerOf(typ)+join(extra, ownerOf(typ)))
	}
	h.do(t, put(mine(id, "")), put(mine(doomed, "")))
	check := func(letter, action string, err error) bool {
		cells++
		want := strings.Contains(rights, letter)
		if got := record.KindOf(err) != record.KindForbidden; got != want {
			t.Errorf("%s, %s %s: allowed is %v, want %v (%v)", role, action, typ, got, want, err)
		} else if want && err != nil {
			t.Errorf("%s, %s %s: %v", role, action, typ, err)
		}
		if want {
			allowed++
		}
		return want
	}
	owned := ofPatient[typ] != "" || typ == "Patient"
	if role == access.Patient && (!owned || typ == "Patient") {
		if rights == "" {
			_, err := s.Search(ctx, record.Query{Type: typ})
			check("s", "search", err)
		}
		// What a patient sees of these is told in the next test.
	} else {
		page, err := s.Search(ctx, record.Query{Type: typ, Params: []search.Param{{Name: "_id", Value: id}}})
		if check("s", "search", err) && (page == nil || len(page.Entries) != 1) {
			t.Errorf("%s, search %s: %+v", role, typ, page)
		}
		_, err = s.Read(ctx, typ, id)
		check("r", "read", err)
		_, err = s.ReadVersion(ctx, typ, id, 1)
		check("r", "read a version of", err)
		_, err = s.History(ctx, record.HistoryQuery{Type: typ, ID: id})
		check("r", "read the history of", err)
		_, err = s.History(ctx, record.HistoryQuery{Type: typ})
		check("r", "read all versions of", err)
	}
	before := h.version(t, typ, id)
	_, err := s.Do(ctx, []record.Op{put(mine(id, `"implicitRules":"http://example.org/x"`))})
	if wrote := check("u", "update", err); wrote == (before == h.version(t, typ, id)) {
		t.Errorf("%s, update %s: changed is %v", role, typ, !wrote)
	}
	_, err = s.Do(ctx, []record.Op{{Verb: record.Create, Type: typ, Resource: mine("", ""), LooseReferences: true}})
	check("c", "create", err)
	before = h.version(t, typ, doomed)
	_, err = s.Do(ctx, []record.Op{{Verb: record.Delete, Type: typ, ID: doomed}})
	if gone := check("d", "delete", err); gone == (before == h.version(t, typ, doomed)) {
		t.Errorf("%s, delete %s: gone is %v", role, typ, !gone)
	}
	// To create under an id of one's choice takes both rights.
	cells++
	_, err = s.Do(ctx, []record.Op{put(mine(chosen, ""))})
	if want := strings.Contains(rights, "c") && strings.Contains(rights, "u"); (err == nil) != want {
		t.Errorf("%s, create %s by update: %v, want allowed %v", role, typ, err, want)
	}
	return cells, allowed
}

// join puts a comma before a property unless it is the first.
func join(extra, before string) string {
	if extra == "" || before == "" {
		return extra
	}
	return "," + extra
}

func ownerOf(typ string) string {
	for _, how := range []map[string]string{ofPatient, about} {
		if in, ok := how[typ]; ok {
			return fmt.Sprintf(in, `{"reference":"Patient/a"}`)
		}
	}
	return ""
}

// TestA2PatientSeesOnlyTheOwnRecord asks, for every type, what patient a gets of the own, of b's, and of what
// belongs to no patient, by every way of reading.
func TestA2PatientSeesOnlyTheOwnRecord(t *testing.T) {
	ctx := context.Background()
	h := build(t)
	s := h.AsPatient(t, "a")
	// What a patient may see though it is nobody's: practices, people, places, products, definitions.
	common := strings.Fields(`Organization OrganizationAffiliation Practitioner PractitionerRole Location HealthcareService InsurancePlan
		Medication MedicationKnowledge Substance Device DeviceDefinition Questionnaire PlanDefinition ActivityDefinition Library Measure
		ChargeItemDefinition ObservationDefinition SpecimenDefinition EventDefinition ValueSet CodeSystem ConceptMap NamingSystem
		TerminologyCapabilities StructureDefinition StructureMap SearchParameter OperationDefinition CapabilityStatement
		CompartmentDefinition GraphDefinition MessageDefinition ImplementationGuide`)
	sees := func(typ, whose string) bool {
		switch {
		case may(access.Patient, typ) == "":
			return false
		case whose == "nobodys", ofPatient[typ] == "" && about[typ] == "" && typ != "Patient":
			return slices.Contains(common, typ)
		}
		return whose == "a" && (ofPatient[typ] != "" || typ == "Patient")
	}
	cells := 0
	var expected []string // everything, for searches over all types
	for _, typ := range definitions.ResourceTypes() {
		whoses := []string{"a", "b", "nobodys"}
		if typ == "Patient" {
			whoses = whoses[:2]
		}
		var listed []string
		for _, whose := range whoses {
			want := sees(typ, whose)
			if want {
				listed = append(listed, typ+"/"+whose)
			}
			ways := map[string]func() (bool, error){
				"read":    func() (bool, error) { _, err := s.Read(ctx, typ, whose); return err == nil, err },
				"version": func() (bool, error) { _, err := s.ReadVersion(ctx, typ, whose, 1); return err == nil, err },
				"history": func() (bool, error) {
					_, err := s.History(ctx, record.HistoryQuery{Type: typ, ID: whose})
					return err == nil, err
				},
				"search by id": func() (bool, error) {
					page, err := s.Search(ctx, record.Query{Type: typ, Params: []search.Param{{Name: "_id", Value: whose}, {Name: "_total", Value: "accurate"}}})
					return err == nil && len(page.Entries) == 1 && page.Total == 1, err
				},
				"search in the compartment of b": func() (bool, error) {
					page, err := s.Search(ctx, record.Query{Type: typ, CompartmentPatient: "b", Params: []search.Param{{Name: "_id", Value: whose}}})
					found := err == nil && len(page.Entries) == 1
					return found || want, err // whatever else, nothing of b
				},
			}
			for way, ask := range ways {
				cells++
				if got, err := ask(); got != want {
					t.Errorf("patient a, %s/%s by %s: seen is %v, want %v (%v)", typ, whose, way, got, want, err)
				} else if !want && err != nil && record.KindOf(err) != record.KindNotFound && record.KindOf(err) != record.KindForbidden && record.KindOf(err) != record.KindBad {
					t.Errorf("patient a, %s/%s by %s: %v", typ, whose, way, err)
				}
			}
		}
		expected = append(expected, listed...)
		if may(access.Patient, typ) == "" {
			continue
		}
		if got := find(t, s, typ, "_count=1000"); !slices.Equal(slices.Sorted(slices.Values(got)), without(listed, "")) {
			t.Errorf("patient a, search %s: %v, want %v", typ, got, listed)
		}
		h, err := s.History(ctx, record.HistoryQuery{Type: typ, Count: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(h.Versions); !slices.Equal(got, without(listed, "")) || h.Total != -1 {
			t.Errorf("patient a, history of %s: %v (total %d), want %v", typ, got, h.Total, listed)
		}
	}
	expected = slices.DeleteFunc(expected, func(n string) bool { return n == "" })
	slices.Sort(expected)
	if got := find(t, s, "", "_lastUpdated=gt2000&_count=1000"); !slices.Equal(slices.Sorted(slices.Values(got)), expected) {
		t.Errorf("patient a, search of everything:\n%v\nwant\n%v", got, expected)
	}
	all, err := s.History(ctx, record.HistoryQuery{Count: 1000})
	if err != nil || !slices.Equal(names(all.Versions), expected) {
		t.Errorf("patient a, history of everything: %v\n%v\nwant\n%v", err, names(all.Versions), expected)
	}
	var walked []string
	if err := s.Walk(ctx, true, func(v *record.Version) error { walked = append(walked, v.Type+"/"+v.ID); return nil }); err != nil {
		t.Fatal(err)
	}
	if slices.Sort(walked); !slices.Equal(walked, expected) {
		t.Errorf("patient a, export: %v\nwant\n%v", walked, expected)
	}
	page, err := s.Everything(ctx, record.EverythingQuery{Patient: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Entries {
		if !slices.Contains(expected, e.Type+"/"+e.ID) {
			t.Errorf("patient a, everything: %s/%s", e.Type, e.ID)
		}
	}
	if _, err := s.Everything(ctx, record.EverythingQuery{Patient: "b"}); record.KindOf(err) != record.KindNotFound {
		t.Errorf("patient a, everything of b: %v", err)
	}
	t.Logf("%d cells; patient a sees %d resources of %d types", cells, len(expected), len(definitions.ResourceTypes()))
}

func names(versions []record.Version) (out []string) {
	for _, v := range versions {
		out = append(out, v.Type+"/"+v.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func without(list []string, what string) []string {
	out := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == what })
	slices.Sort(out)
	return out
}

// only is a scope for some types and actions.
type only struct {
	types   []string
	actions []access.Action
}

func (o only) Allows(typ string, a access.Action) bool {
	return slices.Contains(o.types, typ) && slices.Contains(o.actions, a)
}

// TestScopesNarrowRoles: a scope takes away from what the role allows and adds nothing to it.
func TestScopesNarrowRoles(t *testing.T) {
	ctx := context.Background()
	h := build(t)
	for _, role := range []access.Role{access.Clinician, access.FrontDesk, access.Program} {
		s := h.Record.As(access.Actor{ID: "app", Roles: []access.Role{role}, Org: h.Org,
			Scopes: only{[]string{"Observation", "Patient"}, []access.Action{access.Read, access.Search}}})
		for _, typ := range definitions.ResourceTypes() {
			want := (typ == "Observation" || typ == "Patient") && strings.Contains(may(role, typ), "r")
			if _, err := s.Read(ctx, typ, "a"); (record.KindOf(err) != record.KindForbidden) != want {
				t.Errorf("%s with scopes, read %s: %v", role, typ, err)
			}
			if _, err := s.Do(ctx, []record.Op{h.instance(t, typ, "a")}); record.KindOf(err) != record.KindForbidden {
				t.Errorf("%s with scopes, update %s: %v", role, typ, err)
			}
		}
		var seen []string
		if err := s.Walk(ctx, false, func(v *record.Version) error { seen = append(seen, v.Type); return nil }); err != nil {
			t.Error(err)
		}
		slices.Sort(seen)
		want := []string{"Observation", "Patient"}
		if role == access.FrontDesk {
			want = want[1:]
		}
		if got := slices.Compact(seen); !slices.Equal(got, want) {
			t.Errorf("%s with scopes exports %v", role, got)
		}
	}
}

// TestNoRoleNoRight: an actor without a role, with an unknown one, or with an empty list of organisations sees
// nothing.
func TestNoRoleNoRight(t *testing.T) {
	ctx := context.Background()
	h := build(t)
	for name, a := range map[string]access.Actor{
		"no role":          {ID: "x", Org: h.Org},
		"unknown role":     {ID: "x", Org: h.Org, Roles: []access.Role{"janitor"}},
		"unlinked patient": {ID: "x", Org: h.Org, Roles: []access.Role{access.Patient}},
		"no organisation":  {ID: "x", Roles: []access.Role{access.Clinician}, Orgs: []int64{}},
	} {
		s := h.Record.As(a)
		if _, err := s.Read(ctx, "Patient", "a"); err == nil {
			t.Errorf("%s reads", name)
		}
		if page, err := s.Search(ctx, record.Query{Type: "Patient"}); err == nil && (len(page.Entries) > 0 || page.Total > 0) {
			t.Errorf("%s finds", name)
		}
		if err := s.Walk(ctx, true, func(*record.Version) error { return errors.New("something") }); err != nil && record.KindOf(err) == 0 {
			t.Errorf("%s exports %v", name, err)
		}
		if _, err := s.History(ctx, record.HistoryQuery{Type: "Patient", ID: "a"}); err == nil {
			t.Errorf("%s reads history", name)
		}
	}
}
