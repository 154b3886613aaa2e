package validate

import (
	"bytes"
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

// benchObservation is a blood pressure of the size of an average resource.
const benchObservation = `{"resourceType":"Observation","id":"f001-blood-pressure","meta":{"versionId":"1","lastUpdated":"2021-07-10T09:15:04.123Z",
"profile":["http://hl7.org/fhir/StructureDefinition/bp"]},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",
"code":"vital-signs","display":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9","display":"Blood Pressure"}],"text":"Blood Pressure"},
"subject":{"reference":"Patient/a8fdb8aa-2fa4-5e71-1b9e-7cb4ea0dfbd6"},"encounter":{"reference":"Encounter/2b7bcd2b-5e6f-4f4e-8b94-8b4e1b0d6a3e"},
"effectiveDateTime":"2012-06-20T15:24:54+02:00","issued":"2012-06-20T15:24:54.123+02:00","component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4",
"display":"Diastolic Blood Pressure"}],"text":"Diastolic Blood Pressure"},"valueQuantity":{"value":78.54,"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6","display":"Systolic Blood Pressure"}],"text":"Systolic Blood Pressure"},"valueQuantity":{"value":121.04,
"unit":"mm[Hg]","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`

func BenchmarkBase(b *testing.B) {
	src := bytes.ReplaceAll([]byte(benchObservation), []byte("\n"), nil)
	r := parsed(b, "blood pressure", src)
	if issues := Base(r); len(issues) > 0 {
		b.Fatal(lines(issues))
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		Base(r)
	}
}

// BenchmarkParse is there for comparison: what reading the same document costs.
func BenchmarkParse(b *testing.B) {
	src := bytes.ReplaceAll([]byte(benchObservation), []byte("\n"), nil)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSynthea validates whole patient records.
func BenchmarkSynthea(b *testing.B) {
	var all []*fhir.Resource
	size := int64(0)
	eachJSON(b, sampleData(b, "synthea/smart-2019"), func(name string, data []byte) {
		all = append(all, parsed(b, name, data))
		size += int64(len(data))
	})
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range all {
			Base(r)
		}
	}
}

func BenchmarkClaimed(b *testing.B) {
	for _, profile := range []string{"us-core-blood-pressure", "us-core-observation-lab"} {
		b.Run(profile, func(b *testing.B) {
			src := bytes.ReplaceAll([]byte(benchObservation), []byte("http://hl7.org/fhir/StructureDefinition/bp"), []byte("http://hl7.org/fhir/us/core/StructureDefinition/"+profile))
			r := parsed(b, "blood pressure", src)
			b.ReportAllocs()
			for b.Loop() {
				Claimed(r)
			}
		})
	}
}
