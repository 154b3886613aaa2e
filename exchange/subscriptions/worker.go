package subscriptions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
)

// worker runs one subscription.
type worker struct {
	*engine
	program *record.Session
	id      string
	doc     *fhir.Resource
	wishes  string // digest of doc
	cancel  context.CancelFunc
	ended   chan struct{}

	// What follows is the worker's own.
	sub         *subscription
	st          *state
	status, why string    // as they stand in the resource
	spoke       time.Time // when the endpoint was last told something
	saved       int64     // the cursor that is in the spool
	failures    int       // of the endpoint, in a row

	mu   sync.Mutex
	sent map[int64]bool // events after st.Delivered that the endpoint has taken
	took int            // how many of them there were after the last attempt
}

// delivered reports whether the endpoint has taken an event, so that another attempt leaves it out.
func (w *worker) delivered(ev *event) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent[ev.N]
}

func (w *worker) note(ev *event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent == nil {
		w.sent = map[int64]bool{}
	}
	w.sent[ev.N] = true
}

// stopped ends a subscription for good, with the reason for whoever looks at it.
type stopped struct{ why string }

func (s *stopped) Error() string { return s.why }

// run works until the context ends or the subscription is over. What fails on our side is tried again.
func (w *worker) run(ctx context.Context) {
	for failures := 1; ; failures++ {
		err := w.guarded(ctx)
		if ctx.Err() != nil {
			w.keepCursor(ctx)
			return
		}
		over, is := errors.AsType[*stopped](err)
		if is {
			if err = w.tell(ctx, off, over.why); err == nil {
				return
			}
		}
		switch {
		case err == nil, errors.Is(err, errReplaced):
			w.keepCursor(ctx)
			return
		case errors.Is(err, errChanged): // look at it anew
			failures = 0
			continue
		}
		w.Log.LogAttrs(ctx, slog.LevelError, "subscription failed on our side; it is taken up again", slog.String("id", w.id), slog.String("error", err.Error()))
		if !sleep(ctx, w.backoff(failures)) {
			return
		}
	}
}

// guarded turns a panic into an error, without its value, which might quote a patient's data.
func (w *worker) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			what := "panic"
			if e, ok := p.(runtime.Error); ok {
				what = e.Error()
			}
			err = fmt.Errorf("%s\n%s", what, debug.Stack())
		}
	}()
	return w.live(ctx)
}

// longestPause is between two attempts at an endpoint.
const longestPause = 5 * time.Minute

func (w *worker) backoff(n int) time.Duration {
	if n > 12 {
		return longestPause
	}
	return min(w.pause<<max(n-1, 0), longestPause)
}

