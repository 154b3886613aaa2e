package subscriptions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/record/search"
	"github.com/osler-ehr/osler/slice"
)

// mine reads a subscription of whoever makes the request. Another's, though the record may show it, has no events for
// those who did not ask for it.
func (e *engine) mine(r *http.Request) (*record.Session, *view, error) {
	session, err := e.Session(r)
	if err != nil {
		return nil, nil, err
	}
	v, err := e.viewByID(r.Context(), session, r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if v.st == nil || !v.st.Owner.Same(r) {
		return nil, nil, refused(http.StatusForbidden, "forbidden", "only whoever made the subscription gets its events")
	}
	return session, v, nil
}

// view is a subscription as one can see it from outside.
type view struct {
	sub         *subscription
	st          *state
	status, why string
}

func (e *engine) viewByID(ctx context.Context, session *record.Session, id string) (*view, error) {
	v, err := session.Read(ctx, "Subscription", id)
	if err != nil {
		return nil, err
	}
	return e.viewOf(ctx, v)
}

func (e *engine) viewOf(ctx context.Context, v *record.Version) (*view, error) {
	doc := v.Resource()
	out := &view{status: doc.Get("status").Text(), why: doc.Get("error").Text()}
	sub, err := read(doc)
	if err != nil { // made by another way: it has no events, but a status
		sub = &subscription{ID: v.ID, Content: empty}
	}
	sub.ID, out.sub = v.ID, sub
	out.st, err = e.load(ctx, v.ID)
	return out, err
}

func (e *engine) noticeOf(kind string, v *view, base string) *notice {
	n := &notice{kind: kind, id: v.sub.ID, topic: v.sub.Topic, status: v.status, why: v.why, base: base, content: v.sub.Content, now: e.Clock.Now()}
	if v.st != nil {
		n.events = v.st.Events
	}
	return n
}

// status tells of one subscription.
func (e *engine) status(w http.ResponseWriter, r *http.Request) error {
	session, err := e.Session(r)
	if err != nil {
		return err
	}
	v, err := e.viewByID(r.Context(), session, r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeStatuses(w, e.base(r), []*notice{e.noticeOf(queryStatus, v, e.base(r))})
}

// statuses tells of all subscriptions that the caller may read, or of those whose id or status is given.
func (e *engine) statuses(w http.ResponseWriter, r *http.Request) error {
	session, err := e.Session(r)
	if err != nil {
		return err
	}
	params := []search.Param{{Name: "_count", Value: "1000"}}
	given, err := parametersGiven(w, r)
	if err != nil {
		return err
	}
	if ids := given["id"]; ids != nil {
		params = append(params, search.Param{Name: "_id", Value: strings.Join(ids, ",")})
	}
	if list := given["status"]; list != nil {
		params = append(params, search.Param{Name: "status", Value: strings.Join(list, ",")})
	}
	page, err := session.Search(r.Context(), record.Query{Type: "Subscription", Params: params, Strict: true})
	if err != nil {
		return err
	}
	var list []*notice
	for i := range page.Entries {
		v, err := e.viewOf(r.Context(), &page.Entries[i].Version)
		if err != nil {
			return err
		}
		list = append(list, e.noticeOf(queryStatus, v, e.base(r)))
	}
	return writeStatuses(w, e.base(r), list)
}

func writeStatuses(w http.ResponseWriter, base string, list []*notice) error {
	total := len(list)
	b := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "searchset", Total: &total})
	for _, n := range list {
		b.Add(fhir.BundleEntry{FullURL: base + "/fhir/Subscription/" + n.id + "/$status", Search: fhir.BundleSearch{Mode: "match"}}, n.parameters(nil))
	}
	writeBody(w, b.Finish())
	return nil
}

