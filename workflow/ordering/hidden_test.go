package ordering_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/ordering"
)

// TestNoOpenOrderHides goes through random histories of a practice: orders given here and by other systems, people who go away, stand in
// for each other in circles and leave, owners changed, results that arrive, the watch that runs or is behind. After each, every open order
// is in the queue of somebody who can sign in.
func TestNoOpenOrderHides(t *testing.T) {
	s := slicetest.New(t)
	o := ordering.Slice(s.Deps)
	s.Serve(o)
	program := s.Deps.Program("test")
	n := 0
	people := []string{"rao", "lin", "may"}
	owners := []string{"", "pool:nurses", "pool:clinicians", "Practitioner/rao", "Practitioner/lin", "Practitioner/may"}
	rapid.Check(t, func(rt *rapid.T) {
		var ours []string
		put := func(format string, args ...any) { s.Put(fmt.Sprintf(format, args...)) }
		for _, who := range people {
			put(`{"resourceType":"Practitioner","id":%q,"active":%v,"name":[{"family":%q}]}`, who, who == "rao" || rapid.Bool().Draw(rt, who+" works here"), who)
		}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			n++
			id := fmt.Sprintf("x%d", n)
			switch rapid.IntRange(0, 6).Draw(rt, "step") {
			case 0: // ordered here
				a := s.By(access.Clinician).Beside().Edit(chart, "item", rapid.SampledFrom([]string{"cbc", "cxr", "n-weight"}).Draw(rt, "what"))
				if a.Code != 200 {
					rt.Fatalf("not ordered: %s", a.Text())
				}
			case 1, 2: // ordered by another system, by somebody or nobody
				requester := ""
				if who := rapid.SampledFrom(append(people, "")).Draw(rt, "requester"); who != "" {
					requester = fmt.Sprintf(`,"requester":{"reference":"Practitioner/%s"}`, who)
				}
				put(`{"resourceType":"ServiceRequest","id":%q,"status":%q,"intent":"order","code":{"text":"Order %s"},"subject":{"reference":"Patient/ada"}%s}`, id,
					rapid.SampledFrom([]string{"active", "on-hold", "completed", "revoked"}).Draw(rt, "status"), id, requester)
				ours = append(ours, id)
			case 3: // the watch catches up
				for _, id := range ours {
					tell(t, s, o, "ServiceRequest", id)
				}
			case 4: // somebody is away; who stands in may be away too
				who := rapid.SampledFrom(people).Draw(rt, "away")
				by := ""
				if cover := rapid.SampledFrom(append(people, "")).Draw(rt, "by"); cover != "" {
					by = fmt.Sprintf(`,"owner":{"reference":"Practitioner/%s"}`, cover)
				}
				put(`{"resourceType":"Task","id":"away-%s","status":"accepted","intent":"order","code":{"coding":[{"system":%q,"code":"cover"}]},"requester":{"reference":"Practitioner/%s"}%s,"executionPeriod":{"start":"2026-11-20","end":"2026-11-30"}}`, who, facts.TaskKind, who, by)
			case 5: // an order changes hands, or is carried on
				all := s.All("ServiceRequest")
				if len(all) == 0 {
					continue
				}
				x := all[rapid.IntRange(0, len(all)-1).Draw(rt, "which")]
				s.By(access.Clinician).Beside().Edit(chart+"/"+x.ID(), "owner", rapid.SampledFrom(owners).Draw(rt, "to"), "do", rapid.SampledFrom([]string{"save", "taken", "done"}).Draw(rt, "do"))
			case 6: // a report of an order
				if len(ours) == 0 {
					continue
				}
				put(`{"resourceType":"DiagnosticReport","id":%q,"status":"final","code":{"text":"R"},"subject":{"reference":"Patient/ada"},"basedOn":[{"reference":"ServiceRequest/%s"}]}`, id, rapid.SampledFrom(ours).Draw(rt, "of"))
				tell(t, s, o, "DiagnosticReport", id)
			}
		}
		duty, err := facts.OnDuty(context.Background(), program, nil, slicetest.Now)
		if err != nil {
			rt.Fatal(err)
		}
		var seen strings.Builder
		for _, c := range duty.Staff {
			seen.WriteString(s.By(access.Clinician).Called(c.Ref, c.Name).Get("/orders?more=all").Want(200).Body)
		}
		seen.WriteString(s.By(access.Nurse).Get("/orders?more=all").Want(200).Body)
		for _, x := range s.All("ServiceRequest") {
			switch x.Get("status").Text() {
			case "active", "on-hold":
				if !strings.Contains(seen.String(), chart+"/"+x.ID()+`"`) {
					rt.Fatalf("nobody sees the open order %s", x.Bytes())
				}
			}
		}
	})
}
