package record_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/record/search"
)

// TestInternalIsNotForPatients looks for what staff wrote for each other by every path that a patient has: none shows it, or that it is there.
func TestInternalIsNotForPatients(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, clock.System{})
	label := `"meta":{"security":[{"system":"` + access.InternalSystem + `","code":"` + access.InternalCode + `"}]},`
	put := func(text string) {
		t.Helper()
		doc, err := fhir.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.As(access.Program).Do(ctx, []record.Op{{Verb: record.Update, Type: doc.Type(), ID: doc.ID(), Resource: doc}}); err != nil {
			t.Fatal(err)
		}
	}
	put(`{"resourceType":"Patient","id":"a"}`)
	put(`{"resourceType":"Communication","id":"open","status":"completed","subject":{"reference":"Patient/a"}}`)
	put(`{"resourceType":"Communication","id":"staff",` + label + `"status":"completed","subject":{"reference":"Patient/a"},"partOf":[{"reference":"Communication/open"}]}`)
	put(`{"resourceType":"Observation","id":"o",` + label + `"status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"}}`)
	n, err := f.PatientNumber(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	app := f.Record.As(access.Actor{ID: "app", Roles: []access.Role{access.Patient}, Patient: n, Org: f.Org})
	ids := func(s *record.Session, q record.Query) string {
		t.Helper()
		page, err := s.Search(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, e := range page.Entries {
			out = append(out, e.ID)
		}
		if page.Total >= 0 && int(page.Total) > len(out) {
			t.Errorf("%v: a total of %d beside %d entries", q.Params, page.Total, len(out))
		}
		return strings.Join(out, " ")
	}
	params := func(pairs ...string) (out []search.Param) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, search.Param{Name: pairs[i], Value: pairs[i+1]})
		}
		return out
	}
	for name, s := range map[string]*record.Session{"the patient": f.AsPatient(t, "a"), "an app of the patient": app} {
		for _, ref := range [][2]string{{"Communication", "staff"}, {"Observation", "o"}} {
			if _, err := s.Read(ctx, ref[0], ref[1]); record.KindOf(err) != record.KindNotFound {
				t.Errorf("%s reads %v: %v", name, ref, err)
			}
			if _, err := s.ReadVersion(ctx, ref[0], ref[1], 1); record.KindOf(err) != record.KindNotFound {
				t.Errorf("%s reads a version of %v: %v", name, ref, err)
			}
			if h, err := s.History(ctx, record.HistoryQuery{Type: ref[0], ID: ref[1]}); err == nil && len(h.Versions) > 0 {
				t.Errorf("%s reads the history of %v", name, ref)
			}
		}
		for _, q := range []record.Query{
			{Type: "Communication"},
			{Type: "Communication", Params: params("_total", "accurate")},
			{Type: "Communication", Params: params("patient", "Patient/a")},
			{Type: "Communication", Params: params("_id", "open", "_revinclude", "Communication:part-of")},
			{Type: "Communication", Params: params("_id", "open,staff")},
		} {
			if got := ids(s, q); got != "open" {
				t.Errorf("%s finds %q with %v", name, got, q.Params)
			}
		}
		if got := ids(s, record.Query{Type: "Communication", Params: params("part-of", "Communication/open")}); got != "" {
			t.Errorf("%s finds the replies %q", name, got)
		}
		// Nor is it there for a question about what refers to it, or what it refers to.
		if got := ids(s, record.Query{Type: "Patient", Params: params("_has:Communication:subject:_id", "open")}); got != "a" {
			t.Errorf("%s finds %q by the open message", name, got)
		}
		if got := ids(s, record.Query{Type: "Patient", Params: params("_has:Communication:subject:_id", "staff")}); got != "" {
			t.Errorf("%s finds %q by what staff wrote", name, got)
		}
		if got := ids(s, record.Query{Type: "Communication", Params: params("part-of:Communication.status", "completed")}); got != "" {
			t.Errorf("%s finds %q by a chain", name, got)
		}
		if got := ids(s, record.Query{Type: "Communication", Params: params("_has:Communication:part-of:status", "completed")}); got != "" {
			t.Errorf("%s finds %q as answered by what staff wrote", name, got)
		}
		page, err := s.Everything(ctx, record.EverythingQuery{Patient: "a"})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Entries {
			if e.ID == "staff" || e.ID == "o" {
				t.Errorf("%s gets %s with everything", name, e.ID)
			}
		}
		if err := s.Walk(ctx, true, func(v *record.Version) error {
			if v.ID == "staff" || v.ID == "o" {
				t.Errorf("%s exports %s", name, v.ID)
			}
			return nil
		}); err != nil && record.KindOf(err) != record.KindForbidden {
			t.Error(err)
		}
	}
	if got := ids(f.As(access.Nurse), record.Query{Type: "Communication", Params: params("part-of", "Communication/open")}); got != "staff" {
		t.Errorf("a nurse finds %q", got)
	}
	// What was shown once and is marked later is hidden from then on.
	put(`{"resourceType":"Communication","id":"open",` + label + `"status":"completed","subject":{"reference":"Patient/a"}}`)
	if got := ids(app, record.Query{Type: "Communication"}); got != "" {
		t.Errorf("after it was marked the app finds %q", got)
	}
	if _, err := app.ReadVersion(ctx, "Communication", "open", 1); record.KindOf(err) != record.KindNotFound {
		t.Errorf("after it was marked the app reads its first version: %v", err)
	}
	for _, q := range []record.HistoryQuery{{Type: "Communication", ID: "open"}, {Type: "Communication"}, {}} {
		h, err := app.History(ctx, q)
		if q.ID != "" && record.KindOf(err) == record.KindNotFound {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range h.Versions {
			if v.ID == "open" || v.ID == "staff" {
				t.Errorf("after it was marked the history %q has version %d of %s", q.Type+"/"+q.ID, v.Version, v.ID)
			}
		}
	}
}

