package identity

import (
	"net/http"
	"time"
)

// Cookies puts sessions into browsers.
type Cookies struct {
	// Secure is to be set where people reach the server by https, also through a proxy. Otherwise cookies are
	// secure on requests that came to this process by TLS.
	Secure bool
}

// The names of the cookies. With the prefix a browser takes them only by https, for this host alone, so that a
// neighbouring host cannot plant one. (RFC 6265bis, section 4.1.3.2.)
const (
	securePrefix  = "__Host-"
	sessionCookie = "osler"
	deviceCookie  = "osler-device"
	deviceLife    = 180 * 24 * time.Hour
)

func (c Cookies) secure(r *http.Request) bool { return c.Secure || r.TLS != nil }

func (c Cookies) name(r *http.Request, base string) string {
	if c.secure(r) {
		return securePrefix + base
	}
	return base
}

func (c Cookies) set(w http.ResponseWriter, r *http.Request, base, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name:     c.name(r, base),
		Value:    value,
		Path:     "/",
		MaxAge:   int(life / time.Second), // 0: until the browser closes; negative: now
		Secure:   c.secure(r),
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
	w.Header().Set("Cache-Control", "no-store")
}

// read returns a cookie's value; "" if there is none, or two that differ: then one was planted, and which is not
// to be known.
func (c Cookies) read(r *http.Request, base string) string {
	value := ""
	for _, cookie := range r.CookiesNamed(c.name(r, base)) {
		if value != "" && cookie.Value != value {
			return ""
		}
		value = cookie.Value
	}
	return value
}

// Start gives a new session to the browser.
func (c Cookies) Start(w http.ResponseWriter, r *http.Request, in SignedIn) {
	c.set(w, r, sessionCookie, in.Token, 0)
	c.set(w, r, deviceCookie, in.Device, deviceLife)
}

// End takes the session from the browser, and what it may have kept of pages. The device mark stays: it gives no
// access.
func (c Cookies) End(w http.ResponseWriter, r *http.Request) {
	c.set(w, r, sessionCookie, "", -time.Second)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
}

// Session is the session token that a request brings; "" if none.
func (c Cookies) Session(r *http.Request) string { return c.read(r, sessionCookie) }

// Device is the device mark that a request brings, for [Attempt]; "" if none.
func (c Cookies) Device(r *http.Request) string { return c.read(r, deviceCookie) }
