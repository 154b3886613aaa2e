package main

import (
	"errors"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestKilledClinic lets a clinician and a nurse work on the same few patients by the pages' own forms while the server is killed at random. A
// form without an answer is sent again, as people do. Afterwards everything that was acknowledged is there, and once; no acknowledged text of a
// draft is lost; what is signed stays as it was signed; every order has its Task; and the whole record verifies.
//
// KILLS says how often it is killed; with MINUTES it goes on for that long instead.
func TestKilledClinic(t *testing.T) {
	random := dice(t)
	where := []string{"--data", filepath.Join(t.TempDir(), "record")}
	args := append([]string{"osler", "demo", "--patients", "4", "--log-level", "error", "--addr", "127.0.0.1:0"}, where...)
	var b background
	base, err := startServer(&b, "", cleanEnv(), args...)
	if err != nil {
		t.Fatal(err)
	}
	signIns := map[string][2]string{}
	for len(signIns) < 6 { // the lines follow the address
		for _, m := range signInLine.FindAllStringSubmatch(b.stdout.String(), -1) {
			signIns[m[1]] = [2]string{m[2], m[3]}
		}
		time.Sleep(5 * time.Millisecond)
	}
	patients := clinicPatients
	people := []*worker{
		newWorker("clinician", signIns["clinician"], patients, rand.New(rand.NewPCG(random.Uint64(), 1))),
		newWorker("nurse", signIns["nurse"], patients, rand.New(rand.NewPCG(random.Uint64(), 2))),
	}
	rounds, until := clinicRounds(t)
	killed := 0
	for ; killed < rounds && (until.IsZero() || time.Now().Before(until)) && !t.Failed(); killed++ {
		enough := make(chan struct{}) // each has done something since the last kill
		var once sync.Once
		stop := make(chan struct{})
		var work sync.WaitGroup
		var mu sync.Mutex
		did := map[string]bool{}
		for _, p := range people {
			work.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					err := p.step(base)
					if err != nil && !errors.Is(err, errUnanswered) {
						t.Errorf("%s: %v", p.role, err)
					}
					if err != nil {
						once.Do(func() { close(enough) })
						return
					}
					mu.Lock()
					did[p.role] = true
					all := len(did) == len(people)
					mu.Unlock()
					if all {
						once.Do(func() { close(enough) })
					}
				}
			})
		}
		<-enough
		time.Sleep(between(random, 0, 700*time.Millisecond))
		b.end(syscall.SIGKILL)
		close(stop)
		work.Wait()
		if strings.Contains(b.stderr.String(), "panic") {
			t.Errorf("the server panicked: %s", b.stderr.String())
		}
		if base, err = startServer(&b, "", cleanEnv(), args...); err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			if err := p.settle(base); err != nil {
				t.Errorf("%s after kill %d: %v", p.role, killed, err)
			}
		}
	}
	total := map[string]int{}
	for _, p := range people {
		p.checkNotes(t, base)
		for _, d := range p.done {
			total[d.kind]++
		}
		for _, n := range p.notes {
			total["saved text"] += n.saves
			if n.signed {
				total["signature"]++
			}
		}
	}
	for _, id := range patients {
		if status, body, err := people[0].get(base + "/patients/" + id); err != nil || status != http.StatusOK || strings.Contains(body, "ould not be read") {
			t.Errorf("the chart of %s: %d %v", id, status, err)
		}
	}
	b.end(syscall.SIGTERM)
	verified(t, where)
	all := exported(t, where)
	for _, p := range people {
		p.check(t, all)
	}
	t.Logf("%d kills; acknowledged: %v; sent again: %d and %d", killed, total, people[0].again, people[1].again)
	if len(people[0].done) < killed {
		t.Errorf("only %d forms were acknowledged in %d rounds: that proves nothing", len(people[0].done), killed)
	}
}

// clinicPatients are the ids of the first patients of a demo practice.
var clinicPatients = []string{"p000000", "p000001", "p000002", "p000003"}

