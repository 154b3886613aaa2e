package coverage

import (
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestView(t *testing.T) { viewcheck.Resource[policy](t, "Coverage") }

func view(t *testing.T, body string) policy {
	t.Helper()
	r, err := fhir.Parse([]byte(`{"resourceType":"Coverage",` + body + `}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := fhir.View[policy](r)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestList(t *testing.T) {
	class := func(code, value, name string) string {
		return `"class":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/coverage-class","code":"` + code + `"}]},"value":"` + value + `","name":"` + name + `"}]`
	}
	p := list([]policy{
		view(t, `"status":"active","type":{"text":"Old plan"},"period":{"start":"2020","end":"2024-12-31"},"payor":[{"display":"Old Payer"}]`),
		view(t, `"status":"active","order":2,"payor":[{"display":"Medicaid"}]`),
		view(t, `"status":"active","order":1,"type":{"text":"PPO"},"subscriberId":"BHP1","payor":[{"display":"Blue Harbor"}],`+class("plan", "ppo", "Blue Harbor PPO")),
		view(t, `"status":"cancelled","type":{"text":"HMO"}`),
		view(t, `"status":"entered-in-error","payor":[{"display":"Nobody"}]`),
	}, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	want := []Plan{
		{Payer: "Blue Harbor", Kind: "Blue Harbor PPO", Member: "BHP1", Active: true}, {Payer: "Medicaid", Active: true},
		{Payer: "Old Payer", Kind: "Old plan", Until: "ended 31-Dec-2024"}, {Payer: "HMO", Until: "cancelled"},
	}
	if len(p.Rows) != len(want) {
		t.Fatalf("%+v", p.Rows)
	}
	for i := range want {
		if p.Rows[i] != want[i] {
			t.Errorf("%d: %+v, want %+v", i, p.Rows[i], want[i])
		}
	}
}
