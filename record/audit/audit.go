// Package audit is the tamper-evident log of who did what.
//
// Entries are written by the store in the transaction that they tell of: the entries of one commit make
// one chunk. A chunk's body is sealed, because who looked at whom is itself confidential, and bound to its
// place. Its hash covers the hash of the chunk before, its place and its body; so an entry that is altered,
// removed or moved breaks the chain from there on. Destroying a patient's key leaves the chain whole.
package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/osler-ehr/osler/fhir"
	"github.com/osler-ehr/osler/record/keys"
	"github.com/osler-ehr/osler/store"
)

// Entry tells of one operation.
type Entry struct {
	At      time.Time `json:"at"`
	Actor   string    `json:"actor"`
	Role    string    `json:"role"`
	Action  string    `json:"action"`
	What    string    `json:"what,omitempty"`    // "Type/id", or the type searched
	Version int64     `json:"version,omitempty"` // read or made
	Patient int64     `json:"patient,omitempty"` // whose record
	Query   string    `json:"query,omitempty"`
	Count   int       `json:"count,omitempty"` // resources returned
	Why     string    `json:"why,omitempty"`   // why it was allowed
}

// Bytes is the entry as it is stored: one line of JSON.
func (e *Entry) Bytes() []byte {
	b := make([]byte, 0, 192)
	b = append(b, `{"at":"`...)
	b = e.At.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","actor":`...)
	b = fhir.AppendString(b, e.Actor)
	b = append(b, `,"role":`...)
	b = fhir.AppendString(b, e.Role)
	b = append(b, `,"action":`...)
	b = fhir.AppendString(b, e.Action)
	text := func(name, v string) {
		if v != "" {
			b = append(append(append(b, `,"`...), name...), `":`...)
			b = fhir.AppendString(b, v)
		}
	}
	number := func(name string, v int64) {
		if v != 0 {
			b = strconv.AppendInt(append(append(append(b, `,"`...), name...), `":`...), v, 10)
		}
	}
	text("what", e.What)
	number("version", e.Version)
	number("patient", e.Patient)
	text("query", e.Query)
	number("count", int64(e.Count))
	text("why", e.Why)
	return append(b, '}')
}

func place(lane, seq int64, prev []byte) []byte {
	b := append([]byte("audit"), make([]byte, 16)...)
	binary.BigEndian.PutUint64(b[5:], uint64(lane))
	binary.BigEndian.PutUint64(b[13:], uint64(seq))
	return append(b, prev...)
}

func hash(place, body []byte) []byte {
	h := sha256.New()
	h.Write(place)
	h.Write(body)
	return h.Sum(nil)
}

// Packer compresses the entries of a chunk, which are much alike.
type Packer interface {
	Pack(dst, document []byte) []byte
	Unpack(dst, packed []byte) ([]byte, error)
}

// Sealer makes chunks. Without a packer their entries are not compressed, which is for chunks that do not last.
func Sealer(k *keys.Key, p Packer) store.AuditSealer {
	return func(lane, seq int64, prev []byte, entries [][]byte) ([]byte, []byte, error) {
		at := place(lane, seq, prev)
		plain := bytes.Join(entries, []byte{'\n'})
		if p != nil {
			plain = p.Pack(make([]byte, 0, len(plain)/2), plain)
		}
		body := k.Seal(make([]byte, 0, len(plain)+keys.Overhead), plain, at)
		return body, hash(at, body), nil
	}
}

// plain reports whether a chunk's content was not compressed: entries begin with a brace, and compressed frames never do.
func plain(content []byte) bool { return len(content) > 0 && content[0] == '{' }

// Problem is a place where the log is not as it was written.
type Problem struct {
	Lane, Seq int64
	Reason    string
}

func (p Problem) String() string {
	return fmt.Sprintf("audit log, chain %d, chunk %d: %s", p.Lane, p.Seq, p.Reason)
}

// Walk goes through the log in order, checks every link, and gives each entry to f. Problems are returned;
// err is for a store that does not answer.
func Walk(ctx context.Context, s store.Store, k *keys.Key, p Packer, f func(Entry) error) (problems []Problem, err error) {
	lanes, err := s.AuditLanes(ctx)
	if err != nil {
		return nil, err
	}
	for _, lane := range lanes {
		var prev []byte
		for seq := int64(0); ; {
			chunks, err := s.AuditChunks(ctx, lane, seq, 500)
			if err != nil {
				return problems, err
			}
			if len(chunks) == 0 {
				break
			}
			for _, c := range chunks {
				found := func(reason string) { problems = append(problems, Problem{lane, c.Seq, reason}) }
				if c.Seq != seq+1 {
					found(fmt.Sprintf("chunks %d to %d are missing", seq+1, c.Seq-1))
				} else if !bytes.Equal(c.Prev, prev) {
					found("does not follow the chunk before it")
				}
				at := place(lane, c.Seq, c.Prev)
				if !bytes.Equal(hash(at, c.Body), c.Hash) {
					found("was altered")
				}
				seq, prev = c.Seq, c.Hash
				content, err := k.Open(nil, c.Body, at)
				if err == nil && !plain(content) {
					content, err = p.Unpack(nil, content)
				}
				if err != nil {
					found("cannot be opened: " + err.Error())
					continue
				}
				for line := range bytes.SplitSeq(content, []byte{'\n'}) {
					var e Entry
					if err := json.Unmarshal(line, &e); err != nil {
						found("holds an entry that is not readable")
						continue
					}
					if err := f(e); err != nil {
						return problems, err
					}
				}
			}
		}
	}
	return problems, nil
}
