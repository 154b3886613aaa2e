package immunization_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice/slicetest"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/workflow/immunization/stock"
)

const (
	ada       = "/patients/ada/immunizations"
	fluGTIN   = "00349281425509" // 49281-0425-50
	harbor    = `{"resourceType":"Location","id":"harbor","status":"active","name":"Harbor Street"}`
	millPond  = `{"resourceType":"Location","id":"pond","status":"active","name":"Mill Pond"}`
	fluRecord = "Influenza, split virus, trivalent, PF"
)

func clinic(t *testing.T) *slicetest.Site {
	return site(t, harbor, millPond)
}

// receive takes a lot into stock and gives its id.
func receive(t testing.TB, s *slicetest.Site, number, count string, more ...string) string {
	t.Helper()
	pairs := []string{"vaccine", "flu", "cvx", "140", "lotNumber", number, "expires", "30-Jun-2027", "count", count, "funding", "private", "place", "harbor", "dose", "0.5", "route", "IM", "vis", "31-Jan-2025", "low", "2"}
	for i := 0; i+1 < len(more); i += 2 {
		for j := 0; j < len(pairs); j += 2 {
			if pairs[j] == more[i] {
				pairs[j+1] = more[i+1]
			}
		}
	}
	s.By(access.Nurse).Beside().Post("/vaccines", pairs...).Want(200).Says("lot "+number, "doses received.")
	all, err := stock.All(context.Background(), s.As(access.Program))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		if l.Number() == number {
			return l.ID
		}
	}
	t.Fatalf("lot %s is not there", number)
	return ""
}

func onHand(t testing.TB, s *slicetest.Site, id string) int {
	t.Helper()
	l, err := stock.Read(context.Background(), s.As(access.Program), id)
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := stock.Ledger(context.Background(), s.As(access.Program), l)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, m := range ledger {
		sum += m.Change()
	}
	if sum != l.OnHand {
		t.Fatalf("%d on hand, and the movements add up to %d", l.OnHand, sum)
	}
	return l.OnHand
}

func TestGiveADose(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "U6123AA", "10")
	nurse := s.By(access.Nurse).Beside()
	form := nurse.Get(ada+"/new").Want(200).Says("Give a vaccine", "OKAFOR, Adaeze", "Due:", "Influenza", "Into the muscle, 0.5 mL, information statement of 31-Jan-2025.")
	if !strings.Contains(form.Body, `<option value="`+lot+`" selected`) && !regexp.MustCompile(`<option[^>]*value="`+lot+`"[^>]*selected`).MatchString(form.Body) {
		t.Errorf("the lot that is due is not chosen: %s", form.Body)
	}
	send := []string{"once", form.Value("once"), "lot", lot, "site", "LD", "given", form.Value("given")}
	nurse.Post(ada+"/doses", send...).Want(200).Says("given to OKAFOR, Adaeze")
	nurse.Post(ada+"/doses", send...).Want(200) // the answer was lost
	doc := s.One("Immunization")
	for _, want := range []string{`"status":"completed"`, `"code":"140"`, `"lotNumber":"U6123AA"`, `"expirationDate":"2027-06-30"`, `"code":"LD"`, `"code":"IM"`, `"value":0.5`, `"publicationDate":"2025-01-31"`, `"presentationDate":"2026-11-23"`,
		`"primarySource":true`, `"reference":"Location/harbor"`, `"code":"V01"`, `"display":"Test nurse"`, `"occurrenceDateTime":"2026-11-23T10:22`} {
		if !strings.Contains(string(doc.Bytes()), want) {
			t.Errorf("without %s: %s", want, doc.Bytes())
		}
	}
	if n := onHand(t, s, lot); n != 9 {
		t.Errorf("%d on hand", n)
	}
	s.All("Group")
	s.All("SupplyDelivery")
	// The same vaccine twice on a day is stopped until somebody says that it is meant.
	again := nurse.Post(ada+"/doses", "lot", lot, "site", "RD").Want(422).Says("A dose of this vaccine is recorded for this day already.")
	nurse.Post(ada+"/doses", "lot", lot, "site", "RD", "sure", "stale").Want(422)
	nurse.Post(ada+"/doses", "lot", lot, "site", "RD", "sure", again.Value("sure")).Want(200)
	if n := onHand(t, s, lot); n != 8 {
		t.Errorf("%d on hand", n)
	}
}

