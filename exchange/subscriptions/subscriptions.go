package subscriptions

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/record/access"
	"github.com/osler-ehr/osler/slice"
)

// Name is the slice's name, that of its spool, and of the program as which statuses are written.
const Name = "subscriptions"

// Options may be zero.
type Options struct {
	// Client reaches the endpoints. nil = there are none: subscriptions can be followed by websocket and server-sent
	// events only.
	Client *outbound.Client
	Random io.Reader     // nil = crypto/rand
	GiveUp time.Duration // after so long without success an endpoint is given up; 0 = 7 days

	pause time.Duration // after the first failure; 0 = 1 s
	beat  time.Duration // the shortest time between heartbeats; 0 = 10 s
	// handshake is the pause after the first look for the owner of what was stored, which the door notes right after; it doubles
	// each time. 0 = 200 ms.
	handshake time.Duration
}

// engine answers requests and runs the subscriptions.
type engine struct {
	slice.Deps
	Options
	spool slice.Spool
	news  news
	// stopping is closed when the program stops: connections end then.
	stopping chan struct{}
	stop     sync.Once
	watched  sync.Map // of *http.Server: those that tell when they shut down
}

// Slice is subscriptions.
func Slice(d slice.Deps, o Options) slice.Slice { return newEngine(d, o).slice() }

func newEngine(d slice.Deps, o Options) *engine {
	o.GiveUp = cmp.Or(o.GiveUp, 7*24*time.Hour)
	o.pause = cmp.Or(o.pause, time.Second)
	o.handshake = cmp.Or(o.handshake, 200*time.Millisecond)
	o.beat = cmp.Or(o.beat, 10*time.Second)
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Client == nil {
		o.Client, _ = outbound.New(outbound.Options{}) // an empty list has no faults
	}
	return &engine{Deps: d, Options: o, spool: d.Spool(Name), stopping: make(chan struct{})}
}

func (e *engine) slice() slice.Slice {
	read, create, update := slice.BySession(access.Read), slice.BySession(access.Create), slice.BySession(access.Update)
	at := func(method, pattern string, right slice.Right, h handler) slice.Route {
		return slice.Route{Method: method, Pattern: pattern, Right: right, Handler: e.handle(h), Refuse: refuse}
	}
	return slice.Slice{
		Name: Name,
		Routes: []slice.Route{
			at("POST", "/fhir/Subscription", create, e.create),
			at("PUT", "/fhir/Subscription/{id}", update, e.update),
			at("GET", "/fhir/Subscription/$status", read, e.statuses),
			at("POST", "/fhir/Subscription/$status", read, e.statuses),
			at("GET", "/fhir/Subscription/{id}/$status", read, e.status),
			at("POST", "/fhir/Subscription/{id}/$status", read, e.status),
			at("GET", "/fhir/Subscription/{id}/$events", read, e.events),
			at("POST", "/fhir/Subscription/{id}/$events", read, e.events),
			at("GET", "/fhir/Subscription/{id}/$get-ws-binding-token", read, e.bindingToken),
			at("POST", "/fhir/Subscription/{id}/$get-ws-binding-token", read, e.bindingToken),
			// Nothing is told over it but to who is known, or brings a token from the door above.
			at("GET", socketPath, slice.Public(), e.socket),
		},
		Jobs: []slice.Job{{Name: Name, Every: time.Second, Run: e.run}},
		Listeners: []slice.Listener{{Name: "subscription connections", Serve: func(ctx context.Context) error {
			<-ctx.Done()
			e.endConnections()
			return nil
		}}},
	}
}

// endConnections ends all that is kept open: a server waits for it when it shuts down.
func (e *engine) endConnections() { e.stop.Do(func() { close(e.stopping) }) }

// staysOpen is to be called by who keeps a connection open: it ends when the server shuts down.
func (e *engine) staysOpen(r *http.Request) {
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		if _, known := e.watched.LoadOrStore(server, true); !known {
			server.RegisterOnShutdown(e.endConnections)
		}
	}
}

const socketPath = "/subscriptions/socket"

// Operations are the operations that the capability statement names: resource type and name.
var Operations = []struct{ Type, Name, Definition string }{
	{"Subscription", "status", "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status"},
	{"Subscription", "events", "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events"},
	{"Subscription", "get-ws-binding-token", "http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-get-ws-binding-token"},
}

// base is how the outside world addresses this server.
func (e *engine) base(r *http.Request) string {
	if e.PublicURL != "" {
		return strings.TrimSuffix(e.PublicURL, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// news wakes those who wait for events of a subscription in this process.
type news struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
}

// of is closed when there is something new about a subscription.
func (n *news) of(id string) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	c := n.waiting[id]
	if c == nil {
		if n.waiting == nil {
			n.waiting = map[string]chan struct{}{}
		}
		c = make(chan struct{})
		n.waiting[id] = c
	}
	return c
}

func (n *news) tell(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c := n.waiting[id]; c != nil {
		close(c)
		delete(n.waiting, id)
	}
}
