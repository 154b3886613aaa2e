package validate

import (
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// A list whose entries are told apart by what they refer to.
const resolvedList = `{"resourceType":"StructureDefinition","url":"http://x/list","kind":"resource","type":"List","derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/List","differential":{"element":[
{"id":"List.entry","path":"List.entry","slicing":{"rules":"closed","discriminator":[{"type":"KIND","path":"item.resolve()"}]}},
{"id":"List.entry:sick","path":"List.entry","sliceName":"sick","min":1,"max":"1"},
{"id":"List.entry:sick.item","path":"List.entry.item","type":[{"code":"Reference","targetProfile":["http://x/sick"]}]},
{"id":"List.entry:pill","path":"List.entry","sliceName":"pill","max":"1"},
{"id":"List.entry:pill.item","path":"List.entry.item","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Medication"]}]}]}}`

const resolvedSick = `{"resourceType":"StructureDefinition","url":"http://x/sick","kind":"resource","type":"Condition","derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/Condition","differential":{"element":[
{"id":"Condition.severity","path":"Condition.severity","min":1}]}}`

func listOf(refs string, contained string) string {
	var b strings.Builder
	b.WriteString(`{"resourceType":"List","status":"current","mode":"working",`)
	if contained != "" {
		b.WriteString(`"contained":[` + contained + `],`)
	}
	b.WriteString(`"entry":[`)
	for i, ref := range strings.Fields(refs) {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"item":{"reference":"` + ref + `"}}`)
	}
	return b.String() + `]}`
}

func TestSlicesThroughReferences(t *testing.T) {
	const severe = `{"resourceType":"Condition","id":"c","severity":{"text":"bad"},"subject":{"reference":"Patient/p"}}`
	const mild = `{"resourceType":"Condition","id":"m","subject":{"reference":"Patient/p"}}`
	record := map[string]string{"Condition/c": severe, "Condition/m": mild, "Medication/d": `{"resourceType":"Medication","id":"d"}`}
	resolve := func(reference string) (fhir.Node, bool) {
		doc, ok := record[reference]
		if !ok {
			return fhir.Node{}, false
		}
		return fhir.Open([]byte(doc)).Root(), true
	}
	for _, tt := range []struct {
		name, kind, doc string
		resolve         func(string) (fhir.Node, bool)
		want            string
	}{
		{"types, told by the references alone", "type", listOf("Condition/c Medication/d", ""), nil, ""},
		{"type of neither", "type", listOf("Condition/c Patient/p", ""), nil, "error List.entry[1]"},
		{"slice missing", "type", listOf("Medication/d", ""), nil, "error List.entry"},
		{"too many of a slice", "type", listOf("Condition/c Medication/d Medication/d", ""), nil, "error List.entry"},
		{"type of what is not at hand", "type", listOf("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", ""), nil, "information List.entry[0]"},
		{"type of what is contained", "type", listOf("#c", severe), nil, ""},
		{"profile, contained", "profile", listOf("#c", severe), nil, ""},
		{"profile, contained, not followed", "profile", listOf("#m", mild), nil, "error List.entry error List.entry[0]"},
		{"profile, in the record", "profile", listOf("Condition/c Medication/d", ""), resolve, ""},
		{"profile, in the record, not followed", "profile", listOf("Condition/m", ""), resolve, "error List.entry error List.entry[0]"},
		{"profile, not at hand", "profile", listOf("Condition/c Medication/d", ""), nil, "information List.entry[0] information List.entry[1]"},
		{"profile, not there", "profile", listOf("Condition/x", ""), resolve, "information List.entry[0]"},
		{"profile, of another type", "profile", listOf("Condition/c Patient/p", ""), resolve, "error List.entry[1]"},
	} {
		set := definitions.NewSet(func(typ, url string) ([]byte, error) {
			switch url {
			case "http://x/list":
				return []byte(strings.Replace(resolvedList, "KIND", tt.kind, 1)), nil
			case "http://x/sick":
				return []byte(resolvedSick), nil
			}
			return nil, nil
		})
		r, err := fhir.Parse([]byte(tt.doc))
		if err != nil {
			t.Fatal(err)
		}
		if got := briefly(Checker{Definitions: set, Resolve: tt.resolve}.Profile(r, "http://x/list")); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func briefly(issues []fhir.Issue) string {
	said := make([]string, len(issues))
	for i, issue := range issues {
		said[i] = string(issue.Severity) + " " + issue.Expression[0]
	}
	slices.Sort(said)
	return strings.Join(said, " ")
}

// R4's lipid profile tells its results apart by the code of the observations; here they stand in the same Bundle.
func TestSlicesByValueInABundle(t *testing.T) {
	observation := func(id, code string) string {
		return `{"fullUrl":"http://x/Observation/` + id + `","resource":{"resourceType":"Observation","id":"` + id + `","status":"final","code":` + code + `}}`
	}
	codeOf := func(profile string) string {
		p, ok := definitions.Profile("http://hl7.org/fhir/StructureDefinition/" + profile)
		if !ok {
			t.Fatal("no profile " + profile)
		}
		e, _ := p.Element("Observation.code")
		return e.Fixed + e.Pattern
	}
	report := `{"resourceType":"DiagnosticReport","id":"r","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/lipidprofile"]},"status":"final",
		"code":{"coding":[{"system":"http://loinc.org","code":"57698-3","display":"Lipid panel with direct LDL - Serum or Plasma"}]},
		"result":[{"reference":"Observation/a"},{"reference":"http://x/Observation/b"},{"reference":"Observation/c"}]}`
	for code, want := range map[string]string{
		codeOf("hdlcholesterol"): "",
		`{"text":"weight"}`:      "error DiagnosticReport.result error DiagnosticReport.result[2]",
	} {
		bundle, err := fhir.Parse([]byte(`{"resourceType":"Bundle","type":"collection","entry":[` + observation("a", codeOf("cholesterol")) + `,` + observation("b", codeOf("triglyceride")) + `,` + observation("c", code) + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		r, err := fhir.Parse([]byte(report))
		if err != nil {
			t.Fatal(err)
		}
		if got := briefly(Checker{}.Within(bundle).Claimed(r)); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// A circle of references ends.
func TestSlicesThroughACircle(t *testing.T) {
	const circle = `{"resourceType":"StructureDefinition","url":"http://x/list","kind":"resource","type":"List","derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/List","differential":{"element":[
{"id":"List.entry","path":"List.entry","slicing":{"rules":"open","discriminator":[{"type":"profile","path":"item.resolve()"}]}},
{"id":"List.entry:more","path":"List.entry","sliceName":"more","min":1},
{"id":"List.entry:more.item","path":"List.entry.item","type":[{"code":"Reference","targetProfile":["http://x/list"]}]}]}}`
	set := definitions.NewSet(func(_, url string) ([]byte, error) {
		if url == "http://x/list" {
			return []byte(circle), nil
		}
		return nil, nil
	})
	looked := 0
	r, err := fhir.Parse([]byte(listOf(strings.Repeat("List/a ", 20), "")))
	if err != nil {
		t.Fatal(err)
	}
	c := Checker{Definitions: set, Resolve: func(string) (fhir.Node, bool) { looked++; return r.Root(), true }}
	if got := c.Profile(r, "http://x/list"); len(got) == 0 || got[0].Severity != fhir.SeverityInformation {
		t.Errorf("a circle: %v", got)
	}
	if looked > maxFollowed {
		t.Errorf("%d references were looked up, more than %d", looked, maxFollowed)
	}
}