// An appointment in a room is one at the site of the room: its lots are offered first, and the usual one is chosen.
func TestTheRoomIsOfItsSite(t *testing.T) {
	s := clinic(t)
	s.Put(`{"resourceType":"Location","id":"floor","status":"active","name":"First floor","partOf":{"reference":"Location/harbor"}}`,
		`{"resourceType":"Location","id":"room3","status":"active","name":"Room 3","partOf":{"reference":"Location/floor"}}`,
		`{"resourceType":"Appointment","id":"a1","status":"fulfilled","start":"2026-11-23T10:00:00Z","end":"2026-11-23T10:30:00Z","participant":[{"actor":{"reference":"Patient/ada"},"status":"accepted"},{"actor":{"reference":"Location/room3"},"status":"accepted"}]}`)
	lot := receive(t, s, "U6123AA", "10")
	form := s.By(access.Nurse).Beside().Get(ada + "/new").Want(200)
	if !regexp.MustCompile(`<option[^>]*value="` + lot + `"[^>]*selected`).MatchString(form.Body) {
		t.Errorf("the lot that is due is not chosen: %s", form.Text())
	}
}

func TestScan(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "U6123AA", "10")
	nurse := s.By(access.Nurse).Beside()
	code := "01" + fluGTIN + "17270630" + "10U6123AA"
	read := nurse.Post(ada+"/doses", "scan", code, "site", "LD").Want(422)
	if len(s.All("Immunization")) != 0 {
		t.Fatal("a scan alone was kept as a dose")
	}
	if read.Value("shown") != code {
		t.Errorf("shown %q", read.Value("shown"))
	}
	nurse.Post(ada+"/doses", "scan", code, "shown", code, "lot", lot, "site", "LD").Want(200)
	other := receive(t, s, "OTHER1", "3")
	nurse.Post(ada+"/doses", "scan", code, "shown", code, "lot", other, "site", "LD").Want(422).Says("Lot U6123AA was scanned, and lot OTHER1 is chosen.")
	nurse.Post(ada+"/doses", "scan", "01"+fluGTIN+"17270731"+"10U6123AA", "site", "LD").Want(422).Says("The label says that the lot expires on 31-Jul-2027, the stock says 30-Jun-2027.")
	nurse.Post(ada+"/doses", "scan", "hello", "site", "LD").Want(422).Says("This is no bar code of a vaccine")
	// A separator that the field would lose is kept.
	nurse.Post(ada+"/doses", "scan", "01"+fluGTIN+"10U6123AA\x1d17270731", "site", "LD").Want(422).Says("The label says that the lot expires on 31-Jul-2027")
}

func TestExpiredAndRecalledAreRefused(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "SOON1", "4", "expires", "24-Nov-2026")
	nurse := s.By(access.Nurse).Beside()
	nurse.Get(ada+"/new").Want(200).Says("Expires soon.", "24-Nov-2026")
	s.By(access.Nurse).Get("/vaccines").Want(200).Says("SOON1", "Expires soon")
	nurse.Post("/vaccines/"+lot, "what", "recalled", "reason", "Letter of the maker").Want(200)
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(422).Says("Lot SOON1 is recalled.")
	s.By(access.Nurse).Get("/vaccines").Want(200).Says("To be set aside", "Recalled")
	nurse.Post("/vaccines/"+lot, "what", "released", "reason", "Mistaken letter").Want(200)
	nurse.Post("/vaccines", "vaccine", "flu", "cvx", "140", "lotNumber", "OLD", "expires", "22-Nov-2026", "count", "1", "funding", "private", "place", "harbor", "dose", "0.5", "route", "IM").Want(422).Says("It expired on 22-Nov-2026.")
	s.Put(strings.Replace(string(s.One("Group").Bytes()), "2026-11-24", "2026-11-22", 1))
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(422).Says("Lot SOON1 expired on 22-Nov-2026.")
	nurse.Post(ada+"/doses", "lot", "other", "vaccine", "flu", "cvx", "140", "lotNumber", "X", "expires", "Oct 2026", "site", "LD", "dose", "0.5", "route", "IM").Want(422).Says("It expired on")
	if len(s.All("Immunization")) != 0 {
		t.Error("given all the same")
	}
}

