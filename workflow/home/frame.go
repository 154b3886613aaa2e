package home

import (
	"net/http"
	"slices"
	"strings"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// Frame is what the shell draws around each page: the menu entries of the slices that this person may follow, the charts opened
// lately, the person. A menu entry whose address holds {id} is a tab of the chart. The program sets it as the shell's Frame once all slices are listed.
func Frame(shell *web.Shell, all []slice.Slice) func(*http.Request) web.Frame {
	rights := map[string]slice.Right{}
	for _, s := range all {
		for _, route := range s.Routes {
			if route.Method == http.MethodGet || route.Method == "" {
				rights[strings.TrimSuffix(route.Pattern, "{$}")] = route.Right
			}
		}
	}
	return func(r *http.Request) web.Frame {
		who := identity.From(r.Context())
		if who.Kind != identity.Person {
			return web.Frame{}
		}
		f := web.Frame{User: user(who, shell.Practice)}
		own := ownRecord(who)
		f.NoFinder = own != ""
		if rest, ok := strings.CutPrefix(r.URL.Path, "/patients/"); ok {
			f.Patient, _, _ = strings.Cut(rest, "/")
		}
		for _, s := range all {
			for _, e := range s.Menu {
				path, _, _ := strings.Cut(e.Href, "?")
				right, ok := rights[path]
				switch {
				case !ok || !right.Admits(who):
				case own != "" && e.Name == "home":
					f.Menu = append(f.Menu, web.Entry{Name: "chart", Label: "Your record", Href: own, Icon: "user", Go: "h"})
				case !strings.Contains(path, "{id}"):
					if e.Waiting != nil {
						e.Count, e.Urgent = e.Waiting(r)
					}
					f.Menu = append(f.Menu, e)
				case f.Patient != "":
					e.Href = strings.Replace(e.Href, "{id}", f.Patient, 1)
					f.Tabs = append(f.Tabs, e)
				}
			}
		}
		for _, o := range shell.Recent.Of(who.ID) {
			f.Open = append(f.Open, web.OpenPatient{Name: o.Name, Birth: o.Birth, Href: "/patients/" + o.Patient, Current: o.Patient == f.Patient})
		}
		return f
	}
}

// user is the signed-in person as the menu shows them.
func user(who identity.Principal, practice string) *web.User {
	u := &web.User{Name: who.Name, Place: practice}
	names := givenFirst(who.Name)
	for i, n := range names {
		if i == 0 || i == len(names)-1 {
			u.Initials += strings.ToUpper(string([]rune(n)[:1]))
		}
	}
	var roles []string
	for _, r := range who.Roles {
		roles = append(roles, roleNames[r])
	}
	u.Role = strings.Join(roles, ", ")
	return u
}

var roleNames = map[identity.Role]string{
	identity.Administrator: "Administrator", identity.Clinician: "Clinician", identity.Nurse: "Nurse", identity.FrontDesk: "Front desk",
	identity.Biller: "Biller", identity.Patient: "Patient", identity.ProgramRole: "Program",
}

// givenFirst are the words of a name without titles.
func givenFirst(name string) []string {
	var out []string
	for _, w := range strings.Fields(name) {
		switch strings.ToLower(strings.Trim(w, ".,")) {
		case "dr", "mr", "mrs", "ms", "prof", "md", "rn", "np", "pa", "ma", "do":
			continue
		}
		out = append(out, w)
	}
	return out
}

// ownRecord is the address of the record of a person who signs in as a patient and nothing else; "" for everybody who works here.
func ownRecord(who identity.Principal) string {
	id, ok := strings.CutPrefix(who.Resource, "Patient/")
	if !ok || !slices.Equal(who.Roles, []identity.Role{identity.Patient}) {
		return ""
	}
	return "/patients/" + id
}