// clinicRounds is how often the server is killed, and until when; the zero time sets no end.
func clinicRounds(t *testing.T) (n int, until time.Time) {
	t.Helper()
	if s := os.Getenv("MINUTES"); s != "" {
		m, err := strconv.Atoi(s)
		if err != nil || m < 1 {
			t.Fatalf("MINUTES=%q is not a number of minutes", s)
		}
		return 1 << 30, time.Now().Add(time.Duration(m) * time.Minute)
	}
	return min(kills(t), 200)/3 + 1, time.Time{}
}

var signInLine = regexp.MustCompile(`(?m)^  (\w+) +([\w.]+) +([a-z-]{19})$`)

var errUnanswered = errors.New("no answer")

// worker is somebody who works by the pages' forms.
type worker struct {
	role     string
	name     [2]string
	http     *http.Client
	patients []string
	dice     *rand.Rand
	n        int      // forms so far
	done     []filled // acknowledged
	open     *filled  // sent, and not answered
	notes    []*draft
	again    int // sent again
}

// filled is a form that was sent.
type filled struct {
	kind, address string // what it makes, and where it is sent
	values        url.Values
}

// draft is a note that is being written.
type draft struct {
	address, section string
	text             string // acknowledged last
	pending          string // sent and not answered; "" = nothing
	signed           bool
	saves            int
}

func newWorker(role string, name [2]string, patients []string, d *rand.Rand) *worker {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err)
	}
	return &worker{role: role, name: name, patients: patients, dice: d, http: &http.Client{Jar: jar, Timeout: 60 * time.Second}}
}

func (p *worker) get(address string) (int, string, error) {
	resp, err := p.http.Get(address)
	if err != nil {
		return 0, "", errUnanswered
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", errUnanswered
	}
	return resp.StatusCode, string(body), nil
}

func (p *worker) post(address string, values url.Values) (int, string, http.Header, error) {
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		return 0, "", nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("HX-Request", "true")
	resp, err := p.http.Do(req)
	if err != nil {
		return 0, "", nil, errUnanswered
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, "", nil, errUnanswered
	}
	return resp.StatusCode, string(body), resp.Header, nil
}

// signIn signs in where the session is not there: sessions outlive a kill, so that happens once.
func (p *worker) signIn(base string) error {
	at, err := url.Parse(base)
	if err != nil {
		return err
	}
	if len(p.http.Jar.Cookies(at)) > 0 {
		return nil
	}
	resp, err := p.http.PostForm(base+"/signin", url.Values{"name": {p.name[0]}, "password": {p.name[1]}})
	if err != nil {
		return errUnanswered
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || len(p.http.Jar.Cookies(at)) == 0 {
		return fmt.Errorf("sign in: %d", resp.StatusCode)
	}
	return nil
}

var field = regexp.MustCompile(`<(?:input|textarea)\b[^>]*>(?:[^<]*</textarea>)?`)
var attribute = regexp.MustCompile(`\b(name|value|type)="([^"]*)"`)

// form opens the page of a form and reads its fields, as a browser would send them.
func (p *worker) form(address string) (url.Values, error) {
	status, body, err := p.get(address)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %d", address[strings.Index(address, "/patients"):], status)
	}
	_, body, _ = strings.Cut(body, "<main")
	v := url.Values{}
	for _, in := range field.FindAllString(body, -1) {
		a := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(in, -1) {
			a[m[1]] = html.UnescapeString(m[2])
		}
		if a["name"] == "" || a["type"] == "checkbox" || a["type"] == "search" || a["type"] == "radio" && !strings.Contains(in, "checked") {
			continue
		}
		if text, ok := strings.CutSuffix(in, "</textarea>"); ok {
			a["value"] = html.UnescapeString(text[strings.Index(text, ">")+1:])
		}
		v.Set(a["name"], a["value"])
	}
	return v, nil
}