// Of several who give the last dose at once, one does; the others are told.
func TestTheLastDoseIsGivenOnce(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "LAST", "1")
	nurse := s.By(access.Nurse).Beside()
	const people = 4
	var docs []string
	for i := range people {
		docs = append(docs, fmt.Sprintf(`{"resourceType":"Patient","id":"p%d","name":[{"family":"F%d"}],"birthDate":"1970-01-02","gender":"female"}`, i, i))
	}
	s.Put(docs...)
	codes := make([]int, people)
	var all sync.WaitGroup
	for i := range people {
		all.Go(func() {
			codes[i] = nurse.Post(fmt.Sprintf("/patients/p%d/immunizations/doses", i), "lot", lot, "site", "LD").Code
		})
	}
	all.Wait()
	given := 0
	for _, c := range codes {
		if c == 200 {
			given++
		} else if c != 409 && c != 422 {
			t.Errorf("answered %d", c)
		}
	}
	if n := len(s.All("Immunization")); given != 1 || n != 1 || onHand(t, s, lot) != 0 {
		t.Errorf("%d were told that they gave it, %d doses are recorded, %d on hand", given, n, onHand(t, s, lot))
	}
}

func TestFunding(t *testing.T) {
	s := clinic(t)
	vfc := receive(t, s, "VFC1", "5", "funding", "vfc")
	nurse := s.By(access.Nurse).Beside()
	nurse.Post(ada+"/doses", "lot", vfc, "site", "LD").Want(422).Says("VFC stock, which is for those under 19 alone.")
	s.Put(`{"resourceType":"Patient","id":"kid","name":[{"family":"Kid"}],"birthDate":"2016-01-02","gender":"male"}`)
	nurse.Post("/patients/kid/immunizations/doses", "lot", vfc, "site", "LD").Want(422).Says("nobody has said that this child is eligible")
	nurse.Post("/patients/kid/immunizations/doses", "lot", vfc, "site", "LD", "vfc", "V02").Want(200)
	private := receive(t, s, "PRIV", "5")
	s.Put(`{"resourceType":"Patient","id":"kid2","name":[{"family":"Kid"}],"birthDate":"2016-01-02","gender":"male"}`)
	nurse.Post("/patients/kid2/immunizations/doses", "lot", private, "site", "LD", "vfc", "V03").Want(422).Says("this child is eligible for VFC stock")
}

// A vaccine that CDC's schedule would not count is stopped until somebody says that it is meant.
func TestWhatSpeaksAgainstIt(t *testing.T) {
	s := site(t, append(maya, harbor)...)
	lot := receive(t, s, "MMR1", "5", "cvx", "03", "route", "SQ")
	s.By(access.Nurse).Beside().Post("/patients/maya/immunizations/doses", "lot", lot, "site", "LVL", "vfc", "V01").Want(200)
	s.By(access.Nurse).Beside().Post("/patients/maya/immunizations/doses", "lot", lot, "site", "RVL", "vfc", "V01").Want(422).Says("would not count")
}

