package inbox

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// box is the inbox of a practice.
type box struct {
	d slice.Deps

	mu     sync.Mutex
	counts map[string]counted // by account
}

// Slice is the work list, the review of results, tasks, and what goes on by itself: Tasks for results that arrive, and
// critical ones that nobody acknowledges.
func Slice(d slice.Deps) slice.Slice {
	b := &box{d: d, counts: map[string]counted{}}
	read, update, create := slice.To(access.Search, "Task").But(access.FrontDesk), slice.To(access.Update, "Task").But(access.FrontDesk), slice.To(access.Create, "Task").But(access.FrontDesk)
	get, post := http.MethodGet, http.MethodPost
	return slice.Slice{
		Name: "inbox",
		Routes: []slice.Route{
			{Method: get, Pattern: "/inbox", Right: read, Page: b.page},
			{Method: get, Pattern: "/inbox/normal", Right: update, Page: b.normal},
			{Method: post, Pattern: "/inbox/normal", Right: update, Page: b.signNormal},
			{Method: get, Pattern: "/inbox/away", Right: create, Page: b.away},
			{Method: post, Pattern: "/inbox/away", Right: create, Page: b.goAway},
			{Method: get, Pattern: "/inbox/tasks/new", Right: create, Page: b.blankTask},
			{Method: post, Pattern: "/inbox/tasks", Right: create, Page: b.makeTask},
			{Method: post, Pattern: "/inbox/batch", Right: update, Page: b.batch},
			{Method: post, Pattern: "/inbox/{task}/sign", Right: update, Page: b.sign},
			{Method: post, Pattern: "/inbox/{task}/undo", Right: update, Page: b.undo},
			{Method: get, Pattern: "/inbox/{task}/tell", Right: update, Page: b.tell},
			{Method: post, Pattern: "/inbox/{task}/tell", Right: slice.To(access.Create, "Communication"), Page: b.told},
			{Method: get, Pattern: "/inbox/{task}/call", Right: update, Page: b.call},
			{Method: post, Pattern: "/inbox/{task}/call", Right: update, Page: b.called},
			{Method: get, Pattern: "/inbox/{task}/give", Right: update, Page: b.give},
			{Method: post, Pattern: "/inbox/{task}/give", Right: update, Page: b.given},
		},
		Menu:  []web.Entry{{Name: "inbox", Label: "Inbox", Href: "/inbox", Icon: "inbox", Go: "i", Waiting: b.count}},
		Watch: []slice.Watch{{Name: "result-review", Types: []string{"DiagnosticReport", "Observation"}, Page: b.changed}},
		Jobs:  []slice.Job{{Name: "escalation", Every: time.Minute, Run: b.escalate}, {Name: "orphaned-work", Every: 5 * time.Minute, Run: b.orphans}},
	}
}

func at(task string) string { return "/inbox/" + url.PathEscape(task) }
