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
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), usb=(), payment=(), publickey-credentials-get=(self)")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
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
