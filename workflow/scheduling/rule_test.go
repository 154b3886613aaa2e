package scheduling_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
)

// visit is an Appointment as another system writes it.
func visit(id, status, who, start, end string) *fhir.Resource {
	if id != "" {
		id = fmt.Sprintf(`"id":%q,`, id)
	}
	return doc(fmt.Sprintf(`{"resourceType":"Appointment",%s"status":%q,"start":"2027-02-23T%s:00Z","end":"2027-02-23T%s:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":%q},"status":"accepted"}]}`, id, status, start, end, who))
}

func doc(text string) *fhir.Resource {
	r, err := fhir.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return r
}

func put(r *fhir.Resource) record.Op {
	return record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r}
}

func TestNoTimeIsTakenTwice(t *testing.T) {
	const rao, lin = "Practitioner/rao", "Practitioner/lin"
	here := visit("here", "booked", rao, "09:00", "09:30")
	for name, c := range map[string]struct {
		before []*fhir.Resource
		ops    []record.Op
		taken  bool
	}{
		"the same time":                    {ops: []record.Op{put(visit("b", "booked", rao, "09:00", "09:30"))}, taken: true},
		"a create":                         {ops: []record.Op{{Verb: record.Create, Type: "Appointment", Resource: visit("", "booked", rao, "09:10", "09:20")}}, taken: true},
		"a part":                           {ops: []record.Op{put(visit("b", "pending", rao, "08:45", "09:01"))}, taken: true},
		"all around":                       {ops: []record.Op{put(visit("b", "arrived", rao, "08:00", "12:00"))}, taken: true},
		"right before":                     {ops: []record.Op{put(visit("b", "booked", rao, "08:30", "09:00"))}},
		"right after":                      {ops: []record.Op{put(visit("b", "booked", rao, "09:30", "10:00"))}},
		"somebody else":                    {ops: []record.Op{put(visit("b", "booked", lin, "09:00", "09:30"))}},
		"only proposed":                    {ops: []record.Op{put(visit("b", "proposed", rao, "09:00", "09:30"))}},
		"it has happened":                  {ops: []record.Op{put(visit("b", "fulfilled", rao, "09:00", "09:30"))}},
		"itself once more":                 {ops: []record.Op{put(visit("here", "checked-in", rao, "09:00", "09:30"))}},
		"itself moved":                     {ops: []record.Op{put(visit("here", "booked", rao, "09:15", "09:45"))}},
		"two that change places":           {before: []*fhir.Resource{visit("b", "booked", rao, "10:00", "10:30")}, ops: []record.Op{put(visit("b", "booked", rao, "09:00", "09:30")), put(visit("here", "booked", rao, "10:00", "10:30"))}},
		"two of one transaction":           {ops: []record.Op{put(visit("b", "booked", rao, "11:00", "11:30")), put(visit("c", "booked", rao, "11:15", "11:45"))}, taken: true},
		"the other is called off with it":  {ops: []record.Op{put(visit("here", "cancelled", rao, "09:00", "09:30")), put(visit("b", "booked", rao, "09:00", "09:30"))}},
		"the other is deleted with it":     {ops: []record.Op{{Verb: record.Delete, Type: "Appointment", ID: "here"}, put(visit("b", "booked", rao, "09:00", "09:30"))}},
		"the other stays as it is with it": {ops: []record.Op{put(here), put(visit("b", "booked", rao, "09:00", "09:30"))}, taken: true},
		"moved over it": {before: []*fhir.Resource{visit("b", "booked", rao, "10:00", "10:30")}, taken: true, ops: []record.Op{{Verb: record.Patch, Type: "Appointment", ID: "b", Patch: func(r *fhir.Resource) (*fhir.Resource, error) {
			return doc(strings.ReplaceAll(string(r.Bytes()), "T10:", "T09:")), nil
		}}}},
		"brought back to life":   {before: []*fhir.Resource{visit("b", "cancelled", rao, "09:00", "09:30")}, ops: []record.Op{put(visit("b", "booked", rao, "09:00", "09:30"))}, taken: true},
		"brought from elsewhere": {ops: []record.Op{{Verb: record.Update, Type: "Appointment", ID: "b", LooseReferences: true, Resource: visit("b", "booked", rao, "09:00", "09:30")}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := practice(t, slicetest.New(t))
			s.Put(`{"resourceType":"Practitioner","id":"lin"}`, string(here.Bytes()))
			for _, b := range c.before {
				s.Put(string(b.Bytes()))
			}
			all := len(s.All("Appointment"))
			_, err := s.As(access.FrontDesk).Do(context.Background(), c.ops)
			if c.taken {
				if record.KindOf(err) != record.KindConflict || !strings.Contains(err.Error(), "is taken by") {
					t.Fatalf("answered %v", err)
				}
				if len(s.All("Appointment")) != all {
					t.Error("it was written all the same")
				}
				return
			}
			if err != nil && !(c.ops[0].Verb == record.Delete && record.KindOf(err) == record.KindForbidden) {
				t.Fatal(err)
			}
		})
	}
}

