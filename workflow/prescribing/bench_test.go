package prescribing

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/workflow/prescribing/safety"
)

// BenchmarkSnapshot reads the record of a patient of 30 medicines and 20 allergies, and checks an order: what happens at every change of
// the form. The budget is 50 ms at the 95th percentile.
func BenchmarkSnapshot(b *testing.B) {
	s := slicetest.New(b)
	l := library(b)
	var docs []string
	for i := range 30 {
		p := l.Products[i*13%len(l.Products)]
		docs = append(docs, fmt.Sprintf(`{"resourceType":"MedicationRequest","id":"m%d","status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":%q}],"text":%q},"subject":{"reference":"Patient/ada"}}`, i, p.RxCUI, p.Name))
	}
	for i := range 20 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"AllergyIntolerance","id":"a%d","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":{"text":%q},"patient":{"reference":"Patient/ada"}}`, i, l.Ingredients[i*25].Name))
	}
	for i := range 60 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Observation","id":"w%d","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/ada"},"effectiveDateTime":"20%02d-0%d-11","valueQuantity":{"value":70,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`, i, 15+i/6, 1+i%6))
	}
	s.Put(docs...)
	session := s.As(access.Clinician)
	e := &editor{d: s.Deps, library: l}
	p, _ := l.ByRxCUI("855332")
	order := safety.Order{Medicine: safety.Medicine{Name: p.Name}}
	code, match := e.medicine("855332", "")
	order.Name, order.Match = code.Text, match
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		snapshot := Snapshot(context.Background(), session, "ada", l, at)
		if len(snapshot.Medicines) != 30 || len(snapshot.Allergies) != 20 || snapshot.Weight == nil {
			b.Fatalf("%d medicines, %d allergies", len(snapshot.Medicines), len(snapshot.Allergies))
		}
		c, _ := e.checker(context.Background())
		c.Check(snapshot, []safety.Order{order})
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
}
