package fhir_test

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
)

func BenchmarkParse(b *testing.B) {
	src := []byte(heartRate)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.Parse(src); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompact(b *testing.B) {
	r := parse(b, heartRate)
	b.ReportAllocs()
	for b.Loop() {
		r.Compact()
	}
}
