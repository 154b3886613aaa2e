package patients_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/store"
	"github.com/osler-ehr/osler/store/postgres"
	"github.com/osler-ehr/osler/store/postgres/postgrestest"
	"github.com/osler-ehr/osler/store/sqlite"
	"github.com/osler-ehr/osler/workflow/patients"
)

func site(t *testing.T) *slicetest.Site {
	t.Helper()
	s := slicetest.New(t)
	s.Serve(patients.Slice(s.Deps))
	return s
}

// others are the patients beside Ada.
func others(s *slicetest.Site) (out []string) {
	for _, doc := range s.All("Patient") {
		if doc.ID() != "ada" {
			out = append(out, string(doc.Bytes()))
		}
	}
	return out
}

func TestRegister(t *testing.T) {
	s := site(t)
	desk := s.By(access.FrontDesk)
	form := desk.Get("/patients/new").Want(200).Says("New patient", "4 required fields")
	once := form.Value("once")
	send := []string{"once", once, "family", "Lindholm", "given", "Kate", "middle", "Ann Marie", "born", "3/7/74", "sex", "female", "mobile", "(401) 555-0198", "texts", "yes", "language", "es", "interpreter", "yes",
		"line", "88 Quay Road", "city", "Port Ellery", "state", "MA", "zip", "00100", "race", "2106-3", "race", "2028-9", "ethnicity", "ASKU", "birth-sex", "F", "contact", "Per Lindholm", "relation", "SPS", "contact-phone", "401 555 0111"}
	again := desk.Edit("/patients", send...).Want(422).Says("This may be 07-Mar-1974 or 03-Jul-1974.")
	if again.Value("family") != "Lindholm" || again.Value("mobile") != "(401) 555-0198" || again.Value("once") != once {
		t.Errorf("lost: %s", again.Body)
	}
	send[9] = "3/7/1974"
	done := desk.Edit("/patients", send...).Want(http.StatusSeeOther)
	if twice := desk.Edit("/patients", send...).Want(http.StatusSeeOther); twice.Header.Get("Location") != done.Header.Get("Location") {
		t.Errorf("sent twice: %s and %s", done.Header.Get("Location"), twice.Header.Get("Location"))
	}
	got := others(s)
	if len(got) != 1 {
		t.Fatalf("%d patients were made", len(got))
	}
	for _, want := range []string{`"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]`, `"family":"Lindholm","given":["Kate","Ann","Marie"]`, `"birthDate":"1974-03-07"`, `"gender":"female"`,
		`{"system":"phone","value":"(401) 555-0198","use":"mobile"}`, `{"system":"sms","value":"(401) 555-0198","use":"mobile","period":{"start":"2026-11-23"}}`, `"code":"es"`, `patient-interpreterRequired","valueBoolean":true`,
		`"line":["88 Quay Road"],"city":"Port Ellery","state":"MA","postalCode":"00100"`, `"code":"2028-9"`, `"code":"ASKU"`, `"valueString":"Declined to say"`, `us-core-birthsex","valueCode":"F"`, `"text":"Per Lindholm"`, `"code":"SPS"`, `"system":"urn:mrn"`} {
		if !strings.Contains(got[0], want) {
			t.Errorf("without %s: %s", want, got[0])
		}
	}
}

func TestWhatIsWrongInARegistration(t *testing.T) {
	s := site(t)
	desk := s.By(access.FrontDesk)
	for _, c := range []struct{ field, value, says string }{
		{"born", "", "Write it as exactly as it is known"},
		{"born", "yesteryear", "Not a date."},
		{"born", "2027", "This lies in the future: 2027."},
		{"born", "1 Jan 1880", "Nobody is that old: 01-Jan-1880."},
		{"sex", "", "Choose one"},
		{"mobile", "123", "too short for a telephone number"},
		{"email", "here", "Not an email address"},
		{"language", "xx", "Choose a language from the list."},
		{"contact-phone", "401 555 0111", "Say who answers this number."},
	} {
		pairs := map[string]string{"family": "Žižková", "given": "Ľudmila", "born": "1968", "sex": "female"}
		pairs[c.field] = c.value
		var send []string
		for k, v := range pairs {
			send = append(send, k, v)
		}
		a := desk.Edit("/patients", send...).Want(422).Says(c.says)
		if a.Value("family") != "Žižková" {
			t.Errorf("%s: the name came back as %q", c.field, a.Value("family"))
		}
	}
	desk.Edit("/patients", "born", "1968", "sex", "male").Want(422).Says("Give a name.")
	desk.Edit("/patients", "family", "X", "born", "1968", "sex", "male", "race", "ASKU", "race", "2106-3").Want(422).Says("stand alone")
	if got := others(s); len(got) != 0 {
		t.Errorf("made all the same: %s", got)
	}
}

