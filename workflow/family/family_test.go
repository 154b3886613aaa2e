package family

import (
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestView(t *testing.T) {
	viewcheck.Resource[history](t, "FamilyMemberHistory")
	viewcheck.Resource[member](t, "FamilyMemberHistory")
}

func view(t *testing.T, body string) history {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"FamilyMemberHistory",` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := fhir.View[history](r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestList(t *testing.T) {
	p := list([]history{
		view(t, `"status":"completed","relationship":{"text":"Mother"},"deceasedAge":{"value":71},"condition":[{"code":{"text":"Breast cancer"},"onsetAge":{"value":52}},{"code":{"text":"Hypertension"}}]`),
		view(t, `"status":"completed","relationship":{"text":"Father"},"deceasedBoolean":false`),
		view(t, `"status":"entered-in-error","relationship":{"text":"Uncle"}`),
	})
	want := []Relative{{Relation: "Mother", Conditions: "Breast cancer at 52, hypertension", Deceased: true}, {Relation: "Father", Conditions: "no conditions recorded"}}
	if len(p.Rows) != len(want) {
		t.Fatalf("%+v", p.Rows)
	}
	for i := range want {
		if p.Rows[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, p.Rows[i], want[i])
		}
	}
}
