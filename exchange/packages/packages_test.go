package packages_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/exchange/packages"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/validate"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// pack makes a package of files.
func pack(t testing.TB, files map[string]string) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, text := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return &b
}

const (
	manifest = `{"name":"example.eyes","version":"1.0.0","title":"Eyes","fhirVersions":["4.0.1"]}`

	eyeProfile = `{"resourceType":"StructureDefinition","id":"eye-patient","url":"http://example.org/StructureDefinition/eye-patient","version":"1.0.0","name":"EyePatient","status":"active",
		"fhirVersion":"4.0.1","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Patient","derivation":"constraint",
		"differential":{"element":[{"id":"Patient","path":"Patient"},{"id":"Patient.birthDate","path":"Patient.birthDate","min":1},
		{"id":"Patient.maritalStatus","path":"Patient.maritalStatus","binding":{"strength":"required","valueSet":"http://example.org/ValueSet/colours"}}]}}`
	derivedProfile = `{"resourceType":"StructureDefinition","id":"eye-child","url":"http://example.org/StructureDefinition/eye-child","version":"1.0.0","name":"EyeChild","status":"active",
		"fhirVersion":"4.0.1","kind":"resource","abstract":false,"type":"Patient","baseDefinition":"http://example.org/StructureDefinition/eye-patient","derivation":"constraint",
		"differential":{"element":[{"id":"Patient.gender","path":"Patient.gender","min":1}]}}`
	colours   = `{"resourceType":"CodeSystem","id":"colours","url":"http://example.org/colours","version":"1","name":"Colours","status":"active","content":"complete","concept":[{"code":"blue","display":"Blue"},{"code":"brown","display":"Brown"}]}`
	colourSet = `{"resourceType":"ValueSet","id":"colours","url":"http://example.org/ValueSet/colours","name":"Colours","status":"active","compose":{"include":[{"system":"http://example.org/colours"}]}}`
	parameter = `{"resourceType":"SearchParameter","id":"eye","url":"http://example.org/SearchParameter/eye","name":"Eye","status":"draft","description":"x","code":"eye","base":["Patient"],"type":"token",
		"expression":"Patient.extension('http://example.org/eye').value.ofType(CodeableConcept)"}`
	blueEyes = `{"resourceType":"Patient","id":"a","meta":{"profile":["http://example.org/StructureDefinition/eye-patient"]},"extension":[{"url":"http://example.org/eye","valueCodeableConcept":{"coding":[{"system":"http://example.org/colours","code":"blue"}]}}]}`
)

func eyes() map[string]string {
	return map[string]string{
		"package/package.json": manifest, "package/.index.json": `{"index-version":1,"files":[]}`, "package/StructureDefinition-eye-patient.json": eyeProfile,
		"package/StructureDefinition-eye-child.json": derivedProfile, "package/CodeSystem-colours.json": colours, "package/ValueSet-colours.json": colourSet,
		"package/SearchParameter-eye.json": parameter, "package/example/Patient-x.json": `not even JSON`,
		"package/CapabilityStatement-x.json": `{"resourceType":"CapabilityStatement"}`,
	}
}

