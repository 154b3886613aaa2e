package messages

import (
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
)

func TestView(t *testing.T) {
	viewcheck.Resource[message](t, "Communication")
	viewcheck.Resource[kept](t, "DiagnosticReport")
	viewcheck.Resource[filed](t, "DocumentReference")
}

func TestUrgentWords(t *testing.T) {
	for text, want := range map[string]string{
		"I have CHEST   PAIN since noon":            "chest pain",
		"I can’t breathe, and I think I passed out": "can't breathe, passed out",
		"He said he wants to kill himself":          "kill himself",
		"I want to die. Suicidal thoughts.":         "suicidal, want to die",
		"Me duele: dolor de pecho":                  "dolor de pecho",
		"Stroke":                                    "stroke",
		"The backstroke is good for me":             "",
		"May I fly?":                                "",
		"An anaphylactic reaction":                  "anaphyla",
	} {
		if got := strings.Join(urgent(text), ", "); got != want {
			t.Errorf("%q says %q, want %q", text, got, want)
		}
	}
}

func TestThreads(t *testing.T) {
	m := func(id, sent, part, answers string) message {
		x := message{ID: id, Status: "completed"}
		x.Sent, _ = fhir.ParseDateTime(sent)
		if part != "" {
			x.PartOf = []fhir.Reference{fhir.To("Communication", part)}
		}
		if answers != "" {
			x.InResponseTo = []fhir.Reference{fhir.To("Communication", answers)}
		}
		return x
	}
	list := threads([]message{
		m("c", "2026-11-03", "", "b"), m("b", "2026-11-02", "", "a"), m("a", "2026-11-01", "", ""), // answers of answers
		m("y", "2026-11-05", "x", "a"), m("x", "2026-10-01", "", ""), // what it is part of comes before what it answers
		m("l", "2026-09-01", "", "k"), m("k", "2026-09-02", "", "l"), // each answers the other
		m("z", "2026-08-01", "gone", ""),
	}, time.UTC)
	var got []string
	for _, t := range list {
		ids := ""
		for _, m := range t.list {
			ids += m.ID
		}
		got = append(got, ids)
	}
	if s := strings.Join(got, " "); !strings.HasPrefix(s, "xy abc ") || !strings.HasSuffix(s, " z") || strings.Count(s, "k") != 1 || strings.Count(s, "l") != 1 {
		t.Errorf("threads %q", s)
	}
}

func TestRepliesAreWhole(t *testing.T) {
	if len(replies()) < 5 {
		t.Fatal("few ready texts")
	}
	for _, r := range replies() {
		text := r.fill("Ada", "Dr Rao", "")
		if strings.ContainsAny(text, "{}\\") || !strings.HasPrefix(text, "Dear Ada,") || !strings.HasSuffix(text, "Dr Rao") {
			t.Errorf("%s: %q", r.Name, text)
		}
	}
}
