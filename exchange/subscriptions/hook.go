package subscriptions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/osler-ehr/osler/outbound"
)

// unreached means that an endpoint did not take what was sent. why is for whoever looks at the subscription.
type unreached struct{ why string }

func (u *unreached) Error() string { return u.why }

// send sends one request to the endpoint.
func (w *worker) send(ctx context.Context, method, address string, body []byte) error {
	if w.sub.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, w.sub.Timeout)
		defer cancel()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return &stopped{"the endpoint's address cannot be read"}
	}
	for _, h := range w.sub.Headers {
		r.Header.Add(h[0], h[1])
	}
	r.Header.Set("User-Agent", "Osler/"+w.Version)
	if body != nil {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	res, err := w.Client.Do(r)
	if err != nil {
		if ctx.Err() != nil && w.sub.Timeout == 0 {
			return ctx.Err()
		}
		if refused, ok := errors.AsType[*outbound.Refused](err); ok {
			return &unreached{refused.Error()}
		}
		return &unreached{"the endpoint cannot be reached: " + clip(err.Error())}
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return &unreached{fmt.Sprintf("the endpoint answered with status %d", res.StatusCode)}
	}
	return nil
}

func (w *worker) notice(kind string) *notice {
	status := w.status
	if kind != handshake {
		status = active
	}
	return &notice{kind: kind, id: w.id, topic: w.sub.Topic, status: status, base: w.st.Base, events: w.st.Events, content: w.sub.Content, now: w.Clock.Now()}
}

// greet shakes hands with the endpoint of a topic-based subscription. An R4 rest-hook has no such thing.
func (w *worker) greet(ctx context.Context) error {
	if w.sub.Channel == restHook && w.sub.Topic != "" {
		if err := w.send(ctx, http.MethodPost, w.sub.Endpoint, w.notice(handshake).bundle(nil)); err != nil {
			return err
		}
	}
	return w.succeeded(ctx)
}

// sendBeat tells the endpoint that there was nothing to tell.
func (w *worker) sendBeat(ctx context.Context) error {
	if err := w.send(ctx, http.MethodPost, w.sub.Endpoint, w.notice(heartbeat).bundle(nil)); err != nil {
		return err
	}
	return w.succeeded(ctx)
}

const (
	// perDelivery is how many events are sent before the place is noted.
	perDelivery = 32
	// lanes is how many requests one endpoint gets at a time.
	lanes = 4
)

// deliver sends the next events that wait, each at least once.
func (w *worker) deliver(ctx context.Context) error {
	limit := perDelivery
	if w.sub.Topic != "" {
		limit = w.sub.MaxCount
	}
	list, err := w.after(ctx, w.id, w.st, w.st.Delivered, limit)
	if err != nil {
		return err
	}
	if len(list) == 0 { // they were too many to be kept
		w.st.Delivered = w.st.Events
		return w.save(ctx, w.id, w.st, nil)
	}
	if w.sub.Topic != "" {
		err = w.together(ctx, list)
	} else {
		err = w.oneByOne(ctx, list)
	}
	if err != nil {
		if w.taken() {
			w.failures = 0 // it takes some: what it did not take is tried again soon
		}
		return err
	}
	w.st.Delivered = list[len(list)-1].N
	if err := w.save(ctx, w.id, w.st, nil); err != nil {
		return err
	}
	w.saved = w.st.Cursor
	clear(w.sent)
	w.took = 0
	return w.succeeded(ctx)
}

// taken reports whether the endpoint took some of the events of a delivery that failed as a whole, for the first time.
func (w *worker) taken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.took
	w.took = len(w.sent)
	return w.took > before
}

// may reads what an event is about with what the owner may do at this moment; nil if it may not see it any more.
func (w *worker) may(ctx context.Context, ev *event) (*noticed, error) {
	session, err := w.owned(ctx)
	if err != nil {
		return nil, err
	}
	v, err := w.visible(ctx, session, ev)
	if err != nil || v == nil {
		return nil, err
	}
	return &noticed{*ev, v}, nil
}

// together sends events of a topic in one notification.
func (w *worker) together(ctx context.Context, list []event) error {
	var out []noticed
	for i := range list {
		n, err := w.may(ctx, &list[i])
		if err != nil {
			return err
		}
		if n != nil {
			out = append(out, *n)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return w.send(ctx, http.MethodPost, w.sub.Endpoint, w.notice(eventKind).bundle(out))
}

// oneByOne sends the events of an R4 subscription. Those of one patient go one after the other; different patients do
// not wait for each other.
func (w *worker) oneByOne(ctx context.Context, list []event) error {
	var queues [lanes][]*event
	for i := range list {
		ev := &list[i]
		key := ev.Patient
		if key == "" {
			key = ev.Type + "/" + ev.ID
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(key))
		n := h.Sum32() % lanes
		queues[n] = append(queues[n], ev)
	}
	var wg sync.WaitGroup
	var errs [lanes]error
	for n, queue := range queues {
		wg.Go(func() {
			for _, ev := range queue {
				if w.delivered(ev) {
					continue
				}
				if errs[n] = w.one(ctx, ev); errs[n] != nil {
					return
				}
				w.note(ev)
			}
		})
	}
	wg.Wait()
	for _, err := range errs { // what ends the subscription goes before what is tried again
		if s, ok := errors.AsType[*stopped](err); ok {
			return s
		}
	}
	return errors.Join(errs[:]...)
}

// one sends one event: with a payload as an update of the resource below the endpoint, without one as an empty POST.
func (w *worker) one(ctx context.Context, ev *event) error {
	n, err := w.may(ctx, ev)
	if err != nil || n == nil {
		return err
	}
	switch w.sub.Content {
	case fullResource:
		return w.send(ctx, http.MethodPut, strings.TrimSuffix(w.sub.Endpoint, "/")+"/"+ev.Type+"/"+ev.ID, n.version.Body)
	case idOnly:
		return w.send(ctx, http.MethodPost, w.sub.Endpoint, w.notice(eventKind).bundle([]noticed{*n}))
	}
	return w.send(ctx, http.MethodPost, w.sub.Endpoint, nil)
}