// step does one piece of work.
func (p *worker) step(base string) error {
	if err := p.signIn(base); err != nil {
		return err
	}
	patient := base + "/patients/" + p.patients[p.dice.IntN(len(p.patients))]
	p.n++
	mark := fmt.Sprintf("%s %d", p.role, p.n)
	kinds := []string{"problem", "allergy", "vitals", "note", "note", "note"}
	if p.role == "clinician" {
		kinds = append(kinds, "order", "order", "prescription", "sign")
	}
	switch kind := kinds[p.dice.IntN(len(kinds))]; kind {
	case "problem":
		return p.fill(kind, patient+"/problems", "name", "Problem "+mark, "state", "active")
	case "allergy":
		return p.fill(kind, patient+"/allergies", "substance", "Substance "+mark, "state", "active")
	case "vitals":
		return p.fill(kind, patient+"/vitals", "pulse", strconv.Itoa(60+p.dice.IntN(40)))
	case "order":
		return p.fill(kind, patient+"/orders", "item", "text:Order "+mark)
	case "prescription":
		return p.fill(kind, patient+"/prescriptions", "drug", "Remedy "+mark, "dose", "1 tablet", "route", "oral", "frequency", "daily", "quantity", "30", "refills", "0", "reason", "Trial")
	case "sign":
		for _, n := range p.notes {
			if !n.signed && n.text != "" {
				return p.sign(base, n)
			}
		}
		return nil
	}
	return p.write(base, patient, mark)
}

// fill fills in the form at address/new and sends it.
func (p *worker) fill(kind, address string, pairs ...string) error {
	v, err := p.form(address + "/new")
	if err != nil {
		return err
	}
	if len(v.Get("once")) != 36 {
		return fmt.Errorf("the form of a new %s has no field once", kind)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	at, err := url.Parse(address)
	if err != nil {
		return err
	}
	p.open = &filled{kind: kind, address: at.Path, values: v}
	return p.send(address[:strings.Index(address, "/patients")])
}

// send sends the form that is open. Warnings of the safety checks are answered, as a person does who knows better.
func (p *worker) send(base string) error {
	f := p.open
	status, body, header, err := p.post(base+f.address, f.values)
	if err != nil {
		return err
	}
	if _, done := header["Osler-Done"]; !done {
		p.open = nil
		return fmt.Errorf("%s: %d %.300s", f.kind, status, words(body))
	}
	p.done = append(p.done, *f)
	p.open = nil
	return nil
}

var tags = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)

func words(body string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(body, " ")), " ")
}

var sectionOf = regexp.MustCompile(`name="text\.([\d-]+)"[^>]*>([^<]*)</textarea>\s*<input type="hidden" name="base\.[\d-]+" value="([^"]*)"`)

// saved is what the server has of a note: its texts and versions by section.
func (p *worker) saved(base, note string) (texts, versions map[string]string, body string, err error) {
	status, body, err := p.get(base + note)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("GET a note: %d", status)
	}
	texts, versions = map[string]string{}, map[string]string{}
	for _, m := range sectionOf.FindAllStringSubmatch(body, -1) {
		texts[m[1]], versions[m[1]] = html.UnescapeString(m[2]), m[3]
	}
	return texts, versions, body, err
}

// write begins a note, or writes on in one that is not signed, by what the page's script sends while somebody types.
func (p *worker) write(base, patient, mark string) error {
	var n *draft
	for _, x := range p.notes {
		if !x.signed && p.dice.IntN(3) > 0 {
			n = x
			break
		}
	}
	if n == nil {
		v := url.Values{"template": {"acute"}, "title": {"Visit " + mark}}
		resp, err := p.http.PostForm(patient+"/notes", v)
		if err != nil {
			return errUnanswered // a draft without a text: nothing was acknowledged
		}
		defer resp.Body.Close()
		if at := resp.Request.URL.Path; resp.StatusCode != http.StatusOK || !strings.Contains(at, "/notes/") {
			return fmt.Errorf("begin a note: %d", resp.StatusCode)
		}
		n = &draft{address: resp.Request.URL.Path}
		texts, _, _, err := p.saved(base, n.address)
		if err != nil {
			return err
		}
		for code := range texts {
			if n.section == "" || code < n.section {
				n.section = code
			}
		}
		n.text = texts[n.section]
		p.notes = append(p.notes, n)
	}
	_, versions, _, err := p.saved(base, n.address)
	if err != nil {
		return err
	}
	n.pending = n.text + " " + mark + "."
	status, body, _, err := p.post(base+n.address+"/autosave", url.Values{
		"base." + n.section: {versions[n.section]}, "text." + n.section: {n.pending}, "to." + n.section: {fmt.Sprintf("%s-%06d", p.role, p.n)},
	})
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("autosave: %d %.300s", status, words(body))
	}
	n.text, n.pending = n.pending, ""
	n.saves++
	return nil
}

