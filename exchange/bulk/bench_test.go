package bulk

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/osler-ehr/osler/jobs/jobstest"
)

// filled is a practice with many patients, each with some hundred resources of about 1.5 kB.
func filled(b testing.TB, patients, each int, o Options) *jobstest.Site {
	s := jobstest.New(b)
	fill(s, patients, each, 60)
	s.Serve(Slice(s.Deps, o))
	return s
}

func fill(s *jobstest.Site, patients, each, sentences int) {
	s.Put(`{"resourceType":"Organization","id":"practice","name":"Practice"}`, `{"resourceType":"Practitioner","id":"ada","name":[{"family":"Ada"}]}`)
	for p := range patients {
		docs := []string{jobstest.Patient(fmt.Sprint("p", p), "Family")}
		for i := range each {
			docs = append(docs, fmt.Sprintf(`{"resourceType":"Observation","id":"o%d-%d","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],`+
				`"code":{"coding":[{"system":"http://loinc.org","code":"%d-%d","display":"Some measurement of the blood"}],"text":"Some measurement of the blood"},"subject":{"reference":"Patient/p%d"},"performer":[{"reference":"Practitioner/ada"}],`+
				`"effectiveDateTime":"2026-%02d-%02dT08:%02d:00Z","valueQuantity":{"value":%d.%d,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},"note":[{"text":%q}]}`,
				p, i, 1000+i, i%10, p, 1+i%12, 1+i%28, i%60, i, p%100, strings.Repeat(fmt.Sprint("finding ", i*p, ". "), sentences)))
		}
		s.Put(docs...)
	}
}

// peak watches the heap until it is asked.
func peak() (stop func() uint64) {
	var most atomic.Uint64
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			if m.HeapInuse > most.Load() {
				most.Store(m.HeapInuse)
			}
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); <-ended; return most.Load() }
}

func benchmarkExport(b *testing.B, path string) {
	const patients, each = 150, 100
	s := filled(b, patients, each, Options{Running: 1 << 30})
	all := s.ProgramToken("warehouse", "system/*.rs")
	runtime.GC()
	stop := peak()
	b.ResetTimer()
	resources, fetched := 0, int64(0)
	var fetching time.Duration
	for range b.N {
		m := finish(s, all, kickOff(s, all, path))
		began := time.Now()
		for _, f := range m.Output {
			resources += f.Count
			r, err := http.NewRequest("GET", f.URL, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+all)
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				b.Fatal(err)
			}
			n, err := io.Copy(io.Discard, res.Body)
			if err != nil {
				b.Fatal(err)
			}
			res.Body.Close()
			fetched += n
		}
		fetching += time.Since(began)
	}
	b.StopTimer()
	took := b.Elapsed() - fetching - time.Duration(b.N)*time.Second // every export first waits a second
	b.ReportMetric(float64(resources)/took.Seconds(), "resources/s")
	b.ReportMetric(float64(fetched)/1e6/fetching.Seconds(), "fetched-MB/s")
	b.ReportMetric(float64(stop())/1e6, "heap-MB")
}

func BenchmarkExportSystem(b *testing.B)  { benchmarkExport(b, "/fhir/$export") }
func BenchmarkExportPatient(b *testing.B) { benchmarkExport(b, "/fhir/Patient/$export") }

func BenchmarkImport(b *testing.B) {
	s := jobstest.New(b)
	s.Serve(Slice(s.Deps, Options{}))
	all := s.ProgramToken("loader", "system/*.cruds")
	stop := peak()
	total := 0
	b.ResetTimer()
	for n := range b.N {
		var text strings.Builder
		for p := range 50 {
			text.WriteString(jobstest.Patient(fmt.Sprint("p", n, "-", p), "F") + "\n")
			for i := range 200 {
				text.WriteString(jobstest.Observation(fmt.Sprint("o", n, "-", p, "-", i), fmt.Sprint("p", n, "-", p), "final", "718-7") + "\n")
			}
		}
		m := imported(s, all, importing(s, all, text.String(), ndjson))
		total += m.Output[0].Count
	}
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "resources/s")
	b.ReportMetric(float64(stop())/1e6, "heap-MB")
}
