package web

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
)

// Environment says which copy of the system this is. Every copy but the live one says so on every page.
type Environment int

// The copies.
const (
	Live Environment = iota
	Demo
	Training
	ReadOnly
)

// Shell draws pages. Its fields are set once, before the first request.
type Shell struct {
	Practice    string // Harbor Street Family Practice
	Phone       string // printed on summaries
	HelpDesk    string // "ext. 4040"; nothing is said of help where it is empty
	Version     string
	Environment Environment
	AsOf        string // for ReadOnly: the moment of the copy
	Assets      *Assets
	Frame       func(*http.Request) Frame // nil draws every page without user and menu
	Faults      []Fault                   // kinds of error beyond those of this package
	Log         *slog.Logger
	Now         func() time.Time
	Zone        *time.Location // of the practice: dates and times of the record are shown in it; UTC if nil
	Recent      Recent         // which charts people opened lately
	Origins     Origins        // other sites whose pages may use the interfaces for programs
}

// Location is the practice's time zone.
func (s *Shell) Location() *time.Location {
	if s == nil || s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Clock is the present moment in the practice's time zone.
func (s *Shell) Clock() time.Time { return s.now().In(s.Location()) }

// Handle turns a handler into an http.Handler.
func (s *Shell) Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		view, err := h(r)
		if err == nil && view == nil {
			err = fmt.Errorf("the handler of %s answered with nothing", r.Pattern)
		}
		if err == nil {
			err = view.serve(s, w, r)
		}
		if err != nil {
			s.Error(w, r, err)
		}
	})
}

// render draws the component whole before the first byte leaves, so that a failure half way can still become an error page.
func (s *Shell) render(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("draw %s: %w", r.Pattern, err)
	}
	if status == 0 {
		status = http.StatusOK
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, _ = b.WriteTo(w) // the browser went away; there is nobody left to tell
	return nil
}

func (s *Shell) frame(r *http.Request) Frame {
	if s.Frame == nil {
		return Frame{}
	}
	return s.Frame(r)
}

func (s *Shell) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// stripe is the line at the very top of every copy that is not the live one.
func (s *Shell) stripe() string {
	switch s.Environment {
	case Demo:
		return "Demo practice – not for care. Fictional patients. Nothing here reaches a pharmacy or a lab."
	case Training:
		return "Training copy. Fictional patients. Nothing here reaches a pharmacy or a lab."
	case ReadOnly:
		return "READ-ONLY COPY as of " + s.AsOf + ". Nothing can be changed here."
	}
	return ""
}

// Copy names the environment for the sign-in page.
func (s *Shell) Copy() string {
	switch s.Environment {
	case Demo:
		return "Demo practice"
	case Training:
		return "Training copy"
	case ReadOnly:
		return "Read-only copy"
	}
	return "Live system"
}
