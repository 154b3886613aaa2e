package synthetic

import (
	"testing"
)

func BenchmarkPractice(b *testing.B) {
	o := Options{Patients: 200, Seed: 1, Workers: 1}
	b.ReportAllocs()
	n, bytes := 0, 0
	for b.Loop() {
		for item := range Practice(o) {
			n++
			bytes += len(item.JSON)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(bytes)/float64(n), "bytes/resource")
}