func TestNotFromStock(t *testing.T) {
	s := clinic(t)
	nurse := s.By(access.Nurse).Beside()
	nurse.Post(ada+"/doses", "lot", "other", "site", "LD").Want(422).Says("Say which vaccine", "Write the lot number", "Choose how it is given", "Write how much is given")
	nurse.Post(ada+"/doses", "lot", "other", "vaccine", "flu", "cvx", "140", "lotNumber", "ZZ9", "expires", "Jun 2027", "site", "LD", "dose", "0.5 mL", "route", "IM").Want(200)
	if d := s.One("Immunization"); d.Get("lotNumber").Text() != "ZZ9" || d.Get("expirationDate").Text() != "2027-06" {
		t.Errorf("%s", d.Bytes())
	}
	nurse.Post(ada+"/doses", "lot", "other", "vaccine", "flu", "cvx", "140", "lotNumber", "ZZ9", "site", "LD", "dose", "50", "route", "IM").Want(422).Says("No vaccine is given in more than 5 mL at once.")
}

func TestRefusedAndElsewhere(t *testing.T) {
	s := clinic(t)
	nurse := s.By(access.Nurse).Beside()
	nurse.Get(ada + "/refused").Want(200)
	nurse.Post(ada+"/refused", "vaccine", "flu", "cvx", "140", "on", "t").Want(422).Says("Choose why")
	nurse.Post(ada+"/refused", "vaccine", "flu", "cvx", "140", "reason", "PATOBJ", "on", "t").Want(200)
	d := s.One("Immunization")
	if d.Get("status").Text() != "not-done" || d.Get("statusReason").Get("coding").Index(0).Get("code").Text() != "PATOBJ" {
		t.Errorf("%s", d.Bytes())
	}
	s.By(access.Nurse).Get(ada).Says("Not given: patient objects")
	nurse.Get(ada + "/history").Want(200)
	nurse.Post(ada+"/history", "vaccine", "tdap", "cvx", "115", "origin", "recall", "on", "1967").Want(422).Says("before the birth")
	nurse.Post(ada+"/history", "vaccine", "tdap", "cvx", "115", "origin", "recall", "on", "Mar 2019").Want(200).Says("added to the history of")
	found := false
	for _, d := range s.All("Immunization") {
		if d.Get("occurrenceDateTime").Text() == "2019-03" {
			found = d.Get("primarySource").Text() == "false" && d.Get("reportOrigin").Get("coding").Index(0).Get("code").Text() == "recall"
		}
	}
	if !found {
		t.Error("the dose of elsewhere is not kept as such")
	}
}

func TestStrike(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "U6123AA", "10")
	nurse := s.By(access.Nurse).Beside()
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(200)
	at := ada + "/doses/" + s.One("Immunization").ID()
	form := nurse.Get(at).Want(200).Says("U6123AA", "Left deltoid", "put it back into the stock")
	nurse.Post(at, "version", form.Value("version")).Want(422).Says("Say what was wrong.")
	nurse.Post(at, "version", "7", "reason", "x").Want(409)
	nurse.Post(at, "version", form.Value("version"), "reason", "Given to somebody else", "back", "yes").Want(200).Says("put back into stock")
	if d := s.One("Immunization"); d.Get("status").Text() != "entered-in-error" || !strings.Contains(string(d.Bytes()), "Given to somebody else") || onHand(t, s, lot) != 10 {
		t.Errorf("%d on hand: %s", onHand(t, s, lot), d.Bytes())
	}
	nurse.Post(at, "version", "2", "reason", "again", "back", "yes").Want(409)
	if onHand(t, s, lot) != 10 {
		t.Error("put back twice")
	}
	// Of another patient it is not there.
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	nurse.Get("/patients/bob/immunizations/doses/" + s.One("Immunization").ID()).Want(404)
}

func TestWhoMayKeepStock(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "U6123AA", "10")
	for _, role := range []access.Role{access.FrontDesk, access.Biller, access.Patient} {
		for _, at := range []string{"/vaccines", "/vaccines/new", "/vaccines/" + lot, ada + "/new", ada + "/refused"} {
			if code := s.By(role).Get(at).Code; code != 404 && code != 403 {
				t.Errorf("%s opens %s: %d", role, at, code)
			}
		}
		if code := s.By(role).Post("/vaccines/"+lot, "what", "wasted", "count", "1", "reason", "x").Code; code == 200 || code == 303 {
			t.Errorf("%s changed the stock", role)
		}
	}
	if onHand(t, s, lot) != 10 {
		t.Error("changed")
	}
	s.By(access.Patient).Get(ada).Want(200).Hides("Give a vaccine", "U6123AA")
}

