package scheduling

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/format"
	"github.com/osler-ehr/osler/web/ui"
)

// offer is what the form proposes: the free times for what is asked.
type offer struct {
	form  *web.Form
	books []book
	days  []offeredDay
	key   string // what the times are for; the form sends it back, so that no time is booked that was offered for something else
	none  string // why there are none
}

type offeredDay struct {
	Label string
	Times []ui.Option
}

// How many days with free times are offered, and how many times of each.
const (
	offeredDays  = 3
	offeredTimes = 8
)

// usual is what is asked for when nobody says otherwise.
const usualWhen = "3 months"

func asked(f *web.Form) string {
	return strings.Join([]string{f.Text("kind"), f.Text("with"), strings.ToLower(f.Text("when"))}, "|")
}

// preset fills in what is not said: a follow-up in three months with whoever asks or, for others, the patient's own clinician.
func preset(f *web.Form, all []book, me, pcp string) {
	if f.Text("kind") == "" {
		f.Set("kind", kinds[0].code)
	}
	if !f.Has("when") {
		f.Set("when", usualWhen)
	}
	if f.Text("with") != "" {
		return
	}
	for _, who := range []string{me, pcp} {
		for _, b := range all {
			if who != "" && b.Who.Reference == who && len(b.Week) > 0 {
				f.Set("with", b.Schedule)
				return
			}
		}
	}
	if len(all) > 0 {
		f.Set("with", all[0].Schedule)
	}
}

// offerFor finds free times for what the form asks.
func (k *desk) offerFor(ctx context.Context, s *record.Session, f *web.Form, all []book) (o offer, err error) {
	now := k.d.Shell.Clock()
	o = offer{form: f, books: all, key: asked(f)}
	if len(all) == 0 {
		o.none = "Nobody takes appointments yet. Enter working hours on the page Schedule first."
		return o, nil
	}
	what, ok := kindOf(f.Text("kind"))
	if !ok {
		f.Wrong("kind", "Choose a type of visit.")
		return o, nil
	}
	b, ok := o.with()
	if !ok {
		f.Wrong("with", "Choose who sees the patient.")
		return o, nil
	}
	now = now.In(b.Zone)
	day, ok := fromWhen(f.Text("when"), now)
	if !ok {
		f.Wrong("when", "Not a time to come. Write 3 months, 6 weeks, tomorrow, 24-Feb-2027; empty for as soon as possible.")
		return o, nil
	}
	if len(b.Week) == 0 {
		o.none = b.Who.Display + " has no working hours here yet."
		return o, nil
	}
	found, err := b.next(ctx, s, day, what.minutes, offeredDays, now)
	if err != nil {
		return o, err
	}
	for _, times := range found {
		d := offeredDay{Label: format.Weekday(times[0]) + " " + format.Date(times[0])}
		for _, at := range spread(times, offeredTimes) {
			d.Times = append(d.Times, ui.Option{Value: at.UTC().Format(time.RFC3339), Label: format.Time(at)})
		}
		o.days = append(o.days, d)
	}
	if len(o.days) == 0 {
		o.none = "No free time found. Try somebody else, another type, or a later date."
	}
	return o, nil
}

// spread takes times from the whole day, the first among them.
func spread(times []time.Time, most int) []time.Time {
	if len(times) <= most {
		return times
	}
	var out []time.Time
	for i := range most {
		out = append(out, times[i*len(times)/most])
	}
	return slices.Compact(out)
}

// with is whose book it is.
func (o offer) with() (book, bool) {
	i := slices.IndexFunc(o.books, func(b book) bool { return b.Schedule == o.form.Text("with") })
	if i < 0 {
		return book{}, false
	}
	return o.books[i], true
}

// chosen is the time that is picked beforehand: the one that was chosen, else the first.
func (o offer) chosen() string {
	at := o.form.Text("time")
	for _, d := range o.days {
		for _, t := range d.Times {
			if t.Value == at {
				return at
			}
		}
	}
	if len(o.days) > 0 {
		return o.days[0].Times[0].Value
	}
	return ""
}

func (o offer) people() (out []ui.Option) {
	for _, b := range o.books {
		label := b.Who.Display
		if b.Site.Display != "" {
			label += ", " + b.Site.Display
		}
		out = append(out, ui.Option{Value: b.Schedule, Label: label})
	}
	return out
}

// freeTimes draws the free times alone, while the form is being filled in.
func (k *desk) freeTimes(r *http.Request) (web.View, error) {
	s, err := k.d.Session(r)
	if err != nil {
		return nil, err
	}
	f := web.NewForm(r.URL.Query())
	all, err := books(r.Context(), s, k.d.Shell.Location())
	if err != nil {
		return nil, err
	}
	preset(f, all, identity.From(r.Context()).Resource, "")
	o, err := k.offerFor(r.Context(), s, f, all)
	if err != nil {
		return nil, err
	}
	return web.Fragment{Body: o.times()}, nil
}
