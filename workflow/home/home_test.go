package home

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/viewcheck"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/record/recordtest"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
)

var now = time.Date(2026, 11, 23, 10, 22, 0, 0, time.UTC)

func TestViews(t *testing.T) {
	viewcheck.Resource[appointment](t, "Appointment")
	viewcheck.Resource[stay](t, "Encounter")
	viewcheck.Resource[task](t, "Task")
}

func TestGreeting(t *testing.T) {
	for _, c := range []struct {
		name string
		hour int
		want string
	}{{"Dr Priya Rao", 10, "Good morning, Priya"}, {"Javier Ortiz, RN", 13, "Good afternoon, Javier"}, {"Dr. Rao MD", 20, "Good evening, Rao"}, {"", 3, "Good evening"}} {
		if got := greeting(c.name, time.Date(2026, 1, 1, c.hour, 0, 0, 0, time.UTC)); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.name, c.hour, got, c.want)
		}
	}
}

func TestRank(t *testing.T) {
	order := []struct {
		priority string
		flag     clinical.Flag
	}{{"routine", clinical.LowCritical}, {"asap", 0}, {"urgent", 0}, {"routine", clinical.High}, {"routine", 0}}
	for i := 1; i < len(order); i++ {
		if rank(order[i-1].priority, order[i-1].flag) >= rank(order[i].priority, order[i].flag) {
			t.Errorf("%v does not come before %v", order[i-1], order[i])
		}
	}
}