// What is on hand is what came less what left, whatever happens in which order, and the movements say so.
func TestStockAddsUp(t *testing.T) {
	s := clinic(t)
	nurse := s.By(access.Nurse).Beside()
	n := 0
	steps := 0
	rapid.Check(t, func(rt *rapid.T) {
		if steps > 120 { // enough of the record's time
			return
		}
		n++
		number := "R" + strconv.Itoa(n)
		want, there := 6, 0
		lot := receive(t, s, number, "6")
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			steps++
			k := rapid.IntRange(0, 9).Draw(rt, "count")
			count := strconv.Itoa(k)
			what := rapid.SampledFrom([]string{"received", "wasted", "counted", "sent", "given", "recalled"}).Draw(rt, "what")
			fits := true
			switch what {
			case "given":
				answer := nurse.Post(ada+"/doses", "lot", lot, "site", "LD")
				if answer.Code == 422 && want > 0 && strings.Contains(answer.Body, `name="sure"`) {
					answer = nurse.Post(ada+"/doses", "lot", lot, "site", "LD", "sure", answer.Value("sure"))
				}
				if fits = want > 0; fits {
					want--
				}
				if (answer.Code == 200) != fits {
					rt.Fatalf("given with %d on hand: %d %s", want, answer.Code, answer.Text())
				}
				continue
			case "received":
				if fits = k > 0; fits {
					want += k
				}
			case "wasted":
				if fits = k > 0 && k <= want; fits {
					want -= k
				}
			case "counted":
				want = k
			case "sent":
				if fits = k > 0 && k <= want; fits {
					want -= k
					there += k
				}
			case "recalled":
				nurse.Post("/vaccines/"+lot, "what", "recalled", "reason", "r").Want(200)
				what = "released"
			}
			answer := nurse.Post("/vaccines/"+lot, "what", what, "count", count, "reason", "r", "place", "pond")
			if (answer.Code == 200) != fits {
				rt.Fatalf("%s %s: %d %s", what, count, answer.Code, answer.Text())
			}
		}
		if got := onHand(t, s, lot); got != want {
			rt.Fatalf("%d on hand, want %d", got, want)
		}
		all, err := stock.All(context.Background(), s.As(access.Program))
		if err != nil {
			rt.Fatal(err)
		}
		for _, l := range all {
			if l.Number() == number && l.ID != lot && onHand(t, s, l.ID) != there {
				rt.Fatalf("%d at the other site, want %d", l.OnHand, there)
			}
		}
	})
	s.All("Group")
	s.All("SupplyDelivery")
}

// What was written down wrongly of a lot can be put right, and is given by from then on.
func TestCorrectALot(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "U6123AA", "10")
	nurse := s.By(access.Nurse).Beside()
	nurse.Get("/vaccines/"+lot).Want(200).Says("Received", "+10")
	nurse.Post("/vaccines/"+lot, "what", "corrected", "expires", "May 2027", "dose", "0.7", "route", "SQ").Want(422).Says("Say what was wrong.")
	nurse.Post("/vaccines/"+lot, "what", "corrected", "reason", "Read wrongly", "expires", "31-May-2027", "dose", "0.7", "route", "SQ", "low", "3").Want(200)
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(200)
	d := string(s.One("Immunization").Bytes())
	for _, want := range []string{`"expirationDate":"2027-05-31"`, `"value":0.7`, `"code":"SQ"`} {
		if !strings.Contains(d, want) {
			t.Errorf("without %s: %s", want, d)
		}
	}
	if strings.Contains(d, "education") || onHand(t, s, lot) != 9 {
		t.Errorf("%d on hand: %s", onHand(t, s, lot), d)
	}
	s.One("Group")
	nurse.Get("/vaccines/"+lot).Want(200).Says("Corrected", "Read wrongly")
}

