package patch

import (
	"errors"
	"strings"
	"testing"
)

// operation writes one operation of a FHIRPath Patch from "type=add path=Patient name=x" and the JSON of
// the part called value.
func operation(spec, value string) string {
	var parts []string
	for _, field := range strings.Split(spec, "; ") {
		name, v, _ := strings.Cut(field, "=")
		key, quote := "valueString", `"`
		switch name {
		case "type":
			key = "valueCode"
		case "index", "source", "destination":
			key, quote = "valueInteger", ""
		}
		parts = append(parts, `{"name":"`+name+`","`+key+`":`+quote+v+quote+`}`)
	}
	if value != "" {
		parts = append(parts, `{"name":"value",`+value+`}`)
	}
	return `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[` + strings.Join(parts, ",") + `]}]}`
}

func TestFHIRPath(t *testing.T) {
	const patient = `{ "resourceType": "Patient", "id": "a", "name": [ {"family": "A", "given": ["B", null], "_given": [null, {"id": "x"}]} ], "birthDate": "1970-01-01", "_birthDate": {"extension": [{"url":"http://e","valueDecimal": 1.50}]}, "multipleBirthInteger": 2 }`
	for _, c := range []struct{ name, spec, value, want string }{
		{"replace a choice by another type", "type=replace; path=Patient.multipleBirth", `"valueBoolean":true`,
			strings.Replace(patient, `"multipleBirthInteger": 2 }`, `"multipleBirthBoolean":true }`, 1)},
		{"add a choice", "type=add; path=Patient; name=deceased", `"valueBoolean":false`,
			strings.Replace(patient, `Integer": 2 }`, `Integer": 2,"deceasedBoolean":false }`, 1)},
		{"add an extension to a primitive", "type=add; path=Patient.birthDate; name=extension", `"valueExtension":{"url":"http://f","valueCode":"c"}`,
			strings.Replace(patient, `[{"url":"http://e","valueDecimal": 1.50}]`, `[{"url":"http://e","valueDecimal": 1.50},{"url":"http://f","valueCode":"c"}]`, 1)},
		{"add the first extension of a primitive", "type=add; path=Patient.name.given[0]; name=extension", `"valueExtension":{"url":"http://f","valueCode":"c"}`,
			strings.Replace(patient, `[null, {"id": "x"}]`, `[{"extension":[{"url":"http://f","valueCode":"c"}]},{"id": "x"}]`, 1)},
		{"delete an extension of a primitive", "type=delete; path=Patient.birthDate.extension", "",
			strings.Replace(patient, `"_birthDate": {"extension": [{"url":"http://e","valueDecimal": 1.50}]}, `, "", 1)},
		{"delete a primitive with its extensions", "type=delete; path=Patient.birthDate", "",
			strings.Replace(patient, `"birthDate": "1970-01-01", "_birthDate": {"extension": [{"url":"http://e","valueDecimal": 1.50}]}, `, "", 1)},
		{"delete what has only an id", "type=delete; path=Patient.name.given[1]", "",
			strings.Replace(patient, `["B", null], "_given": [null, {"id": "x"}]`, `["B"]`, 1)},
		{"delete nothing", "type=delete; path=Patient.gender", "", patient},
		{"insert in a list of primitives", "type=insert; path=Patient.name.given; index=1", `"valueString":"C"`,
			strings.Replace(patient, `["B", null], "_given": [null, {"id": "x"}]`, `["B","C",null], "_given": [null,null,{"id": "x"}]`, 1)},
		{"move in a list of primitives", "type=move; path=Patient.name.given; source=1; destination=0", "",
			strings.Replace(patient, `["B", null], "_given": [null, {"id": "x"}]`, `[null,"B"], "_given": [{"id": "x"},null]`, 1)},
		{"add an anonymous type", "type=add; path=Patient; name=contact", `"part":[{"name":"name","valueHumanName":{"family":"Z"}},{"name":"relationship","valueCodeableConcept":{"text":"r"}},{"name":"relationship","valueCodeableConcept":{"text":"s"}}]`,
			strings.Replace(patient, `Integer": 2 }`, `Integer": 2,"contact":[{"name":{"family":"Z"},"relationship":[{"text":"r"},{"text":"s"}]}] }`, 1)},
		{"add a contained resource", "type=add; path=Patient; name=contained", `"resource":{"resourceType":"Basic","id":"b"}`,
			strings.Replace(patient, `Integer": 2 }`, `Integer": 2,"contained":[{"resourceType":"Basic","id":"b"}] }`, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := FHIRPath(parse(t, patient), parse(t, operation(c.spec, c.value)))
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Bytes()) != c.want {
				t.Errorf("got  %s\nwant %s", got.Bytes(), c.want)
			}
		})
	}
}

func TestFHIRPathRefuses(t *testing.T) {
	const patient = `{"resourceType":"Patient","active":true,"name":[{"family":"A"},{"family":"B"}]}`
	for _, c := range []struct {
		name, spec, value, reason string
		malformed                 bool
	}{
		{"bad expression", "type=delete; path=Patient.name[", "", "column", true},
		{"computed values", "type=delete; path=Patient.name.count()", "", "computes", true},
		{"several", "type=delete; path=Patient.name", "", "finds 2 elements", false},
		{"nothing", "type=replace; path=Patient.gender", `"valueCode":"male"`, "finds nothing", false},
		{"already there", "type=add; path=Patient; name=active", `"valueBoolean":false`, "already there", false},
		{"no such element", "type=add; path=Patient; name=colour", `"valueString":"red"`, "no element colour", false},
		{"wrong kind", "type=replace; path=Patient.active", `"valueString":"yes"`, "does not fit", true},
		{"no value", "type=replace; path=Patient.active", "", "value is missing", true},
		{"no type", "path=Patient.active", "", "type is missing", true},
		{"other type", "type=set; path=Patient.active", "", "no operation of this name", true},
		{"index too high", "type=insert; path=Patient.name; index=3", `"valueHumanName":{"family":"C"}`, "has 2 elements", false},
		{"no list", "type=move; path=Patient.active; source=0; destination=0", "", "must name a list", false},
		{"the resource", "type=delete; path=Patient", "", "cannot be deleted", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := FHIRPath(parse(t, patient), parse(t, operation(c.spec, c.value)))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("want an *Error, got %v", err)
			}
			if !strings.Contains(e.Reason, c.reason) || e.Operation != 0 || e.Malformed != c.malformed {
				t.Errorf("got %+v", e)
			}
		})
	}
}
