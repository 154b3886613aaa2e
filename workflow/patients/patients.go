package patients

import (
	"context"
	"net/http"
	"strings"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

// most is how many patients a list shows, and the palette.
const (
	most          = 30
	mostInPalette = 6
)

type finder struct{ d slice.Deps }

// Slice is the search for patients: a page, and the patients of the command palette.
func Slice(d slice.Deps) slice.Slice {
	f := &finder{d}
	right := slice.To(access.Search, "Patient")
	return slice.Slice{
		Name: "patients",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients", Right: right, Page: f.page},
			{Method: http.MethodGet, Pattern: web.PalettePath, Right: slice.SignedIn(), Page: f.palette},
		},
		Menu: []web.Entry{{Name: "patients", Label: "Patients", Href: "/patients", Icon: "users", Go: "p"}},
	}
}

// page shows what was found or, before a search, whose charts this person opened lately.
func (f *finder) page(r *http.Request) (web.View, error) {
	s, err := f.d.Session(r)
	if err != nil {
		return nil, err
	}
	results := Results{Query: strings.TrimSpace(r.FormValue("q"))}
	if results.Query != "" {
		results.Searched = true
		if results.Hits, results.More, err = f.find(r.Context(), s, results.Query, most); err != nil {
			return nil, err
		}
	} else {
		results.Recent = f.recent(r.Context())
	}
	if r.Header.Get("HX-Request") == "true" {
		return web.Fragment{Body: Found(results)}, nil
	}
	return web.Page{Title: "Patients", Current: "patients", Body: Page(results)}, nil
}

// palette lists patients and, for the open chart, commands. A query that begins with > asks for commands alone.
func (f *finder) palette(r *http.Request) (web.View, error) {
	s, err := f.d.Session(r)
	if err != nil {
		return nil, err
	}
	query := strings.TrimSpace(r.FormValue("q"))
	words, commandsOnly := strings.CutPrefix(query, ">")
	p := Palette{Query: query}
	if !commandsOnly && query != "" && s.May(access.Search, "Patient") {
		if p.Hits, _, err = f.find(r.Context(), s, query, mostInPalette); err != nil {
			return nil, err
		}
	}
	words = strings.ToLower(strings.TrimSpace(words))
	if id := r.FormValue("patient"); id != "" {
		for _, o := range f.d.Shell.Recent.Of(identity.From(r.Context()).ID) {
			if o.Patient == id {
				p.For = o.Full
				p.Commands = commandsFor(id, words)
			}
		}
	}
	if query == "" && len(p.Commands) == 0 {
		p.Hits = f.recent(r.Context())
	}
	frame := web.Frame{}
	if f.d.Shell.Frame != nil {
		frame = f.d.Shell.Frame(r)
	}
	for _, e := range frame.Menu {
		if strings.Contains(strings.ToLower(e.Label), words) && (len(p.Commands) == 0 || words != "") {
			if e.Go != "" {
				e.Key = "g " + e.Go
			}
			p.Go = append(p.Go, e)
		}
	}
	return web.Fragment{Body: PaletteList(p)}, nil
}

// commandsFor are what can be done in an open chart.
func commandsFor(id, words string) []web.Entry {
	base := "/patients/" + id
	var out []web.Entry
	for _, e := range []web.Entry{
		{Name: "chart", Label: "Open chart", Icon: "user", Href: base}, {Name: "timeline", Label: "Results over time", Icon: "trending-up", Href: base + "?show=results"},
		{Name: "print", Label: "Print chart summary", Icon: "printer", Key: "Ctrl P", Href: base},
	} {
		if strings.Contains(strings.ToLower(e.Label), words) {
			out = append(out, e)
		}
	}
	return out
}

// find searches as the session may.
func (f *finder) find(ctx context.Context, s *record.Session, query string, count int) (hits []Hit, more bool, err error) {
	now := f.d.Shell.Clock()
	p, ok := params(query, now)
	if !ok {
		return nil, false, nil
	}
	p = append(p, facts.Params("_sort", "family,given")...)
	page, err := s.Search(ctx, record.Query{Type: "Patient", Params: append(p, facts.Params("_count", "31")...), MaxCount: count})
	if err != nil {
		return nil, false, err
	}
	for i := range page.Entries {
		patient, err := fhir.View[facts.Patient](page.Entries[i].Resource())
		if err != nil {
			return nil, false, err
		}
		died, _ := patient.Died()
		hits = append(hits, Hit{
			ID: page.Entries[i].ID, Name: patient.Name(now), Born: patient.BornLine(now, now.Location()), Sex: strings.ToLower(patient.Sex()),
			MRN: format.RecordNumber(patient.MRN()), Deceased: died, Href: "/patients/" + page.Entries[i].ID,
		})
	}
	return hits, page.Next != "", nil
}

// recent are the charts that this person opened lately.
func (f *finder) recent(ctx context.Context) []Hit {
	var out []Hit
	for _, o := range f.d.Shell.Recent.Of(identity.From(ctx).ID) {
		family, given, _ := strings.Cut(o.Full, ", ")
		out = append(out, Hit{ID: o.Patient, Name: format.PersonName{Family: family, Given: given}, Born: o.Birth, Href: "/patients/" + o.Patient})
	}
	return out
}