// Who gave a dose and who ordered it are chosen; the visit of today, the number in the series and every statement of a combination are kept.
func TestWhoGaveItAndWhich(t *testing.T) {
	s := clinic(t)
	s.Put(`{"resourceType":"Practitioner","id":"lin","active":true,"name":[{"family":"Lin","given":["Mei"]}]}`,
		`{"resourceType":"Patient","id":"kid","name":[{"family":"Kid"}],"birthDate":"2026-08-01","gender":"male"}`,
		`{"resourceType":"Encounter","id":"old","status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/kid"},"period":{"start":"2026-11-20T09:00:00Z"}}`,
		`{"resourceType":"Encounter","id":"e1","status":"in-progress","class":{"code":"AMB"},"subject":{"reference":"Patient/kid"},"period":{"start":"2026-11-23T09:00:00Z"},"participant":[{"individual":{"reference":"Practitioner/rao"}}]}`)
	lot := receive(t, s, "PEDI1", "5", "cvx", "110", "vis", "DTaP 06-Aug-2021; Hepatitis B May 12, 2023\nPolio 2021-08-06")
	nurse := s.By(access.Nurse).Beside()
	const kid = "/patients/kid/immunizations"
	form := nurse.Get(kid+"/new").Want(200).Says("visit that began at", "Ordered by")
	if !strings.Contains(form.Body, `<option value="me" selected`) || !strings.Contains(form.Body, `<option value="Practitioner/rao" selected`) {
		t.Errorf("who gives and who orders is not filled in: %s", form.Body)
	}
	send := []string{"lot", lot, "site", "LVL", "given", "t", "vfc", "V02", "giver", "Practitioner/lin", "orderer", "Practitioner/rao", "handed", "t"}
	nurse.Post(kid+"/doses", append([]string{"lot", lot, "site", "LVL", "giver", "Practitioner/nobody"}, "vfc", "V02")...).Want(422).Says("Choose who gave it.")
	nurse.Post(kid+"/doses", "lot", lot, "site", "LVL").Want(422).Says("whether a child is eligible is asked at every dose")
	nurse.Post(kid+"/doses", append(send, "number", "0")...).Want(422).Says("Write which dose of the series")
	nurse.Post(kid+"/doses", append(send, "vis", "no date")...).Want(422).Says("does not end with a date")
	nurse.Post(kid+"/doses", append(send, "vis", "01-Jan-2025; 02-Jan-2025")...).Want(422).Says("of which vaccine each is")
	nurse.Post(kid+"/doses", append(send, "handed", "t+1")...).Want(422)
	answer := nurse.Post(kid+"/doses", send...)
	if sure := answer.Value("sure"); answer.Code == 422 && sure != "" { // it was bought privately, and the child is eligible for VFC
		answer = nurse.Post(kid+"/doses", append(send, "sure", sure)...)
	}
	answer.Want(200)
	doc := s.One("Immunization")
	for _, want := range []string{`"reference":"Encounter/e1"`, `"reference":"Practitioner/lin"`, `"code":"OP"`, `"reference":"Practitioner/rao"`, `"documentType":"Vaccine Information Statement, Hepatitis B","publicationDate":"2023-05-12","presentationDate":"2026-11-23"`,
		`"documentType":"Vaccine Information Statement, Polio","publicationDate":"2021-08-06"`, `"series":"Polio"`, `"doseNumberPositiveInt":1`, `"code":"V02"`, `"code":"private"`} {
		if !strings.Contains(string(doc.Bytes()), want) {
			t.Errorf("without %s: %s", want, doc.Bytes())
		}
	}
	nurse.Get(kid+"/doses/"+doc.ID()).Want(200).Says("Given by", "Ordered by", "dose 1 of Hepatitis B", "Hepatitis B, edition of 12-May-2023, handed out on 23-Nov-2026")
}

