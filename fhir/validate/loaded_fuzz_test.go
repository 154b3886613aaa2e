package validate

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
)

// FuzzLoadedProfile looks for a profile, or a value set that it binds to, that somebody could load and that breaks the
// validation of a resource.
func FuzzLoadedProfile(f *testing.F) {
	for _, s := range []string{
		`{"resourceType":"StructureDefinition","url":"http://x/p","kind":"resource","type":"Patient","derivation":"constraint","baseDefinition":"http://x/p","differential":{"element":[{"id":"Patient.name","path":"Patient.name","min":1,"max":"2"},{"id":"Patient.name.family","path":"Patient.name.family","fixedString":"x"}]}}`,
		`{"resourceType":"StructureDefinition","url":"http://x/p","kind":"resource","type":"Patient","derivation":"constraint","snapshot":{"element":[{"id":"Patient","constraint":[{"key":"a","severity":"error","expression":"name.exists()"}]},{"id":"Patient.identifier","path":"Patient.identifier","slicing":{"rules":"closed","discriminator":[{"type":"pattern","path":"type"}]}},{"id":"Patient.identifier:a","path":"Patient.identifier","sliceName":"a","max":"1"},{"id":"Patient.identifier:a.type","path":"Patient.identifier.type","patternCodeableConcept":{"coding":[{"code":"b"}]}},{"id":"Patient.gender","path":"Patient.gender","binding":{"strength":"required","valueSet":"http://x/v"}},{"id":"Patient.extension:e","sliceName":"e","path":"Patient.extension","type":[{"code":"Extension","profile":["http://x/e"]}]}]}}`,
		`{"resourceType":"StructureDefinition","url":"http://x/p","type":"Patient","derivation":"constraint","differential":{"element":[{"id":"Patient.","path":"x"},{"id":"Patient.deceased[x]:a.b..c","path":"Patient.deceased[x]","max":"-1"},{"id":"Patient.contact.name:x.given"}]}}`,
	} {
		f.Add([]byte(s), []byte(`{"url":"http://x/v","compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender"},{"valueSet":["http://x/v"]}],"exclude":[{"system":"http://x/c","filter":[{"property":"concept","op":"is-a","value":"a"}]}]}}`))
	}
	f.Add([]byte(`{}`), []byte(`{"url":"http://x/c","concept":[{"code":"a","concept":[{"code":"b","property":[{"code":"child","valueCode":"a"}]}]}]}`))
	patient, err := fhir.Parse([]byte(`{"resourceType":"Patient","meta":{"profile":["http://x/p"]},"identifier":[{"type":{"coding":[{"code":"b"}]},"value":"1"}],"gender":"male","deceasedBoolean":false,
		"name":[{"family":"x","given":["y"]}],"contact":[{"name":{"family":"z"}}],"extension":[{"url":"http://x/e","valueString":"s"}],"maritalStatus":{"coding":[{"system":"http://x/c","code":"a"}]}}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, profile, terms []byte) {
		set := definitions.NewSet(func(typ, url string) ([]byte, error) {
			switch {
			case url == "http://x/p" || url == "http://x/e":
				return profile, nil
			case typ != "StructureDefinition":
				return terms, nil
			}
			return nil, nil
		})
		c := Checker{Definitions: set}
		c.Claimed(patient)
		c.Profile(patient, "http://x/p")
		if v, ok := set.ValueSet("http://x/v"); ok {
			v.Contains("http://hl7.org/fhir/administrative-gender", "male")
		}
		if s, ok := set.CodeSystem("http://x/c"); ok {
			s.IsA("b", "a")
		}
	})
}
