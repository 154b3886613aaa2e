package main

import (
	"net/http"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/record/access"
)

// route is a line of the program's list of routes.
type route struct{ pattern, right string }

// machines are the addresses that answer programs, not people.
var machines = regexp.MustCompile(`^/(fhir|bulk|subscriptions|metadata|cds-services)\b|^/\.well-known/`)

// ofAll are the pages of work that is not of one patient.
var ofAll = regexp.MustCompile(`^/(inbox|orders|documents|referrals|transitions|refills|reports|vaccines)/`)

// mayLack are pages of what this patient may have none of: files, and what other systems state of medicines.
var mayLack = regexp.MustCompile(`/(files/\{n\}|statements/\{st\})$`)

// routeLine is one line of routes.txt: pattern, method, right, and the slice that serves it.
var routeLine = regexp.MustCompile(`^(\S+) +(\S+) +(.+?) +\S+$`)

// pageRoutes are all pages of the program.
func pageRoutes(t *testing.T) (out []route) {
	t.Helper()
	list, err := os.ReadFile("../osler/testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(list)) {
		m := routeLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			t.Fatalf("not a route: %q", line)
		}
		if m[2] == http.MethodGet && !machines.MatchString(m[1]) {
			out = append(out, route{m[1], m[3]})
		}
	}
	return out
}

var actions = map[string]access.Action{"read": access.Read, "search": access.Search, "create": access.Create, "update": access.Update, "delete": access.Delete}

// admits reports whether a role may open the page.
func (r route) admits(t *testing.T, role string) bool {
	t.Helper()
	if r.right == "public" || r.right == "signed in" {
		return true
	}
	if names, ok := strings.CutPrefix(r.right, "role: "); ok {
		return slices.Contains(strings.Split(names, ", "), role)
	}
	right, but, _ := strings.Cut(r.right, ", not as ")
	if but == role {
		return false
	}
	action, kind, ok := strings.Cut(right, " ")
	if _, known := actions[action]; !ok || !known {
		t.Fatalf("%s: which roles have the right %q?", r.pattern, r.right)
	}
	return access.Permits(access.Role(role), kind, actions[action])
}

// closed reports whether what stands at an address is not for a role that may open the page as such: a clinical document, a step of a
// referral that the front desk does not take.
func (r route) closed(role, address string) bool {
	if role != "frontdesk" {
		return false
	}
	switch r.pattern {
	case "/patients/{id}/documents/{document}", "/patients/{id}/documents/{document}/files/{n}":
		return true
	case "/patients/{id}/referrals/{order}/{step}":
		return slices.Contains([]string{"close", "cancel"}, path.Base(address))
	case "/referrals/in/{task}/{step}":
		return slices.Contains([]string{"accepted", "declined"}, path.Base(address))
	}
	return false
}

// addresses are those at which each page is looked at, by its pattern, for the patient whose record the demo's patient signs in to. What
// takes more than a patient's id is found by following the links of that patient's pages.
func (p program) addresses(t *testing.T, routes []route) (at map[string][]string, own string) {
	t.Helper()
	_, own, _ = p.get(t, p.client(t, "patient"), "/")
	if !strings.HasPrefix(own, "/patients/") {
		t.Fatalf("a patient's home is %s, not the own record", own)
	}
	at = map[string][]string{
		"/{$}":           {"/"},
		"/patients":      {"/patients", "/patients?q=o", "/patients?q=zzzz"},
		"/patients/{id}": {own, own + "?view=timeline", own + "?find=zzzz"},
		"/setup":         {"/setup?token=none"},
	}
	clinician := p.client(t, "clinician")
	note := p.signedNote(t, clinician, own)
	at["/patients/{id}/notes/{note}"], at["/patients/{id}/notes/{note}/unlock"] = []string{note}, []string{note + "/unlock"}
	at["/patients/{id}/notes/{note}/presence"], at["/patients/{id}/notes/{note}/suggest"] = []string{note + "/presence"}, []string{note + "/suggest?kind=phrases"}
	p.lettersAndMessages(t, clinician, own, false)
	paper := p.paper(t, clinician, own)
	at["/patients/{id}/documents/{document}/edit"], at["/patients/{id}/documents/{document}/files/{n}"] = []string{paper + "/edit"}, []string{paper + "/files/0"}
	known := http.NewServeMux()
	for _, r := range routes {
		known.Handle("GET "+r.pattern, http.NotFoundHandler())
	}
	for _, role := range []string{"clinician", "administrator", "frontdesk"} {
		c := p.client(t, role)
		todo := []string{own, "/inbox", "/orders", "/documents", "/referrals", "/transitions", "/refills", "/reports/medication-alerts", "/vaccines"}
		for n := 0; n < len(todo); n++ {
			_, _, body := p.get(t, c, todo[n])
			for _, link := range linksOf(body) {
				to, err := http.NewRequest(http.MethodGet, strings.ReplaceAll(link, "&amp;", "&"), nil)
				if err != nil {
					t.Fatal(err)
				}
				_, pattern := known.Handler(to)
				pattern = strings.TrimPrefix(pattern, "GET ")
				if (strings.HasPrefix(to.URL.Path, own+"/") || ofAll.MatchString(pattern)) && pattern != "" && len(at[pattern]) == 0 {
					at[pattern] = []string{to.URL.RequestURI()}
					todo = append(todo, to.URL.RequestURI())
				}
			}
		}
	}
	for _, r := range routes {
		if a := strings.Replace(r.pattern, "/patients/{id}", own, 1); len(at[r.pattern]) == 0 && !strings.Contains(a, "{") {
			at[r.pattern] = []string{a}
		}
	}
	return at, own
}

// TestProgramPages holds what each role may open against the list of routes. Every page is reached by some link, and nothing on it
// can be misread.
func TestProgramPages(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the program")
	}
	p := demo(t)
	routes := pageRoutes(t)
	at, _ := p.addresses(t, routes)
	nobody := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	clients, prints := map[string]*http.Client{}, 0
	for _, role := range roles {
		clients[role] = p.client(t, role)
	}
	for _, r := range routes {
		if len(at[r.pattern]) == 0 && !mayLack.MatchString(r.pattern) {
			t.Errorf("no page leads to %s", r.pattern)
		}
		for _, address := range at[r.pattern] {
			for _, role := range roles {
				want := http.StatusOK
				if r.pattern == "/setup" || !r.admits(t, role) || r.closed(role, address) { // there is no such link; what is forbidden is as if it were not there
					want = http.StatusNotFound
				}
				status, _, body := p.get(t, clients[role], address)
				if status != want {
					t.Errorf("%s opens %s: %d, not %d", role, address, status, want)
				}
				if status == http.StatusOK {
					readRightly(t, address+" for "+role, body)
					if strings.HasPrefix(body, "%PDF-") {
						prints++
					}
				}
			}
			if r.right == "public" {
				continue
			}
			resp, err := nobody.Get(p.base + address)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(resp.Header.Get("Location"), "/signin") {
				t.Errorf("who is not signed in opens %s: %d", address, resp.StatusCode)
			}
		}
	}
	if prints == 0 {
		t.Error("none of these is a print")
	}
}
