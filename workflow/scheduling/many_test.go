package scheduling_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
)

// more is one more than a search brings at once.
const more = 1001

// A time is taken though a thousand others are read before it; and the day's list shows every visit.
func TestTakenBeyondOnePage(t *testing.T) {
	s := practice(t, slicetest.New(t))
	var docs []string
	for i := range more {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Appointment","id":"w%d","status":"waitlist","start":"2027-02-22T13:00:00Z","end":"2027-02-22T13:05:00Z","participant":[{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`, i),
			fmt.Sprintf(`{"resourceType":"Slot","id":"s%d","schedule":{"reference":"Schedule/rao"},"status":"busy","start":"2027-02-22T14:00:00Z","end":"2027-02-22T14:05:00Z"}`, i))
	}
	s.Put(docs...)
	s.Put(`{"resourceType":"Appointment","id":"last","status":"booked","start":"2027-02-23T08:00:00Z","end":"2027-02-23T08:30:00Z","participant":[{"actor":{"reference":"Patient/bob","display":"Bob Bell"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`,
		`{"resourceType":"Slot","id":"held","schedule":{"reference":"Schedule/rao"},"status":"busy","start":"2027-02-23T08:30:00Z","end":"2027-02-23T09:00:00Z"}`)
	rao := s.By(access.Clinician).Beside()
	free := rao.Get(visits + "/free?kind=follow-up&with=Schedule/rao&when=13+weeks").Want(200)
	for _, at := range []string{february, "2027-02-23T08:30:00Z"} {
		if strings.Contains(free.Body, `value="`+at) {
			t.Errorf("%s is offered though it is taken", at)
		}
	}
	if !strings.Contains(free.Body, `value="2027-02-23T09:00:00Z"`) {
		t.Errorf("offered: %s", free.Text())
	}
	rao.Edit(visits, booking(february)...).Want(409).Says("Dr Priya Rao is booked for Bob Bell")
	rao.Edit(visits, booking("2027-02-23T08:30:00Z")...).Want(409).Says("Taken meanwhile.")
	day := s.By(access.FrontDesk).Get("/schedule?day=22-Feb-2027").Want(200)
	if n := strings.Count(day.Body, "13:00"); n < more {
		t.Errorf("the day's list shows %d of %d visits", n, more)
	}
}
