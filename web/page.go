package web

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/web/clinical"
	"github.com/osler-ehr/osler/web/ui"
)

// View is what a handler answers with: a Page, a Fragment or a Redirect.
type View interface {
	serve(s *Shell, w http.ResponseWriter, r *http.Request) error
}

// Handler answers a request with a view, or with an error that the shell turns into a page.
type Handler func(r *http.Request) (View, error)

// Page is a whole page. The shell adds the top bar, the menu, the banner and messages.
type Page struct {
	Title    string           // of the document; the shell adds the practice
	Current  string           // Name of the menu entry that the page belongs to
	Patient  *clinical.Banner // the patient whose chart this is; nil elsewhere
	Tab      string           // Name of the chart's tab that the page is; the shell draws the tabs above it
	Body     templ.Component
	Fixed    bool         // on a wide screen the page fills the window and its columns scroll by themselves
	Bare     bool         // no top bar and no menu: sign-in, set-up
	Actions  []Entry      // bottom bar of a phone, at most five
	Messages []ui.Message // said once, above everything else at the foot
	Status   int          // 200 if zero
}

// Fragment is a part of a page, for a partial update.
type Fragment struct {
	Body   templ.Component
	Status int // 200 if zero; 422 for a form with errors
}

// Redirect sends the browser on after something was done.
type Redirect struct {
	To string
	// InPlace asks the script of a form beside the page to show the page in place of the open one, without a navigation: for the
	// next step of the same task.
	InPlace bool
	// Cookies, if set, is called before anything is sent: the place where a session begins or ends.
	Cookies func(http.ResponseWriter)
}

// Entry is one destination of a menu or one command.
type Entry struct {
	Name   string // what Page.Current refers to
	Label  string
	Href   string
	Icon   string
	Go     string // the key that goes there after g
	Key    string // the single key that does it on this page
	Count  int    // things that wait there; none is drawn for 0
	Urgent bool   // a critical one is among them
	// Waiting, if set, counts what waits there for whoever makes a request; it is asked for every page, so it must be quick.
	Waiting func(*http.Request) (count int, urgent bool)
}

// User is the person who is signed in.
type User struct {
	Name     string // as greeted: Priya Rao
	Initials string
	Role     string // Physician
	Place    string // the organisation or site worked in now
}

// OpenPatient is a tab of a recently opened chart.
type OpenPatient struct {
	Name     string // OKAFOR, A
	Birth    string // 14-Jul-1968
	Href     string
	Unsigned bool // a note of this user waits for a signature
	Current  bool
}

// Frame is what the shell draws around the pages of one user.
type Frame struct {
	User *User // nil while nobody is signed in
	Menu []Entry
	Open []OpenPatient // at most four are drawn
	// Patient is the id of the patient whose chart is open, for commands of the palette.
	Patient string
	// Tabs are the pages of that chart.
	Tabs []Entry
	// NoFinder says that this person has nobody to search for: no search box and no palette are drawn.
	NoFinder bool
}

func (f Page) serve(s *Shell, w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, f.Status, s.layout(r, f))
}

func (f Fragment) serve(s *Shell, w http.ResponseWriter, r *http.Request) error {
	return s.render(w, r, f.Status, f.Body)
}

func (f Redirect) serve(_ *Shell, w http.ResponseWriter, r *http.Request) error {
	if f.Cookies != nil {
		f.Cookies(w)
	}
	if partial(r) {
		w.Header().Set("HX-Redirect", f.To)
		if f.InPlace {
			w.Header().Set("Osler-In-Place", "yes")
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, f.To, http.StatusSeeOther)
	return nil
}

// partial reports whether the browser asked for a part of a page.
func partial(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }
