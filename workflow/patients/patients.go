package patients

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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

// Slice is the search for patients and their registration: the pages, the patients of the command palette, and the panel of demographics.
func Slice(d slice.Deps) slice.Slice { return SliceWith(d, rand.Reader) }

// SliceWith is Slice with another source of randomness for record numbers.
func SliceWith(d slice.Deps, random io.Reader) slice.Slice {
	f, g := &finder{d}, &registry{d, random}
	charts := slice.Roles(access.Administrator, access.Clinician, access.Nurse)                                 // the desk's page shows how to reach a patient by itself
	right := slice.Roles(access.Administrator, access.Clinician, access.Nurse, access.FrontDesk, access.Biller) // a patient has nobody to look for
	return slice.Slice{
		Name: "patients",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/patients", Right: right, Page: f.page},
			{Method: http.MethodGet, Pattern: web.PalettePath, Right: right, Page: f.palette},
			{Method: http.MethodGet, Pattern: "/patients/new", Right: mayRegister, Page: g.blank},
			{Method: http.MethodPost, Pattern: "/patients/alike", Right: mayRegister, Page: g.alikeNow},
			{Method: http.MethodPost, Pattern: "/patients", Right: mayRegister, Page: g.create},
			{Method: http.MethodGet, Pattern: "/patients/{id}/demographics", Right: mayChange, Page: g.open},
			{Method: http.MethodPost, Pattern: "/patients/{id}/demographics", Right: mayChange, Page: g.update},
		},
		Panels: []slice.Panel{{Name: "demographics", Right: charts, Draw: g.panel}},
		Menu:   []web.Entry{{Name: "patients", Label: "Patients", Href: "/patients", Icon: "users", Go: "p"}},
	}
}

// page shows what was found or, before a search, whose charts this person opened lately.
func (f *finder) page(r *http.Request) (web.View, error) {
	s, err := f.d.Session(r)
	if err != nil {
		return nil, err
	}
	results := Results{Query: strings.TrimSpace(r.FormValue("q"))}
	if mayRegister.Admits(identity.From(r.Context())) {
		results.NewHref = "/patients/new"
	}
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
		if p.Hits, p.More, err = f.find(r.Context(), s, query, mostInPalette); err != nil {
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

// maxNear is how many patients whose names begin alike are looked at for slips of the keyboard. Where more begin so, the page says that not
// all were looked at.
const maxNear = 5000

// find searches as the session may: what was typed, and where that finds nobody what may have been meant.
func (f *finder) find(ctx context.Context, s *record.Session, text string, count int) (hits []Hit, more bool, err error) {
	now := f.d.Shell.Clock()
	q := read(text, now)
	seen := map[string]bool{}
	for _, p := range q.searches() {
		p = append(p, facts.Params("_sort", "family,given", "_count", strconv.Itoa(count+1))...)
		page, err := s.Search(ctx, record.Query{Type: "Patient", Params: p})
		if err != nil {
			return nil, false, err
		}
		more = more || page.Next != ""
		for i := range page.Entries {
			e := &page.Entries[i]
			if seen[e.ID] {
				continue
			}
			seen[e.ID] = true
			patient, err := fhir.View[facts.Patient](e.Resource())
			if err != nil {
				return nil, false, err
			}
			hits = append(hits, hit(e.ID, patient, now))
		}
	}
	if len(hits) == 0 {
		if hits, more, err = f.findNear(ctx, s, q, now); err != nil {
			return nil, false, err
		}
	}
	if len(hits) > count {
		return hits[:count], true, nil
	}
	return hits, more, nil
}

// findNear searches for those whom a query with slips may mean, nearest first.
func (f *finder) findNear(ctx context.Context, s *record.Session, q query, now time.Time) (hits []Hit, more bool, err error) {
	p := q.near()
	if p == nil {
		return nil, false, nil
	}
	slips, looked := map[string]int{}, 0
	err = facts.Each(ctx, s, record.Query{Type: "Patient", Params: append(p, facts.Params("_count", "500")...)}, func(e *record.Entry) error {
		if looked++; looked > maxNear {
			more = true
			return facts.ErrEnough
		}
		patient, err := fhir.View[facts.Patient](e.Resource())
		if err != nil {
			return err
		}
		if n, ok := q.slips(nameParts(patient, patient.Name(now))); ok {
			slips[e.ID] = n
			hits = append(hits, hit(e.ID, patient, now))
		}
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(slips[a.ID], slips[b.ID]), strings.Compare(a.Name.Family, b.Name.Family), strings.Compare(a.Name.Given, b.Name.Given))
	})
	return hits, more, nil
}

func hit(id string, patient facts.Patient, now time.Time) Hit {
	died, _ := patient.Died()
	return Hit{
		ID: id, Name: patient.Name(now), Born: patient.BornLine(now, now.Location()), Sex: strings.ToLower(patient.Sex()),
		MRN: format.RecordNumber(patient.MRN()), Deceased: died, Href: "/patients/" + id,
	}
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
