package rest

import (
	"compress/bzip2"
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/searchtest"
	"github.com/osler-ehr/osler/synthetic"
)

// syntheaPatients are the records of blaze-2021 that the searches are tried on.
var syntheaPatients = []string{"8a4c9c04-*", "d1193889-*"}

// loadSynthea sends whole patient records, with the hospitals and people that they refer to before them.
func (s *site) loadSynthea() {
	s.t.Helper()
	for _, pattern := range append([]string{"0-hospital*", "0-practitioner*"}, syntheaPatients...) {
		for _, file := range sample(s.t, "synthea/blaze-2021/"+pattern) {
			s.send(filepath.Base(file), unpacked(s.t, file))
		}
	}
}

// send sends a batch or transaction of which everything is to succeed.
func (s *site) send(name string, body []byte) {
	s.t.Helper()
	for i, e := range s.ask("administrator", "POST", "/fhir", string(body)).status(200).bundle().Entry {
		if e.Response.Status[0] != '2' {
			s.t.Fatalf("%s, entry %d: %s %s", name, i, e.Response.Status, e.Response.Outcome)
		}
	}
}

func unpacked(t testing.TB, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, err := io.ReadAll(bzip2.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// loadPractice sends patients of the synthetic practice.
func (s *site) loadPractice(patients int) {
	s.t.Helper()
	var batch []string
	flush := func() {
		if len(batch) > 0 {
			s.send("synthetic practice", []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(batch, ",")+`]}`))
			batch = nil
		}
	}
	for item := range synthetic.Practice(synthetic.Options{Patients: patients, Years: 2, Provenance: true}) {
		if item.Type == "Patient" {
			flush()
		}
		batch = append(batch, put(item.Type+"/"+item.ID, string(item.JSON)))
	}
	flush()
}

// supplement is what US Core asks to be included and no sample has.
func (s *site) supplement() {
	s.t.Helper()
	var entries []string
	for _, doc := range []string{
		`{"resourceType":"Endpoint","id":"supplement","status":"active","connectionType":{"code":"direct-project"},"payloadType":[{"text":"any"}],"address":"mailto:rao@direct.example"}`,
		`{"resourceType":"Practitioner","id":"supplement","name":[{"family":"Supplement"}]}`,
		`{"resourceType":"PractitionerRole","id":"supplement","practitioner":{"reference":"Practitioner/supplement"},"endpoint":[{"reference":"Endpoint/supplement"}]}`,
		`{"resourceType":"Patient","id":"supplement","name":[{"family":"Supplement"}],"gender":"other"}`,
		`{"resourceType":"CareTeam","id":"supplement","status":"active","subject":{"reference":"Patient/supplement"},"participant":[{"role":[{"text":"nurse"}],"member":{"reference":"PractitionerRole/supplement"}}]}`,
		`{"resourceType":"Medication","id":"supplement","code":{"text":"ibuprofen"}}`,
		`{"resourceType":"MedicationDispense","id":"supplement","status":"completed","medicationReference":{"reference":"Medication/supplement"},"subject":{"reference":"Patient/supplement"}}`,
	} {
		typ, id := fhir.Open([]byte(doc)).Type(), fhir.Open([]byte(doc)).ID()
		entries = append(entries, put(typ+"/"+id, doc))
	}
	s.send("supplement", []byte(`{"resourceType":"Bundle","type":"transaction","entry":[`+strings.Join(entries, ",")+`]}`))
}

func put(name, doc string) string {
	return `{"fullUrl":"https://example.org/` + name + `","resource":` + doc + `,"request":{"method":"PUT","url":"` + name + `"}}`
}

// loadExamples sends the examples of a package that stand by themselves. Some refer to examples that the package
// does not have, and what refers to those then cannot be stored either. It returns what is left out.
func (s *site) loadExamples(all []*fhir.Resource) (leftOut []string) {
	s.t.Helper()
	waiting := slices.Clone(all)
	for {
		left := len(waiting)
		waiting = slices.DeleteFunc(waiting, func(r *fhir.Resource) bool {
			code := s.ask("administrator", "PUT", "/fhir/"+r.Type()+"/"+r.ID(), string(r.Bytes())).Code
			return code == 200 || code == 201
		})
		if len(waiting) == left {
			break
		}
	}
	for _, r := range waiting {
		leftOut = append(leftOut, r.Type()+"/"+r.ID())
	}
	return leftOut
}

// world is what the record holds, for searches that share no code with its own.
func (s *site) world() (*searchtest.World, []*fhir.Resource) {
	s.t.Helper()
	var docs []*fhir.Resource
	err := s.As("administrator").Walk(context.Background(), false, func(v *record.Version) error {
		docs = append(docs, v.Resource())
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	w, err := searchtest.NewWorld(docs)
	if err != nil {
		s.t.Fatal(err)
	}
	return w, docs
}