// sign signs a note.
func (p *worker) sign(base string, n *draft) error {
	texts, versions, _, err := p.saved(base, n.address)
	if err != nil {
		return err
	}
	v := url.Values{}
	for code, text := range texts {
		v.Set("base."+code, versions[code])
		v.Set("text."+code, strings.ReplaceAll(text, "***", "none"))
		v.Set("to."+code, fmt.Sprintf("signed-%06d", p.n))
	}
	resp, err := p.http.PostForm(base+n.address+"/sign", v)
	if err != nil {
		return errUnanswered
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return errUnanswered
	}
	if !strings.Contains(string(body), "Signed by") {
		return fmt.Errorf("sign: %d %.300s", resp.StatusCode, words(string(body)))
	}
	n.signed, n.text = true, strings.ReplaceAll(n.text, "***", "none")
	return nil
}

// settle does after a kill what people do: the form without an answer is sent again, and drafts are looked at.
func (p *worker) settle(base string) error {
	if p.open != nil {
		p.again++
		if err := p.send(base); err != nil {
			return fmt.Errorf("sent again: %w", err)
		}
	}
	for _, n := range p.notes {
		if n.signed {
			continue
		}
		texts, _, body, err := p.saved(base, n.address)
		if err != nil {
			return err
		}
		if strings.Contains(body, "Signed by") { // the signature was not answered, and is there
			n.signed, n.text = true, strings.ReplaceAll(n.text, "***", "none")
			continue
		}
		got := texts[n.section]
		if got != n.text && (n.pending == "" || got != n.pending) {
			return fmt.Errorf("a draft has lost what was acknowledged: it says %q, acknowledged was %q, under way %q", got, n.text, n.pending)
		}
		n.text, n.pending = got, ""
	}
	return nil
}

// makes are the types of which a form makes something: one each.
var makes = map[string][]string{
	"problem": {"Condition"}, "allergy": {"AllergyIntolerance"}, "vitals": {"Observation"}, "order": {"ServiceRequest", "Task"}, "prescription": {"MedicationRequest"},
}

// check makes sure that what was acknowledged is in the record, and once; and that an order is followed by its Task.
func (p *worker) check(t *testing.T, all map[string]document) {
	t.Helper()
	made := map[string][]string{} // by type and the UUID of the form
	for name, doc := range all {
		typ, _, _ := strings.Cut(name, "/")
		for _, m := range uuidOf.FindAllStringSubmatch(doc.body, -1) {
			made[typ+" "+m[1]] = append(made[typ+" "+m[1]], name)
		}
	}
	for _, f := range p.done {
		once := f.values.Get("once")
		for _, typ := range makes[f.kind] {
			if got := made[typ+" "+once]; len(got) != 1 {
				t.Errorf("%s of %s was acknowledged, and there are %d of type %s: %v", f.kind, p.role, len(got), typ, got)
				continue
			}
			if typ == "Task" {
				task, order := all[made[typ+" "+once][0]].body, made["ServiceRequest "+once]
				if len(order) != 1 || !strings.Contains(task, `"reference":"`+order[0]+`"`) {
					t.Errorf("the Task of an order does not follow it: %v", order)
				}
			}
		}
	}
}

var uuidOf = regexp.MustCompile(`"value":"urn:uuid:([0-9a-f-]{36})[^"]*"`)

// checkNotes makes sure that what was signed reads as it was signed.
func (p *worker) checkNotes(t *testing.T, base string) {
	t.Helper()
	for _, n := range p.notes {
		_, _, body, err := p.saved(base, n.address)
		if err != nil {
			t.Error(err)
			continue
		}
		last := strings.TrimSpace(n.text[strings.LastIndex(n.text, "\n")+1:])
		if n.signed && (!strings.Contains(body, "Signed by") || !strings.Contains(html.UnescapeString(body), last)) {
			t.Errorf("a signed note does not say what was signed: %q", last)
		}
	}
}
