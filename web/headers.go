package web

import (
	"net/http"
	"strings"
)

// policy is the content security policy of every answer: scripts, styles, fonts and data from this program alone, nothing inline.
var policy = strings.Join([]string{
	"default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data:", "connect-src 'self'",
	"frame-src 'self'", // files of documents alone let themselves be framed
	"manifest-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}, "; ")

// guards are the headers of every answer. Their values are shared by all answers and never changed; a handler sets others in their place.
var guards = []struct {
	name  string // in canonical form
	value []string
}{
	{"Content-Security-Policy", []string{policy}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}}, // for browsers that do not know frame-ancestors
	{"Referrer-Policy", []string{"no-referrer"}},
	{"Permissions-Policy", []string{"camera=(), microphone=(), geolocation=(), usb=(), payment=(), publickey-credentials-get=(self)"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Cache-Control", []string{"no-store"}},
}

// Guard sets the headers that keep a browser from doing harm, and refuses changes that another site asks a signed-in browser to make;
// what Origins admits may make them in its own name. It goes around everything that is served.
func (s *Shell) Guard(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Error(w, r, &Problem{ErrForbidden, "Another site asked for this change, so it was not made. Open the page here and try again."})
	}))
	guarded := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for _, g := range guards {
			h[g.name] = g.value
		}
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		r, admitted := s.Origins.admit(w, r)
		switch {
		case r == nil: // answered
		case admitted: // without cookies there is nobody in whose name a change could be made
			next.ServeHTTP(w, r)
		default:
			guarded.ServeHTTP(w, r)
		}
	})
}
