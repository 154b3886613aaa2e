package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/osler-ehr/osler/store"
)

func testHistory(t *testing.T, f *fixture) {
	// Three resources, of two patients and of nobody; versions are made at 1000, 1001, ...
	clock := int64(1000)
	stamp := func(w *store.Write) *store.Write { w.Row.At = clock; clock++; return w }
	a := first(1, observation, "a", store.Index{})
	a.Row.Org = 1
	b := first(2, observation, "b", store.Index{})
	b.Row.Org, b.Row.Labels = 2, 0b01
	p := first(0, practitioner, "p", store.Index{})
	p.Row.Org, p.Row.Labels = 2, 0b10
	f.put(stamp(a))                                               // a1 at 1000
	f.put(stamp(b))                                               // b1 at 1001
	f.put(stamp(p))                                               // p1 at 1002
	f.put(stamp(next(f.read(observation, "a"))))                  // a2 at 1003
	relabelled := next(f.read(observation, "b"))                  //
	relabelled.Row.Labels = 0                                     //
	f.put(stamp(relabelled))                                      // b2 at 1004, no longer labelled
	f.delete(stamp(end(f.read(observation, "a"), store.Index{}))) // a3 at 1005
	f.put(stamp(next(f.read(practitioner, "p"))))                 // p2 at 1006

	names := func(rows []store.Row) []string {
		out := []string{}
		for _, r := range rows {
			out = append(out, fmt.Sprintf("%s%d", r.ID, r.Version))
		}
		return out
	}
	cases := []struct {
		name string
		plan store.HistoryPlan
		want []string
	}{
		{"everything", store.HistoryPlan{}, []string{"p2", "a3", "b2", "a2", "p1", "b1", "a1"}},
		{"one resource", store.HistoryPlan{Hash: a.Row.Hash}, []string{"a3", "a2", "a1"}},
		{"a resource never made", store.HistoryPlan{Hash: 12345}, []string{}},
		{"a type", store.HistoryPlan{Type: observation}, []string{"a3", "b2", "a2", "b1", "a1"}},
		{"another type", store.HistoryPlan{Type: practitioner}, []string{"p2", "p1"}},
		{"since", store.HistoryPlan{Since: 1004}, []string{"p2", "a3", "b2"}},
		{"until", store.HistoryPlan{Until: 1004}, []string{"a2", "p1", "b1", "a1"}},
		{"a span of a type", store.HistoryPlan{Type: observation, Since: 1001, Until: 1005}, []string{"b2", "a2", "b1"}},
		{"limit", store.HistoryPlan{Limit: 3}, []string{"p2", "a3", "b2"}},
		{"a patient", store.HistoryPlan{Filter: store.Filter{Patients: []int64{2}}}, []string{"p2", "b2", "p1", "b1"}},
		{"no patient", store.HistoryPlan{Filter: store.Filter{Patients: []int64{}}}, []string{"p2", "p1"}},
		{"a patient without what is nobody's", store.HistoryPlan{Filter: store.Filter{Patients: []int64{2}, OwnOnly: []int{practitioner}}}, []string{"b2", "b1"}},
		{"an organisation", store.HistoryPlan{Filter: store.Filter{Orgs: []int64{1}}}, []string{"a3", "a2", "a1"}},
		{"labels hide single versions", store.HistoryPlan{Filter: store.Filter{DenyLabels: 0b01}},
			[]string{"p2", "a3", "b2", "a2", "p1", "a1"}},
		{"labels needed", store.HistoryPlan{Filter: store.Filter{NeedTypes: []int{observation}, NeedLabels: 0b01}}, []string{"p2", "p1"}},
		{"types hidden", store.HistoryPlan{Filter: store.Filter{DenyTypes: []int{observation}}}, []string{"p2", "p1"}},
		{"nothing", store.HistoryPlan{Filter: store.Filter{Nothing: true}}, []string{}},
		{"one resource, hidden", store.HistoryPlan{Hash: a.Row.Hash, Filter: store.Filter{Orgs: []int64{2}}}, []string{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rows, err := f.s.History(f.ctx, c.plan)
			if err != nil {
				t.Fatal(err)
			}
			if got := names(rows); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			plan := c.plan
			plan.Limit = 0
			n, err := f.s.HistoryCount(f.ctx, plan)
			if all, _ := f.s.History(f.ctx, plan); err != nil || n != int64(len(all)) {
				t.Errorf("HistoryCount = %d, %v, want %d", n, err, len(all))
			}
			// Page by page it is the same.
			var paged []string
			for plan.Limit = 2; ; {
				rows, err := f.s.History(f.ctx, plan)
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 {
					break
				}
				paged = append(paged, names(rows)...)
				plan.Before = rows[len(rows)-1].Change
			}
			if c.plan.Limit == 0 && !slices.Equal(paged, c.want) && len(paged)+len(c.want) > 0 {
				t.Errorf("page by page %q, want %q", paged, c.want)
			}
		})
	}
}
