package cdshooks

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/clock"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/outbound"
	"github.com/osler-ehr/osler/record"
	"github.com/osler-ehr/osler/slice"
	"github.com/osler-ehr/osler/web/facts"
)

const (
	// outsideLimit is how long services have for their answers when none is configured.
	outsideLimit = 3 * time.Second
	// discoveryHolds is how long a list of services is used before it is asked for again.
	discoveryHolds = 10 * time.Minute
	maxAnswer      = 1 << 20 // bytes of an answer
	maxCards       = 20      // of a service
	maxServices    = 10      // of an address, for one hook
	maxText        = 2000    // characters of a detail
)

// Outside asks CDS services of others. (CDS Hooks 2.0, as a client.) What an answer suggests to do is shown in words and never done;
// fhirServer and an access token are not sent, so a service sees the drafts and its prefetch alone.
type Outside struct {
	client *outbound.Client
	bases  []string // addresses of /cds-services
	clock  clock.Clock
	limit  time.Duration

	mu    sync.Mutex
	found map[string]discovered
}

type discovered struct {
	at   time.Time
	list []service
}

// NewOutside makes a client for the services at some addresses, each that of /cds-services. limit 0 is 3 s. The error names an address
// that the outbound policy does not let through.
func NewOutside(client *outbound.Client, bases []string, limit time.Duration, now clock.Clock) (*Outside, error) {
	o := &Outside{client: client, clock: now, limit: limit, found: map[string]discovered{}}
	if o.limit <= 0 {
		o.limit = outsideLimit
	}
	for _, b := range bases {
		b = strings.TrimSuffix(strings.TrimSpace(b), "/")
		if u, err := url.Parse(b); err != nil || u.Host == "" {
			return nil, fmt.Errorf("%q is not the address of CDS services, such as https://cds.example.org/cds-services", b)
		}
		if err := client.Check(b); err != nil {
			return nil, err
		}
		o.bases = append(o.bases, b)
	}
	return o, nil
}

// Any reports whether there is a service to ask.
func (o *Outside) Any() bool { return o != nil && len(o.bases) > 0 }

// Ask shows the drafts to every service of the hook, all at the same time.
func (o *Outside) Ask(ctx context.Context, s *record.Session, hook, patient string, drafts []*fhir.Resource) []slice.Heard {
	ctx, cancel := context.WithTimeout(ctx, o.limit)
	defer cancel()
	lists := make([][]slice.Heard, len(o.bases))
	var asks []func()
	for i, base := range o.bases {
		asks = append(asks, func() { lists[i] = o.askBase(ctx, s, base, hook, patient, drafts) })
	}
	facts.Together(asks...)
	return slices.Concat(lists...)
}

func (o *Outside) askBase(ctx context.Context, s *record.Session, base, hook, patient string, drafts []*fhir.Resource) []slice.Heard {
	list, err := o.discover(ctx, base)
	if err != nil {
		return []slice.Heard{{Service: host(base), Problem: o.problem(err)}}
	}
	list = slices.DeleteFunc(slices.Clone(list), func(x service) bool { return x.Hook != hook })
	var left []slice.Heard
	if n := len(list) - maxServices; n > 0 {
		list = list[:maxServices]
		left = []slice.Heard{{Service: host(base), Problem: fmt.Sprintf("It offers %d services more than are asked here.", n)}}
	}
	out := make([]slice.Heard, len(list))
	var asks []func()
	for i, x := range list {
		asks = append(asks, func() {
			out[i].Service = plain(cmp.Or(x.Title, host(base)), 100)
			advice, err := o.ask(ctx, s, base, x, patient, drafts)
			if err != nil {
				out[i].Problem = o.problem(err)
			}
			if n := len(advice) - maxCards; n > 0 { // the gravest stand first
				advice, out[i].Problem = advice[:maxCards], fmt.Sprintf("%d pieces of its advice are not shown.", n)
			}
			out[i].Advice = advice
		})
	}
	facts.Together(asks...)
	return append(out, left...)
}

func host(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return "A service"
	}
	return u.Hostname()
}

