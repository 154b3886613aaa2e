package subscriptions

import (
	"fmt"
	"testing"
	"time"

	"github.com/osler-ehr/osler/jobs/jobstest"
)

// BenchmarkEvents is from the commit of 1,000 observations of 50 patients until an endpoint on this machine has heard
// of all of them.
func BenchmarkEvents(b *testing.B) {
	for name, doc := range map[string]func(s *site) string{
		"rest-hook": func(s *site) string { return s.hookTo("Observation?status=final", fullJSON, "") },
		"topic":     func(s *site) string { return s.topicTo(ownTopics+"Observation", "", fullResource, "") },
	} {
		b.Run(name, func(b *testing.B) {
			s := newSite(b)
			var patients []string
			for p := range 50 {
				patients = append(patients, jobstest.Patient(fmt.Sprint("p", p), "F"))
			}
			s.Put(patients...)
			id := s.subscribe(s.ProgramToken("lab", "system/*.cruds"), doc(s))
			e := newEngine(s.Deps, s.o)
			b.ResetTimer()
			for n := range b.N {
				var docs []string
				for i := range 1000 {
					docs = append(docs, obs(fmt.Sprint("o", n, "-", i), fmt.Sprint("p", i%50), "final"))
				}
				s.Put(docs...)
				jobstest.Eventually(b, "all have come", func() bool {
					st, err := e.load(b.Context(), id)
					return err == nil && st.Delivered == int64(1000*(n+1))
				})
			}
			b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkLatency is from the commit of one change until an endpoint on this machine has heard of it.
func BenchmarkLatency(b *testing.B) {
	s := newSite(b)
	s.Put(jobstest.Patient("a", "A"))
	s.subscribe(s.ProgramToken("lab", "system/*.cruds"), s.hookTo("Observation", fullJSON, ""))
	b.ResetTimer()
	for n := range b.N {
		s.Put(obs(fmt.Sprint("o", n), "a", "final"))
		for len(s.hook.calls()) <= n {
			time.Sleep(200 * time.Microsecond)
		}
	}
}
