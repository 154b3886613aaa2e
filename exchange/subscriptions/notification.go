package subscriptions

import (
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record"
)

// The kinds of notification.
const (
	handshake   = "handshake"
	heartbeat   = "heartbeat"
	eventKind   = "event-notification"
	queryStatus = "query-status"
	queryEvent  = "query-event"
)

// notice is what a notification tells.
type notice struct {
	kind    string
	id      string // of the subscription
	topic   string
	status  string
	why     string
	base    string
	events  int64 // number of the newest event
	content string
	now     time.Time
}

// noticed is an event with the version that it is about; nil if only its name may be told.
type noticed struct {
	event
	version *record.Version
}

// parameters writes the status of a subscription. (Backport 1.1, profile backport-subscription-status-r4.)
func (n *notice) parameters(list []noticed) []byte {
	out := []byte(`{"resourceType":"Parameters","meta":{"profile":["` + backport + `subscription-status-r4"]},"parameter":[{"name":"subscription","valueReference":{"reference":`)
	out = fhir.AppendString(out, n.base+"/fhir/Subscription/"+n.id)
	out = append(out, "}}"...)
	add := func(name, kind, value string) {
		out = append(out, `,{"name":"`+name+`","`+kind+`":`...)
		out = append(fhir.AppendString(out, value), '}')
	}
	if n.topic != "" {
		add("topic", "valueCanonical", n.topic)
	}
	add("status", "valueCode", n.status)
	add("type", "valueCode", n.kind)
	add("events-since-subscription-start", "valueString", strconv.FormatInt(n.events, 10))
	for i := range list {
		ev := &list[i]
		out = append(out, `,{"name":"notification-event","part":[{"name":"event-number","valueString":"`...)
		out = append(strconv.AppendInt(out, ev.N, 10), `"},{"name":"timestamp","valueInstant":"`...)
		out = append(out, stamp(ev.At)+`"}`...)
		if n.content != empty {
			out = append(out, `,{"name":"focus","valueReference":{"reference":`...)
			out = append(fhir.AppendString(out, n.base+"/fhir/"+ev.Type+"/"+ev.ID), "}}"...)
		}
		out = append(out, "]}"...)
	}
	if n.why != "" {
		out = append(out, `,{"name":"error","valueCodeableConcept":{"text":`...)
		out = append(fhir.AppendString(out, n.why), "}}"...)
	}
	return append(out, "]}"...)
}

// bundle writes a notification. (Backport 1.1, profile backport-subscription-notification-r4.)
func (n *notice) bundle(list []noticed) []byte {
	w := fhir.NewBundleWriter(nil, fhir.Bundle{Type: "history", Timestamp: fhir.InstantOf(n.now)})
	own := n.base + "/fhir/Subscription/" + n.id + "/$status"
	w.Add(fhir.BundleEntry{FullURL: own, Request: fhir.BundleRequest{Method: "GET", URL: own}, Response: fhir.BundleResponse{Status: "200"}}, n.parameters(list))
	if n.content == empty {
		return w.Finish()
	}
	for i := range list {
		ev := &list[i]
		e := fhir.BundleEntry{FullURL: n.base + "/fhir/" + ev.Type + "/" + ev.ID, Request: fhir.BundleRequest{Method: "PUT", URL: ev.Type + "/" + ev.ID}, Response: fhir.BundleResponse{Status: "200"}}
		switch ev.Action {
		case "create":
			e.Request, e.Response.Status = fhir.BundleRequest{Method: "POST", URL: ev.Type}, "201"
		case "delete":
			e.Request.Method, e.Response.Status = "DELETE", "204"
		}
		var body []byte
		if n.content == fullResource && ev.Action != "delete" && ev.version != nil {
			body = ev.version.Body
		}
		w.Add(e, body)
	}
	return w.Finish()
}

func stamp(t time.Time) string { return t.UTC().Format(fhir.InstantLayout) }
