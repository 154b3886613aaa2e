package subscriptions

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/osler-ehr/osler/exchange/subscriptions/rfc6455"
	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/slice"
)

const (
	// tokenLife is how long a binding token can be used.
	tokenLife = time.Minute
	// maxTokens is how many of one subscription can wait to be used.
	maxTokens = 20
	// maxMessage is the longest message that a client may send.
	maxMessage = 4 << 10
	// maxBound is how many subscriptions one connection may follow.
	maxBound = 50
)

// binding is a token that lets a connection follow a subscription. It is kept under its hash.
type binding struct {
	Hash    string
	Owner   slice.Owner
	Expires time.Time
}

func tokensName(id string) string { return "tokens " + id }

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// bindingToken gives a token for a connection from where no Authorization header can be sent, such as a browser.
func (e *engine) bindingToken(w http.ResponseWriter, r *http.Request) error {
	_, v, err := e.mine(r)
	if err != nil {
		return err
	}
	if v.sub.Channel != webSocket {
		return bad("the subscription's channel is not websocket")
	}
	var raw [20]byte
	if _, err := io.ReadFull(e.Random, raw[:]); err != nil {
		return err
	}
	// The token begins with the subscription's id, so that it can be found.
	token := v.sub.ID + "." + strings.ToLower(base32.StdEncoding.EncodeToString(raw[:]))
	expires := e.Clock.Now().UTC().Add(tokenLife)
	ctx := r.Context()
	err = e.spool.Update(ctx, func(tx slice.SpoolTx) error {
		list, err := e.tokens(ctx, tx, v.sub.ID)
		if err != nil {
			return err
		}
		if len(list) >= maxTokens {
			return refused(http.StatusTooManyRequests, "throttled", "there are many tokens that were not used; wait a minute")
		}
		return setTokens(ctx, tx, v.sub.ID, append(list, binding{hashOf(token), slice.OwnerOf(r), expires}))
	})
	if err != nil {
		return err
	}
	ws := "ws" + strings.TrimPrefix(e.base(r), "http") + socketPath
	out := []byte(`{"resourceType":"Parameters","parameter":[{"name":"token","valueString":`)
	out = fhir.AppendString(out, token)
	out = append(out, `},{"name":"expiration","valueDateTime":"`+stamp(expires)+`"},{"name":"subscription","valueString":`...)
	out = fhir.AppendString(out, v.sub.ID)
	out = append(out, `},{"name":"websocket-url","valueUrl":`...)
	out = append(fhir.AppendString(out, ws), "}]}"...)
	writeBody(w, out)
	return nil
}

// tokens are those that can still be used.
func (e *engine) tokens(ctx context.Context, tx slice.SpoolTx, id string) (list []binding, err error) {
	b, err := tx.Value(ctx, tokensName(id))
	if err != nil || b == nil {
		return nil, err
	}
	err = json.Unmarshal(b, &list)
	return slices.DeleteFunc(list, func(b binding) bool { return !e.Clock.Now().Before(b.Expires) }), err
}

func setTokens(ctx context.Context, tx slice.SpoolTx, id string, list []binding) error {
	if len(list) == 0 {
		return tx.SetValue(ctx, tokensName(id), nil)
	}
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return tx.SetValue(ctx, tokensName(id), b)
}

// redeem uses a token up, and tells whose it is and for which subscription.
func (e *engine) redeem(ctx context.Context, token string) (id string, owner slice.Owner, err error) {
	id, _, ok := strings.Cut(token, ".")
	if !ok || !fhir.ValidID(id) {
		return "", owner, errBadToken
	}
	hash := hashOf(token)
	err = e.spool.Update(ctx, func(tx slice.SpoolTx) error {
		list, err := e.tokens(ctx, tx, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(b binding) bool { return b.Hash == hash })
		if i < 0 {
			return errBadToken
		}
		owner = list[i].Owner
		return setTokens(ctx, tx, id, slices.Delete(list, i, i+1))
	})
	return id, owner, err
}

var errBadToken = errors.New("the token is not known, was used, or is over")