func writeBody(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

// maxQueried is how many events one answer has.
const maxQueried = 500

// events gives events once more: in one answer, or one after the other as they come.
func (e *engine) events(w http.ResponseWriter, r *http.Request) error {
	session, v, err := e.mine(r)
	if err != nil {
		return err
	}
	q, err := parametersGiven(w, r)
	if err != nil {
		return err
	}
	since, err := number(q.Get("eventsSinceNumber"), 1)
	if err != nil {
		return err
	}
	until, err := number(q.Get("eventsUntilNumber"), v.st.Events)
	if err != nil {
		return err
	}
	content := v.sub.Content
	if c := q.Get("content"); c != "" {
		if !slices.Contains([]string{empty, idOnly, fullResource}, c) {
			return bad("content is empty, id-only or full-resource")
		}
		content = c
	}
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		from := v.st.Events
		if q.Has("eventsSinceNumber") {
			from = since - 1
		}
		if last := r.Header.Get("Last-Event-ID"); last != "" {
			if from, err = number(last, 0); err != nil {
				return err
			}
		}
		return e.stream(w, r, v, from, content)
	}
	n := e.noticeOf(queryEvent, v, e.base(r))
	n.content = content
	list, err := e.after(r.Context(), v.sub.ID, v.st, since-1, maxQueried)
	if err != nil {
		return err
	}
	var out []noticed
	for i := range list {
		if list[i].N > until {
			break
		}
		version, err := e.visible(r.Context(), session, &list[i])
		if err != nil {
			return err
		}
		if version != nil {
			out = append(out, noticed{list[i], version})
		}
	}
	writeBody(w, n.bundle(out))
	return nil
}

func number(text string, otherwise int64) (int64, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, bad("the number of an event is a whole number")
	}
	return n, nil
}

// keepAlive is how often a quiet connection is told that it is still there.
const keepAlive = 15 * time.Second

// stream sends events as they come, until the client goes or its rights end. (Server-sent events: the id of each is its
// number, so a client that connects again gets what it has missed.)
func (e *engine) stream(w http.ResponseWriter, r *http.Request, v *view, from int64, content string) error {
	e.staysOpen(r)
	ctx := r.Context()
	owner := slice.OwnerOf(r)
	out := http.NewResponseController(w)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	write := func(text []byte) error {
		_ = out.SetWriteDeadline(time.Now().Add(2 * keepAlive)) // where there is a connection that can have one
		if _, err := w.Write(text); err != nil {
			return err
		}
		return out.Flush()
	}
	err := write([]byte(": connected\n\n"))
	for err == nil {
		err = e.follow(ctx, v.sub.ID, &from, owner, func(n *notice, list []noticed) error {
			n.content = content
			text := fmt.Appendf(nil, "id: %d\nevent: notification\ndata: ", n.events)
			return write(append(append(text, n.bundle(list)...), "\n\n"...))
		}, func() error { return write([]byte(": \n\n")) })
	}
	return nil // the headers are out: there is no other way to tell than to end
}

// errOver ends a connection.
var errOver = errors.New("the subscription is over")

// follow waits for events after a number and gives each, with its own notification, to whoever is connected. It looks
// up anew each time what the owner may do and see, and moves the number on.
func (e *engine) follow(ctx context.Context, id string, from *int64, owner slice.Owner, give func(*notice, []noticed) error, quiet func() error) error {
	news := e.news.of(id)
	session, err := e.Owned(ctx, owner)
	if err != nil {
		return err
	}
	st, err := e.load(ctx, id)
	if err != nil {
		return err
	}
	if st == nil || st.Owner.ID != owner.ID {
		return errOver
	}
	if st.Events <= *from {
		return e.wait(ctx, news, id, st, owner, quiet)
	}
	list, err := e.after(ctx, id, st, *from, 100)
	if err != nil {
		return err
	}
	v, err := e.viewByID(ctx, session, id)
	if err != nil {
		return err
	}
	if v.status == off {
		return errOver
	}
	for i := range list {
		version, err := e.visible(ctx, session, &list[i])
		if err != nil {
			return err
		}
		if version != nil {
			n := e.noticeOf(eventKind, v, st.Base)
			n.events = list[i].N
			if err := give(n, []noticed{{list[i], version}}); err != nil {
				return err
			}
		}
		*from = list[i].N
	}
	if len(list) == 0 {
		*from = st.Events // too old to be kept
	}
	return nil
}

// recheck is how often events that another server has found are looked for, and the rights of whoever is connected:
// within this time a connection ends when they do.
const recheck = time.Second

// wait returns when there may be something new.
func (e *engine) wait(ctx context.Context, news <-chan struct{}, id string, st *state, owner slice.Owner, quiet func() error) error {
	beat := time.NewTimer(keepAlive)
	defer beat.Stop()
	look := time.NewTicker(recheck)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.stopping:
			return errOver
		case <-news:
			return nil
		case <-beat.C:
			return quiet()
		case <-look.C:
			if _, err := e.Owned(ctx, owner); err != nil {
				return err
			}
			now, err := e.load(ctx, id)
			if err != nil || now == nil || now.Events != st.Events {
				return err
			}
		}
	}
}
