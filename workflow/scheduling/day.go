package scheduling

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// dayView is the list of one day.
type dayView struct {
	Weekday, Date         string
	Day                   string // 2026-11-23, for the field
	Today, Before, After  string // addresses
	Who, Site             string // chosen; "" = all
	People, Sites         []ui.Option
	Groups                []dayGroup
	Wrong                 string
	HoursHref, NothingSay string
}

// dayGroup is one provider's day.
type dayGroup struct {
	ID, Name, Site, Summary string
	Rows                    []dayRow
}

// dayRow is a visit, or a stretch of free time.
type dayRow struct {
	Time, Length       string
	Name               format.PersonName
	About, What, State string
	Class              string // of the state: booked, confirmed, arrived, roomed, left, off; free
	ChartHref, Href    string
	at                 time.Time
}

// day shows the visits of a day, by provider.
func (k *desk) day(r *http.Request) (web.View, error) {
	s, err := k.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, now := r.Context(), k.d.Shell.Clock()
	who, site := r.FormValue("who"), r.FormValue("site")
	v := dayView{Who: who, Site: site}
	day := midnight(now)
	if text := r.FormValue("day"); text != "" {
		if iso, ok := format.TypedDate(text, now); ok && len(iso) == len(time.DateOnly) {
			if day, err = time.ParseInLocation(time.DateOnly, iso, now.Location()); err != nil {
				return nil, err
			}
		} else {
			v.Wrong = "Not a day: “" + text + "”. This is today."
		}
	}
	all, err := books(ctx, s, k.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	list, err := k.visits(ctx, s, who, day)
	if err != nil {
		return nil, err
	}
	v.Weekday, v.Date, v.Day = format.Weekday(day), format.Date(day), day.Format(time.DateOnly)
	address := func(d time.Time) string {
		q := url.Values{"day": {d.Format(time.DateOnly)}}
		if who != "" {
			q.Set("who", who)
		}
		if site != "" {
			q.Set("site", site)
		}
		return "/schedule?" + q.Encode()
	}
	v.Today, v.Before, v.After = address(midnight(now)), address(day.AddDate(0, 0, -1)), address(day.AddDate(0, 0, 1))
	v.People, v.Sites = []ui.Option{{Value: "", Label: "Everybody"}}, []ui.Option{{Value: "", Label: "All sites"}}
	for _, b := range all {
		add(&v.People, b.Who)
		add(&v.Sites, b.Site)
	}
	v.Groups = k.groups(list, all, day, who, site, now, mayMove.Admits(identity.From(ctx)))
	if mayHours.Admits(identity.From(ctx)) {
		v.HoursHref = "/schedule/hours"
	}
	if len(v.Groups) == 0 {
		v.NothingSay = "No visits and no working hours on this day"
	}
	return web.Page{Title: "Schedule", Current: "schedule", Body: dayPage(v)}, nil
}

func add(options *[]ui.Option, ref fhir.Reference) {
	if ref.Reference != "" && !slices.ContainsFunc(*options, func(o ui.Option) bool { return o.Value == ref.Reference }) {
		*options = append(*options, ui.Option{Value: ref.Reference, Label: cmp.Or(ref.Display, ref.Reference)})
	}
}

// visit is an appointment with its patient.
type visit struct {
	appointment
	person facts.Patient
}

func (k *desk) visits(ctx context.Context, s *record.Session, who string, day time.Time) ([]visit, error) {
	params := facts.Params("date", "ge"+stamp(day), "date", "lt"+stamp(day.AddDate(0, 0, 1)), "_sort", "date", "_count", "1000", "_include", "Appointment:patient")
	if who != "" {
		params = append(params, facts.Params("actor", who)...)
	}
	page, err := facts.Whole(ctx, s, record.Query{Type: "Appointment", Params: params})
	if err != nil {
		return nil, err
	}
	people := map[string]facts.Patient{}
	var out []visit
	for i := range page.Entries {
		e := &page.Entries[i]
		if e.Type == "Patient" {
			if people[e.ID], err = fhir.View[facts.Patient](e.Resource()); err != nil {
				return nil, err
			}
			continue
		}
		a, err := fhir.View[appointment](e.Resource())
		if err != nil {
			return nil, err
		}
		if a.Status != "entered-in-error" {
			out = append(out, visit{appointment: a})
		}
	}
	for i := range out {
		out[i].person = people[out[i].patient()]
	}
	return out, nil
}

// groups lays the visits out by provider, with the free time between them.
func (k *desk) groups(list []visit, all []book, day time.Time, who, site string, now time.Time, mayMove bool) []dayGroup {
	byKey := map[string]*dayGroup{}
	var keys []string
	group := func(ref fhir.Reference) *dayGroup {
		if g := byKey[ref.Reference]; g != nil {
			return g
		}
		byKey[ref.Reference] = &dayGroup{ID: "with-" + strings.ReplaceAll(strings.ToLower(ref.Reference), "/", "-"), Name: cmp.Or(ref.Display, "Nobody in particular")}
		keys = append(keys, ref.Reference)
		return byKey[ref.Reference]
	}
	sites := map[string][]string{} // of a provider, who may work at several
	busy := map[string][]span{}
	for _, b := range all {
		sites[b.Who.Reference] = append(sites[b.Who.Reference], b.Site.Reference)
	}
	elsewhere := func(v visit) bool { // as the visit says, else where its provider never works
		if at := v.actor("Location").Reference; slices.ContainsFunc(all, func(b book) bool { return at != "" && b.Site.Reference == at }) {
			return at != site
		}
		return !slices.Contains(sites[v.actor("Practitioner").Reference], site)
	}
	count := map[string]int{}
	for _, v := range list {
		ref := v.actor("Practitioner")
		if v.live() {
			busy[ref.Reference] = append(busy[ref.Reference], v.span())
		}
		if site != "" && elsewhere(v) {
			continue
		}
		if v.live() {
			count[ref.Reference]++
		}
		g := group(ref)
		at := v.span().from.In(now.Location())
		row := dayRow{at: at, Time: format.Time(at), Length: length(v.minutes()), What: v.title()}
		row.State, row.Class = v.state()
		if id := v.patient(); id != "" {
			row.Name, row.About, row.ChartHref = v.person.Name(now), v.person.BornLine(now, now.Location()), "/patients/"+url.PathEscape(id)
			if mayMove {
				row.Href = base(id) + "/" + url.PathEscape(v.ID)
			}
		}
		g.Rows = append(g.Rows, row)
	}
	for _, b := range all {
		if who != "" && b.Who.Reference != who || site != "" && b.Site.Reference != site {
			continue
		}
		open := b.open(day.Year(), day.Month(), day.Day())
		if len(open) == 0 {
			continue
		}
		g := group(b.Who)
		g.Site = b.Site.Display
		free := 0
		for _, gap := range gaps(open, busy[b.Who.Reference]) {
			at, minutes := gap.from.In(now.Location()), int(gap.until.Sub(gap.from).Minutes())
			free += minutes
			g.Rows = append(g.Rows, dayRow{at: at, Time: format.Time(at), Length: length(minutes), What: "Open", Class: "free"})
		}
		g.Summary = format.Count(count[b.Who.Reference], "visit", "visits")
		if free > 0 {
			g.Summary += ", " + length(free) + " open"
		}
	}
	slices.SortFunc(keys, func(a, b string) int { return strings.Compare(byKey[a].Name, byKey[b].Name) })
	var out []dayGroup
	for _, key := range keys {
		g := byKey[key]
		if g.Summary == "" {
			g.Summary = format.Count(count[key], "visit", "visits")
		}
		slices.SortStableFunc(g.Rows, func(a, b dayRow) int { return a.at.Compare(b.at) })
		out = append(out, *g)
	}
	return out
}

// gaps are the stretches of working time that nobody has taken, of a quarter of an hour at least.
func gaps(open, busy []span) (out []span) {
	busy = slices.Clone(busy)
	slices.SortFunc(busy, func(a, b span) int { return a.from.Compare(b.from) })
	for _, o := range open {
		at := o.from
		for _, b := range busy {
			if !b.overlaps(span{at, o.until}) {
				continue
			}
			if b.from.Sub(at) >= step {
				out = append(out, span{at, b.from})
			}
			if b.until.After(at) {
				at = b.until
			}
		}
		if o.until.Sub(at) >= step {
			out = append(out, span{at, o.until})
		}
	}
	return out
}
