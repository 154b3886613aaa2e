package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/osler-ehr/osler/web/ui"
)

// The kinds of error that the shell knows by itself. Wrap them; the cause goes to the log, the sentence of the kind to the person.
var (
	ErrNotFound    = errors.New("not found")
	ErrForbidden   = errors.New("forbidden") // answered as ErrNotFound is, so that a guess at an address learns nothing
	ErrSignIn      = errors.New("sign-in needed")
	ErrInvalid     = errors.New("invalid input")
	ErrConflict    = errors.New("changed by someone else")
	ErrTooLarge    = errors.New("too large")
	ErrTooOften    = errors.New("too many requests")
	ErrUnavailable = errors.New("unavailable")
)

// Fault is how one kind of error is told to a person.
type Fault struct {
	Err    error // matched with errors.Is
	Status int
	Title  string // what happened
	Advice string // what to do next
}

// faults are the kinds of this package, in the order in which they are tried.
var faults = []Fault{
	{ErrNotFound, http.StatusNotFound, "There is nothing here for you", "The address may be wrong, or what it names may have moved, been removed, or lie outside what your role may see. Search for the patient, or ask your administrator if you need it for your work."},
	{ErrForbidden, http.StatusNotFound, "There is nothing here for you", "The address may be wrong, or what it names may have moved, been removed, or lie outside what your role may see. Search for the patient, or ask your administrator if you need it for your work."},
	{ErrInvalid, http.StatusUnprocessableEntity, "Something in this request could not be read", "Go back, look at what was filled in, and send it again."},
	{ErrConflict, http.StatusConflict, "Someone else changed this meanwhile", "Nothing of yours was saved over theirs. Open it again, compare, and make your change once more."},
	{ErrTooLarge, http.StatusRequestEntityTooLarge, "This is too large to accept", "Send a smaller file, or split it."},
	{ErrTooOften, http.StatusTooManyRequests, "Too many attempts", "Wait a minute, then try again."},
	{ErrUnavailable, http.StatusServiceUnavailable, "This part of the system does not answer", "Nothing was lost. Try again in a minute; if it stays so, use the downtime copy and call the help desk."},
}

var unknown = Fault{Status: http.StatusInternalServerError, Title: "Something went wrong on our side", Advice: "What you were doing may not have been saved: look before you repeat it. If it happens again, call the help desk and give the time below."}

// Problem is an error with its own words for the person, of a known kind.
type Problem struct {
	Kind   error // one of the kinds; decides the status
	Advice string
}

func (p *Problem) Error() string { return p.Kind.Error() }

// Unwrap gives the kind.
func (p *Problem) Unwrap() error { return p.Kind }

// fault finds the kind of an error.
func (s *Shell) fault(err error) Fault {
	found, kind := unknown, kindOf(err)
	for _, f := range append(append([]Fault{}, s.Faults...), faults...) {
		if errors.Is(kind, f.Err) {
			found = f
			break
		}
	}
	var p *Problem
	if errors.As(err, &p) && p.Advice != "" {
		found.Advice = p.Advice
	}
	return found
}

// Error answers with the page of an error, or with one line for a partial update. Strangers see a sentence; the log has the cause with
// the route's pattern, never the address, which may name a patient.
func (s *Shell) Error(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the browser went away
	}
	if errors.Is(err, ErrSignIn) {
		s.toSignIn(w, r)
		return
	}
	f := s.fault(err)
	frame := s.frame(r)
	if frame.NoFinder && f.Status == http.StatusNotFound {
		f.Advice = "The address may be wrong, or what it names may have moved or been removed. Go to your record; if you miss something there, ask your practice."
	}
	if f.Status >= 500 && s.Log != nil {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("route", r.Pattern), slog.Int("status", f.Status), slog.String("error", err.Error()))
	}
	var view View = Page{Title: f.Title, Body: errorPage(f, s), Status: f.Status, Bare: frame.User == nil}
	if partial(r) {
		w.Header().Set("HX-Retarget", "#toasts")
		w.Header().Set("HX-Reswap", "innerHTML")
		view = Fragment{Body: ui.Message{Tone: ui.Critical, Lead: f.Title + ".", Text: f.Advice}.Draw(), Status: f.Status}
	}
	if err := view.serve(s, w, r); err != nil {
		http.Error(w, unknown.Title, http.StatusInternalServerError)
	}
}

// toSignIn leads to the sign-in page and from there back to where the person wanted to go.
func (s *Shell) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/signin"
	if r.Method == http.MethodGet && !partial(r) && r.URL.Path != "/" {
		to += "?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()
	}
	_ = Redirect{To: to}.serve(s, w, r)
}

// LocalPath returns an address of this system that a request asked to go to next, and "/" for anything that leads elsewhere.
func LocalPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || len(next) < 1 || next[0] != '/' || (len(next) > 1 && (next[1] == '/' || next[1] == '\\')) {
		return "/"
	}
	return next
}
