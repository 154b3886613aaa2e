package web

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/web/ui"
)

// sheet is all that the layout draws.
type sheet struct {
	shell *Shell
	page  Page
	frame Frame
	prefs preferences
	back  string // where the preferences form leads back to
	built bool
}

func (s *Shell) layout(r *http.Request, p Page) templ.Component {
	back := r.URL.RequestURI()
	if r.Method != http.MethodGet {
		back = "/"
	}
	return document(sheet{s, p, s.frame(r), preferencesOf(r), back, s.Assets.Built()})
}

// title names the page first, so that tabs of a browser can be told apart.
func (s sheet) title() string {
	if s.page.Title == "" {
		return s.shell.Practice
	}
	return s.page.Title + " – " + s.shell.Practice
}

func (s sheet) class() string {
	return templ.Classes(templ.KV("fixed", s.page.Fixed), templ.KV("has-tabbar", len(s.page.Actions) > 0)).String()
}

// chrome reports whether the page has a top bar.
func (s sheet) chrome() bool { return !s.page.Bare && s.frame.User != nil }

// open are the tabs of recently opened patients.
func (s sheet) open() []OpenPatient { return s.frame.Open[:min(4, len(s.frame.Open))] }

// tabs are the pages of the open chart.
func (s sheet) tabs() []ui.Tab {
	out := []ui.Tab{{Label: "Chart", Href: "/patients/" + s.frame.Patient}}
	for _, e := range s.frame.Tabs {
		out = append(out, ui.Tab{Label: e.Label, Href: e.Href, Current: e.Name == s.page.Tab})
	}
	return out
}

// inbox is the menu entry that a phone shows beside the search.
func (s sheet) inbox() (Entry, bool) {
	for _, e := range s.frame.Menu {
		if e.Name == "inbox" {
			return e, true
		}
	}
	return Entry{}, false
}

func (e Entry) badgeClass() string {
	if e.Urgent {
		return "badge badge-crit"
	}
	return "badge"
}

// badgeWords says what the number beside an entry counts.
func (e Entry) badgeWords() string {
	words := strconv.Itoa(e.Count) + " to act on"
	if e.Urgent {
		words += ", one critical"
	}
	return words
}