// keepCursor notes how far the change log was looked at. Without it, the same is looked at again.
func (w *worker) keepCursor(ctx context.Context) {
	if w.st == nil || w.st.Cursor == w.saved {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := w.save(ctx, w.id, w.st, nil); err == nil {
		w.saved = w.st.Cursor
	}
}

// mostLooks is how often the owner is looked for before it is said that there is none. It is the looks that decide, with growing pauses
// (200 ms to 51 s, 102 s in all), and not a clock: where the server is so busy that each look takes seconds, so does what it looks for.
const mostLooks = 10

// begin finds out what is asked for, and by whom.
func (w *worker) begin(ctx context.Context) error {
	w.status, w.why = w.doc.Get("status").Text(), w.doc.Get("error").Text()
	var err error
	for look := 1; ; look++ {
		news := w.news.of(w.id)
		if w.st, err = w.load(ctx, w.id); err != nil {
			return err
		}
		if w.st != nil && w.st.Digest == w.wishes {
			break
		}
		if look == mostLooks {
			return &stopped{"it was made or changed by a way that does not tell on whose behalf; send it to /fhir/Subscription by itself, by POST or PUT"}
		}
		t := time.NewTimer(w.handshake << (look - 1))
		select {
		case <-news:
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		t.Stop()
	}
	w.saved = w.st.Cursor
	if w.sub, err = read(w.doc); err != nil {
		return &stopped{"it cannot be carried out: " + err.Error()}
	}
	return nil
}

// live runs the subscription. It returns a *stopped when it is over.
func (w *worker) live(ctx context.Context) error {
	if err := w.begin(ctx); err != nil {
		return err
	}
	for greeted := w.status != requested; ; {
		if err := w.over(); err != nil {
			return err
		}
		// Everything begins with what the owner may do now.
		session, err := w.owned(ctx)
		if err != nil {
			return err
		}
		if !greeted {
			if err := w.greet(ctx); err != nil {
				if err := w.failed(ctx, err); err != nil {
					return err
				}
				continue
			}
			greeted = true
		}
		if w.sub.Channel == restHook && w.st.Delivered < w.st.Events {
			if err := w.deliver(ctx); err != nil {
				if err := w.failed(ctx, err); err != nil {
					return err
				}
			}
			continue
		}
		page, err := w.Changes.After(ctx, w.st.Cursor, 500)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			if err := w.rest(ctx); err != nil {
				return err
			}
			continue
		}
		if page, err = w.own(ctx, page); err != nil {
			return err
		}
		if err := w.look(ctx, session, page); err != nil {
			return err
		}
	}
}

// errReplaced means that the subscription was deleted, switched off or given other wishes: this worker is not to go on.
var errReplaced = errors.New("the subscription is another by now")

// own looks for the subscription's own changes in a page. What was changed after the subscription was deleted, switched
// off or given other wishes is not for this worker, however late it is told to stop: the page ends there.
func (w *worker) own(ctx context.Context, page []slice.Change) ([]slice.Change, error) {
	at := slices.IndexFunc(page, func(c slice.Change) bool { return c.Type == "Subscription" && c.ID == w.id })
	if at < 0 {
		return page, nil
	}
	v, err := w.program.Read(ctx, "Subscription", w.id)
	switch kind := record.KindOf(err); {
	case kind == record.KindNotFound || kind == record.KindGone:
	case err != nil:
		return nil, err
	default:
		if doc := v.Resource(); digest(doc) == w.wishes && doc.Get("status").Text() != off { // it was our own note of the status
			return page, nil
		}
	}
	if at == 0 {
		return nil, errReplaced
	}
	return page[:at], nil
}

// owned is the session of the owner as it is now.
func (w *worker) owned(ctx context.Context) (*record.Session, error) {
	session, err := w.Owned(ctx, w.st.Owner)
	if errors.Is(err, slice.ErrEnded) {
		return nil, &stopped{"stopped: " + err.Error()}
	}
	return session, err
}

// over tells whether the end that the subscription names has come.
func (w *worker) over() error {
	if !w.sub.End.IsZero() && !w.Clock.Now().Before(w.sub.End) {
		return &stopped{"its end has come"}
	}
	return nil
}

// failed notes that the endpoint did not take what was sent, and waits before the next attempt.
func (w *worker) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	said, is := errors.AsType[*unreached](err)
	if !is {
		return err // it is not the endpoint's fault
	}
	w.failures++
	now := w.Clock.Now()
	if w.st.FailingSince.IsZero() {
		w.st.FailingSince = now
		if err := w.save(ctx, w.id, w.st, nil); err != nil {
			return err
		}
	}
	if now.Sub(w.st.FailingSince) > w.GiveUp {
		return &stopped{fmt.Sprintf("given up after %v without success: %s", w.GiveUp, said.why)}
	}
	if w.failures >= 3 {
		if err := w.tell(ctx, failing, said.why); err != nil {
			return err
		}
	}
	sleep(ctx, w.backoff(w.failures))
	return nil
}

// succeeded notes that the endpoint took what was sent.
func (w *worker) succeeded(ctx context.Context) error {
	w.failures, w.spoke = 0, w.Clock.Now()
	if !w.st.FailingSince.IsZero() {
		w.st.FailingSince = time.Time{}
		if err := w.save(ctx, w.id, w.st, nil); err != nil {
			return err
		}
	}
	return w.tell(ctx, active, "")
}

// ownerLook is how often an idle subscription is asked whether its owner is still there.
const ownerLook = 30 * time.Second

// rest waits for the next change, heartbeat or end.
func (w *worker) rest(ctx context.Context) error {
	wait := ownerLook
	now := w.Clock.Now()
	every := max(w.sub.Heartbeat, w.Options.beat)
	beats := w.sub.Heartbeat > 0 && w.sub.Topic != "" && w.sub.Channel == restHook
	if beats {
		if w.spoke.IsZero() {
			w.spoke = now
		}
		wait = min(wait, max(0, w.spoke.Add(every).Sub(now)))
	}
	if !w.sub.End.IsZero() {
		wait = min(wait, max(0, w.sub.End.Sub(now)))
	}
	short, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := w.Changes.Wait(short, w.st.Cursor); err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if beats && !w.Clock.Now().Before(w.spoke.Add(every)) {
		if err := w.sendBeat(ctx); err != nil {
			return w.failed(ctx, err)
		}
	}
	return nil
}

// cursorAfter is how many changes without an event may pass before the cursor is noted all the same.
const cursorAfter = 5000

// look matches a page of changes.
func (w *worker) look(ctx context.Context, session *record.Session, page []slice.Change) error {
	fresh, err := w.match(ctx, session, page)
	if err != nil {
		return err
	}
	cursor := page[len(page)-1].Number
	if len(fresh) > 0 {
		if err := w.appendEvents(ctx, w.id, w.st, cursor, fresh); err != nil {
			// It is not known whether the events are in the log. The cursor must not go past them, nor the log's end back:
			// only what the spool has is true now.
			w.st = nil
			return err
		}
		w.saved = cursor
		w.news.tell(w.id)
		return nil
	}
	w.st.Cursor = cursor
	if w.st.Cursor-w.saved > cursorAfter {
		if err := w.save(ctx, w.id, w.st, nil); err != nil {
			return err
		}
		w.saved = w.st.Cursor
	}
	return nil
}