// Names of any script, one name alone, and birth dates as far as they are known.
func TestNamesAndBirthDates(t *testing.T) {
	for _, c := range []struct{ family, given, born, unknown, want string }{
		{"王", "小明", "1990", "", `"family":"王","given":["小明"]`},
		{"الحسن", "فاطمة", "Mar 1980", "", `"birthDate":"1980-03"`},
		{"", "Suharto", "14 July 1968", "", `"name":[{"use":"official","given":["Suharto"]}]`},
		{"O’Brien-Núñez", "Seán", "07141968", "", `"birthDate":"1968-07-14"`},
		{"Doe", "Unknown", "", "yes", `"_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}`},
	} {
		s := site(t)
		send := []string{"family", c.family, "given", c.given, "born", c.born, "sex", "unknown"}
		if c.unknown != "" {
			send = append(send, "born-unknown", c.unknown)
		}
		s.By(access.FrontDesk).Edit("/patients", send...).Want(http.StatusSeeOther)
		if got := others(s); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s %s: without %s: %s", c.family, c.given, c.want, got)
		}
	}
}

func TestNewborns(t *testing.T) {
	s := site(t)
	desk := s.By(access.FrontDesk)
	desk.Edit("/patients", "family", "Smith", "born", "23-Nov-2026", "born-at", "04:12", "sex", "female", "newborn", "yes").Want(422).Says("Give the mother's first name")
	desk.Edit("/patients", "family", "Smith", "born", "23-Nov-2026", "born-at", "23:12", "sex", "female", "newborn", "yes", "mother", "Judy").Want(422).Says("This lies in the future.")
	desk.Edit("/patients", "family", "Smith", "born", "23-Nov-2026", "born-at", "04:12", "sex", "female", "newborn", "yes", "mother", "Judy", "order", "a").Want(http.StatusSeeOther)
	twin := []string{"family", "Smith", "born", "23-Nov-2026", "born-at", "04:20", "sex", "female", "newborn", "yes", "mother", "Judy", "order", "B"}
	desk.Beside().Edit("/patients/alike", twin...).Says("SMITH, A Judysgirl", "≈ Close: A Judysgirl")
	desk.Edit("/patients", twin...).Want(http.StatusSeeOther)
	got := others(s)
	if len(got) != 2 {
		t.Fatalf("%d were made", len(got))
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{`"given":["A Judysgirl"]`, `"given":["B Judysgirl"]`, `"use":"temp"`, `"multipleBirthInteger":1`, `"multipleBirthInteger":2`, `patient-birthTime","valueDateTime":"2026-11-23T04:12:00Z"`, `"code":"MTH"`, `"text":"Judy Smith"`} {
		if !strings.Contains(all, want) {
			t.Errorf("without %s: %s", want, all)
		}
	}
}

func TestWhoMayBeTheSame(t *testing.T) {
	s := site(t)
	desk := s.By(access.FrontDesk)
	desk.Beside().Edit("/patients/alike", "family", "Okafor").Want(200).Hides("MRN")
	desk.Beside().Edit("/patients/alike", "family", "Okofor", "given", "Adaeze", "born", "7/14/1968", "sex", "female").Want(200).Says("OKAFOR, Adaeze", "MRN 100 482 771", "≈ Close: Okafor", "= Same: 14-Jul-1968")
	desk.Beside().Edit("/patients/alike", "family", "Holm", "given", "Per", "born", "1950", "sex", "male").Want(200).Says("Nobody similar.")
	same := []string{"family", "Okafor", "given", "Adaeze", "born", "7/14/1968", "sex", "female"}
	desk.Edit("/patients", same...).Want(422).Says("Probably registered already, score 64.", "Use OKAFOR, Adaeze")
	desk.Edit("/patients", append(same, "else", "because")...).Want(422)
	if got := others(s); len(got) != 0 {
		t.Fatalf("made all the same: %s", got)
	}
	desk.Edit("/patients", append(same, "else", "checked")...).Want(http.StatusSeeOther)
	if got := others(s); len(got) != 1 || !strings.Contains(got[0], `"code":"checked"`) || !strings.Contains(got[0], `"system":"urn:mrn"`) {
		t.Errorf("%s", got)
	}
}

func TestChangeDemographics(t *testing.T) {
	s := site(t)
	s.Put(`{"resourceType":"Patient","id":"ada","active":true,"extension":[{"url":"urn:x","valueString":"kept"}],"identifier":[{"type":{"coding":[{"code":"MR"}]},"system":"urn:mrn","value":"100482771"}],` +
		`"name":[{"use":"official","family":"Okafor","given":["Adaeze"]}],"telecom":[{"system":"phone","value":"617 555 0101","use":"mobile","rank":1},{"system":"fax","value":"617 555 0102"}],"birthDate":"1968-07-14","gender":"female",` +
		`"address":[{"use":"home","line":["1 Old Street"],"city":"Port Ellery","state":"MA","postalCode":"00100"}],"maritalStatus":{"text":"Married"}}`)
	const at = "/patients/ada/demographics"
	desk := s.By(access.FrontDesk).Beside()
	form := desk.Get(at).Want(200).Says("OKAFOR, Adaeze")
	if form.Value("born") != "14-Jul-1968" || form.Value("mobile") != "617 555 0101" || form.Value("line") != "1 Old Street" || form.Value("version") != "2" {
		t.Fatalf("%s", form.Body)
	}
	ada := func(pairs ...string) []string {
		return append([]string{"given", "Adaeze", "born", "14-Jul-1968", "sex", "female", "city", "Port Ellery", "state", "MA", "zip", "00100"}, pairs...)
	}
	desk.Edit(at, ada("version", "2", "family", "Okafor-Lee", "former", "yes", "mobile", "617 555 0199", "line", "2 New Street")...).Want(200).Says("Demographics of OKAFOR")
	doc := s.One("Patient")
	for _, want := range []string{`"valueString":"kept"`, `"family":"Okafor-Lee"`, `"use":"old","family":"Okafor"`, `{"system":"phone","value":"617 555 0199","use":"mobile","rank":1}`, `{"system":"fax","value":"617 555 0102"}`,
		`"line":["2 New Street"]`, `"use":"old","line":["1 Old Street"]`, `"maritalStatus":{"text":"Married"}`, `"value":"100482771"`} {
		if !strings.Contains(string(doc.Bytes()), want) {
			t.Errorf("without %s: %s", want, doc.Bytes())
		}
	}
	// Another form that was opened before shows both texts, and writes nothing.
	again := desk.Edit(at, ada("version", "2", "family", "Okafor", "mobile", "617 555 0777", "line", "1 Old Street")...).Want(409)
	again.Says("Changed by somebody else at 10:22.", "Family name: now “Okafor-Lee”, you have “Okafor”", "Mobile phone: now “617 555 0199”, you have “617 555 0777”")
	if again.Value("version") != "3" || again.Value("mobile") != "617 555 0777" {
		t.Errorf("version %s, mobile %s", again.Value("version"), again.Value("mobile"))
	}
	if s.One("Patient").Get("telecom").Index(0).Get("value").Text() != "617 555 0199" {
		t.Error("overwritten")
	}
	// The same form, sent unchanged, changes nothing.
	before := string(s.One("Patient").Bytes())
	desk.Edit(at, ada("version", "3", "family", "Okafor-Lee", "mobile", "617 555 0199", "line", "2 New Street")...).Want(200)
	if after := string(s.One("Patient").Bytes()); after != before {
		t.Errorf("changed from %s to %s", before, after)
	}
	desk.Edit(at, ada("version", "3", "family", "Okafor-Lee", "mobile", "617 555 0199", "line", "2 New Street", "texts", "yes")...).Want(200)
	s.By(access.Clinician).Get(at).Want(200).Says("Agrees to text messages")
	if !strings.Contains(string(s.One("Patient").Bytes()), `"system":"sms"`) {
		t.Error("the consent is not kept")
	}
}

// A number that is taken out as that of the house stays as that in the pocket, and the other way round.
func TestOneNumberOfTwoUses(t *testing.T) {
	for gone, stays := range map[string]string{"home": "mobile", "mobile": "home"} {
		s := site(t)
		s.Put(`{"resourceType":"Patient","id":"ada","active":true,"name":[{"family":"Okafor","given":["Adaeze"]}],"telecom":[{"system":"phone","value":"617 555 0101","use":"mobile"},{"system":"phone","value":"617 555 0101","use":"home"}],"birthDate":"1968-07-14","gender":"female"}`)
		s.By(access.FrontDesk).Beside().Edit("/patients/ada/demographics", "family", "Okafor", "given", "Adaeze", "born", "14-Jul-1968", "sex", "female", gone, "", stays, "617 555 0101").Want(200)
		left := s.One("Patient").Get("telecom")
		if left.Len() != 1 || left.Index(0).Get("use").Text() != stays {
			t.Errorf("without %s: %s", gone, s.One("Patient").Bytes())
		}
	}
}

func TestWhoMayRegister(t *testing.T) {
	s := site(t)
	for role, want := range map[access.Role]int{access.FrontDesk: 200, access.Clinician: 200, access.Nurse: 200, access.Administrator: 200, access.Biller: 404, access.Patient: 404} {
		s.By(role).Get("/patients/new").Want(want)
		if want == 404 {
			s.By(role).Edit("/patients", "family", "X", "born", "1968", "sex", "male").Want(404)
			s.By(role).Beside().Edit("/patients/alike", "family", "Okafor", "given", "Adaeze", "born", "1968-07-14").Want(404)
		}
	}
	s.By(access.Patient).Get("/patients/ada/demographics").Want(404)
	s.By(access.FrontDesk).Get("/patients").Want(200).Says("New patient")
	s.By(access.Biller).Get("/patients").Want(200).Hides("New patient")
}

// TestRecordNumbersAreUnique registers many patients at the same moment, on both stores, in a practice whose numbers had no system yet.
func TestRecordNumbersAreUnique(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { unique(t, slicetest.New(t)) })
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("not in a short run")
		}
		c := postgrestest.Require(t)
		unique(t, slicetest.On(t, func(o sqlite.Options) (store.Store, error) {
			return postgres.Open(context.Background(), c.Database(t), postgres.Options{Audit: o.Audit})
		}))
	})
}

