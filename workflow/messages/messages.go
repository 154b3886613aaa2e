package messages

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/a-h/templ"

	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web"
)

// post is the correspondence of a practice.
type post struct {
	d slice.Deps

	mu     sync.Mutex
	counts map[string]counted // by account
}

// Slice is the page of messages, those of a patient, the forms by which they are written and closed, and the work that a patient's message makes.
func Slice(d slice.Deps) slice.Slice {
	p := &post{d: d, counts: map[string]counted{}}
	read, write, tasks := slice.To(access.Search, "Communication"), slice.Roles(access.Clinician, access.Nurse), slice.To(access.Search, "Task").But(access.FrontDesk)
	return slice.Slice{
		Name: "messages",
		Routes: []slice.Route{
			{Method: http.MethodGet, Pattern: "/messages", Right: tasks, Page: p.page},
			{Method: http.MethodGet, Pattern: "/patients/{id}/messages", Right: read, Page: p.list},
			{Method: http.MethodGet, Pattern: "/patients/{id}/messages/new", Right: write, Page: p.blank},
			{Method: http.MethodPost, Pattern: "/patients/{id}/messages/draft", Right: write, Page: p.draft},
			{Method: http.MethodPost, Pattern: "/patients/{id}/messages", Right: write, Page: p.send},
			{Method: http.MethodGet, Pattern: "/patients/{id}/messages/{message}", Right: read, Page: p.open},
			{Method: http.MethodGet, Pattern: "/patients/{id}/messages/{message}/close", Right: write, Page: p.askClose},
			{Method: http.MethodPost, Pattern: "/patients/{id}/messages/{message}/close", Right: write, Page: p.close},
		},
		Menu: []web.Entry{{Name: "messages", Label: "Messages", Href: "/messages", Icon: "message-square", Go: "m", Waiting: p.unread}},
		Panels: []slice.Panel{{Name: "messages", Right: read, Draw: func(ctx context.Context, s *record.Session, patient string) (templ.Component, error) {
			panel, err := p.panel(ctx, s, patient)
			if err != nil {
				return nil, err
			}
			if write.Admits(identity.From(ctx)) {
				panel.AddHref = base(patient) + "/new"
			}
			return web.Box{Column: web.End, Order: 28, Body: panel.Draw()}, nil
		}}},
		Watch: []slice.Watch{{Name: "message-answers", Types: []string{"Communication", "Task"}, Changed: p.changed}},
	}
}

func base(patient string) string { return "/patients/" + url.PathEscape(patient) + "/messages" }

func at(patient, message string) string { return base(patient) + "/" + url.PathEscape(message) }
