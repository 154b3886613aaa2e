package rfc6455

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The example of RFC 6455, section 1.3.
func TestAccept(t *testing.T) {
	if got := accept("dGhlIHNhbXBsZSBub25jZQ=="); got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Errorf("got %s", got)
	}
}

// echo answers each message with itself.
func echo(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := Accept(w, r, 1000, time.Second)
		if err != nil {
			http.Error(w, err.Error(), http.StatusUpgradeRequired)
			return
		}
		for {
			text, err := c.Read()
			if err != nil {
				return
			}
			if err := c.Write(text); err != nil {
				return
			}
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// dial opens a connection as a client.
func dial(t *testing.T, s *httptest.Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != 101 || res.Header.Get("Sec-Websocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("%v %v", res, err)
	}
	return conn, r
}

// frame writes a client's frame.
func frame(first byte, data string) []byte {
	out := []byte{first}
	switch n := len(data); {
	case n < 126:
		out = append(out, 0x80|byte(n))
	case n < 1<<16:
		out = binary.BigEndian.AppendUint16(append(out, 0x80|126), uint16(n))
	default:
		out = binary.BigEndian.AppendUint64(append(out, 0x80|127), uint64(n))
	}
	mask := []byte{1, 2, 3, 4}
	out = append(out, mask...)
	for i := range len(data) {
		out = append(out, data[i]^mask[i&3])
	}
	return out
}

// hear reads a server's frame.
func hear(t *testing.T, r *bufio.Reader) (op byte, data string) {
	t.Helper()
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		t.Fatal(err)
	}
	if head[1]&0x80 != 0 {
		t.Fatal("a server's frames are not masked")
	}
	n := int(head[1])
	if n == 126 {
		var more [2]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(more[:]))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return head[0] & 0x0f, string(b)
}

func TestMessages(t *testing.T) {
	conn, r := dial(t, echo(t))
	send := func(frames ...[]byte) {
		t.Helper()
		if _, err := conn.Write(bytes.Join(frames, nil)); err != nil {
			t.Fatal(err)
		}
	}
	send(frame(0x81, "hello"))
	if op, data := hear(t, r); op != opText || data != "hello" {
		t.Errorf("%d %q", op, data)
	}
	send(frame(0x81, ""), frame(0x81, strings.Repeat("ü", 300)))
	if _, data := hear(t, r); data != "" {
		t.Errorf("%q", data)
	}
	if _, data := hear(t, r); data != strings.Repeat("ü", 300) {
		t.Errorf("%d bytes", len(data))
	}
	// In parts, with a ping between; a letter is torn apart.
	send(frame(0x01, "a\xc3"), frame(0x89, "still there?"), frame(0x8a, "unasked"), frame(0x00, "\xbc"), frame(0x80, "b"))
	if op, data := hear(t, r); op != opPong || data != "still there?" {
		t.Errorf("%d %q", op, data)
	}
	if op, data := hear(t, r); op != opText || data != "aüb" {
		t.Errorf("%d %q", op, data)
	}
	send(frame(0x88, "\x03\xe8bye"))
	if op, data := hear(t, r); op != opClose || data != "\x03\xe8" {
		t.Errorf("%d %q", op, data)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection is open: %v", err)
	}
}

func TestWhatBreaksTheRulesEndsTheConnection(t *testing.T) {
	s := echo(t)
	for name, c := range map[string]struct {
		frames []byte
		code   int
	}{
		"not masked":                      {[]byte{0x81, 1, 'a'}, Protocol},
		"extension":                       {frame(0xc1, "a"), Protocol},
		"binary":                          {frame(0x82, "a"), Unsupported},
		"unknown":                         {frame(0x83, "a"), Protocol},
		"goes on without begin":           {frame(0x80, "a"), Protocol},
		"begins within":                   {append(frame(0x01, "a"), frame(0x81, "b")...), Protocol},
		"long ping":                       {frame(0x89, strings.Repeat("a", 126)), Protocol},
		"ping in parts":                   {frame(0x09, "a"), Protocol},
		"not UTF-8":                       {frame(0x81, "\xff"), BadData},
		"too long":                        {frame(0x81, strings.Repeat("a", 1001)), TooBig},
		"too long in parts":               {append(frame(0x01, strings.Repeat("a", 999)), frame(0x80, "bb")...), TooBig},
		"claims to be huge":               {[]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, TooBig},
		"closes with no reason":           {frame(0x88, "\x03"), Protocol},
		"closes with a code that is none": {frame(0x88, "\x03\xed"), Protocol},
	} {
		t.Run(name, func(t *testing.T) {
			conn, r := dial(t, s)
			if _, err := conn.Write(c.frames); err != nil {
				t.Fatal(err)
			}
			op, data := hear(t, r)
			if op != opClose || len(data) < 2 || int(binary.BigEndian.Uint16([]byte(data))) != c.code {
				t.Errorf("heard %d %q, want a close with %d", op, data, c.code)
			}
		})
	}
}

func TestOtherRequestsAreNotTakenOver(t *testing.T) {
	s := echo(t)
	good := map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
	for name, bad := range map[string]string{"Connection": "close", "Upgrade": "h2c", "Sec-WebSocket-Version": "8", "Sec-WebSocket-Key": "short"} {
		r, err := http.NewRequest("GET", s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range good {
			r.Header.Set(k, v)
		}
		r.Header.Set(name, bad)
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusUpgradeRequired {
			t.Errorf("%s: %s: status %d", name, bad, res.StatusCode)
		}
	}
}

// pipe is a connection of which one side is a stream of bytes.
type pipe struct {
	net.Conn
	io.Reader
}

func (p pipe) Read(b []byte) (int, error)     { return p.Reader.Read(b) }
func (pipe) Write(b []byte) (int, error)      { return len(b), nil }
func (pipe) Close() error                     { return nil }
func (pipe) SetWriteDeadline(time.Time) error { return nil }

func FuzzRead(f *testing.F) {
	f.Add(frame(0x81, "hello"))
	f.Add(append(frame(0x01, "a"), frame(0x80, "b")...))
	f.Add(frame(0x88, "\x03\xe8"))
	f.Add([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		p := pipe{Reader: bytes.NewReader(data)}
		c := &Conn{conn: p, r: bufio.NewReader(p), w: bufio.NewWriter(io.Discard), limit: 1000}
		for {
			text, err := c.Read()
			if err != nil {
				return
			}
			if len(text) > 1000 {
				t.Fatalf("a message of %d bytes", len(text))
			}
		}
	})
}
