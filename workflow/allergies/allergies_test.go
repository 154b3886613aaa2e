package allergies

import (
	"context"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/web/facts"
)

func view(t *testing.T, body string) facts.Allergy {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"AllergyIntolerance",` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := fhir.View[facts.Allergy](r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestList(t *testing.T) {
	p := panelOf([]facts.Allergy{
		view(t, `"code":{"text":"Latex"},"reaction":[{"manifestation":[{"text":"Hives"}],"severity":"mild"}]`),
		view(t, `"code":{"text":"Penicillin"},"criticality":"high","reaction":[{"manifestation":[{"text":"Anaphylaxis"}],"severity":"severe"}]`),
		view(t, `"code":{"text":"Lactose"},"type":"intolerance"`),
		view(t, `"code":{"text":"Peanut"},"criticality":"high","verificationStatus":{"coding":[{"system":"`+facts.AllergyVerification+`","code":"unconfirmed"}]}`),
		view(t, `"code":{"text":"Egg"},"verificationStatus":{"coding":[{"system":"`+facts.AllergyVerification+`","code":"refuted"}]}`),
	})
	want := []string{"Penicillin|anaphylaxis|Severe", "Peanut|unconfirmed|High risk", "Latex|hives|Mild", "Lactose|intolerance|"}
	if len(p.Known) != len(want) {
		t.Fatalf("%+v", p.Known)
	}
	for i, w := range want {
		a := p.Known[i]
		if got := a.Substance + "|" + a.detail() + "|" + a.weight(); got != w {
			t.Errorf("%d: %q, want %q", i, got, w)
		}
	}
}

func TestEmptyListSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		all  []facts.Allergy
		want string
	}{
		"nobody asked":      {nil, "Allergies not recorded"},
		"none known":        {[]facts.Allergy{view(t, `"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003"}]}`)}, "No known allergies"},
		"asked about drugs": {[]facts.Allergy{view(t, `"code":{"coding":[{"system":"http://snomed.info/sct","code":"409137002","display":"No known drug allergy"}]}`)}, "No known drug allergy. Other allergies not recorded"},
	} {
		var b strings.Builder
		if err := panelOf(c.all).Draw().Render(context.Background(), &b); err != nil || !strings.Contains(b.String(), c.want) {
			t.Errorf("%s: %q is not in %s (%v)", name, c.want, b.String(), err)
		}
	}
}
