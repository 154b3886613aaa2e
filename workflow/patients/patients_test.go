package patients

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/web/format"
)

// text draws a component and gives what a reader sees: tags gone, white space as a browser folds it.
func text(t *testing.T, r Results) string {
	t.Helper()
	var b strings.Builder
	if err := Found(r).Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	s := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(b.String(), "")
	return strings.Join(strings.Fields(s), " ")
}

func TestNamesKeepTheirPunctuation(t *testing.T) {
	hits := []Hit{
		{Name: format.PersonName{Family: "Okafor", Given: "Adaeze", Preferred: "Ada"}, Born: "14-Jul-1968 (58 y)", Sex: "female", MRN: "100 482 771", Href: "/p/1"},
		{Name: format.PersonName{Family: "Suharto"}, Born: "Not known", Href: "/p/2"},
		{Name: format.PersonName{Given: "Teller"}, Born: "Not known", Deceased: true, Href: "/p/3"},
	}
	got := text(t, Results{Query: "oka", Searched: true, Hits: hits})
	for _, want := range []string{
		"OKAFOR, Adaeze (Ada) Born 14-Jul-1968 (58 y), female, MRN 100 482 771", "SUHARTO Born Not known", "Teller Born Not known, deceased", "3 patients",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in %q", want, got)
		}
	}
}

func TestMark(t *testing.T) {
	for _, c := range []struct{ name, query, hit, rest string }{
		{"OKAFOR,", "oka", "OKA", "FOR,"},
		{"OKAFOR,", "Okafor, Ada", "OKAFOR", ","},
		{"OKAFOR,", "lee", "", "OKAFOR,"},
		{"ÉLISÉE,", "él", "ÉL", "ISÉE,"},
		{"LEE,", "leeds", "", "LEE,"},
		{"LEE,", "", "", "LEE,"},
	} {
		if hit, rest := mark(c.name, c.query); hit != c.hit || rest != c.rest {
			t.Errorf("mark(%q, %q) = %q, %q; want %q, %q", c.name, c.query, hit, rest, c.hit, c.rest)
		}
	}
}

func TestAlike(t *testing.T) {
	hit := func(family string) Hit { return Hit{Name: format.PersonName{Family: family}} }
	for _, c := range []struct {
		families string
		want     bool
	}{{"Okafor Okada", true}, {"Lee Lee", true}, {"Lee Okafor", false}, {"Li Lin", false}, {"", false}} {
		var hits []Hit
		for _, f := range strings.Fields(c.families) {
			hits = append(hits, hit(f))
		}
		if got := Alike(hits); got != c.want {
			t.Errorf("Alike(%s) = %v", c.families, got)
		}
	}
}
