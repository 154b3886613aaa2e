package terms_test

import (
	"testing"

	"github.com/osler-ehr/osler/terms"
)

func library(t testing.TB) *terms.Library {
	t.Helper()
	l, err := terms.Open("")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func system(t testing.TB, l *terms.Library, url string) *terms.System {
	t.Helper()
	s, err := l.System(t.Context(), url, "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTmp(t *testing.T) {
	s := system(t, library(t), terms.ICD10CM)
	t.Log(s.Len(), s.Info())
	for _, q := range []string{"diab", "type 2 d", "htn", "hypertenshun", "e11.9", "E11", "diabetes with neuropathy", "heart attack", "ankle sprain", "copd", "back pain", "asthma", "uti", "chf", "i1", "afib", "mi", "pe", "dm2", "strep throat", "otitis media left", "anxiety", "depresion", "pregnancy", "gerd", "hyperlipidemia"} {
		a := s.Search(terms.Query{Text: q, Selectable: true, Count: 6})
		t.Logf("%q total %d corrected %v", q, a.Total, a.Corrected)
		for _, h := range a.Hits {
			t.Logf("     %-9s %-70s %d", s.Code(h.ID), s.Display(h.ID), h.Score)
		}
	}
}