// A reaction is kept as an Observation to which the dose points, and is said before the next dose of such a vaccine.
func TestReaction(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "U6123AA", "10")
	nurse := s.By(access.Nurse).Beside()
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(200)
	at := ada + "/doses/" + s.One("Immunization").ID()
	nurse.Get(at).Want(200).Says("Record a reaction")
	form := nurse.Get(at+"/reaction").Want(200).Says("Reaction to", "VAERS", "Allergies")
	nurse.Post(at+"/reaction", "what", "other").Want(422).Says("Write in a few words", "Write when")
	nurse.Post(at+"/reaction", "what", "39579001", "on", "01-Jan-2026").Want(422).Says("before the dose")
	send := []string{"once", form.Value("once"), "what", "39579001", "words", "10 minutes after, epinephrine given", "on", "t"}
	nurse.Post(at+"/reaction", send...).Want(200).Says("recorded for OKAFOR, Adaeze")
	nurse.Post(at+"/reaction", send...).Want(200) // the answer was lost
	o, d := s.One("Observation"), s.One("Immunization")
	if !strings.Contains(string(o.Bytes()), `"code":"31044-1"`) || !strings.Contains(string(o.Bytes()), `"code":"39579001"`) {
		t.Errorf("%s", o.Bytes())
	}
	if d.Get("reaction").Len() != 1 || d.Get("reaction").Index(0).Get("detail").Get("reference").Text() != "Observation/"+o.ID() {
		t.Errorf("%s", d.Bytes())
	}
	nurse.Get(at).Want(200).Says("Anaphylaxis: 10 minutes after, epinephrine given, 23-Nov-2026")
	nurse.Post(ada+"/doses", "lot", lot, "site", "RD").Want(422).Says("a reaction is recorded: Anaphylaxis")
	if code := s.By(access.FrontDesk).Get(at + "/reaction").Code; code != 403 && code != 404 {
		t.Errorf("the desk opens it: %d", code)
	}
	s.Put(`{"resourceType":"Patient","id":"bob","name":[{"family":"Bell"}]}`)
	nurse.Get("/patients/bob/immunizations/doses/" + d.ID() + "/reaction").Want(404)
	nurse.Post("/patients/bob/immunizations/doses/"+d.ID()+"/reaction", "what", "39579001", "on", "t").Want(404)
}

// Lots that are used up are not read to give a dose, are not offered, and are still known when one is scanned.
func TestUsedUp(t *testing.T) {
	s := clinic(t)
	lot := receive(t, s, "LAST", "1")
	nurse := s.By(access.Nurse).Beside()
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(200)
	left, err := stock.OnHand(context.Background(), s.As(access.Program))
	if err != nil || len(left) != 0 {
		t.Fatalf("%v left, %v", left, err)
	}
	page, err := s.As(access.Program).Search(context.Background(), record.Query{Type: "Group", Params: facts.Params("_tag:not", "https://osler.example/fhir/CodeSystem/vaccine-lot-state|used-up"), Strict: true})
	if err != nil || len(page.Entries) != 0 {
		t.Fatalf("%d found without the mark, %v", len(page.Entries), err)
	}
	nurse.Get(ada + "/new").Want(200).Hides("lot LAST")
	nurse.Get("/vaccines").Want(200).Hides("LAST").Says("Show lots that are used up")
	nurse.Get("/vaccines?used=yes").Want(200).Says("LAST")
	nurse.Post(ada+"/doses", "lot", lot, "site", "LD").Want(422).Says("no dose of lot LAST is left")
	nurse.Post(ada+"/doses", "scan", "01"+fluGTIN+"17270630"+"10LAST", "site", "LD").Want(422).Says("no dose of lot LAST is left")
	nurse.Post("/vaccines/"+lot, "what", "counted", "count", "2", "reason", "found").Want(200)
	nurse.Get(ada + "/new").Want(200).Says("lot LAST")
}
