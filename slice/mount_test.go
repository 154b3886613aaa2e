package slice

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/web"
)

var ok = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

// A1: a route without a right stops the program at start, and so does one that cannot be served.
func TestA1RouteWithoutRightDoesNotStart(t *testing.T) {
	page := func(*http.Request) (web.View, error) { return nil, nil }
	cases := map[string]struct {
		route Route
		want  string // in the error; "" = it starts
	}{
		"all there":       {Route{Method: "GET", Pattern: "/a", Right: SignedIn(), Handler: ok}, ""},
		"every method":    {Route{Pattern: "/a", Right: Public(), Page: page}, ""},
		"no right":        {Route{Method: "GET", Pattern: "/a", Handler: ok}, "names no right"},
		"zero right":      {Route{Method: "GET", Pattern: "/a", Right: Right{}, Handler: ok}, "names no right"},
		"no answer":       {Route{Method: "GET", Pattern: "/a", Right: SignedIn()}, "neither"},
		"two answers":     {Route{Method: "GET", Pattern: "/a", Right: SignedIn(), Handler: ok, Page: page}, "both"},
		"a page in FHIR":  {Route{Method: "GET", Pattern: "/fhir/$x", Right: SignedIn(), Handler: ok}, "set Refuse"},
		"no slash":        {Route{Method: "GET", Pattern: "host/a", Right: SignedIn(), Handler: ok}, "slash"},
		"wrong wildcards": {Route{Method: "GET", Pattern: "/a/{", Right: SignedIn(), Handler: ok}, "GET /a/{"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			err := Mount(mux, &web.Shell{}, []Slice{{Name: "example", Routes: []Route{c.route}}})
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "example") {
				t.Fatalf("got error %v, want one that names the slice and says %q", err, c.want)
			}
			if _, pattern := mux.Handler(httptest.NewRequest("GET", "/a", nil)); pattern != "" {
				t.Fatalf("the route is served all the same: %s", pattern)
			}
		})
	}
}

func TestMountNamesEveryFault(t *testing.T) {
	err := Mount(http.NewServeMux(), &web.Shell{}, []Slice{
		{Name: "one", Routes: []Route{{Method: "GET", Pattern: "/same", Right: SignedIn(), Handler: ok}, {Method: "GET", Pattern: "/x", Handler: ok}}},
		{Name: "two", Routes: []Route{{Method: "GET", Pattern: "/same", Right: SignedIn(), Handler: ok}}},
	})
	for _, want := range []string{`slice "one", route "GET /x"`, `slice "two", route "GET /same"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

func TestRights(t *testing.T) {
	anonymous := identity.Principal{}
	nurse := identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Nurse}}
	desk := identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.FrontDesk}}
	two := identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.FrontDesk, identity.Nurse}}
	scopes, err := identity.ParseScopes("user/Observation.rs user/Patient.s")
	if err != nil {
		t.Fatal(err)
	}
	app := identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Nurse}, Scoped: true, Scopes: scopes}
	all := map[string]identity.Principal{"anonymous": anonymous, "nurse": nurse, "desk": desk, "two roles": two, "app": app}
	cases := []struct {
		right Right
		in    string // who is let in
	}{
		{Right{}, ""},
		{Public(), "anonymous nurse desk two roles app"},
		{SignedIn(), "nurse desk two roles app"},
		{BySession(access.Read), "nurse desk two roles app"},
		{To(access.Read, "Observation"), "nurse two roles app"},
		{To(access.Create, "Observation"), "nurse two roles"},
		{To(access.Read, "Patient"), "nurse desk two roles"},
		{To(access.Delete, "Observation"), ""},
		{Roles(access.FrontDesk), "desk two roles"},
		{Roles(access.Nurse), "nurse two roles"},
		{Roles(), ""},
	}
	for _, c := range cases {
		t.Run(c.right.String(), func(t *testing.T) {
			for name, p := range all {
				if got, want := c.right.Admits(p), strings.Contains(c.in, name); got != want {
					t.Errorf("%s: admitted %v, want %v", name, got, want)
				}
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	var why error
	refuse := func(w http.ResponseWriter, _ *http.Request, err error) { why = err; w.WriteHeader(http.StatusTeapot) }
	mux := http.NewServeMux()
	err := Mount(mux, &web.Shell{}, []Slice{{Routes: []Route{
		{Method: "GET", Pattern: "/fhir/x", Right: To(access.Read, "Observation"), Handler: ok, Refuse: refuse},
		{Method: "GET", Pattern: "/page", Right: SignedIn(), Handler: ok},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path string, p identity.Principal) *httptest.ResponseRecorder {
		why = nil
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		mux.ServeHTTP(w, r.WithContext(identity.With(r.Context(), p)))
		return w
	}
	if w := ask("/fhir/x", identity.Principal{}); w.Code != http.StatusTeapot || why != web.ErrSignIn {
		t.Errorf("nobody: %d, %v", w.Code, why)
	}
	desk := identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.FrontDesk}}
	if w := ask("/fhir/x", desk); w.Code != http.StatusTeapot || why != web.ErrForbidden {
		t.Errorf("desk: %d, %v", w.Code, why)
	}
	if w := ask("/fhir/x", identity.Principal{Kind: identity.Person, Roles: []identity.Role{identity.Nurse}}); w.Code != http.StatusNoContent {
		t.Errorf("nurse: %d", w.Code)
	}
	if w := ask("/page", identity.Principal{}); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/signin") {
		t.Errorf("page for nobody: %d to %q, want the sign-in page", w.Code, w.Header().Get("Location"))
	}
}

func TestList(t *testing.T) {
	got := List([]Slice{
		{Name: "b", Routes: []Route{{Method: "POST", Pattern: "/z", Right: Roles(access.Nurse, access.Clinician)}}},
		{Name: "a", Routes: []Route{{Pattern: "/a", Right: Public()}}},
	})
	lines := strings.Split(got, "\n")
	if len(lines) != 3 || strings.Join(strings.Fields(lines[0]), " ") != "/a any public a" || strings.Join(strings.Fields(lines[1]), " ") != "/z POST role: nurse, clinician b" {
		t.Errorf("got\n%s", got)
	}
}
