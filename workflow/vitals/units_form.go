package vitals

import "net/http"

// UnitsForm chooses the units in which measurements are shown. They are a preference of the screen, as the theme is.
type UnitsForm struct {
	Chosen system
	Back   string // where the choice leads back to
}

func unitsForm(r *http.Request) UnitsForm { return UnitsForm{systemOf(r), r.URL.RequestURI()} }
