package subscriptions

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/fhir/definitions"
	"github.com/osler-ehr/osler/record"
)

// The statuses of a Subscription.
const (
	requested = "requested"
	active    = "active"
	failing   = "error"
	off       = "off"
)

// The channels.
const (
	restHook  = "rest-hook"
	webSocket = "websocket"
)

// What a notification holds.
const (
	empty        = "empty"
	idOnly       = "id-only"
	fullResource = "full-resource"
)

// backport is where the extensions of topic-based subscriptions are defined.
const backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-"

// subscription is what a Subscription says.
type subscription struct {
	ID, Status string
	End        time.Time // zero = none
	Topic      string    // canonical address; "" for one with a search as its criteria
	Selectors  []selector
	Channel    string
	Endpoint   string
	Headers    [][2]string
	Content    string
	Heartbeat  time.Duration // 0 = none
	Timeout    time.Duration // 0 = as the client has it
	MaxCount   int
}

// selector says which changes of one type are events.
type selector struct {
	Type    string
	Query   string   // search parameters that the resource meets; "" = any
	Actions []string // nil = create and update
}

func (s *selector) wants(action string) bool {
	if s.Actions == nil {
		return action == "create" || action == "update"
	}
	return slices.Contains(s.Actions, action)
}

// read takes a Subscription apart. The error tells what in it cannot be done here.
func read(r *fhir.Resource) (*subscription, error) {
	s := &subscription{ID: r.ID(), Status: r.Get("status").Text(), MaxCount: 20}
	if end := r.Get("end").Text(); end != "" {
		at, err := fhir.ParseInstant(end)
		if err != nil {
			return nil, invalid("Subscription.end", "it is an instant, such as 2026-12-31T00:00:00Z")
		}
		t, err := time.Parse(time.RFC3339Nano, at.String())
		if err != nil {
			return nil, invalid("Subscription.end", "it is an instant, such as 2026-12-31T00:00:00Z")
		}
		s.End = t
	}
	if err := s.readCriteria(r); err != nil {
		return nil, err
	}
	return s, s.readChannel(r.Get("channel"))
}

// neverTold are types that no subscription is about: telling of them would tell of telling.
var neverTold = []string{"Subscription", "AuditEvent"}

func (s *subscription) readCriteria(r *fhir.Resource) error {
	criteria := r.Get("criteria").Text()
	if strings.HasPrefix(criteria, "http://") || strings.HasPrefix(criteria, "https://") || strings.HasPrefix(criteria, "urn:") {
		return s.readTopic(criteria, r.Get("_criteria"))
	}
	typ, query, _ := strings.Cut(criteria, "?")
	one := selector{Type: typ, Query: query}
	s.Selectors = []selector{one}
	return one.check()
}

// resultParams shape the result of a search; they say nothing about a resource.
var resultParams = []string{"_sort", "_count", "_total", "_summary", "_elements", "_include", "_revinclude", "_contained", "_containedType", "_type", "_page", "_format", "_pretty", "_maxresults", "_score", "_id"}

func (s *selector) check() error {
	const path = "Subscription.criteria"
	switch {
	case !definitions.IsResourceType(s.Type):
		return invalid(path, "it is a search such as Observation?code=http://loinc.org|718-7, or the address of a topic")
	case slices.Contains(neverTold, s.Type):
		return invalid(path, "nobody can subscribe to "+s.Type)
	}
	params, err := record.ParseParams(s.Query)
	if err != nil {
		return invalid(path, "the search has a wrong %-escape")
	}
	for _, p := range params {
		name, _, _ := strings.Cut(p.Name, ":")
		if slices.Contains(resultParams, name) {
			return invalid(path, "the criteria say which resources to tell of; "+name+" cannot stand in them")
		}
	}
	return nil
}

func (s *subscription) readChannel(c fhir.Node) error {
	const path = "Subscription.channel"
	s.Channel, s.Endpoint = c.Get("type").Text(), c.Get("endpoint").Text()
	switch s.Channel {
	case restHook:
		if s.Endpoint == "" {
			return invalid(path+".endpoint", "a rest-hook needs the address to which notifications are sent")
		}
	case webSocket:
		if s.Endpoint != "" {
			return invalid(path+".endpoint", "a websocket has no endpoint: the subscriber connects to "+socketPath+", or reads $events")
		}
	default:
		return invalid(path+".type", "the channels are rest-hook and websocket; server-sent events need no channel of their own: read $events of either")
	}
	payload := c.Get("payload").Text()
	kind, _, _ := strings.Cut(payload, ";")
	if kind != "" && kind != "application/fhir+json" && kind != "application/json" {
		return invalid(path+".payload", "the payload is application/fhir+json, or there is none")
	}
	s.Content = empty
	if payload != "" && s.Topic == "" {
		s.Content = fullResource
	}
	if content := extension(c.Get("_payload"), backport+"payload-content").Get("valueCode").Text(); content != "" {
		if !slices.Contains([]string{empty, idOnly, fullResource}, content) {
			return invalid(path+".payload", "the content of a notification is empty, id-only or full-resource")
		}
		s.Content = content
	}
	if n, ok := extension(c, backport+"heartbeat-period").Get("valueUnsignedInt").Int(); ok {
		s.Heartbeat = time.Duration(n) * time.Second
	}
	if n, ok := extension(c, backport+"timeout").Get("valueUnsignedInt").Int(); ok && n > 0 {
		s.Timeout = time.Duration(n) * time.Second
	}
	if n, ok := extension(c, backport+"max-count").Get("valuePositiveInt").Int(); ok && n > 0 {
		s.MaxCount = int(min(n, 100))
	}
	for h := range c.Get("header").Values() {
		name, value, ok := strings.Cut(h.Text(), ":")
		name, value = http.CanonicalHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			return invalid(path+".header", "a header is a name, a colon and a value, such as Authorization: Bearer abc")
		}
		if slices.Contains(ownHeaders, name) {
			return invalid(path+".header", "the header "+name+" is not for a subscription to set")
		}
		s.Headers = append(s.Headers, [2]string{name, value})
	}
	return nil
}

// ownHeaders belong to the connection, or are set by this program.
var ownHeaders = []string{"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "Expect"}

func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

// extension is the extension of an element with a given address.
func extension(n fhir.Node, url string) fhir.Node {
	for x := range n.Get("extension").Values() {
		if x.Get("url").Text() == url {
			return x
		}
	}
	return fhir.Node{}
}

// digest tells whether what a subscription asks for has changed. What only tells of it does not count.
func digest(r *fhir.Resource) string {
	h := sha256.New()
	for _, name := range []string{"criteria", "_criteria", "channel", "end", "extension", "modifierExtension"} {
		h.Write([]byte(name + "\x00"))
		h.Write(fhir.AppendCompact(nil, r.Get(name)))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
