// Package rfc6455 is the server's side of the WebSocket protocol, as far as text messages need it.
//
// There are no extensions and no subprotocols. What a client sends is bounded, must be masked and must be text in
// UTF-8; pings are answered, and anything else ends the connection with the code that RFC 6455 has for it.
package rfc6455

import (
	"bufio"
	"crypto/fips140"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// ErrNoUpgrade means that a request does not ask for a WebSocket, or not as it should. Nothing has been written.
var ErrNoUpgrade = errors.New("this address speaks WebSocket, version 13")

// ErrClosed means that the client has closed the connection.
var ErrClosed = errors.New("the client closed the connection")

// Codes with which a connection ends. (RFC 6455, section 7.4.1.)
const (
	Normal      = 1000
	GoingAway   = 1001
	Protocol    = 1002
	Unsupported = 1003
	BadData     = 1007
	Policy      = 1008
	TooBig      = 1009
)

const (
	opContinuation = 0
	opText         = 1
	opBinary       = 2
	opClose        = 8
	opPing         = 9
	opPong         = 10
)

// Conn is a connection. Reading is for one goroutine, writing for any number.
type Conn struct {
	conn net.Conn
	r    *bufio.Reader
	// Limit is the longest message that is read, in bytes.
	limit   int
	patient time.Duration

	mu     sync.Mutex // guards what follows
	w      *bufio.Writer
	closed bool
}

const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// accept is the answer to a client's key. SHA-1 proves nothing here but that the server has read the request.
func accept(key string) (answer string) {
	fips140.WithoutEnforcement(func() {
		sum := sha1.Sum([]byte(key + guid))
		answer = base64.StdEncoding.EncodeToString(sum[:])
	})
	return answer
}

// Accept takes a request over. Messages longer than limit are refused; a write that takes longer than patient ends the
// connection.
func Accept(w http.ResponseWriter, r *http.Request, limit int, patient time.Duration) (*Conn, error) {
	key := r.Header.Get("Sec-WebSocket-Key")
	if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != 16 || r.Method != http.MethodGet ||
		!has(r.Header, "Connection", "upgrade") || !has(r.Header, "Upgrade", "websocket") || r.Header.Get("Sec-WebSocket-Version") != "13" {
		return nil, ErrNoUpgrade
	}
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("the connection cannot be taken over: %w", err)
	}
	c := &Conn{conn: conn, r: rw.Reader, w: rw.Writer, limit: limit, patient: patient}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		conn.Close()
		return nil, err
	}
	_, err = fmt.Fprintf(c.w, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept(key))
	if err == nil {
		err = c.w.Flush()
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return c, nil
}

func has(h http.Header, name, token string) bool {
	for t := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		if strings.EqualFold(strings.TrimSpace(t), token) {
			return true
		}
	}
	return false
}

// fault ends a connection with a code.
type fault struct {
	code int
	text string
}

func (f *fault) Error() string { return f.text }

// Read returns the next text message. After an error the connection is closed; it is ErrClosed when the client did so.
func (c *Conn) Read() (string, error) {
	text, err := c.read()
	if err == nil {
		return text, nil
	}
	if f, ok := errors.AsType[*fault](err); ok {
		c.Close(f.code, f.text)
	} else {
		c.conn.Close()
	}
	return "", err
}

func (c *Conn) read() (string, error) {
	var message []byte
	begun := false
	for {
		final, op, data, err := c.frame(c.limit - len(message))
		if err != nil {
			return "", err
		}
		switch op {
		case opPing:
			if err := c.write(opPong, data); err != nil {
				return "", err
			}
			continue
		case opPong:
			continue
		case opClose:
			code := Normal
			if len(data) >= 2 {
				code = int(binary.BigEndian.Uint16(data))
			}
			if len(data) == 1 || len(data) >= 2 && !mayBeSent(code) || len(data) > 2 && !utf8.Valid(data[2:]) {
				code = Protocol
			}
			c.Close(code, "")
			return "", ErrClosed
		case opText:
			if begun {
				return "", &fault{Protocol, "a message begins within another"}
			}
			begun = true
		case opContinuation:
			if !begun {
				return "", &fault{Protocol, "a message goes on that has not begun"}
			}
		case opBinary:
			return "", &fault{Unsupported, "messages are text here"}
		default:
			return "", &fault{Protocol, "an unknown kind of frame"}
		}
		message = append(message, data...)
		if final {
			if !utf8.Valid(message) {
				return "", &fault{BadData, "a message is not UTF-8"}
			}
			return string(message), nil
		}
	}
}

// mayBeSent reports whether a client may close with a code.
func mayBeSent(code int) bool {
	return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 || code >= 3000 && code < 5000
}

// frame reads one frame with at most room bytes.
func (c *Conn) frame(room int) (final bool, op byte, data []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(c.r, head[:2]); err != nil {
		return false, 0, nil, err
	}
	final, op = head[0]&0x80 != 0, head[0]&0x0f
	masked, n := head[1]&0x80 != 0, uint64(head[1]&0x7f)
	switch {
	case head[0]&0x70 != 0:
		return false, 0, nil, &fault{Protocol, "an extension is used that was not agreed on"}
	case !masked:
		return false, 0, nil, &fault{Protocol, "a client's frames are masked"}
	case op >= opClose && (!final || n > 125):
		return false, 0, nil, &fault{Protocol, "a control frame is too long, or in parts"}
	}
	switch n {
	case 126:
		if _, err := io.ReadFull(c.r, head[:2]); err != nil {
			return false, 0, nil, err
		}
		n = uint64(binary.BigEndian.Uint16(head[:2]))
	case 127:
		if _, err := io.ReadFull(c.r, head[:8]); err != nil {
			return false, 0, nil, err
		}
		n = binary.BigEndian.Uint64(head[:8])
	}
	if op < opClose && n > uint64(max(room, 0)) {
		return false, 0, nil, &fault{TooBig, "a message is too long"}
	}
	var mask [4]byte
	if _, err := io.ReadFull(c.r, mask[:]); err != nil {
		return false, 0, nil, err
	}
	data = make([]byte, n)
	if _, err := io.ReadFull(c.r, data); err != nil {
		return false, 0, nil, err
	}
	for i := range data {
		data[i] ^= mask[i&3]
	}
	return final, op, data, nil
}

// Write sends a text message.
func (c *Conn) Write(text string) error { return c.write(opText, []byte(text)) }

// Ping asks the client whether it is still there; what it answers is read over.
func (c *Conn) Ping() error { return c.write(opPing, nil) }

func (c *Conn) write(op byte, data []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	return c.writeLocked(op, data)
}

func (c *Conn) writeLocked(op byte, data []byte) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(c.patient)); err != nil {
		return err
	}
	head := []byte{0x80 | op}
	switch n := len(data); {
	case n < 126:
		head = append(head, byte(n))
	case n < 1<<16:
		head = binary.BigEndian.AppendUint16(append(head, 126), uint16(n))
	default:
		head = binary.BigEndian.AppendUint64(append(head, 127), uint64(n))
	}
	if _, err := c.w.Write(head); err != nil {
		return err
	}
	if _, err := c.w.Write(data); err != nil {
		return err
	}
	return c.w.Flush()
}

// Close says why and ends the connection. Closing again is nothing.
func (c *Conn) Close(code int, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	if len(why) > 120 {
		why = why[:120]
	}
	_ = c.writeLocked(opClose, append(binary.BigEndian.AppendUint16(nil, uint16(code)), why...)) // the client may be gone
	_ = c.conn.Close()
}

// SetReadDeadline ends Read at a time.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(t) }
