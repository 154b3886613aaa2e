package home

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
	"github.com/osler-ehr/osler/web/facts"
	"github.com/osler-ehr/osler/web/format"
)

type start struct{ d slice.Deps }

// Slice is the page a person starts from.
func Slice(d slice.Deps) slice.Slice {
	s := &start{d}
	return slice.Slice{
		Name:   "home",
		Routes: []slice.Route{{Method: http.MethodGet, Pattern: "/{$}", Right: slice.SignedIn(), Page: s.page}},
		Menu:   []web.Entry{{Name: "home", Label: "Home", Href: "/", Icon: "house", Go: "h"}},
	}
}

// page reads each part of the page as far as the person's role may; a part that fails leaves the others standing.
func (h *start) page(r *http.Request) (web.View, error) {
	s, err := h.d.Session(r)
	if err != nil {
		return nil, err
	}
	ctx, who, now := r.Context(), identity.From(r.Context()), h.d.Shell.Clock()
	if own := ownRecord(who); own != "" {
		return web.Redirect{To: own}, nil
	}
	v := View{Greeting: greeting(who.Name, now), Now: now, Checked: now}
	for _, o := range h.d.Shell.Recent.Of(who.ID) {
		v.Recent = append(v.Recent, Recent{Name: o.Full, Born: o.Birth, Href: "/patients/" + o.Patient})
	}
	me := who.Resource
	var work work
	var unsigned List
	var practice []List
	unfiled := 0
	facts.Together(
		func() {
			if who.Has(identity.Clinician) {
				h.day(ctx, s, me, now, &v)
			} else {
				v.Everyone, v.EveryoneErr = h.everyone(ctx, s, now)
			}
		},
		func() {
			if who.Has(identity.Administrator) {
				practice = []List{h.waiting(ctx, s), h.staff(ctx)}
			}
		},
		func() { work = h.work(ctx, s, me, now) },
		func() { unsigned = h.unsigned(ctx, s, me, now) },
		func() { unfiled = h.unfiled(ctx, s) },
	)
	v.Act, v.ActMore, v.NoTasks = work.act, work.more, !may(s, "Task", "Encounter")
	if !v.NoTasks {
		v.InboxURL = "/inbox"
	}
	for _, t := range []Tally{{Count: work.normal, Label: "Normal results", Href: "/inbox"}, {Count: unfiled, Label: "Incoming documents to file", Href: "/documents"}} {
		if t.Count > 0 {
			v.Info, v.InfoSum = append(v.Info, t), v.InfoSum+t.Count
		}
	}
	for _, l := range practice {
		if l.ID != "" {
			v.Owed = append(v.Owed, l)
		}
	}
	if unsigned.ID != "" {
		v.Owed = append(v.Owed, unsigned)
	}
	if work.overdue.ID != "" {
		v.Owed = append(v.Owed, work.overdue)
	}
	v.Failed = append(v.Failed, work.failed...)
	return web.Page{Title: "Home", Current: "home", Body: Page(v)}, nil
}

// greeting greets by the time of day and the given name.
func greeting(name string, now time.Time) string {
	hello := "Good evening"
	switch h := now.Hour(); {
	case h >= 4 && h < 12:
		hello = "Good morning"
	case h >= 12 && h < 18:
		hello = "Good afternoon"
	}
	if names := givenFirst(name); len(names) > 0 {
		return hello + ", " + names[0]
	}
	return hello
}

// may reports whether the session can search a type.
func may(s *record.Session, types ...string) bool {
	for _, t := range types {
		if !s.May(access.Search, t) {
			return false
		}
	}
	return true
}

// log notes a failure without patient data.
func (h *start) log(ctx context.Context, what string, err error) {
	if h.d.Log != nil {
		h.d.Log.ErrorContext(ctx, "a part of the home page failed", "part", what, "error", err.Error())
	}
}

// since writes how long something has been waiting: today, 08:30 or 20-Nov-2026, 3 days.
func since(at, now time.Time) (text string, late bool) {
	at = at.In(now.Location())
	if format.Date(at) == format.Date(now) {
		return "today, " + format.Time(at), false
	}
	days := int(now.Sub(at).Hours() / 24)
	return format.Date(at) + ", " + format.Count(max(days, 1), "day", "days"), days >= 3
}

func idOf(reference string) string {
	_, id, _ := strings.Cut(reference, "/")
	return id
}
