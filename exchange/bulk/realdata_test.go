package bulk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/jobs/jobstest"
)

// What another server exported is uploaded, imported and exported again: every document comes back with its content
// byte for byte but for its meta.
func TestAnExportOfAnotherServerGoesInAndOut(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "bulk-ndjson", "10-patients", "*.*.ndjson"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ../shared/data/bulk-ndjson beside the repository")
		}
		t.Skip("no sample data at ../shared/data/bulk-ndjson beside the repository")
	}
	s := jobstest.New(t)
	o := quick
	s.Serve(Slice(s.Deps, o))
	all := s.ProgramToken("loader", "system/*.cruds")
	sent := map[string]*fhir.Resource{}
	var inputs []string
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(body)) {
			doc := fhir.Open([]byte(strings.TrimSpace(line)))
			sent[doc.Type()+"/"+doc.ID()] = doc
		}
		at := s.Ask(all, "POST", "/bulk/uploads/", string(body), ndjson).Want(201).Header.Get("Location")
		typ, _, _ := strings.Cut(filepath.Base(f), ".")
		inputs = append(inputs, fmt.Sprintf(`{"type":%q,"url":%q}`, typ, at))
	}
	m := imported(s, all, importing(s, all, `{"inputFormat":"application/fhir+ndjson","input":[`+strings.Join(inputs, ",")+`]}`))
	stored, refused := 0, 0
	for _, out := range m.Output {
		stored += out.Count
	}
	for _, e := range m.Error {
		refused += e.Count
		text := s.Ask(all, "GET", e.URL, "").Want(200).Text
		t.Logf("%s: %d refused, such as %s", e.InputURL, e.Count, text[:min(len(text), 300)])
	}
	got := exported(s, all, "/fhir/$export")
	if len(got) != stored || stored+refused != len(sent) || refused > 0 {
		t.Errorf("%d sent, %d stored, %d refused, %d exported", len(sent), stored, refused, len(got))
	}
	for name, line := range got {
		want := sent[name]
		doc := fhir.Open([]byte(strings.TrimSpace(line)))
		for p := range want.Root().Children() {
			if p.Key() == "meta" {
				continue
			}
			if a, b := string(fhir.AppendCompact(nil, p)), string(fhir.AppendCompact(nil, doc.Get(p.Key()))); a != b {
				t.Fatalf("%s, %s: sent %s, exported %s", name, p.Key(), a, b)
			}
		}
	}
	t.Logf("%d resources of %d files went in and out", len(got), len(files))
}