func TestFollowing(t *testing.T) {
	at := func(hour, minute int, who string, state SlotState) booked {
		return booked{at: time.Date(2026, 11, 23, hour, minute, 0, 0, time.UTC), who: who, state: state}
	}
	for name, c := range map[string]struct {
		list []booked
		want string
	}{
		"in a room first":   {[]booked{at(9, 0, "seen", Seen), at(10, 30, "booked", Booked), at(11, 0, "room", InRoom)}, "room"},
		"then who arrived":  {[]booked{at(10, 30, "booked", Booked), at(11, 0, "arrived", Arrived)}, "arrived"},
		"then the next":     {[]booked{at(8, 0, "missed", Booked), at(10, 30, "booked", Booked)}, "booked"},
		"late by little":    {[]booked{at(10, 0, "late", Booked), at(10, 30, "booked", Booked)}, "late"},
		"nobody":            {[]booked{at(9, 0, "seen", Seen)}, ""},
		"a block is nobody": {[]booked{at(11, 0, "", Booked)}, ""},
	} {
		got := ""
		if b := following(c.list, now); b != nil {
			got = b.who
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestDayPlaces(t *testing.T) {
	d := Day{Start: 8, End: 17}
	for _, c := range []struct {
		at      string
		minutes int
		want    string
	}{{"08:00", 30, "c0 w6"}, {"10:30", 30, "c30 w6"}, {"09:00", 60, "c12 w12"}, {"16:55", 5, "c107 w1"}, {"09:02", 13, "c12 w3"}} {
		at, err := time.Parse("15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.column(Slot{Start: at, Minutes: c.minutes}); got != c.want {
			t.Errorf("%s for %d: %q, want %q", c.at, c.minutes, got, c.want)
		}
	}
	if at, ok := d.now(now); !ok || at != 262 {
		t.Errorf("now at %d %v", at, ok)
	}
	if _, ok := d.now(now.Add(10 * time.Hour)); ok {
		t.Error("the evening is on the strip")
	}
}

// TestPage reads a day with tasks and notes.
func TestPage(t *testing.T) {
	f := recordtest.New(t, clock.At(now))
	appointment := func(id, patient, status, start, what string) string {
		return fmt.Sprintf(`{"resourceType":"Appointment","id":%q,"status":%q,"description":%q,"start":"2026-11-23T%s:00Z","end":"2026-11-23T17:00:00Z","minutesDuration":30,"participant":[{"actor":{"reference":"Patient/%s"},"status":"accepted"},{"actor":{"reference":"Practitioner/rao"},"status":"accepted"}]}`, id, status, what, start, patient)
	}
	patient := func(id, family, given string) string {
		return fmt.Sprintf(`{"resourceType":"Patient","id":%q,"name":[{"family":%q,"given":[%q]}],"birthDate":"1968-07-14"}`, id, family, given)
	}
	lab := func(id, patient, name, value, flag string) string {
		return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"text":%q},"subject":{"reference":"Patient/%s"},"effectiveDateTime":"2026-11-20T08:12:00Z","valueQuantity":{"value":%s,"unit":"mmol/L"},"interpretation":[{"coding":[{"code":%q}]}]}`, id, name, patient, value, flag)
	}
	task := func(id, patient, code, text, focus, owner string) string {
		return fmt.Sprintf(`{"resourceType":"Task","id":%q,"status":"requested","intent":"order","code":{"coding":[{"system":"https://osler.example/fhir/CodeSystem/task","code":%q}]},"description":%q,"for":{"reference":"Patient/%s"},"authoredOn":"2026-11-23T09:41:00Z","owner":{"reference":"Practitioner/%s"}%s}`, id, code, text, patient, owner, focus)
	}
	var ops []record.Op
	for _, d := range []string{
		`{"resourceType":"Practitioner","id":"rao","name":[{"family":"Rao"}]}`, `{"resourceType":"Practitioner","id":"lind","name":[{"family":"Lind"}]}`,
		patient("ada", "Okafor", "Adaeze"), patient("lee", "Lee", "Daniel"), patient("ward", "Ward", "Teresa"),
		appointment("a1", "ward", "fulfilled", "08:00", "INR check"), appointment("a2", "ada", "arrived", "10:30", "Diabetes follow-up"), appointment("a3", "lee", "cancelled", "11:00", "Nothing"),
		`{"resourceType":"Encounter","id":"e","status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/ada"},"appointment":[{"reference":"Appointment/a2"}],"participant":[{"individual":{"reference":"Practitioner/rao"}}],"period":{"start":"2026-11-23T10:16:00Z"},"location":[{"location":{"display":"Room 3"},"status":"active"}]}`,
		lab("o1", "lee", "Potassium", "6.4", "HH"), lab("o2", "lee", "Sodium", "150", "H"), lab("o3", "ada", "Potassium", "5.6", "H"),
		`{"resourceType":"DiagnosticReport","id":"r","status":"final","code":{"text":"BMP"},"subject":{"reference":"Patient/lee"},"result":[{"reference":"Observation/o2"},{"reference":"Observation/o1"}]}`,
		task("t1", "ward", "refill", "Refill: warfarin 5 mg", "", "rao"), task("t2", "lee", "review-result", "Review BMP", `,"focus":{"reference":"DiagnosticReport/r"}`, "rao"),
		task("t3", "ada", "overdue-order", "Overdue: mammogram", "", "rao"), task("t4", "ada", "message", "Someone else's", "", "lind"),
		`{"resourceType":"DocumentReference","id":"d1","status":"current","docStatus":"preliminary","subject":{"reference":"Patient/ward"},"author":[{"reference":"Practitioner/rao"}],"date":"2026-11-19T09:00:00Z","description":"Migraine","content":[{"attachment":{"title":"x"}}]}`,
		`{"resourceType":"DocumentReference","id":"d2","status":"current","docStatus":"final","subject":{"reference":"Patient/ward"},"author":[{"reference":"Practitioner/rao"}],"date":"2026-11-19T09:00:00Z","description":"Signed one","content":[{"attachment":{"title":"x"}}]}`,
	} {
		r, err := fhir.Parse([]byte(d))
		if err != nil {
			t.Fatalf("%v\n%s", err, d)
		}
		ops = append(ops, record.Op{Verb: record.Update, Type: r.Type(), ID: r.ID(), Resource: r})
	}
	if _, err := f.As(access.Program).Do(context.Background(), ops); err != nil {
		t.Fatal(err)
	}
	got := ask(t, f, identity.Principal{Kind: identity.Person, ID: "rao", Name: "Dr Priya Rao", Roles: []identity.Role{identity.Clinician}, Resource: "Practitioner/rao"})
	at := 0
	for _, want := range []string{
		"Good morning, Priya Monday 23-Nov-2026, 10:22 2 patients, 1 seen", "WARD", "OKAFOR", "Room 3", "Next, 10:30 in room 3", "OKAFOR, Adaeze 58 y", "Diabetes follow-up", "Potassium 5.6 mmol/L H high",
		"Must act 2", "!! HH critical, high", "LEE, Daniel 14-Jul-1968 (58 y)", "Potassium 6.4 mmol/L and 1 more Review BMP", "41 min", "WARD, Teresa", "Refill: warfarin 5 mg",
		"Unsigned notes 1", "WARD, Teresa Migraine", "19-Nov-2026, 4 days", "Overdue orders 1", "Mammogram OKAFOR, Adaeze",
	} {
		i := strings.Index(got[at:], want)
		if i < 0 {
			t.Fatalf("%q is not in the page after what comes before it:\n%s", want, got[at:])
		}
		at += i
	}
	for _, not := range []string{"Someone else's", "Signed one", "Nothing,"} {
		if strings.Contains(got, not) {
			t.Errorf("%q is in the page", not)
		}
	}
	empty := ask(t, f, identity.Principal{Kind: identity.Person, ID: "x", Name: "Nadia Petrova", Roles: []identity.Role{identity.Administrator}})
	if !strings.Contains(empty, "Good morning, Nadia") || !strings.Contains(empty, "Nothing needs you") || !strings.Contains(empty, "10:30 OKAFOR") || !strings.Contains(empty, "Open tasks by person") {
		t.Errorf("somebody without patients of their own does not see the day of all: %s", empty)
	}
}

var (
	blocks = regexp.MustCompile(`</?(?:div|p|li|ol|ul|dl|dt|dd|h[1-6]|section|header|nav|time|br|a)\b[^>]*>`)
	tags   = regexp.MustCompile(`<[^>]*>`)
)

func ask(t *testing.T, f *recordtest.Fixture, who identity.Principal) string {
	t.Helper()
	shell := &web.Shell{Practice: "Harbor Street", Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	d := slice.Deps{Shell: shell, Log: shell.Log, Session: func(*http.Request) (*record.Session, error) { return f.As(access.Role(who.Roles[0])), nil }}
	all := []slice.Slice{Slice(d)}
	shell.Frame = Frame(shell, all)
	mux := http.NewServeMux()
	if err := slice.Mount(mux, shell, all); err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), who)))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(tags.ReplaceAllString(blocks.ReplaceAllString(w.Body.String(), " "), "")), " "), "&#39;", "'")
}

// The menu shows what a person may follow, and nothing else.
func TestFrame(t *testing.T) {
	shell := &web.Shell{Practice: "Harbor Street"}
	page := func(*http.Request) (web.View, error) { return nil, nil }
	all := []slice.Slice{
		{Routes: []slice.Route{{Method: "GET", Pattern: "/{$}", Right: slice.SignedIn(), Page: page}}, Menu: []web.Entry{{Name: "home", Href: "/"}}},
		{Routes: []slice.Route{{Method: "GET", Pattern: "/billing", Right: slice.Roles(access.Biller), Page: page}}, Menu: []web.Entry{{Name: "billing", Href: "/billing"}}},
		{Menu: []web.Entry{{Name: "nowhere", Href: "/nowhere"}}},
	}
	names := func(who identity.Principal) string {
		r := httptest.NewRequest("GET", "/patients/ada", nil)
		f := Frame(shell, all)(r.WithContext(identity.With(r.Context(), who)))
		var out []string
		for _, e := range f.Menu {
			out = append(out, e.Name)
		}
		if f.User != nil {
			out = append(out, f.User.Initials, f.User.Role, f.Patient)
		}
		return strings.Join(out, " ")
	}
	if got := names(identity.Principal{Kind: identity.Person, Name: "Dr Priya Rao", Roles: []identity.Role{identity.Clinician}}); got != "home PR Clinician ada" {
		t.Errorf("clinician: %q", got)
	}
	if got := names(identity.Principal{Kind: identity.Person, Name: "Grace Whitfield", Roles: []identity.Role{identity.Biller}}); got != "home billing GW Biller ada" {
		t.Errorf("biller: %q", got)
	}
	if got := names(identity.Principal{}); got != "" {
		t.Errorf("nobody: %q", got)
	}
}
