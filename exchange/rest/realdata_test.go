package rest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// Whole patient records that others made, sent as transactions: every document comes back byte for byte but for
// its id, its meta and the references that were resolved.
func TestTransactionsOfRealRecords(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", "synthea", "smart-2019", "*.json"))
	if len(files) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the sample data is missing: ../shared/data/synthea/smart-2019 beside the repository")
		}
		t.Skip("no sample data at ../shared/data/synthea/smart-2019 beside the repository")
	}
	if testing.Short() {
		files = files[:1]
	}
	s := newSite(t)
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sent, err := fhir.ReadBundle(fhir.Open(body))
		if err != nil {
			t.Fatal(err)
		}
		got := s.ask("administrator", "POST", "/fhir", string(body)).status(200).bundle()
		if len(got.Entry) != len(sent.Entry) {
			t.Fatalf("%d entries answered, %d sent", len(got.Entry), len(sent.Entry))
		}
		var names []string
		patient := ""
		for i, e := range got.Entry {
			if !strings.HasPrefix(e.Response.Status, "201") {
				t.Fatalf("entry %d: %s %s", i, e.Response.Status, e.Response.Outcome)
			}
			name := strings.TrimSuffix(strings.TrimPrefix(e.Response.Location, "https://ehr.example/fhir/"), "/_history/1")
			names = append(names, `"`+sent.Entry[i].FullURL+`"`, `"`+name+`"`)
			if strings.HasPrefix(name, "Patient/") {
				patient = name
			}
		}
		resolved := strings.NewReplacer(names...)
		for i := range got.Entry {
			name := strings.Trim(names[2*i+1], `"`)
			_, id, _ := strings.Cut(name, "/")
			want := fhir.Open([]byte(resolved.Replace(string(sent.Entry[i].Resource.Raw())))).Stamp(id, 1, s.clock.Now())
			if read := s.ask("administrator", "GET", "/fhir/"+name, "").status(200); read.Body.String() != string(want.Bytes()) {
				t.Fatalf("%s entry %d differs:\nsent %s\nread %s", filepath.Base(file), i, want.Bytes(), read.Body)
			}
		}
		if all := s.ask("administrator", "GET", "/fhir/"+patient+"/$everything", "").matches(); len(all) != len(sent.Entry) {
			t.Errorf("%s: $everything has %d resources, the record %d", patient, len(all), len(sent.Entry))
		}
		t.Logf("%d resources", len(sent.Entry))
	}
}
