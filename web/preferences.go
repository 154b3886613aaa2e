package web

import "net/http"

// PreferencesPath is where the theme, the single-letter keys and the units of measurements are chosen.
const PreferencesPath = "/preferences"

// preferences live in cookies of the browser: they belong to the screen, not to the person, and hold nothing about patients.
type preferences struct {
	theme string // light, dark, or empty for the system's own
	keys  bool   // single letters work as commands
}

func preferencesOf(r *http.Request) preferences {
	p := preferences{keys: true}
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		p.theme = c.Value
	}
	if c, err := r.Cookie("keys"); err == nil && c.Value == "off" {
		p.keys = false
	}
	return p
}

// SavePreferences stores what the form of the user menu sends and leads back to the page it came from.
func (s *Shell) SavePreferences(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	if err := r.ParseForm(); err != nil {
		s.Error(w, r, &Problem{Kind: ErrInvalid})
		return
	}
	for name, allowed := range map[string][]string{"theme": {"system", "light", "dark"}, "keys": {"on", "off"}, "units": {"measured", "metric", "us"}} {
		for _, v := range allowed {
			if r.PostForm.Get(name) == v {
				http.SetCookie(w, &http.Cookie{Name: name, Value: v, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode})
			}
		}
	}
	if r.Header.Get("Osler-Script") != "" { // the script has changed the page already
		w.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(w, r, LocalPath(r.PostForm.Get("back")), http.StatusSeeOther)
}
