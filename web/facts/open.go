package facts

import (
	"net/http"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/clinical"
)

// Chart is what every page of a patient's chart begins with: who looks, whose chart it is, and the banner.
type Chart struct {
	Session *record.Session
	ID      string
	Banner  clinical.Banner
}

// OpenChart reads the banner of the patient whom the address names as {id}, while read reads what the page itself needs. The banner's
// error comes first, so that a chart which may not be seen answers as one that is not there.
func OpenChart(r *http.Request, session func(*http.Request) (*record.Session, error), shell *web.Shell, read func(s *record.Session, id string) error) (Chart, error) {
	s, err := session(r)
	if err != nil {
		return Chart{}, err
	}
	c := Chart{Session: s, ID: r.PathValue("id")}
	var bannerErr, readErr error
	Together(
		func() { c.Banner, bannerErr = ReadBanner(r.Context(), s, c.ID, shell.Clock(), shell.Location()) },
		func() { readErr = read(s, c.ID) },
	)
	if bannerErr != nil {
		return Chart{}, bannerErr
	}
	return c, readErr
}