func parse(t testing.TB, text string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func put(t testing.TB, s *record.Session, text string) {
	t.Helper()
	r := parse(t, text)
	if _, err := s.Do(context.Background(), []record.Op{{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r}}); err != nil {
		t.Fatal(err)
	}
}

func count(s *record.Session, typ, name, value string) (int64, error) {
	page, err := s.Search(context.Background(), record.Query{Type: typ, Params: []search.Param{{Name: name, Value: value}, {Name: "_summary", Value: "count"}}, Strict: true})
	if err != nil {
		return 0, err
	}
	return page.Total, nil
}

func TestPackage(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, clock.System{})
	program := f.As(access.Program)
	put(t, program, blueEyes)
	p, err := packages.Read(pack(t, eyes()))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Files) != 5 || p.Others["CapabilityStatement"] != 1 {
		t.Fatalf("read: %d files, others %v", len(p.Files), p.Others)
	}
	l := packages.Loader{Target: packages.Here{Session: program}}
	report, err := l.Add(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if report.Written != 5 || report.Resources["StructureDefinition"] != 2 || len(report.Notes) != 0 {
		t.Errorf("report: %+v", report)
	}
	if report, err = l.Add(ctx, p); err != nil || report.Written != 0 {
		t.Errorf("loaded again: %+v, %v", report, err)
	}

	// Another process that opens the same record knows it all.
	again, err := record.Open(ctx, record.Options{Store: f.Store, Keyring: f.Keyring})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]*record.Record{"here": f.Record, "opened again": again} {
		checker := validate.Checker{Definitions: r.Definitions()}
		for _, tt := range []struct {
			patient, profile string
			faults           int
		}{
			{`{"resourceType":"Patient","birthDate":"2000-01-01"}`, "http://example.org/StructureDefinition/eye-patient", 0},
			{`{"resourceType":"Patient"}`, "http://example.org/StructureDefinition/eye-patient|1.0.0", 1},
			{`{"resourceType":"Patient"}`, "http://example.org/StructureDefinition/eye-patient|2.0.0", 1}, // is not known
			{`{"resourceType":"Patient","birthDate":"2000-01-01","maritalStatus":{"coding":[{"system":"http://example.org/colours","code":"blue"}]}}`, "http://example.org/StructureDefinition/eye-patient", 0},
			{`{"resourceType":"Patient","birthDate":"2000-01-01","maritalStatus":{"coding":[{"system":"http://example.org/colours","code":"red"}]}}`, "http://example.org/StructureDefinition/eye-patient", 1},
			{`{"resourceType":"Patient"}`, "http://example.org/StructureDefinition/eye-child", 2}, // what it is derived from too
		} {
			if got := checker.Profile(parse(t, tt.patient), tt.profile); len(got) != tt.faults {
				t.Errorf("%s: %s as %s: %v, want %d", name, tt.patient, tt.profile, got, tt.faults)
			}
		}
		loaded, err := r.Loaded(ctx)
		if err != nil || len(loaded.Profiles["Patient"]) != 2 {
			t.Errorf("%s: profiles %v, %v", name, loaded.Profiles, err)
		}
	}
	if err := program.Reindex(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := count(program, "Patient", "eye", "blue"); err != nil || n != 1 {
		t.Errorf("search: %d, %v", n, err)
	}
	list, err := l.List(ctx)
	if err != nil || len(list) != 1 || list[0].Name != "example.eyes" || list[0].Version != "1.0.0" {
		t.Fatalf("list: %+v, %v", list, err)
	}

	// A build of the same version without one of its files takes the place of the first.
	fewer := eyes()
	delete(fewer, "package/ValueSet-colours.json")
	if p, err = packages.Read(pack(t, fewer)); err != nil {
		t.Fatal(err)
	}
	if _, err = l.Add(ctx, p); err != nil {
		t.Fatal(err)
	}
	if n, err := count(program, "ValueSet", "url", "http://example.org/ValueSet/colours"); err != nil || n != 0 {
		t.Errorf("the value set that the new build lacks: %d, %v", n, err)
	}
	if _, err := l.Remove(ctx, "example.eyes", "2"); err == nil {
		t.Error("a version that is not loaded was removed")
	}
	if _, err := l.Remove(ctx, "example.eyes", ""); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter", "ImplementationGuide"} {
		if n, err := count(program, typ, "_lastUpdated", "gt2000"); err != nil || n != 0 {
			t.Errorf("%s left: %d, %v", typ, n, err)
		}
	}
	if got := (validate.Checker{Definitions: f.Definitions()}).Claimed(parse(t, blueEyes)); len(got) != 1 || got[0].Code != fhir.CodeNotSupported {
		t.Errorf("a profile that is gone: %v", got)
	}
	if v, err := f.Verify(ctx, nil); err != nil || len(v.Problems) > 0 {
		t.Errorf("verify: %v, %v", v, err)
	}
}

