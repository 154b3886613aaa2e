package letters

import (
	"net/http"
	"net/url"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// desk writes letters and prints.
type desk struct {
	d     slice.Deps
	rules []slice.Rule // what is due is told on the summary of a visit
}

// Slice is letters, visit summaries and prints of the chart. The rules of the slices given say what is due.
func Slice(d slice.Deps, others []slice.Slice) slice.Slice {
	e := &desk{d: d}
	for _, s := range others {
		e.rules = append(e.rules, s.Rules...)
	}
	list, read, write := slice.To(access.Search, "Composition"), slice.To(access.Read, "Composition"), slice.Roles(access.Clinician, access.Nurse)
	chart := slice.To(access.Search, "Composition")
	get, post := http.MethodGet, http.MethodPost
	return slice.Slice{
		Name: "letters",
		Routes: []slice.Route{
			{Method: get, Pattern: "/patients/{id}/letters", Right: list, Page: e.list},
			{Method: get, Pattern: "/patients/{id}/letters/new", Right: write, Page: e.blank},
			{Method: post, Pattern: "/patients/{id}/letters", Right: write, Page: e.create},
			{Method: get, Pattern: "/patients/{id}/letters/{letter}", Right: read, Page: e.open},
			{Method: post, Pattern: "/patients/{id}/letters/{letter}", Right: write, Page: e.update},
			{Method: get, Pattern: "/patients/{id}/letters/{letter}/pdf", Right: read, Handler: http.HandlerFunc(e.letterPDF)},
			{Method: get, Pattern: "/patients/{id}/summary/{visit}", Right: chart, Page: e.summary},
			{Method: get, Pattern: "/patients/{id}/summary/{visit}/pdf", Right: chart, Handler: http.HandlerFunc(e.summaryPDF)},
			{Method: get, Pattern: "/patients/{id}/print", Right: chart, Page: e.choose},
			{Method: get, Pattern: "/patients/{id}/print/pdf", Right: chart, Handler: http.HandlerFunc(e.printPDF)},
		},
		Menu: []web.Entry{{Name: "letters", Label: "Letters and print", Href: "/patients/{id}/letters", Icon: "printer"}},
	}
}

func chartOf(patient string) string { return "/patients/" + url.PathEscape(patient) }

func base(patient string) string { return chartOf(patient) + "/letters" }

func at(patient, letter string) string { return base(patient) + "/" + url.PathEscape(letter) }

func nothing(*record.Session, string) error { return nil }

// writes reports whether a person may write letters.
func writes(who identity.Principal) bool {
	return who.Kind == identity.Person && !who.Scoped && (who.Has(identity.Clinician) || who.Has(identity.Nurse))
}