// socket is a connection over which events come. A client says "bind [id]", or "bind-with-token [token]"; it hears
// "bound [id]" and then, for an R4 subscription, "ping [id]" with each event, or the notification of a topic.
func (e *engine) socket(w http.ResponseWriter, r *http.Request) error {
	who := slice.OwnerOf(r)
	known := identity.From(r.Context()).Kind != identity.Anonymous && sameSite(r)
	conn, err := rfc6455.Accept(w, r, maxMessage, keepAlive)
	if errors.Is(err, rfc6455.ErrNoUpgrade) {
		w.Header().Set("Upgrade", "websocket")
		return refused(http.StatusUpgradeRequired, "not-supported", err.Error())
	}
	if err != nil {
		return err
	}
	e.staysOpen(r)
	s := &socket{engine: e, conn: conn, bound: map[string]bool{}}
	if known {
		s.who = &who
	}
	s.serve(context.WithoutCancel(r.Context()))
	return nil
}

// sameSite reports whether a browser's page that asks is one of this server. Other clients send no Origin. A page of
// another site would come with this site's cookie.
func sameSite(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

type socket struct {
	*engine
	conn *rfc6455.Conn
	who  *slice.Owner // who has connected; nil = not known, only tokens count

	mu    sync.Mutex
	bound map[string]bool
	wg    sync.WaitGroup
}

// serve reads what the client says, until it goes or the program stops.
func (s *socket) serve(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer s.wg.Wait()
	defer cancel()
	s.wg.Go(func() {
		select {
		case <-s.stopping:
			s.conn.Close(rfc6455.GoingAway, "the server stops")
		case <-ctx.Done():
		}
	})
	for {
		// Who has bound nothing goes after a while; others are asked whether they are there, and their answers are read.
		s.mu.Lock()
		idle := len(s.bound) == 0
		s.mu.Unlock()
		if idle {
			_ = s.conn.SetReadDeadline(time.Now().Add(2 * keepAlive))
		} else {
			_ = s.conn.SetReadDeadline(time.Time{})
		}
		text, err := s.conn.Read()
		if err != nil {
			s.conn.Close(rfc6455.Policy, "nothing was bound")
			return
		}
		if why := s.command(ctx, text); why != "" {
			s.conn.Close(rfc6455.Policy, why)
			return
		}
	}
}

// command carries out what the client says; why is not empty when the connection is to end.
func (s *socket) command(ctx context.Context, text string) (why string) {
	verb, argument, _ := strings.Cut(strings.TrimSpace(text), " ")
	var id string
	var owner slice.Owner
	switch verb {
	case "bind":
		if s.who == nil {
			return "send an access token with the request, or use bind-with-token"
		}
		id, owner = argument, *s.who
	case "bind-with-token":
		var err error
		if id, owner, err = s.redeem(ctx, argument); err != nil {
			return errBadToken.Error()
		}
	default:
		return "say bind or bind-with-token"
	}
	session, err := s.Owned(ctx, owner)
	if err != nil {
		return "your rights have ended"
	}
	v, err := s.viewByID(ctx, session, id)
	if err != nil || v.st == nil || v.st.Owner.ID != owner.ID || v.st.Owner.Client != owner.Client || v.st.Owner.Patient != owner.Patient || v.sub.Channel != webSocket {
		return "there is no such subscription of yours with the channel websocket"
	}
	s.mu.Lock()
	if s.bound[id] || len(s.bound) >= maxBound {
		s.mu.Unlock()
		return ""
	}
	s.bound[id] = true
	s.mu.Unlock()
	from := v.st.Events
	if err := s.conn.Write("bound " + id); err != nil {
		return "the connection is gone"
	}
	s.wg.Go(func() { s.follow(ctx, id, from, owner, v.sub.Topic != "") })
	return ""
}

// follow sends the events of one subscription.
func (s *socket) follow(ctx context.Context, id string, from int64, owner slice.Owner, topic bool) {
	var err error
	for err == nil {
		err = s.engine.follow(ctx, id, &from, owner, func(n *notice, list []noticed) error {
			if topic {
				return s.conn.Write(string(n.bundle(list)))
			}
			return s.conn.Write("ping " + id)
		}, s.conn.Ping)
	}
	select {
	case <-s.stopping: // which tells more
	default:
		s.conn.Close(rfc6455.Policy, "the subscription "+id+" is over")
	}
}
