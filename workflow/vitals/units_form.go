package vitals

import (
	"net/http"

	"github.com/osler-ehr/osler/web"
)

// unitsPath is where the units are chosen.
const unitsPath = "/vitals/units"

// UnitsForm chooses the units in which measurements are shown.
type UnitsForm struct {
	Chosen system
	Back   string // where the choice leads back to
}

func unitsForm(r *http.Request) UnitsForm { return UnitsForm{systemOf(r), r.URL.RequestURI()} }

// chooseUnits keeps the units that were chosen in a cookie, for this screen.
func (p *pages) chooseUnits(r *http.Request) (web.View, error) {
	f, err := web.ReadForm(r)
	if err != nil {
		return nil, err
	}
	chosen := system(f.Text("units"))
	if chosen != metric && chosen != customary {
		chosen = asMeasured
	}
	secure := r.TLS != nil
	return web.Redirect{To: web.LocalPath(f.Text("back")), Cookies: func(w http.ResponseWriter) {
		c := &http.Cookie{Name: unitsCookie, Value: string(chosen), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode}
		if chosen == asMeasured {
			c.MaxAge = -1
		}
		http.SetCookie(w, c)
	}}, nil
}
