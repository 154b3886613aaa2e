package record_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
)

// TestMisfiledResult: a result that was filed under the wrong patient and then moved is nothing that this
// patient sees in any version, by any way; the right patient sees it as it is now.
func TestMisfiledResult(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	root := f.As(access.Program)
	result := func(id, patient string, value int) record.Op {
		return put(instance(t, "Observation", id, fmt.Sprintf(`"subject":{"reference":"Patient/%s"},"valueInteger":%d`, patient, value)))
	}
	for _, ops := range [][]record.Op{
		{put(instance(t, "Patient", "wrong", "")), put(instance(t, "Patient", "right", ""))},
		{result("moved", "wrong", 1), result("gone", "wrong", 2), result("own", "wrong", 3)},
		{result("moved", "wrong", 4), result("own", "wrong", 5)},
		{result("moved", "right", 4), result("gone", "right", 2)},
		{{Verb: record.Delete, Type: "Observation", ID: "gone"}},
	} {
		if _, err := root.Do(ctx, ops); err != nil {
			t.Fatal(err)
		}
	}
	for patient, want := range map[string]map[string]string{
		"wrong": {"history": "own/2 own/1", "instance": "", "search": "own", "export": "own/1 own/2"},
		"right": {"history": "gone/3 gone/2 moved/3", "instance": "moved/3", "search": "moved", "export": "moved/3 gone/2 gone/3"},
	} {
		s := f.AsPatient(t, patient)
		list := func(q record.HistoryQuery) string {
			page, err := s.History(ctx, q)
			if record.KindOf(err) == record.KindNotFound {
				return ""
			}
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, v := range page.Versions {
				if v.Type == "Observation" {
					out = append(out, fmt.Sprintf("%s/%d", v.ID, v.Version))
				}
			}
			if q.Type != "" && page.Total >= 0 && page.Total != int64(len(out)) {
				t.Errorf("patient %s, %+v: total %d, listed %d", patient, q, page.Total, len(out))
			}
			if q.ID == "" { // within one transaction the order is free
				slices.SortStableFunc(out, func(a, b string) int { return strings.Compare(a[:3], b[:3]) })
			}
			return strings.Join(out, " ")
		}
		var walked []string
		if err := s.Walk(ctx, true, func(v *record.Version) error {
			if v.Type == "Observation" {
				walked = append(walked, fmt.Sprintf("%s/%d", v.ID, v.Version))
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for what, got := range map[string]string{
			"history of the type":  list(record.HistoryQuery{Type: "Observation"}),
			"history of all":       list(record.HistoryQuery{}),
			"history of the moved": list(record.HistoryQuery{Type: "Observation", ID: "moved"}),
			"search":               strings.ReplaceAll(strings.Join(find(t, s, "Observation", ""), " "), "Observation/", ""),
			"export":               strings.Join(walked, " "),
		} {
			key := strings.Fields(what)[0]
			if what == "history of the moved" {
				key = "instance"
			}
			if got != want[key] {
				t.Errorf("patient %s, %s: %q, want %q", patient, what, got, want[key])
			}
		}
		for v := int64(1); v <= 3; v++ {
			if _, err := s.ReadVersion(ctx, "Observation", "moved", v); (err == nil) != (patient == "right" && v == 3) {
				t.Errorf("patient %s reads version %d: %v", patient, v, err)
			}
		}
	}
}

// TestNotedInTheSameTransaction: what is said of a resource together with its move to another record stands in that record, not in the
// one that it leaves.
func TestNotedInTheSameTransaction(t *testing.T) {
	ctx := context.Background()
	f := recordtest.New(t, nil)
	root := f.As(access.Program)
	result := func(patient string) record.Op {
		return put(instance(t, "Observation", "moved", fmt.Sprintf(`"subject":{"reference":"Patient/%s"}`, patient)))
	}
	said := put(instance(t, "Provenance", "said", `"target":[{"reference":"Observation/moved"}],"recorded":"2026-11-23T10:22:00Z","agent":[{"who":{"display":"x"}}]`))
	for _, ops := range [][]record.Op{{put(instance(t, "Patient", "wrong", "")), put(instance(t, "Patient", "right", ""))}, {result("wrong")}, {result("right"), said}} {
		if _, err := root.Do(ctx, ops); err != nil {
			t.Fatal(err)
		}
	}
	for patient, want := range map[string]string{"wrong": "", "right": "Provenance/said"} {
		if got := strings.Join(find(t, f.AsPatient(t, patient), "Provenance", ""), " "); got != want {
			t.Errorf("patient %s sees %q, want %q", patient, got, want)
		}
	}
}
