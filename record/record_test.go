package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

func parse(t testing.TB, s string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	patient     = `{"resourceType":"Patient","name":[{"family":"Müller","given":["Ana"]}],"birthDate":"1980-02-03","identifier":[{"system":"urn:mrn","value":"1"}]}`
	observation = `{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},"subject":{"reference":"urn:uuid:p"},"effectiveDateTime":"2020-01-02","valueQuantity":{"value":72.50,"unit":"/min","system":"http://unitsofmeasure.org","code":"/min"}}`
)

func create(t testing.TB, s *record.Session, docs ...string) []record.Result {
	t.Helper()
	var ops []record.Op
	for i, d := range docs {
		r := parse(t, d)
		full := fmt.Sprintf("urn:uuid:%d", i)
		if i == 0 {
			full = "urn:uuid:p"
		}
		ops = append(ops, record.Op{Verb: record.Create, Type: r.Type(), Resource: r, FullURL: full})
	}
	res, err := s.Do(context.Background(), ops)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func find(t testing.TB, s *record.Session, typ, query string) []string {
	t.Helper()
	params, err := record.ParseParams(query)
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Search(context.Background(), record.Query{Type: typ, Params: params, Strict: true})
	if err != nil {
		t.Fatalf("%s?%s: %v", typ, query, err)
	}
	var out []string
	for _, e := range page.Entries {
		out = append(out, e.Type+"/"+e.ID)
	}
	return out
}

func TestWriteSearchRead(t *testing.T) {
	f := recordtest.New(t, nil)
	s := f.As(access.Clinician)
	res := create(t, s, patient, observation)
	p, o := res[0], res[1]
	v, err := s.Read(context.Background(), "Observation", o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(v.Body), `"value":72.50`) || !strings.Contains(string(v.Body), `"reference":"Patient/`+p.ID) {
		t.Errorf("stored: %s", v.Body)
	}
	for query, want := range map[string]string{
		"patient=" + p.ID:                                    "Observation/" + o.ID,
		"subject=Patient/" + p.ID + "&code=8867-4":           "Observation/" + o.ID,
		"code=http://loinc.org|8867-4":                       "Observation/" + o.ID,
		"code=http://loinc.org|":                             "Observation/" + o.ID,
		"code=|8867-4":                                       "",
		"category=vital-signs&date=ge2020&_sort=-date":       "Observation/" + o.ID,
		"date=2020-01-02":                                    "Observation/" + o.ID,
		"date=gt2020-01-02":                                  "",
		"value-quantity=72.5":                                "Observation/" + o.ID,
		"value-quantity=gt70|http://unitsofmeasure.org|/min": "Observation/" + o.ID,
		"code-value-quantity=8867-4$lt80":                    "Observation/" + o.ID,
		"combo-code=8867-4":                                  "Observation/" + o.ID,
		"subject:Patient.family=muller":                      "Observation/" + o.ID,
		"patient.name=ana&status=final":                      "Observation/" + o.ID,
		"patient.birthdate=1981":                             "",
		"status:not=final":                                   "",
		"encounter:missing=true":                             "Observation/" + o.ID,
		"_id=" + o.ID:                                        "Observation/" + o.ID,
		"_lastUpdated=ge2000":                                "Observation/" + o.ID,
	} {
		if got := strings.Join(find(t, s, "Observation", query), " "); got != want {
			t.Errorf("Observation?%s: got %q, want %q", query, got, want)
		}
	}
	for query, want := range map[string]string{
		"family=Mul": p.ID, "family:exact=Müller": p.ID, "family:exact=Muller": "", "name:contains=lle": p.ID,
		"identifier=urn:mrn|1": p.ID, "birthdate=1980-02-03": p.ID, "_has:Observation:patient:code=8867-4": p.ID, "deceased=false": p.ID,
		"_has:Observation:patient:code=x": "",
	} {
		if got := strings.Join(find(t, s, "Patient", query), " "); strings.TrimPrefix(got, "Patient/") != want {
			t.Errorf("Patient?%s: got %q, want %q", query, got, want)
		}
	}
	if got := find(t, s, "Observation", "_id="+o.ID+"&_include=Observation:patient"); len(got) != 2 {
		t.Errorf("_include: %v", got)
	}
	if got := find(t, s, "Patient", "_id="+p.ID+"&_revinclude=Observation:subject"); len(got) != 2 {
		t.Errorf("_revinclude: %v", got)
	}
	all, err := s.Everything(context.Background(), record.EverythingQuery{Patient: p.ID})
	if err != nil || len(all.Entries) != 2 {
		t.Errorf("everything: %v %v", all, err)
	}
}

func TestUpdateConflictHistoryDelete(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	s := f.As(access.Clinician)
	p := create(t, s, patient)[0]
	change := func(ifMatch int64, family string) (record.Result, error) {
		doc := parse(t, strings.Replace(patient, "Müller", family, 1))
		res, err := s.Do(ctx, []record.Op{{Verb: record.Update, Type: "Patient", ID: p.ID, Resource: doc, IfMatch: ifMatch}})
		if err != nil {
			return record.Result{}, err
		}
		return res[0], nil
	}
	if r, err := change(1, "Meier"); err != nil || r.Version.Version != 2 {
		t.Fatalf("update: %+v %v", r, err)
	}
	if _, err := change(1, "Schmidt"); record.KindOf(err) != record.KindPrecondition {
		t.Errorf("a stale If-Match: %v", err)
	}
	if r, err := change(0, "Meier"); err != nil || !r.Unchanged {
		t.Errorf("the same again: %+v %v", r, err)
	}
	if got := find(t, s, "Patient", "family=muller"); len(got) != 0 {
		t.Errorf("the old name still finds %v", got)
	}
	if got := find(t, s, "Patient", "family=meier"); len(got) != 1 {
		t.Errorf("the new name finds %v", got)
	}
	h, err := s.History(ctx, record.HistoryQuery{Type: "Patient", ID: p.ID})
	if err != nil || len(h.Versions) != 2 || h.Versions[0].Version != 2 {
		t.Fatalf("history: %+v %v", h, err)
	}
	if v, err := s.ReadVersion(ctx, "Patient", p.ID, 1); err != nil || !strings.Contains(string(v.Body), "Müller") {
		t.Errorf("version 1: %v %v", v, err)
	}
	if _, err := s.Do(ctx, []record.Op{{Verb: record.Delete, Type: "Patient", ID: p.ID}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(ctx, "Patient", p.ID); record.KindOf(err) != record.KindGone {
		t.Errorf("read of a deleted resource: %v", err)
	}
	if r, err := change(0, "Wieder"); err != nil || r.Version.Version != 4 || !r.Created {
		t.Errorf("again after the deletion: %+v %v", r, err)
	}
}

func TestReferencesMustExist(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	s := f.As(access.Clinician)
	doc := parse(t, strings.Replace(observation, "urn:uuid:p", "Patient/nobody", 1))
	_, err := s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Observation", Resource: doc}})
	if record.KindOf(err) != record.KindInvalid {
		t.Errorf("a patient that does not exist: %v", err)
	}
	res := create(t, s, patient, observation)
	if _, err := s.Do(ctx, []record.Op{{Verb: record.Delete, Type: "Patient", ID: res[0].ID}}); record.KindOf(err) != record.KindConflict {
		t.Errorf("delete of a patient with a record: %v", err)
	}
	bad := parse(t, `{"resourceType":"Observation","status":"odd","code":{"text":"x"}}`)
	if _, err := s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Observation", Resource: bad}}); record.KindOf(err) != record.KindInvalid {
		t.Errorf("a code outside its required value set: %v", err)
	}
}

func TestRolesSeeWhatTheyMay(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	res := create(t, f.As(access.Clinician), patient, observation)
	other := create(t, f.As(access.Clinician), patient, observation)
	desk := f.As(access.FrontDesk)
	if _, err := desk.Read(ctx, "Observation", res[1].ID); record.KindOf(err) != record.KindForbidden {
		t.Errorf("the desk reads an observation: %v", err)
	}
	if got := find(t, desk, "Patient", "_has:Observation:patient:code=8867-4"); len(got) != 0 {
		t.Errorf("the desk learns of observations by _has: %v", got)
	}
	if got := find(t, desk, "Patient", "_id="+res[0].ID+"&_revinclude=Observation:subject"); len(got) != 1 {
		t.Errorf("the desk gets observations by _revinclude: %v", got)
	}
	own := f.AsPatient(t, res[0].ID)
	if got := find(t, own, "Observation", ""); len(got) != 1 {
		t.Errorf("a patient sees %v", got)
	}
	if _, err := own.Read(ctx, "Observation", other[1].ID); record.KindOf(err) != record.KindNotFound {
		t.Errorf("a patient reads another's: %v", err)
	}
	if got := find(t, own, "Patient", "family=muller"); len(got) != 1 {
		t.Errorf("a patient finds %v", got)
	}
}

func TestConditionalCreateOnce(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	s := f.As(access.Clinician)
	done := make(chan error)
	for range 16 {
		go func() {
			_, err := s.Do(ctx, []record.Op{{Verb: record.Create, Type: "Patient", Resource: parse(t, patient), Condition: "identifier=urn:mrn|1"}})
			done <- err
		}()
	}
	for range 16 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := find(t, s, "Patient", "identifier=urn:mrn|1"); len(got) != 1 {
		t.Errorf("%d patients were made", len(got))
	}
}

func TestPagesAreStable(t *testing.T) {
	f := recordtest.New(t, nil)
	s := f.As(access.Clinician)
	docs := []string{patient}
	for i := range 25 {
		docs = append(docs, strings.Replace(observation, "2020-01-02", fmt.Sprintf("2020-01-%02d", i%5+1), 1))
	}
	create(t, s, docs...)
	for _, sort := range []string{"", "-date", "date,-_lastUpdated"} {
		seen := map[string]bool{}
		q := record.Query{Type: "Observation", Params: []search.Param{{Name: "_count", Value: "7"}, {Name: "_sort", Value: sort}}}
		for {
			page, err := s.Search(context.Background(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				if seen[e.ID] {
					t.Errorf("_sort=%s: %s came twice", sort, e.ID)
				}
				seen[e.ID] = true
			}
			if page.Next == "" {
				break
			}
			q.Page = page.Next
		}
		if len(seen) != 25 {
			t.Errorf("_sort=%s: %d of 25 came", sort, len(seen))
		}
	}
}