// TestPatientsWriteInTheirOwnName sends messages as a patient: the own ones arrive, none in the name of another and none in another's record.
func TestPatientsWriteInTheirOwnName(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, clock.System{})
	for _, id := range []string{"a", "b"} {
		doc, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"` + id + `"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.As(access.Program).Do(ctx, []record.Op{{Verb: record.Update, Type: "Patient", ID: id, Resource: doc}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		subject, sender string
		ok              bool
	}{
		{"Patient/a", `"sender":{"reference":"Patient/a"},`, true},
		{"Patient/a", `"sender":{"reference":"Patient/b"},`, false},
		{"Patient/a", `"sender":{"reference":"Practitioner/rao"},`, false},
		{"Patient/a", "", false},
		{"Patient/b", `"sender":{"reference":"Patient/a"},`, false},
	} {
		doc, err := fhir.Parse([]byte(`{"resourceType":"Communication","status":"completed",` + c.sender + `"subject":{"reference":"` + c.subject + `"},"payload":[{"contentString":"x"}]}`))
		if err != nil {
			t.Fatal(err)
		}
		res, err := f.AsPatient(t, "a").Do(ctx, []record.Op{{Verb: record.Create, Type: "Communication", Resource: doc}})
		if (err == nil) != c.ok || err != nil && record.KindOf(err) != record.KindForbidden {
			t.Errorf("%+v: %v", c, err)
		}
		if err != nil {
			continue
		}
		id := res[0].Version.ID
		if _, err := f.AsPatient(t, "a").Do(ctx, []record.Op{{Verb: record.Update, Type: "Communication", ID: id, Resource: doc}}); record.KindOf(err) != record.KindForbidden {
			t.Errorf("a patient changes a message that was sent: %v", err)
		}
	}
}

// TestPatientsWriteForThoseWhoRead refuses what a patient's session sends that nobody would notice, or that says what is not so. Staff and
// programs may keep the same.
func TestPatientsWriteForThoseWhoRead(t *testing.T) {
	ctx, now := context.Background(), time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)
	f := recordtest.New(t, clock.At(now))
	do := func(s *record.Session, text string) error {
		t.Helper()
		doc, err := fhir.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Do(ctx, []record.Op{{Verb: record.Create, Type: doc.Type(), Resource: doc}})
		return err
	}
	patient, err := fhir.Parse([]byte(`{"resourceType":"Patient","id":"a"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.As(access.Program).Do(ctx, []record.Op{{Verb: record.Update, Type: "Patient", ID: "a", Resource: patient}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, more string
		want       record.Kind
	}{
		{"now", `"status":"completed","sent":"2026-11-23T10:20:00Z"`, 0},
		{"an hour late", `"status":"in-progress","sent":"2026-11-23T09:20:00Z"`, 0},
		{"a day", `"status":"completed","sent":"2026-11-23"`, 0},
		{"without a time", `"status":"completed"`, 0},
		{"as of last year", `"status":"completed","sent":"2025-11-23T10:20:00Z"`, record.KindInvalid},
		{"as of next week", `"status":"completed","sent":"2026-11-30T10:20:00Z"`, record.KindInvalid},
		{"read already", `"status":"completed","received":"2026-11-23T10:20:00Z"`, record.KindInvalid},
		{"not sent", `"status":"preparation"`, record.KindInvalid},
		{"taken back", `"status":"entered-in-error"`, record.KindInvalid},
		{"as a note among staff", `"status":"completed","meta":{"security":[{"system":"` + access.InternalSystem + `","code":"` + access.InternalCode + `"}]}`, record.KindForbidden},
	} {
		text := `{"resourceType":"Communication","subject":{"reference":"Patient/a"},"sender":{"reference":"Patient/a"},` + c.more + `}`
		if err := do(f.AsPatient(t, "a"), text); record.KindOf(err) != c.want {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := do(f.As(access.Nurse), text); err != nil {
			t.Errorf("%s, kept by a nurse: %v", c.name, err)
		}
	}
}
