package referrals

import (
	"net/url"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
)

// Of two people who take the first step of an order that nothing follows yet, the second is told so.
func TestTheFirstStepIsTakenOnce(t *testing.T) {
	s := slicetest.New(t)
	s.Put(`{"resourceType":"ServiceRequest","id":"r1","status":"active","intent":"order","category":[{"coding":[{"system":"http://snomed.info/sct","code":"3457005"}]}],"code":{"text":"Referral"},"subject":{"reference":"Patient/ada"}}`)
	session, ctx := s.As(access.Clinician), t.Context()
	step := func(r referral) error {
		task := r.follow()
		task.Say(fhir.Reference{Reference: "Practitioner/rao"}, slicetest.Now, "Sent.")
		op, err := r.keep(task)
		if err != nil {
			t.Fatal(err)
		}
		_, err = session.Do(ctx, []record.Op{op})
		return err
	}
	mine, err := find(ctx, session, "ada", "r1", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	theirs := mine
	if err := step(mine); err != nil {
		t.Fatal(err)
	}
	if err := step(theirs); !facts.Changed(err) {
		t.Errorf("the second: %v", err)
	}
	if task := s.One("Task"); task.Get("note").Len() != 1 {
		t.Errorf("%s", task.Bytes())
	}
}

// A visit at half past two is at half past two on the day on which the clocks change, too.
func TestATimeIsThatOnTheWall(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"08-Nov-2026": "2026-11-08T14:30:00-05:00", "01-Nov-2026": "2026-11-01T14:30:00-05:00", "14-Mar-2027": "2027-03-14T14:30:00-04:00"} {
		f := web.NewForm(url.Values{"day": {day}, "time": {"14:30"}})
		c := change{step: step{asks: asksDay, early: true}, form: f, now: time.Date(2026, 10, 1, 9, 0, 0, 0, zone)}
		if got := c.day().String(); got != want || !f.OK() {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}