// problem says in a sentence why nothing was heard. No address and nothing of what the service sent goes along.
func (o *Outside) problem(err error) string {
	var refused *outbound.Refused
	var status statusError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("It did not answer within %g seconds and was not waited for.", o.limit.Seconds())
	case errors.As(err, &refused):
		return "It may not be reached: it is not among the servers that this one may speak to."
	case errors.As(err, &status):
		return fmt.Sprintf("It answered with an error (%d).", int(status))
	}
	return "It could not be reached, or its answer could not be understood."
}

type statusError int

func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// discover lists the services at an address.
func (o *Outside) discover(ctx context.Context, base string) ([]service, error) {
	now := o.clock.Now()
	o.mu.Lock()
	known, ok := o.found[base]
	o.mu.Unlock()
	if age := now.Sub(known.at); ok && age >= 0 && age < discoveryHolds {
		return known.list, nil
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base, nil)
	if err != nil {
		return nil, err
	}
	var in struct{ Services []service }
	if err := o.do(r, &in); err != nil {
		return nil, err
	}
	list := slices.DeleteFunc(in.Services, func(x service) bool { return x.ID == "" || strings.ContainsAny(x.ID, "/?#\\") || x.ID == ".." })
	o.mu.Lock()
	o.found[base] = discovered{now, list}
	o.mu.Unlock()
	return list, nil
}

func (o *Outside) do(r *http.Request, into any) error {
	r.Header.Set("Accept", "application/json")
	answer, err := o.client.Do(r)
	if err != nil {
		if ctxErr := r.Context().Err(); ctxErr != nil {
			return ctxErr
		}
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return statusError(answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		if ctxErr := r.Context().Err(); ctxErr != nil {
			return ctxErr
		}
		return err
	}
	if len(body) > maxAnswer {
		return errors.New("the answer is too long")
	}
	return json.Unmarshal(body, into)
}

// ask calls one service. (CDS Hooks 2.0, "Calling a CDS Service".)
func (o *Outside) ask(ctx context.Context, s *record.Session, base string, x service, patient string, drafts []*fhir.Resource) ([]slice.Advice, error) {
	type entry struct {
		Resource json.RawMessage `json:"resource"`
	}
	bundle := struct {
		Type    string  `json:"resourceType"`
		Kind    string  `json:"type"`
		Entries []entry `json:"entry"`
	}{"Bundle", "collection", []entry{}}
	var names []string
	for _, d := range drafts {
		bundle.Entries = append(bundle.Entries, entry{d.Bytes()})
		names = append(names, d.Type()+"/"+d.ID())
	}
	user := cmp.Or(identity.From(ctx).Resource, "Practitioner/unknown")
	about := map[string]any{"userId": user, "patientId": patient, "draftOrders": bundle}
	if x.Hook == orderSelect {
		about["selections"] = names
	}
	call := map[string]any{"hook": x.Hook, "hookInstance": facts.NewUUID(), "context": about}
	if len(x.Prefetch) > 0 {
		call["prefetch"] = prefetch(ctx, s, x.Prefetch, patient, user)
	}
	body, err := json.Marshal(call)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/"+url.PathEscape(x.ID), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	var in struct{ Cards []card }
	if err := o.do(r, &in); err != nil {
		return nil, err
	}
	var out []slice.Advice
	for _, c := range in.Cards {
		if a, ok := c.advice(x.Title); ok {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b slice.Advice) int { return weight(b.Urgency) - weight(a.Urgency) })
	return out, nil
}

func weight(u slice.Urgency) int {
	switch u {
	case slice.Critical:
		return 2
	case slice.Warning:
		return 1
	}
	return 0
}

// advice is a card as it is shown. One without a summary says nothing.
func (c card) advice(service string) (slice.Advice, bool) {
	a := slice.Advice{Summary: plain(c.Summary, 200), Detail: plain(c.Detail, maxText), Urgency: slice.Info, Source: plain(cmp.Or(c.Source.Label, service), 100)}
	switch slice.Urgency(c.Indicator) {
	case slice.Warning, slice.Critical:
		a.Urgency = slice.Urgency(c.Indicator)
	}
	if u, err := url.Parse(c.Source.URL); err == nil && u.Scheme == "https" && u.Host != "" {
		a.SourceURL = u.String()
	}
	return a, a.Summary != ""
}

// plain is text of others without what cannot be seen, no longer than most characters.
func plain(s string, most int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, s))
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
