package subscriptions

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/identity"
	"github.com/osler-ehr/osler/jobs/jobstest"
)

// wire is a client's side of a socket.
type wire struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func (s *site) connect(token string, headers ...string) *wire {
	s.T.Helper()
	conn, err := net.Dial("tcp", s.Server.Listener.Addr().String())
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		s.T.Fatal(err)
	}
	if token != "" {
		headers = append(headers, "Authorization: Bearer "+token)
	}
	headers = append(headers, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", socketPath, s.Server.Listener.Addr(), strings.Join(headers, "\r\n")); err != nil {
		s.T.Fatal(err)
	}
	w := &wire{s.T, conn, bufio.NewReader(conn)}
	res, err := http.ReadResponse(w.r, nil)
	if err != nil || res.StatusCode != 101 {
		s.T.Fatalf("%v %v", res, err)
	}
	return w
}

func (w *wire) say(text string) {
	w.t.Helper()
	out := append([]byte{0x81, 0x80 | 126}, byte(len(text)>>8), byte(len(text)), 0, 0, 0, 0)
	if _, err := w.conn.Write(append(out, text...)); err != nil {
		w.t.Fatal(err)
	}
}

// hear gives the next message; of a close, "close" and the reason.
func (w *wire) hear() string {
	w.t.Helper()
	for {
		var head [2]byte
		if _, err := io.ReadFull(w.r, head[:]); err != nil {
			w.t.Fatal(err)
		}
		n := int(head[1])
		if n == 126 {
			var more [2]byte
			if _, err := io.ReadFull(w.r, more[:]); err != nil {
				w.t.Fatal(err)
			}
			n = int(binary.BigEndian.Uint16(more[:]))
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(w.r, b); err != nil {
			w.t.Fatal(err)
		}
		switch head[0] & 0x0f {
		case 1:
			return string(b)
		case 8:
			return "close " + string(b[2:])
		}
	}
}

func (w *wire) hears(want string) {
	w.t.Helper()
	if got := w.hear(); !strings.Contains(got, want) {
		w.t.Fatalf("heard %q, want %q", got, want)
	}
}

func TestSocketOfAnR4Subscription(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	token := s.ProgramToken("board", "system/*.cruds")
	id, second := s.subscribe(token, socketDoc("Observation?status=final")), s.subscribe(token, socketDoc("Condition"))
	w := s.connect(token)
	w.say("bind " + id)
	w.hears("bound " + id)
	w.say("bind " + second)
	w.hears("bound " + second)
	s.Put(obs("not", "a", "preliminary"))
	s.Put(obs("o1", "a", "final"))
	w.hears("ping " + id)
	s.Put(`{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/a"},"code":{"text":"x"}}`)
	w.hears("ping " + second)
	s.Stop()
	w.hears("close the server stops")
}

func TestSocketOfATopicWithAToken(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	token := s.ProgramToken("board", "system/*.cruds")
	doc := strings.Replace(s.topicTo(ownTopics+"Observation", "", idOnly, ""), fmt.Sprintf(`"type":"rest-hook","endpoint":%q`, s.hook.URL+"/hook"), `"type":"websocket"`, 1)
	id := s.subscribe(token, doc)
	r := s.Ask(token, "GET", "/fhir/Subscription/"+id+"/$get-ws-binding-token", "").Want(200, "websocket-url", socketPath, "expiration")
	answer, err := fhir.Parse([]byte(r.Text))
	if err != nil {
		t.Fatal(err)
	}
	binding := answer.Get("parameter").First().Get("valueString").Text()
	w := s.connect("", "Origin: https://app.example") // a browser's page of another site
	w.say("bind-with-token " + binding)
	w.hears("bound " + id)
	s.Put(obs("o1", "a", "final"))
	if n := readNotification(t, w.hear()); n.kind != eventKind || fmt.Sprint(n.focus) != "[Observation/o1]" {
		t.Errorf("%+v", n)
	}
	again := s.connect("")
	again.say("bind-with-token " + binding) // it was used up
	again.hears("close the token is not known")
}

func TestSocketRefuses(t *testing.T) {
	s := newSite(t)
	token, other := s.ProgramToken("board", "system/*.cruds"), s.ProgramToken("other", "system/*.cruds")
	id := s.subscribe(token, socketDoc("Observation"))
	hooked := s.subscribe(token, s.hookTo("Observation", fullJSON, ""))
	for _, c := range []struct {
		who, say, want string
		headers        []string
	}{
		{"", "bind " + id, "send an access token", nil},
		{token, "bind " + id, "send an access token", []string{"Origin: https://evil.example"}}, // a page of another site
		{token, "bind " + id, "bound", []string{"Origin: http://" + s.Server.Listener.Addr().String()}},
		{other, "bind " + id, "no such subscription of yours", nil},
		{token, "bind none", "no such subscription of yours", nil},
		{token, "bind " + hooked, "no such subscription of yours", nil},
		{token, "bind-with-token " + id + ".guess", "the token is not known", nil},
		{token, "nonsense", "say bind", nil},
	} {
		w := s.connect(c.who, c.headers...)
		w.say(c.say)
		w.hears(c.want)
	}
	s.Ask(token, "GET", socketPath, "").Want(426)
	s.Ask(token, "GET", "/fhir/Subscription/"+hooked+"/$get-ws-binding-token", "").Want(400, "not websocket")
	s.Ask(other, "GET", "/fhir/Subscription/"+id+"/$get-ws-binding-token", "").Want(403)
}

// A7: a socket ends when the rights do, and tells nothing meanwhile.
func TestA7SocketEndsWithTheRights(t *testing.T) {
	s := newSite(t)
	s.Put(jobstest.Patient("a", "Alpha"))
	account := s.Account("drada", identity.Clinician, "")
	token := s.Token(account.ID, "", "user/*.cruds")
	id := s.subscribe(token, socketDoc("Observation"))
	w := s.connect(token)
	w.say("bind " + id)
	w.hears("bound")
	if err := s.Identity.RevokeToken(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.Put(obs("o1", "a", "final"))
	w.hears("close the subscription " + id + " is over")
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it ended after %v", took)
	}
}