func TestBadPackages(t *testing.T) {
	f := recordtest.New(t, clock.System{})
	l := packages.Loader{Target: packages.Here{Session: f.As(access.Program)}}
	with := func(name, text string) map[string]string {
		m := eyes()
		if text == "" {
			delete(m, name)
		} else {
			m[name] = text
		}
		return m
	}
	broken := pack(t, eyes()).Bytes()
	for _, tt := range []struct {
		name string
		in   []byte
		want []string // all must be in the error
	}{
		{"not gzip", []byte("PK\x03\x04"), []string{"gzip"}},
		{"cut off", broken[:len(broken)/2], []string{"damaged"}},
		{"no manifest", pack(t, with("package/package.json", "")).Bytes(), []string{"package/package.json"}},
		{"manifest without a name", pack(t, with("package/package.json", `{"fhirVersions":["4.0.1"]}`)).Bytes(), []string{"package/package.json", "name"}},
		{"R5", pack(t, with("package/package.json", `{"name":"x","version":"1","fhirVersions":["5.0.0"]}`)).Bytes(), []string{"package/package.json", "5.0.0", "R4"}},
		{"no version of FHIR", pack(t, with("package/package.json", `{"name":"x","version":"1"}`)).Bytes(), []string{"package/package.json", "does not say"}},
		{"nothing in it", pack(t, map[string]string{"package/package.json": manifest}).Bytes(), []string{"defines nothing"}},
		{"no JSON", pack(t, with("package/ValueSet-colours.json", `{"resourceType":"ValueSet",}`)).Bytes(), []string{"package/ValueSet-colours.json", "parse"}},
		{"not valid", pack(t, with("package/ValueSet-colours.json", `{"resourceType":"ValueSet","url":"http://x","status":"perhaps"}`)).Bytes(), []string{"package/ValueSet-colours.json", "status"}},
		{"of no type", pack(t, with("package/StructureDefinition-eye-patient.json", strings.Replace(eyeProfile, `"type":"Patient"`, `"type":"Patience"`, 1))).Bytes(), []string{"package/StructureDefinition-eye-patient.json", "Patience"}},
		{"expression", pack(t, with("package/SearchParameter-eye.json", strings.Replace(parameter, "Patient.extension('http://example.org/eye').value.ofType(CodeableConcept)", "Patient.name.given.foremost()", 1))).Bytes(), []string{"package/SearchParameter-eye.json", "foremost"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := packages.Read(bytes.NewReader(tt.in))
			if err == nil {
				_, err = l.Add(context.Background(), p)
			}
			if err == nil {
				t.Fatal("it was loaded")
			}
			for _, w := range tt.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%v, want %q in it", err, w)
				}
			}
			if n, err := count(f.As(access.Program), "CodeSystem", "url", "http://example.org/colours"); err != nil || n != 0 {
				t.Errorf("something of it is there: %d, %v", n, err)
			}
		})
	}
}

// A parameter whose name means something else here is left out, and said so; the rest is loaded.
func TestTakenParameter(t *testing.T) {
	f := recordtest.New(t, clock.System{})
	l := packages.Loader{Target: packages.Here{Session: f.As(access.Program)}}
	m := eyes()
	m["package/SearchParameter-eye.json"] = strings.Replace(parameter, `"code":"eye"`, `"code":"gender"`, 1)
	p, err := packages.Read(pack(t, m))
	if err != nil {
		t.Fatal(err)
	}
	report, err := l.Add(context.Background(), p)
	if err != nil || len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "SearchParameter-eye.json") || report.Written != 4 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestUSCore loads what the program has by itself too: nothing is left out, and no search gets another meaning.
func TestUSCore(t *testing.T) {
	file, err := os.Open("../../../shared/data/packages/us_core_700.tgz")
	if errors.Is(err, os.ErrNotExist) {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data must be beside the checkout: ../shared/data/packages")
		}
		t.Skip("no sample data at ../shared/data/packages")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	begun := time.Now()
	p, err := packages.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	f := recordtest.New(t, clock.System{})
	s := f.As(access.Program)
	report, err := packages.Loader{Target: packages.Here{Session: s}}.Add(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d resources in %v", report.Written, time.Since(begun).Round(time.Millisecond))
	if report.Written < 200 || len(report.Notes) > 0 {
		t.Errorf("%+v", report)
	}
	state, err := s.Reindexing(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range state.Parameters {
		if p.State != "present" {
			t.Errorf("%s is %s: %s", p.URL, p.State, p.Reason)
		}
	}
	if len(state.Parameters) != 110 {
		t.Errorf("%d search parameters", len(state.Parameters))
	}
}