// What overlaps already can be checked in and called off; it cannot be made worse. Verify tells of it.
func TestWhatOverlapsAlready(t *testing.T) {
	s := practice(t, slicetest.New(t))
	ctx, desk := context.Background(), s.As(access.FrontDesk)
	brought := put(visit("b", "booked", "Practitioner/rao", "09:15", "09:45"))
	brought.LooseReferences = true
	if _, err := s.As(access.Program).Do(ctx, []record.Op{put(visit("a", "booked", "Practitioner/rao", "09:00", "09:30")), brought}); err != nil {
		t.Fatal(err)
	}
	found, err := s.Record.Verify(ctx, nil)
	if err != nil || len(found.Problems) != 0 || len(found.Overlaps) != 1 || !strings.Contains(found.Overlaps[0], "Appointment/a and Appointment/b both take Practitioner/rao") {
		t.Errorf("found %+v, %v", found, err)
	}
	for _, x := range []*fhir.Resource{visit("b", "arrived", "Practitioner/rao", "09:15", "09:45"), visit("b", "arrived", "Practitioner/rao", "09:15", "09:40"), visit("a", "cancelled", "Practitioner/rao", "09:00", "09:30")} {
		if _, err := desk.Do(ctx, []record.Op{put(x)}); err != nil {
			t.Errorf("%s: %v", x.Bytes(), err)
		}
	}
	if _, err := desk.Do(ctx, []record.Op{put(visit("a", "booked", "Practitioner/rao", "09:00", "09:30"))}); record.KindOf(err) != record.KindConflict {
		t.Errorf("booked again: %v", err)
	}
	if found, err = s.Record.Verify(ctx, nil); err != nil || len(found.Overlaps) != 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}

// The other appointment is named to whoever may read it, and to nobody else.
func TestWhoTookTheTime(t *testing.T) {
	s := practice(t, slicetest.New(t))
	s.Put(strings.Replace(string(visit("secretly", "booked", "Practitioner/rao", "09:00", "09:30").Bytes()), "Patient/ada", "Patient/bob", 1))
	op := []record.Op{put(visit("b", "booked", "Practitioner/rao", "09:00", "09:30"))}
	_, err := s.As(access.FrontDesk).Do(context.Background(), op)
	if err == nil || !strings.Contains(err.Error(), "Appointment/secretly") || strings.Contains(err.Error(), "bob") {
		t.Errorf("the front desk is told: %v", err)
	}
	actor := s.As(access.FrontDesk).Actor()
	if actor.Patient, err = s.PatientNumber(context.Background(), "ada"); err != nil {
		t.Fatal(err)
	}
	if err = s.Record.As(actor).Check(context.Background(), op[0]); record.KindOf(err) != record.KindConflict || strings.Contains(err.Error(), "secretly") || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("who may see Ada's record alone is told: %v", err)
	}
}

// A time of a Slot that nobody of the staff is named for is one visit's.
func TestASlotIsTakenOnce(t *testing.T) {
	s := practice(t, slicetest.New(t))
	s.Put(`{"resourceType":"Schedule","id":"room","actor":[{"reference":"Location/main"}]}`,
		`{"resourceType":"Slot","id":"room-9","status":"busy","schedule":{"reference":"Schedule/room"},"start":"2027-02-23T09:00:00Z","end":"2027-02-23T10:00:00Z"}`)
	at := func(id, more string) record.Op {
		return put(doc(strings.Replace(string(visit(id, "booked", "Location/main", "09:00", "09:30").Bytes()), `"participant"`, more+`"participant"`, 1)))
	}
	slot := `"slot":[{"reference":"Slot/room-9"}],`
	for i, c := range []struct {
		op   record.Op
		kind record.Kind
	}{{at("a", slot), 0}, {at("b", slot), record.KindConflict}, {at("c", ""), 0}, {at("d", ""), 0}} {
		if _, err := s.As(access.FrontDesk).Do(context.Background(), []record.Op{c.op}); record.KindOf(err) != c.kind || c.kind == 0 && err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
}

// Twelve at once want the same time, and twelve times that do not overlap: one gets the first, all get the others.
func TestTwelveAtOnce(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { twelve(t, slicetest.New(t)) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		c := postgrestest.Require(t)
		twelve(t, slicetest.On(t, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Audit: o.Audit})
		}))
	})
}

func twelve(t *testing.T, s *slicetest.Site) {
	practice(t, s)
	for name, same := range map[string]bool{"same": true, "apart": false} {
		var wait sync.WaitGroup
		errs := make([]error, 12)
		for i := range errs {
			wait.Go(func() {
				start, end := "13:00", "13:30"
				if !same {
					start, end = fmt.Sprintf("09:%02d", i*5), fmt.Sprintf("09:%02d", i*5+4)
				}
				_, errs[i] = s.As(access.FrontDesk).Do(context.Background(), []record.Op{{Verb: record.Create, Type: "Appointment", Resource: visit("", "booked", "Practitioner/rao", start, end)}})
			})
		}
		wait.Wait()
		booked := 0
		for _, err := range errs {
			switch {
			case err == nil:
				booked++
			case record.KindOf(err) != record.KindConflict || !strings.Contains(err.Error(), "is taken by Appointment/"):
				t.Errorf("%s: %v", name, err)
			}
		}
		if want := map[bool]int{true: 1, false: 12}[same]; booked != want {
			t.Errorf("%s: %d booked, want %d", name, booked, want)
		}
	}
}
