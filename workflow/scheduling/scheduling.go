package scheduling

import (
	"net/http"
	"net/url"

	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// desk books, moves and shows visits.
type desk struct{ d slice.Deps }

var (
	mayBook  = slice.To(access.Create, "Appointment")
	mayMove  = slice.To(access.Update, "Appointment")
	mayHours = slice.To(access.Update, "PractitionerRole")
)

// Slice is the book of appointments: the list of a day, booking from the chart, moving and cancelling, working hours.
func Slice(d slice.Deps) slice.Slice {
	k := &desk{d}
	staff := slice.Roles(access.Administrator, access.Clinician, access.Nurse, access.FrontDesk)
	return slice.Slice{
		Name: "scheduling",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/schedule", Right: staff, Page: k.day},
			{Method: http.MethodGet, Pattern: "/schedule/hours", Right: mayHours, Page: k.hours},
			{Method: http.MethodGet, Pattern: "/schedule/hours/new", Right: mayHours, Page: k.blankHours},
			{Method: http.MethodPost, Pattern: "/schedule/hours", Right: mayHours, Page: k.keepHours},
			{Method: http.MethodGet, Pattern: "/patients/{id}/appointments/new", Right: mayBook, Page: k.blank},
			{Method: http.MethodGet, Pattern: "/patients/{id}/appointments/free", Right: mayBook, Page: k.freeTimes},
			{Method: http.MethodPost, Pattern: "/patients/{id}/appointments", Right: mayBook, Page: k.book},
			{Method: http.MethodGet, Pattern: "/patients/{id}/appointments/{appointment}", Right: mayMove, Page: k.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/appointments/{appointment}", Right: mayMove, Page: k.change},
		},
		Exclusive: []record.Exclusive{Rule()},
		Menu:      []web.Entry{{Name: "schedule", Label: "Schedule", Href: "/schedule", Icon: "calendar", Go: "s"}},
	}
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/appointments" }
