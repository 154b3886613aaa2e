package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
)

// onBothStores runs a test on SQLite and, where it is installed, on PostgreSQL.
func onBothStores(t *testing.T, test func(t *testing.T, f *recordtest.Fixture)) {
	t.Run("sqlite", func(t *testing.T) { test(t, recordtest.New(t, clock.System{})) })
	t.Run("postgres", func(t *testing.T) {
		c := postgrestest.Require(t)
		test(t, recordtest.On(t, clock.System{}, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Audit: o.Audit})
		}))
	})
}

const eyeURL = "http://example.org/eye"

func eyeParameter(id, code, status string) string {
	return fmt.Sprintf(`{"resourceType":"SearchParameter","id":%q,"url":"http://example.org/SearchParameter/%s","name":"Eye","status":%q,
		"description":"x","code":%q,"base":["Patient"],"type":"token","expression":"Patient.extension.where(url = '%s').value.as(CodeableConcept)"}`, id, id, status, code, eyeURL)
}

func eyePatient(id, colour string) string {
	return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true,"extension":[{"url":%q,"valueCodeableConcept":{"coding":[{"system":"http://example.org/colours","code":%q}]}}]}`, id, eyeURL, colour)
}

func putAll(t testing.TB, s *record.Session, docs ...string) {
	t.Helper()
	if err := tryPut(t, s, docs...); err != nil {
		t.Fatal(err)
	}
}

func tryPut(t testing.TB, s *record.Session, docs ...string) error {
	t.Helper()
	var ops []record.Op
	for _, d := range docs {
		r := parse(t, d)
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r})
	}
	_, err := s.Do(context.Background(), ops)
	return err
}

func finds(t testing.TB, s *record.Session, typ, name, value string) (int64, error) {
	t.Helper()
	page, err := s.Search(context.Background(), record.Query{Type: typ, Params: []search.Param{{Name: name, Value: value}, {Name: "_summary", Value: "count"}}, Strict: true})
	if err != nil {
		return 0, err
	}
	return page.Total, nil
}

func wantFinds(t testing.TB, s *record.Session, typ, name, value string, want int64) {
	t.Helper()
	if n, err := finds(t, s, typ, name, value); err != nil || n != want {
		t.Errorf("%s?%s=%s finds %d, %v, want %d", typ, name, value, n, err, want)
	}
}

func verified(t testing.TB, f *recordtest.Fixture) {
	t.Helper()
	v, err := f.Verify(context.Background(), nil)
	if err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v, %v", v.Problems, err)
	}
}

func TestCustomParameter(t *testing.T) {
	onBothStores(t, func(t *testing.T, f *recordtest.Fixture) {
		ctx := context.Background()
		s, program := f.As(access.Administrator), f.As(access.Program)
		var docs []string
		for i := range 240 {
			docs = append(docs, eyePatient(fmt.Sprintf("p%03d", i), []string{"blue", "brown", "green"}[i%3]))
		}
		putAll(t, s, docs...)
		if _, err := finds(t, s, "Patient", "eye", "blue"); record.KindOf(err) != record.KindNotSupported {
			t.Fatalf("before there is the parameter: %v", err)
		}
		putAll(t, s, eyeParameter("eye", "eye", "active"))
		for _, lenient := range []bool{false, true} {
			_, err := s.Search(ctx, record.Query{Type: "Patient", Params: []search.Param{{Name: "eye", Value: "blue"}}, Strict: !lenient})
			if record.KindOf(err) != record.KindConflict || !strings.Contains(err.Error(), "still being indexed") {
				t.Fatalf("while it is not indexed (lenient %v): %v", lenient, err)
			}
		}
		for _, param := range []string{"subject:Patient.eye", "_has:Patient:organization:eye"} {
			typ := "Observation"
			if strings.HasPrefix(param, "_has") {
				typ = "Organization"
			}
			if _, err := finds(t, s, typ, param, "blue"); record.KindOf(err) != record.KindConflict {
				t.Errorf("%s while it is not indexed: %v", param, err)
			}
		}
		// What is written from now on has its rows at once; what is changed before it is reached loses none.
		putAll(t, s, eyePatient("new", "blue"), eyePatient("p001", "blue"), eyePatient("p002", "green"))
		verified(t, f)
		if err := f.As(access.Administrator).Reindex(ctx); record.KindOf(err) != record.KindForbidden {
			t.Errorf("a person reindexes: %v", err)
		}
		if err := program.Reindex(ctx); err != nil {
			t.Fatal(err)
		}
		wantFinds(t, s, "Patient", "eye", "blue", 82)
		wantFinds(t, s, "Patient", "eye", "http://example.org/colours|brown", 79)
		wantFinds(t, s, "Patient", "eye:not", "green", 161)
		wantFinds(t, s, "Patient", "eye:missing", "true", 0)
		putAll(t, s, eyePatient("p001", "grey"))
		wantFinds(t, s, "Patient", "eye", "blue", 81)
		wantFinds(t, s, "Patient", "eye", "grey", 1)
		verified(t, f)
		state, err := s.Reindexing(ctx)
		if err != nil || len(state.Parameters) != 1 || state.Parameters[0].State != "ready" {
			t.Errorf("state: %+v, %v", state, err)
		}

		// Taken away, its rows go; defined again, it starts anew and tells of nothing that was missed meanwhile.
		putAll(t, s, eyeParameter("eye", "eye", "retired"))
		putAll(t, s, eyePatient("p001", "blue"), `{"resourceType":"Patient","id":"p000","active":true}`)
		if _, err := finds(t, s, "Patient", "eye", "blue"); record.KindOf(err) != record.KindNotSupported {
			t.Errorf("retired: %v", err)
		}
		putAll(t, s, eyeParameter("eye", "eye", "active"))
		if _, err := finds(t, s, "Patient", "eye", "blue"); record.KindOf(err) != record.KindConflict {
			t.Errorf("active again: %v", err)
		}
		if err := program.Reindex(ctx); err != nil {
			t.Fatal(err)
		}
		wantFinds(t, s, "Patient", "eye", "blue", 81)
		wantFinds(t, s, "Patient", "eye", "grey", 0)
		verified(t, f)
		if _, err := s.Do(ctx, []record.Op{{Verb: record.Delete, Type: "SearchParameter", ID: "eye"}}); err != nil {
			t.Fatal(err)
		}
		if err := program.Reindex(ctx); err != nil {
			t.Fatal(err)
		}
		verified(t, f)
	})
}

// TestReindexGoesOn: ended at any place, reindexing goes on where it was, also in another process.
func TestReindexGoesOn(t *testing.T) {
	f := recordtest.New(t, clock.System{})
	s := f.As(access.Administrator)
	var docs []string
	for i := range 2000 {
		docs = append(docs, eyePatient(fmt.Sprintf("p%04d", i), "blue"))
	}
	putAll(t, s, docs...)
	putAll(t, s, eyeParameter("eye", "eye", "active"))
	last := int64(-1)
	for rounds := 0; ; rounds++ {
		if rounds > 1000 {
			t.Fatal("it does not come to an end")
		}
		again, err := record.Open(context.Background(), record.Options{Store: f.Store, Keyring: f.Keyring})
		if err != nil {
			t.Fatal(err)
		}
		program := again.As(access.Actor{ID: "program:x", Roles: []access.Role{access.Program}, Org: f.Org})
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(20+5*rounds)*time.Millisecond) // more each time: a slow machine gets there too
		err = program.Reindex(ctx)
		ended := ctx.Err() != nil
		cancel()
		if err == nil {
			n, err := finds(t, again.As(access.Actor{ID: "a", Roles: []access.Role{access.Administrator}, Org: f.Org}), "Patient", "eye", "blue")
			if err != nil || n != 2000 {
				t.Fatalf("at the end: %d, %v", n, err)
			}
			break
		}
		if !ended {
			t.Fatal(err)
		}
		state, err := program.Reindexing(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if state.Total == 2000 {
			if state.Done < last {
				t.Errorf("it went back from %d to %d", last, state.Done)
			}
			last = state.Done
		}
	}
	if last < 200 {
		t.Errorf("the progress was not seen: %d", last)
	}
	if err := f.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	verified(t, f)
}

// TestWritesWhileReindexing: what others write meanwhile is found, on two servers too.
func TestWritesWhileReindexing(t *testing.T) {
	onBothStores(t, func(t *testing.T, f *recordtest.Fixture) {
		ctx := context.Background()
		s := f.As(access.Administrator)
		var docs []string
		for i := range 300 {
			docs = append(docs, eyePatient(fmt.Sprintf("p%03d", i), "brown"))
		}
		putAll(t, s, docs...)
		writer := s
		if serial, ok := f.Store.(interface{ Serial() bool }); !ok || !serial.Serial() { // another server, that nobody tells
			other, err := record.Open(ctx, record.Options{Store: f.Store, Keyring: f.Keyring})
			if err != nil {
				t.Fatal(err)
			}
			writer = other.As(access.Actor{ID: "other", Roles: []access.Role{access.Administrator}, Org: f.Org})
		}
		stop, done := make(chan struct{}), make(chan int)
		go func() {
			n := 0
			defer func() { done <- n }()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := tryPut(t, writer, eyePatient(fmt.Sprintf("p%03d", n%300), "blue"), eyePatient(fmt.Sprintf("n%04d", n), "green")); err != nil {
					t.Error(err)
					return
				}
				n++
			}
		}()
		time.Sleep(30 * time.Millisecond)
		putAll(t, s, eyeParameter("eye", "eye", "active"))
		if err := f.As(access.Program).Reindex(ctx); err != nil {
			t.Error(err)
		}
		close(stop)
		n := int64(<-done)
		if n == 0 {
			t.Fatal("nothing was written meanwhile")
		}
		t.Logf("%d transactions meanwhile", n)
		wantFinds(t, s, "Patient", "eye", "green", n)
		wantFinds(t, s, "Patient", "eye", "blue", min(n, 300))
		wantFinds(t, s, "Patient", "eye", "brown", max(0, 300-n))
		verified(t, f)
	})
}

func TestCustomParameterRefused(t *testing.T) {
	f := recordtest.New(t, clock.System{})
	s := f.As(access.Administrator)
	doc := func(code, typ, base, expression, more string) string {
		return fmt.Sprintf(`{"resourceType":"SearchParameter","id":"x","url":"http://example.org/x","name":"X","status":"active","description":"x","code":%q,"base":[%q],"type":%q,"expression":%q%s}`, code, base, typ, expression, more)
	}
	for _, tt := range []struct{ doc, want string }{
		{doc("x", "token", "Patient", "Patient.telecom.where(system = 'phone' and", ""), "end of the expression"},
		{doc("x", "token", "Patient", "Patient.name.given.foremost()", ""), "foremost"},
		{doc("x", "token", "Patient", "Patient.name.where(usage = 'old').given.first()", ""), "usage"},
		{doc("x", "date", "Patient", "Patient.name.where(use = 'old' or use = 'maiden').family", ""), "cannot compare"},
		{doc("x", "token", "Patient", "Patient.birthDate < today()", ""), "today()"},
		{doc("x", "token", "Patient", "Patient.maritalStatus.where(memberOf('http://e/vs'))", ""), "memberOf()"},
		{doc("x", "string", "Patient", "Patient.generalPractitioner.resolve().name", ""), "resolve()"},
		{doc("x", "token", "Patient", "Observation.code.first()", ""), "no path that begins with Patient"},
		{doc("x", "token", "Patient", "Patient.nowhere", ""), "leads to nothing"},
		{doc("x", "date", "Patient", "Patient.name.family", ""), "leads to nothing"},
		{doc("x", "token", "Patient", "Observation.code", ""), "no path that begins with Patient"},
		{doc("x", "special", "Patient", "Patient.name", ""), "cannot be evaluated"},
		{doc("name", "string", "Patient", "Patient.contact.name", ""), "already"},
		{doc("_sort", "string", "Patient", "Patient.contact.name", ""), "meaning of its own"},
		{doc("x y", "string", "Patient", "Patient.contact.name", ""), "code"},
		{doc("x", "composite", "Patient", "Patient", `,"component":[{"definition":"http://example.org/none","expression":"name"},{"definition":"http://example.org/none","expression":"name"}]`), "not a search parameter"},
	} {
		r := parse(t, tt.doc)
		if err := s.Check(context.Background(), record.Op{Verb: record.Create, Type: r.Type(), Resource: r}); record.KindOf(err) != record.KindInvalid {
			t.Errorf("looked at beforehand: %s: %v", tt.doc, err)
		}
		err := tryPut(t, s, tt.doc)
		if record.KindOf(err) != record.KindInvalid || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.doc, err, tt.want)
		}
	}
	// What is the same as what there is is no fault; nor is a draft.
	putAll(t, s, doc("birthdate", "date", "Patient", "Patient.birthDate", ""))
	putAll(t, s, strings.Replace(doc("x", "token", "Patient", "Patient.nowhere", ""), `"active"`, `"draft"`, 1))
}

// TestCustomParameterKinds: every kind of parameter finds by paths of its own.
func TestCustomParameterKinds(t *testing.T) {
	f := recordtest.New(t, clock.System{})
	s := f.As(access.Administrator)
	putAll(t, s, `{"resourceType":"Organization","id":"o","name":"O"}`,
		`{"resourceType":"Patient","id":"a","contact":[{"name":{"family":"Nagy"},"organization":{"reference":"Organization/o"},"period":{"start":"2020-01-01"}}],
		"photo":[{"size":12}],"extension":[{"url":"http://e/h","valueQuantity":{"value":180,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}},{"url":"http://e/u","valueUri":"http://Somewhere"}]}`,
		`{"resourceType":"Patient","id":"b"}`)
	parameter := func(code, typ, expression, more string) string {
		return fmt.Sprintf(`{"resourceType":"SearchParameter","id":%q,"url":"http://example.org/%s","name":"X","status":"active","description":"x","code":%q,"base":["Patient"],"type":%q,"expression":%q%s}`, code, code, code, typ, expression, more)
	}
	putAll(t, s,
		parameter("contact-name", "string", "Patient.contact.name", ""),
		parameter("contact-org", "reference", "Patient.contact.organization", `,"target":["Organization"]`),
		parameter("contact-since", "date", "Patient.contact.period", ""),
		parameter("photo-size", "number", "Patient.photo.size", ""),
		parameter("height", "quantity", "(Patient.extension.where(url='http://e/h').value as Quantity)", ""),
		parameter("place", "uri", "Patient.extension('http://e/u').value.ofType(uri)", ""),
		parameter("place-code", "token", "Patient.extension('http://e/u').value.ofType(uri)", ""),
		parameter("both", "composite", "Patient.contact", `,"component":[{"definition":"http://example.org/contact-org","expression":"organization"},{"definition":"http://example.org/contact-since","expression":"period"}]`))
	putAll(t, s, `{"resourceType":"SearchParameter","id":"dob","url":"http://example.org/dob","name":"X","status":"active","description":"x","code":"dob","base":["Patient"],"type":"date","expression":"Patient.birthDate"}`)
	wantFinds(t, s, "Patient", "dob:missing", "true", 2) // its path is indexed already
	if err := f.As(access.Program).Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, value string
		want        int64
	}{
		{"contact-name", "nag", 1}, {"contact-name:exact", "Nagy", 1}, {"contact-name", "x", 0}, {"contact-org", "Organization/o", 1}, {"contact-org", "o", 1}, {"contact-org.name", "O", 1},
		{"contact-since", "ge2020", 1}, {"contact-since", "lt2019", 0}, {"photo-size", "12", 1}, {"photo-size", "gt12", 0},
		{"height", "gt170|http://unitsofmeasure.org|cm", 1}, {"height", "180||kg", 0}, {"place", "http://Somewhere", 1}, {"place", "http://somewhere", 0},
		{"place-code", "http://somewhere", 1}, {"both", "Organization/o$ge2020", 1}, {"both", "Organization/o$lt2019", 0}, {"contact-name:missing", "true", 1},
	} {
		wantFinds(t, s, "Patient", tt.name, tt.value, tt.want)
	}
	wantFinds(t, s, "Organization", "_has:Patient:contact-org:photo-size", "12", 1)
	verified(t, f)
}

// TestComputedParameters: what implementation guides write beyond plain paths is evaluated, for what is written from then
// on and for what was there before.
func TestComputedParameters(t *testing.T) {
	f := recordtest.New(t, clock.System{})
	s := f.As(access.Administrator)
	before := `{"resourceType":"Patient","id":"before","active":true,"telecom":[{"system":"phone","use":"home","value":"555 0100"}],
		"identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MB"}]},"system":"urn:m","value":"m-1"},{"system":"urn:x","value":"x-1"}],
		"name":[{"use":"old","family":"Nagy"},{"use":"official","family":"Kis","given":["Ada","May"]}],"birthDate":"1980-02-03",
		"generalPractitioner":[{"reference":"Practitioner/d","identifier":{"system":"urn:npi","value":"9"}},{"reference":"Organization/o"}],
		"extension":[{"url":"http://e/move","extension":[{"url":"date","valueDateTime":"2020-05-06"},{"url":"fee","valueQuantity":{"value":12,"unit":"d","system":"http://unitsofmeasure.org","code":"d"}}]}]}`
	putAll(t, s, `{"resourceType":"Organization","id":"o","name":"O"}`, `{"resourceType":"Practitioner","id":"d","name":[{"family":"D"}]}`, before)
	type parameter struct{ code, typ, expression string }
	for _, p := range []parameter{
		{"home-phone", "token", "Patient.telecom.where(system = 'phone' and use = 'home')"},
		{"member", "token", "Patient.identifier.where(type.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v2-0203').code = 'MB')"},
		{"first-given", "string", "Patient.name.given.first()"},
		{"real-name", "string", "Patient.name.where(use = 'official' or use = 'usual')"},
		{"called", "string", "Patient.name.where(use != 'old').select(given.first() & ' ' & family)"},
		{"has-phone", "token", "Patient.telecom.where(system = 'phone').exists()"},
		{"gp-person", "reference", "Patient.generalPractitioner.where(resolve() is Practitioner) | Patient.link.other.where(resolve() is Patient)"},
		{"gp-resolved", "reference", "Patient.generalPractitioner.resolve().ofType(Practitioner)"},
		{"moved", "date", "Patient.extension.where(url = 'http://e/move').extension.where(url = 'date').value.first()"},
		{"fee", "quantity", "Patient.descendants().where($this is Extension and url = 'fee').value.ofType(Quantity)"},
		{"names", "number", "Patient.name.count()"},
		{"born-or-active", "token", "iif(Patient.active.exists(), Patient.active, false)"},
	} {
		putAll(t, s, fmt.Sprintf(`{"resourceType":"SearchParameter","id":%q,"url":"http://example.org/%s","name":"X","status":"active","description":"x","code":%q,"base":["Patient"],"type":%q,"expression":%q}`, p.code, p.code, p.code, p.typ, p.expression))
	}
	if _, err := finds(t, s, "Patient", "has-phone", "true"); record.KindOf(err) != record.KindConflict {
		t.Errorf("a search before what was there is indexed: %v", err)
	}
	if err := f.As(access.Program).Reindex(context.Background()); err != nil {
		t.Fatal(err)
	}
	putAll(t, s, strings.NewReplacer(`"before"`, `"after"`, "Nagy", "Kovacs", "Kis", "Nagy", "m-1", "m-2", "2020-05-06", "2024-05-06", `{"reference":"Practitioner/d","identifier":{"system":"urn:npi","value":"9"}},`, ``).Replace(before),
		`{"resourceType":"Patient","id":"bare"}`)
	for _, tt := range []struct {
		name, value string
		want        int64
	}{
		{"home-phone", "5550100", 2}, {"member", "urn:m|m-1", 1}, {"member", "m-2", 1}, {"member", "x-1", 0}, {"member:not", "m-1", 2},
		{"first-given", "ada", 2}, {"first-given", "may", 0}, {"first-given:exact", "Ada", 2}, {"first-given:exact", "ada", 0},
		{"real-name", "nagy", 1}, {"real-name:contains", "ag", 1}, {"real-name:exact", "Kis", 1}, {"called", "ada kis", 1},
		{"has-phone", "true", 2}, {"has-phone", "false", 1}, {"gp-person", "Practitioner/d", 1}, {"gp-person", "Organization/o", 0}, {"gp-person.name", "D", 1}, {"gp-person:identifier", "urn:npi|9", 1}, {"gp-person:identifier", "urn:npi|8", 0},
		{"gp-resolved", "Practitioner/d", 1}, {"gp-resolved", "d", 1}, {"moved", "2020", 1}, {"moved", "ge2021", 1}, {"fee", "gt10|http://unitsofmeasure.org|d", 2}, {"fee", "lt10", 0},
		{"names", "2", 2}, {"names", "0", 1}, {"born-or-active", "true", 2}, {"born-or-active", "false", 1}, {"moved:missing", "true", 1},
	} {
		wantFinds(t, s, "Patient", tt.name, tt.value, tt.want)
	}
	page, err := s.Search(context.Background(), record.Query{Type: "Patient", Strict: true, Params: []search.Param{{Name: "_include", Value: "Patient:gp-person"}, {Name: "_sort", Value: "first-given,-member"}}})
	if err != nil || len(page.Entries) != 4 || page.Entries[0].ID != "after" || page.Entries[3].ID != "d" {
		t.Errorf("%+v, %v", page, err)
	}
	wantFinds(t, s, "Practitioner", "_has:Patient:gp-person:birthdate", "1980-02-03", 1)
	verified(t, f)
}