func unique(t *testing.T, s *slicetest.Site) {
	s.Put(`{"resourceType":"Patient","id":"ada","name":[{"family":"Okafor"}]}`)
	s.Serve(patients.SliceWith(s.Deps, &repeating{}))
	const many = 24
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			if a := s.By(access.FrontDesk).Edit("/patients", "family", fmt.Sprintf("Family%c", 'A'+i), "given", "One", "born", fmt.Sprint(1950+i), "sex", "male"); a.Code != http.StatusSeeOther {
				t.Errorf("patient %d: %d %s", i, a.Code, a.Text())
			}
		})
	}
	wg.Wait()
	seen, systems := map[string]bool{}, map[string]bool{}
	for _, doc := range s.All("Patient") {
		if doc.ID() == "ada" {
			continue
		}
		id := doc.Get("identifier").Index(0)
		seen[id.Get("value").Text()], systems[id.Get("system").Text()] = true, true
	}
	if len(seen) != many || len(systems) != 1 {
		t.Errorf("%d numbers in %d systems for %d patients", len(seen), len(systems), many)
	}
	s.One("NamingSystem")
}

// repeating is a source of record numbers that gives the same one four times before it goes on: without the record's own check, four patients
// would have one number.
type repeating struct {
	mu sync.Mutex
	n  byte
}

func (r *repeating) Read(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(b)
	b[len(b)-1] = r.n / 4
	r.n++
	return len(b), nil
}

// A slip of the keyboard is found among more patients than one page of the search holds, and the palette says that more match.
func TestSlipAmongMany(t *testing.T) {
	s := site(t)
	var docs []string
	for i := range 520 {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Patient","id":"m%d","active":true,"name":[{"family":"Okeke","given":["N%03d"]}],"birthDate":"1980-01-02","gender":"male"}`, i, i))
	}
	s.Put(append(docs, `{"resourceType":"Patient","id":"zlast","active":true,"name":[{"family":"Okonkwo","given":["Ngozi"]}],"birthDate":"1970-01-02","gender":"female"}`)...)
	desk := s.By(access.FrontDesk).Beside()
	desk.Get("/patients?q=okonkvo").Want(200).Says("OKONKWO, Ngozi")
	desk.Get("/palette?q=okeke").Want(200).Says("More match")
}
